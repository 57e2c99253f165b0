#include "tools/xxt/app.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/xxt/commands.h"
#include "tools/xxt/typing_world.h"

namespace xxt::cli {
namespace {

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

TEST(CommandLineText, IsUtf8) {
  const Said said = Type({"case", "list", "--as", "staff/\xff"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.text, "第 4 个参数不是 UTF-8 文本\n");
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
        Mistake{"NoFlagAndNoFile",
                {"case", "set-next-action", "0102-26-000042-1"},
                "还缺 --summary",
                "--summary is missing"},
        Mistake{"NoFlagThatNoFileSays", {"case", "review-closure", "x"}, "还缺 --decision", "--decision is missing"},
        Mistake{"NoValue", {"case", "list", "--page-size"}, "--page-size 后面要跟值", "--page-size needs a value"},
        Mistake{"GivenTwice",
                {"case", "list", "--page-size", "1", "--page-size", "2"},
                "--page-size 只能给一次",
                "--page-size is given more than once"},
        Mistake{"NoSuchService",
                {"task", "list", "--service", "foo"},
                "命令行有误：--service：“foo”不在可选值之中：intake、referral、notification",
                "--service: 'foo' is none of intake, referral, notification"},
        Mistake{"NoSuchShell",
                {"completion", "fish"},
                "命令行有误：SHELL：“fish”不在可选值之中：bash、zsh",
                "SHELL: 'fish' is none of bash, zsh"},
        Mistake{"NoSuchFormat",
                {"-o", "bad", "case", "list"},
                "命令行有误：--output：“bad”不在可选值之中：table、json、yaml、name",
                "--output: 'bad' is none of table, json, yaml, name"}),
    [](const auto& tested) { return tested.param.name; });

struct WrongValue {
  std::string name;
  std::vector<std::string> words;
  std::string zh;
  std::string en;
};

void PrintTo(const WrongValue& wrong, std::ostream* out) { *out << wrong.name; }

class ValueOfFlag : public testing::TestWithParam<WrongValue> {};

TEST_P(ValueOfFlag, ThatIsNoneIsSaidInTheLanguageThatIsWanted) {
  std::vector<std::string> words = GetParam().words;
  EXPECT_THAT(Type(words).text, testing::StartsWith("填写有误：" + GetParam().zh));
  words.insert(words.begin(), {"--lang", "en"});
  EXPECT_THAT(Type(words).text, testing::StartsWith("invalid field: " + GetParam().en));
}

constexpr char kSomeCase[] = "cases/01940000-0000-7000-8000-000000000001";

INSTANTIATE_TEST_SUITE_P(All, ValueOfFlag,
                         testing::Values(WrongValue{"Choice",
                                                    {"case", "find", "--phone-number", "1", "--purpose", "nope"},
                                                    "--purpose 须为其中之一：call、visit、intake",
                                                    "--purpose must be one of call, visit, intake"},
                                         WrongValue{"Number",
                                                    {"case", "list", "--page-size", "x"},
                                                    "--page-size 须为整数",
                                                    "--page-size must be a whole number"},
                                         WrongValue{"Time",
                                                    {"contact", "log", kSomeCase, "--channel", "phone", "--counterpart",
                                                     "kin", "--direction", "inbound", "--result", "reached",
                                                     "--summary", "x", "--occur-time", "soon"},
                                                    "--occur-time 须为 2026-03-02T09:00 或 +2d 这样的时间",
                                                    "--occur-time must be a time like 2026-03-02T09:00 or +2d"},
                                         WrongValue{"Day",
                                                    {"rota", "get", "--hall", "110102016", "--day", "soon"},
                                                    "--day 须为 2026-03-02 这样的日期",
                                                    "--day must be a day like 2026-03-02"}),
                         [](const auto& tested) { return tested.param.name; });

// What scripts read of an error of their own: reason and domain.
std::string ReasonIn(const Said& said) {
  const auto json = nlohmann::json::parse(said.text, nullptr, false);
  if (!json.is_object()) return said.text;
  for (const auto& detail : json.value("details", nlohmann::json::array())) {
    if (detail.contains("reason")) return absl::StrCat(detail.value("domain", ""), " ", detail.value("reason", ""));
  }
  return "no reason";
}

TEST(MistakesAsJson, AreInTheShapeOfAServicesErrors) {
  unsetenv("XXT_CONTEXT");
  EXPECT_EQ(ReasonIn(Type({"-o", "json", "case", "list"})), "xxt USAGE") << "no context";
  EXPECT_EQ(ReasonIn(Type({"-o", "json", "case", "get"})), "xxt USAGE") << "no CASE";
  EXPECT_EQ(ReasonIn(Type({"case", "list", "--output=json", "--page-size", "x"})), "xixinting FIELD_INVALID");
}

TEST(Examples, OfTheHelpAreUnderstood) {
  unsetenv("XXT_CONTEXT");
  int typed = 0;
  for (const Command& command : Commands(Language::kChinese)) {
    if (command.handler != nullptr) continue;
    for (const std::string& example : command.examples) {
      std::vector<std::string> words = absl::StrSplit(example, ' ');
      words.erase(words.begin());
      // As far as it goes without an instance, and without the file.
      EXPECT_THAT(Type(words).text,
                  testing::AnyOf(testing::HasSubstr("没有指定连接哪个实例"), testing::HasSubstr("读不了文件")))
          << example;
      ++typed;
    }
  }
  EXPECT_GT(typed, 40);
}

TEST(Output, ThatIsNotTakenIsAFailure) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"api", "ls"}, {"--version"}}) {
    std::fflush(stdout);
    const int standard = dup(STDOUT_FILENO);
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    dup2(full, STDOUT_FILENO);
    const Said said = Type(words);
    __fpurge(stdout);
    std::cout.clear();
    dup2(standard, STDOUT_FILENO);
    close(full);
    close(standard);
    EXPECT_EQ(said.code, 1) << words[0];
    EXPECT_EQ(said.text, "标准输出写不进去\n") << words[0];
  }
}

TEST(ApiDescribe, ShowsChineseAsItIs) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(Type({"api", "describe", "CaseService/FindCases"}).code, 0);
  const std::string shown = testing::internal::GetCapturedStdout();
  EXPECT_THAT(shown, testing::HasSubstr("来电"));
  EXPECT_THAT(shown, testing::Not(testing::HasSubstr("\\34")));
}

std::string HelpOf(std::vector<std::string> words) {
  words.emplace_back("--help");
  testing::internal::CaptureStdout();
  EXPECT_EQ(Type(std::move(words)).code, 0);
  return testing::internal::GetCapturedStdout();
}

TEST(ChineseHelp, HasNoEnglishOfTheParserAndStandsInColumns) {
  const std::string log = HelpOf({"contact", "log"});
  for (const char* english : {"TEXT", "REQUIRED", "officer", "contact的", ": \n"}) {
    EXPECT_THAT(log, testing::Not(testing::HasSubstr(english)));
  }
  EXPECT_THAT(log, testing::HasSubstr("用法：xxt contact log [选项] CASE\n"));
  EXPECT_THAT(log, testing::HasSubstr("\n选项：\n  -h,--help                         打印用法\n"));
  EXPECT_THAT(log, testing::HasSubstr("\n  CASE                              受理号或诉求编号（必填）\n"));
  EXPECT_THAT(log, testing::HasSubstr("\n  --corrects 值                     更正哪一次\n"));
  EXPECT_THAT(log, testing::HasSubstr("写联系记录的各项"));
  EXPECT_THAT(log, testing::HasSubstr("谁可以：窗口人员、窗口负责人、区级人员\n"));
  EXPECT_THAT(HelpOf({"--lang", "en", "contact", "log"}), testing::HasSubstr("Who may: officer, leader, district\n"));
  EXPECT_THAT(HelpOf({"scenario", "run"}),
              testing::HasSubstr("\n  FILE …                            故事文件（必填）\n"));
  EXPECT_THAT(HelpOf({}), testing::HasSubstr("[table|json|yaml|name]\n"));
  EXPECT_THAT(HelpOf({}), testing::HasSubstr("（环境变量 XXT_AS）\n"));
}

TEST(HelpOfACommand, SaysWhatItsFileHoldsAndHowAFlagTakesSeveral) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(Type({"case", "create", "--help"}).code, 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("xxt api describe CaseService/CreateCase"));
  testing::internal::CaptureStdout();
  EXPECT_EQ(Type({"case", "list", "--help"}).code, 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("--states 值[,值]"));
}

}  // namespace
}  // namespace xxt::cli
