#include "common/text/cut.h"

namespace xxt::text {

absl::string_view CutAt(std::size_t most, absl::string_view text) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace xxt::text
