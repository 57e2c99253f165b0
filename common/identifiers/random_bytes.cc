#include "common/identifiers/random_bytes.h"

#include <unistd.h>

#include <cstdlib>

namespace xxt::identifiers {

void FillWithRandomBytes(absl::Span<std::uint8_t> bytes) {
  if (getentropy(bytes.data(), bytes.size()) != 0) std::abort();
}

}  // namespace xxt::identifiers
