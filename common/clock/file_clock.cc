#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "common/clock/clock.h"

namespace xxt {
namespace {

std::int64_t ReadSeconds(const std::string& path) {
  std::ifstream file(path);
  std::int64_t seconds = 0;
  file >> seconds;
  return file.fail() ? 0 : seconds;
}

}  // namespace

absl::Time FileClock::Now() const { return absl::Now() + absl::Seconds(ReadSeconds(path_)); }

absl::Time FileClock::Advance(absl::Duration by) {
  // Several threads and processes may advance: the lock file makes read-add-replace one step.
  const std::string lock_path = path_ + ".lock";
  const int lock_fd = open(lock_path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_fd >= 0) flock(lock_fd, LOCK_EX);
  const absl::Duration step = std::max(absl::Ceil(by, absl::Seconds(1)), absl::ZeroDuration());
  const std::int64_t seconds = ReadSeconds(path_) + absl::ToInt64Seconds(step);
  const std::string next_path = path_ + ".next";
  if (const int fd = open(next_path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644); fd >= 0) {
    const std::string line = std::to_string(seconds) + "\n";
    const bool written = write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
    close(fd);
    if (written) rename(next_path.c_str(), path_.c_str());
  }
  if (lock_fd >= 0) close(lock_fd);
  return Now();
}

}  // namespace xxt
