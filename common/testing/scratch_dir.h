#ifndef XXT_COMMON_TESTING_SCRATCH_DIR_H_
#define XXT_COMMON_TESTING_SCRATCH_DIR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace xxt::test {

// A new directory that goes, with all in it, with its owner or before. Aborts
// if none can be made. One thread owns it.
class ScratchDir {
 public:
  ScratchDir();
  ~ScratchDir() { Remove(); }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }
  // The path of `name` in it; makes nothing.
  std::string File(absl::string_view name) const;
  // Writes `text` into File(name) and returns its path.
  std::string Write(absl::string_view name, absl::string_view text) const;
  // Idempotent.
  void Remove();

 private:
  std::string path_;
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_SCRATCH_DIR_H_
