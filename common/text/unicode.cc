#include "common/text/unicode.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace xxt::text {

absl::StatusOr<std::u32string> DecodeUtf8(absl::string_view text) {
  std::u32string decoded;
  decoded.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t length = text.size();
  for (std::size_t i = 0; i < length;) {
    const std::size_t start = i;
    UChar32 code_point = 0;
    U8_NEXT(bytes, i, length, code_point);
    if (code_point < 0) return absl::InvalidArgumentError(absl::StrCat("text is not UTF-8 at byte ", start));
    decoded.push_back(static_cast<char32_t>(code_point));
  }
  return decoded;
}

bool IsControl(char32_t code_point) {
  switch (u_charType(static_cast<UChar32>(code_point))) {
    case U_CONTROL_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return true;
    default:
      return u_hasBinaryProperty(static_cast<UChar32>(code_point), UCHAR_BIDI_CONTROL) != 0;
  }
}

bool IsBlank(const std::u32string& text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) {
    const auto code_point = static_cast<UChar32>(c);
    return u_isUWhiteSpace(code_point) != 0 || u_iscntrl(code_point) != 0 ||
           u_hasBinaryProperty(code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
  });
}

}  // namespace xxt::text
