#include <sodium.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/seal/seal.h"
#include "common/status/macros.h"

namespace xxt::seal {
namespace {

constexpr char kForm[] =
    "a line is ID KEY or 'search' KEY, a KEY is 32 random bytes in base64 (head -c 32 /dev/urandom | base64)";

absl::Status Wrong(absl::string_view file, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("seal.key_file ", file, ": ", what));
}

void Wipe(std::string& text) { sodium_memzero(text.data(), text.size()); }

absl::Status CheckAccess(const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return Wrong(file, absl::StrCat("cannot be read: ", std::strerror(errno)));
  if (!S_ISREG(found.st_mode)) return Wrong(file, "is no file");
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) return Wrong(file, "is open to others than its owner: chmod 600");
  return absl::OkStatus();
}

}  // namespace

// A key file being read.
class KeyFile {
 public:
  explicit KeyFile(absl::string_view name) : name_(name) {}

  absl::Status Read(absl::string_view line, int number) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (parts.empty() || parts[0][0] == '#') return absl::OkStatus();
    const std::string place = absl::StrCat("line ", number, ": ");
    std::string bytes;
    const absl::Cleanup wipe = [&bytes] { Wipe(bytes); };
    if (parts.size() != 2 || !absl::Base64Unescape(parts[1], &bytes)) return Wrong(name_, absl::StrCat(place, kForm));
    const std::optional<Secret> secret = Secret::Of(bytes);
    if (!secret.has_value()) return Wrong(name_, absl::StrCat(place, "its key has not 32 bytes"));
    if (parts[0] == "search") {
      if (keys_.search_.has_value()) return Wrong(name_, absl::StrCat(place, "a second search key"));
      keys_.search_ = secret;
      return absl::OkStatus();
    }
    std::uint32_t id = 0;
    if (!absl::SimpleAtoi(parts[0], &id) || id == 0) return Wrong(name_, absl::StrCat(place, kForm));
    if (keys_.keys_.empty()) keys_.active_ = id;
    if (!keys_.keys_.emplace(id, *secret).second) return Wrong(name_, absl::StrCat(place, "a second key of this ID"));
    return absl::OkStatus();
  }

  absl::StatusOr<Keyring> Whole() {
    if (keys_.keys_.empty()) return Wrong(name_, absl::StrCat("has no key: ", kForm));
    if (!keys_.search_.has_value()) return Wrong(name_, absl::StrCat("has no search key: ", kForm));
    return std::move(keys_);
  }

 private:
  const absl::string_view name_;
  Keyring keys_;
};

absl::StatusOr<Keyring> Keyring::Parse(absl::string_view file, absl::string_view text) {
  KeyFile read(file);
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    XXT_RETURN_IF_ERROR(read.Read(absl::StripSuffix(line, "\r"), ++number));
  }
  return read.Whole();
}

absl::StatusOr<Keyring> Keyring::Load(const std::string& file) {
  XXT_RETURN_IF_ERROR(CheckAccess(file));
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const absl::Cleanup wipe = [&text] { Wipe(text); };
  if (!in) return Wrong(file, "cannot be read");
  return Parse(file, text);
}

}  // namespace xxt::seal
