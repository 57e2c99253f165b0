#include "common/files/read.h"

#include <sys/stat.h>

#include <string>

#include "common/files/secret.h"
#include "common/testing/scratch_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::files {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ReadTest : public ::testing::Test {
 protected:
  // Why it is not read.
  static std::string Refused(const std::string& path, mode_t closed_to = 0) {
    const absl::StatusOr<std::string> read = Read(path, closed_to);
    EXPECT_TRUE(absl::IsInvalidArgument(read.status())) << read.status();
    return std::string(read.status().message());
  }
  std::string Write(const std::string& text, mode_t mode) const {
    std::string file = dir_.Write("file", text);
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return file;
  }
  const test::ScratchDir dir_;
};

TEST_F(ReadTest, GivesAllThatIsThere) {
  const std::string bytes = std::string("a\0\n", 3) + std::string(100'000, 'b') + " \n";
  EXPECT_EQ(Read(Write(bytes, 0600)).value(), bytes);
  EXPECT_EQ(Read(Write("", 0600)).value(), "");
  EXPECT_NE(Read("/proc/self/maps").value(), "") << "what does not say its size";
}

TEST_F(ReadTest, SaysOfWhichFileWhatIsWrong) {
  EXPECT_THAT(Refused(dir_.File("none")), AllOf(HasSubstr(dir_.File("none")), HasSubstr("No such file")));
  EXPECT_THAT(Refused(dir_.path()), HasSubstr("Is a directory"));
  EXPECT_THAT(Refused(dir_.path(), S_IROTH), HasSubstr("is no file"));
}

TEST_F(ReadTest, RefusesWhatIsOpenToThoseWhomItIsClosedTo) {
  EXPECT_THAT(Refused(Write("x", 0644), S_IROTH), HasSubstr("chmod 640"));
  EXPECT_THAT(Refused(Write("x", 0640), S_IRWXG | S_IRWXO), HasSubstr("chmod 600"));
  EXPECT_EQ(Read(Write("x", 0640), S_IROTH).value(), "x");
  EXPECT_EQ(Read(Write("x", 0644)).value(), "x");
}

TEST_F(ReadTest, WaitsForNobodyWhereAPipeStandsForAFile) {
  const std::string pipe = dir_.File("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(Refused(pipe, S_IROTH), HasSubstr("is no file"));
}

TEST_F(ReadTest, ASecretIsTheSameInAllItsCopies) {
  const absl::StatusOr<Secret> secret = Secret::In("sms.token_file", Write("open sesame\n", 0640));
  ASSERT_TRUE(secret.ok()) << secret.status();
  const Secret copy = *secret;
  EXPECT_EQ(copy.value(), "open sesame");
  secret->Set("another");
  EXPECT_EQ(copy.value(), "another");
  EXPECT_FALSE(copy.empty());
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace xxt::files
