#include "common/seal/noted_keys.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace xxt::seal {

Mismatch Compare(const std::vector<NotedKey>& noted, const Keyring& keys) {
  Mismatch found;
  for (const NotedKey& one : noted) {
    if (one.retired && one.id == keys.active()) found.retired = true;
    if (keys.Knows(one.id)) {
      if (keys.MarkOf(one.id) != one.mark) found.other.push_back(one.id);
    } else if (!one.retired) {
      found.missing.push_back(one.id);
    }
  }
  return found;
}

std::string NamesOf(const std::vector<std::uint32_t>& ids, absl::string_view separator) {
  return absl::StrJoin(ids, separator, [](std::string* out, std::uint32_t id) {
    absl::StrAppend(out, id == Keyring::kSearchId ? "search" : absl::StrCat(id));
  });
}

absl::Status CheckNoted(const std::vector<NotedKey>& noted, const Keyring& keys) {
  const Mismatch found = Compare(noted, keys);
  if (found.none()) return absl::OkStatus();
  std::vector<std::string> why;
  if (!found.missing.empty()) {
    why.push_back(
        absl::StrCat("seal.key_file lacks the keys ", NamesOf(found.missing), ", which this database was sealed with"));
  }
  if (!found.other.empty()) {
    why.push_back(absl::StrCat("the keys ", NamesOf(found.other),
                               " of seal.key_file are not those that this database was sealed with"));
  }
  if (found.retired) {
    why.push_back(absl::StrCat("key ", keys.active(), ", the first of seal.key_file, was retired"));
  }
  return absl::FailedPreconditionError(absl::StrJoin(why, "; "));
}

}  // namespace xxt::seal
