#include "services/intake/domain/telling.h"

#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

Case InState(CaseState state) {
  Case about;
  about.state = state;
  about.checklist_version = 2;
  return about;
}

TEST(DecideTelling, TellsWhatAnOpenCaseHasToSay) {
  for (const CaseState state : {CaseState::kInProgress, CaseState::kClosureProposed}) {
    const Case about = InState(state);
    for (const Message& message :
         {Message{"case-received", "received", {}}, Message{"checklist-issued", "checklist.2", {}},
          Message{"referral-answered", "referral-answered.x", {}}, Message{"cut-off-near", "cut-off.x", {}}}) {
      EXPECT_EQ(DecideTelling(about, message), Telling::kTell) << message.event;
    }
  }
}

TEST(DecideTelling, LeavesAChecklistThatHasBeenAmended) {
  EXPECT_EQ(DecideTelling(InState(CaseState::kInProgress), {"checklist-issued", "checklist.1", {}}), Telling::kLeave);
}

TEST(DecideTelling, LeavesALastDayThatIsAnotherOneNow) {
  Case about = InState(CaseState::kInProgress);
  about.referrals["referrals/x"].last_day = absl::CivilDay(2026, 12, 1);
  const auto naming = [](absl::CivilDay day) {
    return Message{"cut-off-near", "cut-off.x", {{"last_day", day}}, "referrals/x"};
  };
  EXPECT_EQ(DecideTelling(about, naming(absl::CivilDay(2026, 12, 4))), Telling::kLeave);
  EXPECT_EQ(DecideTelling(about, naming(absl::CivilDay(2026, 12, 1))), Telling::kTell);
}

TEST(DecideTelling, OfAClosedCaseTellsTheClosingAndAsksAPersonAboutNews) {
  const Case about = InState(CaseState::kClosed);
  EXPECT_EQ(DecideTelling(about, {"case-closed", "closed", {}}), Telling::kTell);
  EXPECT_EQ(DecideTelling(about, {"case-received", "received", {}}), Telling::kLeave);
  EXPECT_EQ(DecideTelling(about, {"checklist-issued", "checklist.2", {}}), Telling::kLeave);
  EXPECT_EQ(DecideTelling(about, {"cut-off-near", "cut-off.x", {}}), Telling::kLeave)
      << "the officer who watches the cut-off is asked";
  for (const char* news : {"referral-answered", "route-sheet-ready", "route-sheet-plain"}) {
    EXPECT_EQ(DecideTelling(about, {news, "x", {}}), Telling::kAskPerson) << news;
  }
}

}  // namespace
}  // namespace xxt::intake
