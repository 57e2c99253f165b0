#include "services/intake/feed/referral_news.h"

#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/paper/paper.h"

namespace xxt::intake::feed {
namespace {

using Kind = v1::ReportReferralRequest;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kFirst[] = "referrals/first";
constexpr char kSecond[] = "referrals/second";

v1::Case WithPaper() {
  v1::Case found;
  paper::Add(found, test::Text<v1::Paper>("title: '火化证明'"));
  return found;
}

v1::ReportReferralRequest Report(const char* referral, Kind::Kind kind, int version = 0) {
  v1::ReportReferralRequest report;
  report.set_referral(referral);
  report.set_kind(kind);
  report.set_paper_title("火化 证明");
  report.set_version(version);
  return report;
}

v1::ReportReferralRequest Naming(int day, Kind::Kind kind, int version) {
  v1::ReportReferralRequest report = Report(kFirst, kind, version);
  report.mutable_last_safe_day()->set_year(2026);
  report.mutable_last_safe_day()->set_month(12);
  report.mutable_last_safe_day()->set_day(day);
  return report;
}

TEST(ReferralReports, SourceLocateAndReleaseThePaper) {
  v1::Case found = WithPaper();
  Apply(Report(kFirst, Kind::KIND_OPENED), found);
  EXPECT_THAT(found, Partially("papers: {state: STATE_SOURCING referral: 'referrals/first'} "
                               "open_referrals: 'referrals/first' effort: {referrals: 1}"));
  Apply(Report(kFirst, Kind::KIND_ENDED), found);
  EXPECT_EQ(found.papers(0).state(), v1::Paper::STATE_NEEDED);
  EXPECT_EQ(found.papers(0).referral(), "");
  EXPECT_THAT(found.open_referrals(), IsEmpty());
  Apply(Report(kSecond, Kind::KIND_OPENED), found);
  Apply(Report(kSecond, Kind::KIND_ANSWERED), found);
  EXPECT_THAT(found, Partially("papers: {state: STATE_LOCATED referral: 'referrals/second'} effort: {referrals: 2}"));
}

TEST(ReferralReports, ThatComeLateOpenNothingAgain) {
  v1::Case found = WithPaper();
  Apply(Report(kFirst, Kind::KIND_ENDED), found);
  Apply(Report(kFirst, Kind::KIND_OPENED), found);
  EXPECT_EQ(found.referrals().at(kFirst).state(), v1::ReferralNews::STATE_ENDED);
  EXPECT_EQ(found.papers(0).state(), v1::Paper::STATE_NEEDED);
}

TEST(ReferralReports, OfABodyThatGaveNothingLeaveAnothersPaperAlone) {
  v1::Case found = WithPaper();
  Apply(Report(kFirst, Kind::KIND_OPENED), found);
  Apply(Report(kSecond, Kind::KIND_OPENED), found);
  Apply(Report(kFirst, Kind::KIND_ENDED), found);
  EXPECT_THAT(found, Partially("papers: {state: STATE_SOURCING referral: 'referrals/second'}"));
  EXPECT_THAT(found.open_referrals(), ElementsAre(kSecond));
}

TEST(ReferralReports, OfAnOlderDayAreOvertaken) {
  v1::Case found = WithPaper();
  Apply(Naming(4, Kind::KIND_ROUTE_SHEET, 3), found);
  EXPECT_TRUE(IsOvertaken(Naming(1, Kind::KIND_CUT_OFF_NEAR, 2), found));
  EXPECT_FALSE(IsOvertaken(Naming(4, Kind::KIND_CUT_OFF_NEAR, 2), found)) << "the same day";
  EXPECT_FALSE(IsOvertaken(Naming(1, Kind::KIND_CUT_OFF_NEAR, 4), found));
  Apply(Naming(1, Kind::KIND_CUT_OFF_NEAR, 2), found);
  EXPECT_EQ(found.referrals().at(kFirst).last_day().day(), 4);
  EXPECT_EQ(DaysNamed(Report(kFirst, Kind::KIND_OPENED), found), 1);
}

TEST(AddPaper, FindsTheReferralThatFetchesItAlready) {
  v1::Case found;
  Apply(Report(kFirst, Kind::KIND_OPENED), found);
  EXPECT_THAT(paper::Add(found, test::Text<v1::Paper>("title: '火化证明'")),
              Partially("id: 'p1' state: STATE_SOURCING referral: 'referrals/first'"));
}

TEST(AddPaper, NeverGivesAnIdTwice) {
  v1::Case found = WithPaper();
  found.clear_papers();
  EXPECT_EQ(paper::Add(found, v1::Paper()).id(), "p2");
}

TEST(MessageReports, AreNewsUntilALaterOneCame) {
  v1::Case found;
  const auto report = [](int version) {
    v1::ReportMessageRequest made;
    made.set_message("messages/x");
    made.set_version(version);
    return made;
  };
  EXPECT_TRUE(IsNews(report(2), found));
  EXPECT_FALSE(IsNews(report(1), found));
  EXPECT_TRUE(IsNews(report(0), found)) << "not counted";
}

}  // namespace
}  // namespace xxt::intake::feed
