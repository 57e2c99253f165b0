#include "tools/xxt/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace xxt::cli {
namespace {

struct Said {
  int code;
  std::string text;
};

Said Type(std::vector<std::string> words, const std::string& locale = "zh_CN.UTF-8") {
  setenv("LC_ALL", locale.c_str(), 1);
  words.insert(words.begin(), "xxt");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStderr();
  const int code = RunApp(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStderr()};
}

struct Mistake {
  std::string name;
  std::vector<std::string> words;
  std::string zh;
  std::string en;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class CommandLine : public testing::TestWithParam<Mistake> {};

TEST_P(CommandLine, AMistakeIsSaidInTheLanguageThatIsWanted) {
  const Mistake& mistake = GetParam();
  std::vector<std::string> words = mistake.words;
  const Said chinese = Type(words);
  EXPECT_EQ(chinese.code, 2);
  EXPECT_EQ(chinese.text, mistake.zh + "；用 --help 查看用法\n");
  words.insert(words.begin(), {"--lang", "en"});
  const Said english = Type(words);
  EXPECT_EQ(english.code, 2);
  EXPECT_EQ(english.text, mistake.en + "; see --help\n");
}

TEST(CommandLineLanguage, IsThatOfTheLocaleUnlessToldOtherwise) {
  EXPECT_EQ(Type({}, "en_GB.UTF-8").text, "a command is missing; see --help\n");
  EXPECT_EQ(Type({"--lang", "zh"}, "en_GB.UTF-8").text, "还缺一个命令；用 --help 查看用法\n");
  EXPECT_EQ(Type({}, "C.UTF-8").text, "还缺一个命令；用 --help 查看用法\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, CommandLine,
    testing::Values(
        Mistake{"NoCommand", {}, "还缺一个命令", "a command is missing"},
        Mistake{"GroupAlone", {"message"}, "还缺一个命令", "a command is missing"},
        Mistake{"UnknownCommand", {"foo"}, "看不懂“foo”", "not understood: 'foo'"},
        Mistake{"OneWordTooMany", {"case", "get", "a", "b"}, "看不懂“b”", "not understood: 'b'"},
        Mistake{"NoPositional", {"case", "get"}, "还缺 CASE", "CASE is missing"},
        Mistake{"NoFile", {"case", "hand-off"}, "还缺 --file", "--file is missing"},
        Mistake{"NoValue", {"case", "list", "--page-size"}, "--page-size 后面要跟值", "--page-size needs a value"},
        Mistake{"NoSuchFormat",
                {"-o", "bad", "case", "list"},
                "命令行有误：--output: “bad”不在可选值之中：table、json、yaml、name",
                "--output: 'bad' is none of table, json, yaml, name"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace xxt::cli
