#include "common/trace/context.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace xxt::trace {
namespace {

constexpr std::size_t kLength = 55;

thread_local Context current;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// Lower case only, as the standard wants it. -1: none.
int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <std::size_t size>
bool ParseHex(absl::string_view text, std::array<std::uint8_t, size>* bytes) {
  for (std::size_t i = 0; i < size; ++i) {
    const int high = DigitOf(text[2 * i]);
    const int low = DigitOf(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    (*bytes)[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

template <std::size_t size>
std::string HexOf(const std::array<std::uint8_t, size>& bytes) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), size));
}

}  // namespace

std::optional<Context> Parse(absl::string_view traceparent) {
  if (traceparent.size() != kLength || traceparent.substr(0, 3) != "00-" || traceparent[35] != '-' ||
      traceparent[52] != '-') {
    return std::nullopt;
  }
  Context context;
  std::array<std::uint8_t, 1> flags{};
  if (!ParseHex(traceparent.substr(3), &context.trace_id) || !ParseHex(traceparent.substr(36), &context.span_id) ||
      !ParseHex(traceparent.substr(53), &flags) || !context.valid()) {
    return std::nullopt;
  }
  context.sampled = (flags[0] & 1) != 0;
  return context;
}

std::string Format(const Context& context) {
  return absl::StrCat("00-", HexOf(context.trace_id), "-", HexOf(context.span_id), context.sampled ? "-01" : "-00");
}

const Context& Current() { return current; }

Scope::Scope(const Context& context) : outer_(current), log_(HexOf(context.trace_id)) { current = context; }
Scope::~Scope() { current = outer_; }

}  // namespace xxt::trace
