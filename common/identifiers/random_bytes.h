#ifndef XXT_COMMON_IDENTIFIERS_RANDOM_BYTES_H_
#define XXT_COMMON_IDENTIFIERS_RANDOM_BYTES_H_

#include <cstdint>

#include "absl/types/span.h"

namespace xxt::identifiers {

// Fills `bytes` (at most 256) from the kernel's generator, fit for secrets.
//
// Thread-safe, also after fork. Aborts the process if the kernel has no generator.
void FillWithRandomBytes(absl::Span<std::uint8_t> bytes);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_RANDOM_BYTES_H_
