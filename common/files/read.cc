#include "common/files/read.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace xxt::files {

absl::StatusOr<std::string> Read(const std::string& path, mode_t closed_to) {
  const auto wrong = [&path](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
  };
  const auto unreadable = [&wrong] { return wrong(absl::StrCat("cannot be read: ", std::strerror(errno))); };
  // A pipe that nobody writes to is no regular file: it must not be waited for.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (closed_to == 0 ? 0 : O_NONBLOCK));
  if (fd < 0) return unreadable();
  const absl::Cleanup close = [fd] { ::close(fd); };
  struct stat found {};
  if (::fstat(fd, &found) != 0) return unreadable();
  if (closed_to != 0 && !S_ISREG(found.st_mode)) return wrong("is no file");
  if ((found.st_mode & closed_to) != 0) {
    return wrong((closed_to & S_IRWXG) != 0 ? "is open to others than its owner: chmod 600"
                                            : "is open to everybody: chmod 640");
  }
  // Of its size at once: a text that grows leaves copies behind, and this may be a secret.
  std::string text(static_cast<std::size_t>(found.st_size) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) text.resize(2 * size);
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace xxt::files
