#ifndef XXT_COMMON_SEAL_NOTED_KEYS_H_
#define XXT_COMMON_SEAL_NOTED_KEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/seal/seal.h"

namespace xxt::seal {

// A key of a key file as a database remembers it (backbone.seal_key). The search
// key is one of them (Keyring::kSearchId), which is never retired.
struct NotedKey {
  std::uint32_t id = 0;
  std::string mark;      // Keyring::MarkOf
  bool retired = false;  // nothing there is wrapped with it any more
};

// What is wrong with the keys of a file for a database that has noted others.
struct Mismatch {
  std::vector<std::uint32_t> missing;  // not retired, and not in the file
  std::vector<std::uint32_t> other;    // in the file is another key of this number
  bool retired = false;                // the first key of the file

  bool none() const { return missing.empty() && other.empty() && !retired; }
};
Mismatch Compare(const std::vector<NotedKey>& noted, const Keyring& keys);

// "1, 2, search": as the key file calls them.
std::string NamesOf(const std::vector<std::uint32_t>& ids, absl::string_view separator = ", ");

// The same as a status. Errors: FAILED_PRECONDITION with all that is wrong.
absl::Status CheckNoted(const std::vector<NotedKey>& noted, const Keyring& keys);

}  // namespace xxt::seal

#endif  // XXT_COMMON_SEAL_NOTED_KEYS_H_
