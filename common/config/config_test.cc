#include "common/config/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "common/testing/scratch_dir.h"

namespace xxt::config {
namespace {

struct Sample {
  std::string address = "127.0.0.1:1";
  int threads = 6;
  bool reflection = false;
  absl::Duration wait = absl::Seconds(5);
  files::Secret password;

  void Bind(Binder& binder) {
    binder.Field("listen.address", &address, "HOST:PORT.");
    binder.Field("threads", &threads, "1 to 64.");
    binder.Field("listen.reflection", &reflection, "Development only.");
    binder.Field("wait", &wait, "How long.");
    binder.Secret("password_file", &password, "File with the password.");
  }
};

class ConfigTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = dir_.Write(name, text);
    chmod(path.c_str(), mode);
    return path;
  }
  absl::Status LoadText(const std::string& text) {
    return Load("sample", Write("config", text), [this](Binder& binder) { sample_.Bind(binder); });
  }
  Sample sample_;

 private:
  test::ScratchDir dir_;
};

TEST_F(ConfigTest, ReadsTypedValues) {
  ASSERT_TRUE(LoadText("listen: {address: 'x:9', reflection: true}\nthreads: 3\nwait: 1m30s\n").ok());
  EXPECT_EQ(sample_.address, "x:9");
  EXPECT_TRUE(sample_.reflection);
  EXPECT_EQ(sample_.threads, 3);
  EXPECT_EQ(sample_.wait, absl::Seconds(90));
}

TEST_F(ConfigTest, NamesEveryProblemAtOnce) {
  const absl::Status status = LoadText("threads: many\nthraeds: 3\nlisten: {reflection: maybe}\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("threads"), absl::string_view::npos);
  EXPECT_NE(status.message().find("thraeds"), absl::string_view::npos);
  EXPECT_NE(status.message().find("listen.reflection"), absl::string_view::npos);
}

TEST_F(ConfigTest, WhatIsNoFileIsNamed) {
  for (const char* path : {"/", "/nowhere"}) {
    const absl::Status status = Load("sample", path, [this](Binder& binder) { sample_.Bind(binder); });
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_NE(status.message().find(path), absl::string_view::npos) << status;
  }
}

TEST_F(ConfigTest, TheEnvironmentOverridesTheFile) {
  setenv("XXT_SAMPLE__LISTEN__ADDRESS", "env:1", 1);
  EXPECT_TRUE(LoadText("listen: {address: file:1}\n").ok());
  unsetenv("XXT_SAMPLE__LISTEN__ADDRESS");
  EXPECT_EQ(sample_.address, "env:1");
}

TEST_F(ConfigTest, SecretsComeFromFilesThatNotEverybodyCanRead) {
  EXPECT_TRUE(LoadText("password_file: " + Write("secret", "open sesame\n")).ok());
  EXPECT_EQ(sample_.password.value(), "open sesame");
  EXPECT_FALSE(LoadText("password_file: " + Write("loose", "x", 0644)).ok());
  EXPECT_FALSE(LoadText("password_file: /nowhere/at/all").ok());
}

TEST_F(ConfigTest, IsAlsoReadUncheckedForToolsThatNeedAFewKeysOnly) {
  const std::string file = Write("any", "listen: {address: file:1}\npassword_file: /nowhere/at/all\nthraeds: 3\n");
  setenv("XXT_SAMPLE__LISTEN__ADDRESS", "env:1", 1);
  const auto values = Read("sample", file);
  unsetenv("XXT_SAMPLE__LISTEN__ADDRESS");
  ASSERT_TRUE(values.ok()) << values.status();
  std::map<std::string, std::string> last;
  for (const Given& one : *values) last[one.path] = one.text;
  EXPECT_EQ(last["listen.address"], "env:1");
  EXPECT_EQ(last["password_file"], "/nowhere/at/all");
  EXPECT_EQ(last["thraeds"], "3");
  EXPECT_EQ(Read("sample", "/nowhere/at/all").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConfigTest, PrintingHidesSecrets) {
  const std::string file = Write("print", "password_file: " + Write("secret2", "open sesame\n"));
  const std::string text = Print("sample", file, [this](Binder& binder) { sample_.Bind(binder); });
  EXPECT_EQ(text.find("open sesame"), std::string::npos);
  EXPECT_NE(text.find("threads: 6"), std::string::npos);
}

}  // namespace
}  // namespace xxt::config
