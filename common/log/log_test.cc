#include "common/log/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/testing/clocks.h"

namespace xxt::log {
namespace {

TEST(Log, WritesOneParseableLineWhateverTheTextHolds) {
  testing::internal::CaptureStderr();
  Start("intake", "info");
  {
    const Trace trace("t-1");
    Info("case.created", {{"subject", "cases/\"1\"\n{\"level\":\"fake\"}\x1b[31m"}, {"count", 3}});
  }
  Debug("not.shown");
  const std::string text = testing::internal::GetCapturedStderr();
  ASSERT_EQ(text.find('\n'), text.size() - 1);
  const nlohmann::json line = nlohmann::json::parse(text);
  EXPECT_EQ(line["event"], "case.created");
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "intake");
  EXPECT_EQ(line["trace"], "t-1");
  EXPECT_EQ(line["count"], 3);
  EXPECT_EQ(line["subject"], "cases/\"1\"\n{\"level\":\"fake\"}\x1b[31m");
}

TEST(Log, SaysSeldomWhatHappensOftenAndHowOftenItDid) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) {
    SeldomWarning("store.away", "db-1", {{"server", "db-1"}});
    SeldomWarning("store.away", "db-2", {{"server", "db-2"}});
  }
  test::PassTime(kSeldom);
  SeldomWarning("store.away", "db-1", {{"server", "db-1"}});
  test::PassTime(kSeldom);
  SeldomError("store.away", "db-1", {{"server", "db-1"}});
  std::vector<std::string> lines = absl::StrSplit(testing::internal::GetCapturedStderr(), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_FALSE(nlohmann::json::parse(lines[0]).contains("unsaid"));
  EXPECT_EQ(nlohmann::json::parse(lines[1])["server"], "db-2");
  EXPECT_EQ(nlohmann::json::parse(lines[2])["unsaid"], 999);
  EXPECT_EQ(nlohmann::json::parse(lines[3])["level"], "error");
  EXPECT_FALSE(nlohmann::json::parse(lines[3]).contains("unsaid"));
}

TEST(Trace, NestsAndRestoresTheOuterTrace) {
  const Trace outer("outer");
  {
    const Trace inner("inner");
    EXPECT_EQ(Trace::Current(), "inner");
  }
  EXPECT_EQ(Trace::Current(), "outer");
}

}  // namespace
}  // namespace xxt::log
