#include "tools/xxt/identifiers.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <string>

#include "tools/xxt/convert.h"
#include "tools/xxt/print.h"
#include "xixinting/common/v1/task.pb.h"

namespace xxt::cli {
namespace {

const std::filesystem::path kRoot = XXT_SOURCE_DIR;

// The page lists every kind of the desk, which the tests of docs see to.
TEST(TaskKinds, OfTheDeskHaveAWord) {
  const std::string page = ReadFile((kRoot / "docs/api/integration.zh-CN.md").string()).value();
  const std::size_t begin = page.find("## 人员的任务");
  const std::size_t end = page.find("系统自己的任务", begin);
  ASSERT_NE(end, std::string::npos);
  const std::string section = page.substr(begin, end - begin);
  re2::StringPiece rest = section;
  std::string kind;
  int seen = 0;
  while (re2::RE2::FindAndConsume(&rest, "\n\\| `([a-z_.]+)` \\|", &kind)) {
    EXPECT_NE(TaskKindInWords(kind), kind);
    ++seen;
  }
  EXPECT_GE(seen, 40);
  EXPECT_EQ(TaskKindInWords("case.tell"), "case.tell") << "the machine's own";
}

TEST(Templates, AreCalledByTheirHeadlines) {
  int seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(kRoot / "services/notification/templates")) {
    if (file.path().extension() != ".yaml") continue;
    const Json words = ParseYaml(ReadFile(file.path().string()).value()).value();
    EXPECT_EQ(TemplateInWords(file.path().stem().string()), words["headline"]) << file.path();
    ++seen;
  }
  EXPECT_GE(seen, 12);
}

TEST(RenderList, SaysInChineseWhatATaskIs) {
  xixinting::common::v1::Task task;
  task.set_kind("referral.read_mail");
  Style style;
  style.language = Language::kChinese;
  EXPECT_NE(RenderList({&task}, *task.GetDescriptor(), Format::kTable, style).find("阅读来信"), std::string::npos);
  EXPECT_EQ(RenderList({&task}, *task.GetDescriptor(), Format::kJson, style).find("阅读来信"), std::string::npos);
  style.language = Language::kEnglish;
  EXPECT_NE(RenderList({&task}, *task.GetDescriptor(), Format::kTable, style).find("referral.read_mail"),
            std::string::npos);
}

}  // namespace
}  // namespace xxt::cli
