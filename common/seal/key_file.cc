#include <sodium.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/files/read.h"
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
      if (keys_->search.has_value()) return Wrong(name_, absl::StrCat(place, "a second search key"));
      keys_->search = secret;
      return absl::OkStatus();
    }
    std::uint32_t id = 0;
    if (!absl::SimpleAtoi(parts[0], &id) || id == 0) return Wrong(name_, absl::StrCat(place, kForm));
    if (keys_->wrapping.empty()) keys_->active = id;
    if (!keys_->wrapping.emplace(id, *secret).second)
      return Wrong(name_, absl::StrCat(place, "a second key of this ID"));
    return absl::OkStatus();
  }

  absl::StatusOr<Keyring> Whole() {
    if (keys_->wrapping.empty()) return Wrong(name_, absl::StrCat("has no key: ", kForm));
    if (!keys_->search.has_value()) return Wrong(name_, absl::StrCat("has no search key: ", kForm));
    return Keyring(std::move(keys_));
  }

 private:
  const absl::string_view name_;
  std::shared_ptr<Keyring::Keys> keys_ = std::make_shared<Keyring::Keys>();
};

absl::StatusOr<Keyring> Keyring::Parse(absl::string_view file, absl::string_view text) {
  KeyFile read(file);
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    XXT_RETURN_IF_ERROR(read.Read(absl::StripSuffix(line, "\r"), ++number));
  }
  return read.Whole();
}

absl::StatusOr<std::string> Keyring::ReadFile(const std::string& file) {
  absl::StatusOr<std::string> text = files::Read(file, S_IRWXG | S_IRWXO);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat("seal.key_file ", text.status().message()));
  return text;
}

absl::StatusOr<Keyring> Keyring::Load(const std::string& file) {
  XXT_ASSIGN_OR_RETURN(std::string text, ReadFile(file));
  const absl::Cleanup wipe = [&text] { Wipe(text); };
  return Parse(file, text);
}

}  // namespace xxt::seal
