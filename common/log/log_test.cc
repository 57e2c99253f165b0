#include "common/log/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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
