#include "services/referral/cut_off/notice_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The last day is a Sunday, the last safe day the Friday before.
RecordedCutOff CutOffOf2026() {
  RecordedCutOff recorded;
  recorded.cut_off.last_day = absl::CivilDay(2026, 3, 8);
  recorded.cut_off.last_safe_day = absl::CivilDay(2026, 3, 6);
  recorded.irrevocable = true;
  return recorded;
}

TEST(Notices, AreTrueWheneverTheyAreSent) {
  const struct {
    absl::CivilDay day;
    const char* line;   // for the case
    const char* to_do;  // and in the desk's task
    const char* sheet;
  } kTable[] = {
      {absl::CivilDay(2025, 12, 6), "馆最晚办理日：2026年3月6日", "，过期不再补办，请确认当事人已办",
       "最晚办理日：2026年3月6日\n过期不再补办！"},
      {absl::CivilDay(2026, 3, 5), "馆最晚办理日：2026年3月6日", "，过期不再补办，请确认当事人已办",
       "最晚办理日：2026年3月6日\n过期不再补办！"},
      {absl::CivilDay(2026, 3, 6), "馆最晚办理日：2026年3月6日", "，过期不再补办，请确认当事人已办",
       "最晚办理日：2026年3月6日\n过期不再补办！"},
      {absl::CivilDay(2026, 3, 7), "馆最晚办理日（2026年3月6日）已过，规定的期限到2026年3月8日为止",
       "，过期不再补办，请马上联系当事人", "最晚办理日（2026年3月6日）已过"},
      {absl::CivilDay(2026, 3, 8), "馆最晚办理日（2026年3月6日）已过，规定的期限到2026年3月8日为止",
       "，过期不再补办，请马上联系当事人", "最晚办理日（2026年3月6日）已过"},
      {absl::CivilDay(2026, 3, 9), "馆的办理期限（2026年3月8日）已过", "，不再补办，请联系当事人，商量别的办法",
       "办理期限（2026年3月8日）已过"},
      {absl::CivilDay(2027, 3, 9), "馆的办理期限（2026年3月8日）已过", "，不再补办，请联系当事人，商量别的办法",
       "办理期限（2026年3月8日）已过"},
  };
  for (const auto& row : kTable) {
    for (const int hour : {0, 9, 23}) {
      const absl::Time now = calendar::AtTimeOfDay(row.day, hour, 30);
      SCOPED_TRACE(absl::FormatTime(now));
      EXPECT_EQ(CutOffSummary("馆", CutOffOf2026(), now), row.line);
      EXPECT_EQ(CutOffNotice("馆", CutOffOf2026(), false, now), absl::StrCat(row.line, row.to_do));
      EXPECT_EQ(CutOffNotice("馆", CutOffOf2026(), true, now), absl::StrCat("更正：", row.line, row.to_do));
      EXPECT_THAT(LastDayOnSheet(CutOffOf2026(), now), HasSubstr(row.sheet));
    }
  }
}

// A task lies on the desk for days, a report waits for intake overnight, and its
// line stays in the case's ledger: all are read on any later day.
TEST(Notices, NameDaysAndCountNone) {
  for (absl::CivilDay day(2026, 1, 1); day < absl::CivilDay(2026, 6, 1); ++day) {
    const absl::Time now = calendar::AtTimeOfDay(day, 9, 0);
    for (const std::string& words :
         {CutOffNotice("馆", CutOffOf2026(), false, now), CutOffSummary("馆", CutOffOf2026(), now)}) {
      EXPECT_THAT(words, AllOf(HasSubstr("2026年3月"), Not(HasSubstr("天"))));
    }
  }
}

TEST(Notices, SayNothingIsOverForEverUnlessItIs) {
  RecordedCutOff revocable = CutOffOf2026();
  revocable.irrevocable = false;
  for (absl::CivilDay day(2026, 3, 1); day < absl::CivilDay(2026, 4, 1); ++day) {
    const absl::Time now = calendar::AtTimeOfDay(day, 9, 0);
    EXPECT_THAT(CutOffNotice("馆", revocable, false, now), Not(HasSubstr("不再补办")));
    EXPECT_THAT(LastDayOnSheet(revocable, now), Not(HasSubstr("不再补办")));
  }
}

}  // namespace
}  // namespace xxt::referral
