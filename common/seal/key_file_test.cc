#include <sys/stat.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/seal/seal.h"
#include "common/testing/scratch_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::seal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string& KeyText() {
  static const std::string* const text = new std::string(absl::Base64Escape(std::string(32, 'k')));
  return *text;
}

class KeyFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& text, mode_t mode = 0600) {
    const std::string file = dir_.Write("keys", text);
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return file;
  }
  // Why it is refused.
  std::string Refused(const std::string& text, mode_t mode = 0600) {
    const std::string file = Write(text, mode);
    const absl::StatusOr<Keyring> keys = Keyring::Load(file);
    EXPECT_TRUE(absl::IsInvalidArgument(keys.status())) << keys.status();
    std::string message(keys.status().message());
    EXPECT_THAT(message, AllOf(StartsWith("seal.key_file " + file + ": "), Not(HasSubstr(KeyText()))));
    return message;
  }
  const std::string good_ =
      absl::StrCat("# of 2026\n\n2 ", KeyText(), "\r\n1\t", KeyText(), "\nsearch ", KeyText(), "\n");
  test::ScratchDir dir_;
};

TEST_F(KeyFileTest, IsReadAndItsFirstKeyWrapsWhatIsNew) {
  const absl::StatusOr<Keyring> keys = Keyring::Load(Write(good_));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->active(), 2U);
  EXPECT_TRUE(keys->Knows(1) && keys->Knows(2));
  EXPECT_FALSE(keys->Knows(3));
}

TEST_F(KeyFileTest, OpenToOthersIsRefused) {
  for (const mode_t mode : {0604U, 0640U, 0602U, 0620U, 0666U}) {
    EXPECT_THAT(Refused(good_, mode), HasSubstr("chmod 600")) << mode;
  }
}

TEST_F(KeyFileTest, MissingIsRefused) {
  EXPECT_THAT(Keyring::Load(dir_.File("nowhere")).status().ToString(),
              AllOf(HasSubstr(dir_.File("nowhere")), HasSubstr("No such file")));
  EXPECT_THAT(Keyring::Load(dir_.path()).status().ToString(), HasSubstr("is no file"));
}

TEST_F(KeyFileTest, WithoutAKeyOrASearchKeyIsRefused) {
  EXPECT_THAT(Refused(""), HasSubstr("has no key"));
  EXPECT_THAT(Refused(absl::StrCat("search ", KeyText())), HasSubstr("has no key"));
  EXPECT_THAT(Refused(absl::StrCat("1 ", KeyText())), HasSubstr("has no search key"));
}

TEST_F(KeyFileTest, ALineThatIsNoneIsNamedByItsNumberAndNotRepeated) {
  const std::string first = absl::StrCat("1 ", KeyText(), "\n");
  for (const std::string& line : {KeyText(), "0 " + KeyText(), "-1 " + KeyText(), "4294967296 " + KeyText(),
                                  "a " + KeyText(), "2 " + KeyText() + " " + KeyText(), std::string("2 ###")}) {
    EXPECT_THAT(Refused(first + line), HasSubstr(": line 2: a line is")) << line;
  }
  EXPECT_THAT(Refused(first + "2 " + absl::Base64Escape("short")), HasSubstr("line 2: its key has not 32 bytes"));
  EXPECT_THAT(Refused(first + first), HasSubstr("line 2: a second key of this ID"));
  EXPECT_THAT(Refused(good_ + "search " + KeyText()), HasSubstr("line 6: a second search key"));
}

}  // namespace
}  // namespace xxt::seal
