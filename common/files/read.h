#ifndef XXT_COMMON_FILES_READ_H_
#define XXT_COMMON_FILES_READ_H_

#include <sys/stat.h>

#include <string>

#include "absl/status/statusor.h"

namespace xxt::files {

// What stands in the file `path`. With `closed_to`, bits of a mode as S_IROTH, it is a regular file that is open to
// nobody in these ways. Errors: INVALID_ARGUMENT, "PATH: what is wrong", with nothing of what is there.
absl::StatusOr<std::string> Read(const std::string& path, mode_t closed_to = 0);

}  // namespace xxt::files

#endif  // XXT_COMMON_FILES_READ_H_
