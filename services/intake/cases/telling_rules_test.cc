#include "services/intake/cases/telling_rules.h"

#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

const TellingFacts kOpen{.checklist_version = 2};
const TellingFacts kClosed{.closed = true, .checklist_version = 2};

TEST(DecideTelling, TellsWhatAnOpenCaseHasToSay) {
  for (const MessageFacts& message :
       {MessageFacts{"case-received", "received"}, MessageFacts{"checklist-issued", "checklist.2"},
        MessageFacts{"referral-answered", "referral-answered.x"}, MessageFacts{"cut-off-near", "cut-off.x"}}) {
    EXPECT_EQ(DecideTelling(kOpen, message), Telling::kTell) << message.event;
  }
}

TEST(DecideTelling, LeavesAChecklistThatHasBeenAmended) {
  EXPECT_EQ(DecideTelling(kOpen, {"checklist-issued", "checklist.1"}), Telling::kLeave);
}

TEST(DecideTelling, LeavesALastDayThatIsAnotherOneNow) {
  TellingFacts facts = kOpen;
  facts.knows_referral = true;
  facts.last_day = absl::CivilDay(2026, 12, 1);
  const auto naming = [](absl::CivilDay day) { return MessageFacts{"cut-off-near", "cut-off.x", day}; };
  EXPECT_EQ(DecideTelling(facts, naming(absl::CivilDay(2026, 12, 4))), Telling::kLeave);
  EXPECT_EQ(DecideTelling(facts, naming(absl::CivilDay(2026, 12, 1))), Telling::kTell);
  facts.last_day.reset();
  EXPECT_EQ(DecideTelling(facts, naming(absl::CivilDay(2026, 12, 1))), Telling::kLeave);
}

TEST(DecideTelling, LeavesAnAnswerThatWasTakenBack) {
  for (TellingFacts facts : {kOpen, kClosed}) {
    facts.taken_back = true;
    EXPECT_EQ(DecideTelling(facts, {"referral-answered", "referral-answered.x"}), Telling::kLeave);
  }
}

TEST(DecideTelling, OfAClosedCaseTellsTheClosingAndAsksAPersonAboutNews) {
  EXPECT_EQ(DecideTelling(kClosed, {"case-closed", "closed"}), Telling::kTell);
  EXPECT_EQ(DecideTelling(kOpen, {"case-closed", "closed"}), Telling::kLeave) << "it was opened again";
  EXPECT_EQ(DecideTelling(kClosed, {"policy-fits", "policy.x"}), Telling::kTell) << "it is nothing of the old matter";
  EXPECT_EQ(DecideTelling(kClosed, {"case-received", "received"}), Telling::kLeave);
  EXPECT_EQ(DecideTelling(kClosed, {"checklist-issued", "checklist.2"}), Telling::kLeave);
  EXPECT_EQ(DecideTelling(kClosed, {"cut-off-near", "cut-off.x", {}}), Telling::kLeave)
      << "the officer who watches the cut-off is asked";
  for (const char* news : {"referral-answered", "route-sheet-ready", "route-sheet-plain"}) {
    EXPECT_EQ(DecideTelling(kClosed, {news, "x"}), Telling::kAskPerson) << news;
  }
}

}  // namespace
}  // namespace xxt::intake
