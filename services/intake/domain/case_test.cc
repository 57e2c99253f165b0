#include "services/intake/domain/case.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using Kind = ReferralReport::Kind;
using ::testing::IsEmpty;

constexpr char kFirst[] = "referrals/first";
constexpr char kSecond[] = "referrals/second";

Case WithPaper() {
  Case found;
  CasePaper paper;
  paper.title = "火化证明";
  AddPaper(found, paper);
  return found;
}

ReferralReport Report(const char* referral, Kind kind) {
  ReferralReport report;
  report.referral = referral;
  report.kind = kind;
  report.paper_title = "火化 证明";
  return report;
}

TEST(ReferralReports, SourceLocateAndReleaseThePaper) {
  Case found = WithPaper();
  Apply(Report(kFirst, Kind::kOpened), found);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kSourcing);
  Apply(Report(kFirst, Kind::kEnded), found);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kNeeded);
  EXPECT_EQ(found.papers[0].referral, "");
  Apply(Report(kSecond, Kind::kOpened), found);
  Apply(Report(kSecond, Kind::kAnswered), found);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kLocated);
  EXPECT_EQ(found.papers[0].referral, kSecond);
}

TEST(ReferralReports, ThatComeLateOpenNothingAgain) {
  Case found = WithPaper();
  Apply(Report(kFirst, Kind::kEnded), found);
  Apply(Report(kFirst, Kind::kOpened), found);
  EXPECT_EQ(found.referrals.at(kFirst).state, ReferralStatus::State::kEnded);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kNeeded);
}

TEST(ReferralReports, OfABodyThatGaveNothingLeaveAnothersPaperAlone) {
  Case found = WithPaper();
  Apply(Report(kFirst, Kind::kOpened), found);
  Apply(Report(kSecond, Kind::kOpened), found);
  Apply(Report(kFirst, Kind::kEnded), found);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kSourcing);
  EXPECT_EQ(found.papers[0].referral, kSecond);
}

TEST(AddPaper, FindsTheReferralThatFetchesItAlready) {
  Case found;
  Apply(Report(kFirst, Kind::kOpened), found);
  CasePaper paper;
  paper.title = "火化证明";
  EXPECT_EQ(AddPaper(found, paper).referral, kFirst);
  EXPECT_EQ(found.papers[0].state, CasePaper::State::kSourcing);
}

TEST(AddPaper, NeverGivesAnIdTwice) {
  Case found = WithPaper();
  found.papers.clear();
  EXPECT_EQ(AddPaper(found, CasePaper()).id, "p2");
}

TEST(Facts, NameTheReferralThatFollowedOnOneInVain) {
  Case found = WithPaper();
  Apply(Report(kFirst, Kind::kEnded), found);
  EXPECT_THAT(FactsOf(found, {}).referrals[0].successor, IsEmpty());
  Apply(Report(kSecond, Kind::kOpened), found);
  EXPECT_EQ(FactsOf(found, {}).referrals[0].successor, kSecond);
}

TEST(Facts, TakeThePersonsWordAsWhatFollowed) {
  Case found = WithPaper();
  Apply(Report(kFirst, Kind::kEnded), found);
  found.outcome = Outcome{"已办好", "cases/x/contacts/y", absl::Time()};
  EXPECT_EQ(FactsOf(found, {}).referrals[0].successor, "cases/x/contacts/y");
}

// Friday; the 6th of April is a holiday.
TEST(LastDayToAct, IsFurtherWhileABodyIsAsked) {
  const absl::CivilDay today(2026, 3, 6);
  Case open;
  EXPECT_EQ(LastDayToAct(open, Policy(), today), absl::CivilDay(2026, 3, 27));
  Apply(Report(kFirst, Kind::kOpened), open);
  EXPECT_EQ(LastDayToAct(open, Policy(), today), absl::CivilDay(2026, 4, 20));
  Apply(Report(kFirst, Kind::kEnded), open);
  EXPECT_EQ(LastDayToAct(open, Policy(), today), absl::CivilDay(2026, 3, 27));
}

}  // namespace
}  // namespace xxt::intake
