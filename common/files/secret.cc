#include "common/files/secret.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "common/files/read.h"

namespace xxt::files {

absl::StatusOr<std::string> ReadSecret(const std::string& file) {
  absl::StatusOr<std::string> text = Read(file, S_IROTH);
  if (text.ok()) absl::StripTrailingAsciiWhitespace(&*text);
  return text;
}

Secret::Secret(std::string value) { Set(std::move(value)); }

absl::StatusOr<Secret> Secret::In(std::string key, std::string file) {
  absl::StatusOr<std::string> value = ReadSecret(file);
  if (!value.ok()) return value.status();
  Secret made(*std::move(value));
  made.key_ = std::move(key);
  made.file_ = std::move(file);
  return made;
}

std::string Secret::value() const {
  const MutexLock lock(state_->mu);
  return state_->value;
}

void Secret::Set(std::string value) const {
  const MutexLock lock(state_->mu);
  state_->value = std::move(value);
}

}  // namespace xxt::files
