#ifndef XXT_COMMON_IDEMPOTENCY_SEAL_H_
#define XXT_COMMON_IDEMPOTENCY_SEAL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace xxt::idempotency {

// Closes `plain` so that only who has `secret` reads it (AES-256-GCM). The
// same twice gives different bytes.
std::string Seal(absl::string_view secret, absl::string_view plain);

// What Seal closed; nullopt if `sealed` is damaged or of another secret.
std::optional<std::string> Open(absl::string_view secret, absl::string_view sealed);

}  // namespace xxt::idempotency

#endif  // XXT_COMMON_IDEMPOTENCY_SEAL_H_
