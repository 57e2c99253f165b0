#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/events/events.h"
#include "common/paging/page_token.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {

bool PageToken(absl::string_view bytes) {
  static_cast<void>(paging::ReadToken("scope", bytes, {paging::Part::kText}));
  // What is made of any key comes back as it was or not at all, and for no other scope.
  const paging::Key key = absl::StrSplit(bytes, '\x1f');
  const std::string token = paging::MakeToken("scope", key);
  const std::vector<paging::Part> parts(key.size(), static_cast<paging::Part>(bytes.size() % 4));
  const auto read = paging::ReadToken("scope", token, parts);
  XXT_MUST(!read.ok() || *read == key);
  XXT_MUST(!paging::ReadToken("another scope", token, parts).ok());
  return true;
}

bool ResumeToken(absl::string_view bytes) {
  const auto place = events::Place::Parse(bytes);
  if (place.has_value()) XXT_MUST(place->ToToken() == bytes);  // one spelling of each
  return true;
}

}  // namespace xxt::fuzz
