#include "common/testing/scratch_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace xxt::test {

ScratchDir::ScratchDir() : path_(testing::TempDir() + "/xxt-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

std::string ScratchDir::File(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

std::string ScratchDir::Write(absl::string_view name, absl::string_view text) const {
  std::string path = File(name);
  std::ofstream(path) << text;
  return path;
}

void ScratchDir::Remove() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace xxt::test
