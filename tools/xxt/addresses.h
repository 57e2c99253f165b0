#ifndef XXT_TOOLS_XXT_ADDRESSES_H_
#define XXT_TOOLS_XXT_ADDRESSES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace xxt::cli {

// What the name in "intake-pods:50051" or "dns:///intake-pods:50051" stands for, as numbers, each once; nothing if it
// is a number itself, or a target of another scheme. Errors: UNAVAILABLE, with what the resolver says.
absl::StatusOr<std::vector<std::string>> AddressesOf(const std::string& endpoint);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_ADDRESSES_H_
