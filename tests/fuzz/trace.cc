#include <string>

#include "common/trace/context.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {

bool TraceParent(absl::string_view bytes) {
  const auto context = trace::Parse(bytes);
  if (!context.has_value()) return true;
  // What is passed on and stored says the same, but for flags that nobody here knows.
  const std::string written = trace::Format(*context);
  XXT_MUST(bytes.substr(0, 53) == absl::string_view(written).substr(0, 53));
  XXT_MUST(trace::Parse(written) == context);
  return true;
}

}  // namespace xxt::fuzz
