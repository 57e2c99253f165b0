#ifndef XXT_COMMON_TESTING_KEYS_H_
#define XXT_COMMON_TESTING_KEYS_H_

#include <sys/stat.h>

#include <initializer_list>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/seal/seal.h"
#include "common/testing/scratch_dir.h"

// Keys that wrap, for tests only.
namespace xxt::test {

inline constexpr char kKeyFile[] =
    "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nsearch ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

inline const seal::Keyring& TestKeys() {
  static const seal::Keyring* const keys = new seal::Keyring(*seal::Keyring::Parse("of a test", kKeyFile));
  return *keys;
}

// A key file of keys with these numbers, of which the first wraps. `salt`: other keys of the same numbers.
inline seal::Keyring KeysOf(std::initializer_list<int> ids, int salt = 0) {
  std::string text = absl::StrCat("search ", absl::Base64Escape(std::string(32, 's')), "\n");
  for (const int id : ids) {
    absl::StrAppend(&text, id, " ", absl::Base64Escape(std::string(32, static_cast<char>(id + salt))), "\n");
  }
  return *seal::Keyring::Parse("of a test", text);
}

// Writes TestKeys into `dir` as services demand it, and returns the file's path.
inline std::string WriteKeyFile(const ScratchDir& dir) {
  std::string file = dir.Write("seal.keys", kKeyFile);
  ::chmod(file.c_str(), S_IRUSR | S_IWUSR);
  return file;
}

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_KEYS_H_
