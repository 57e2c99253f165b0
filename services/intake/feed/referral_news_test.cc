#include "services/intake/feed/referral_news.h"

#include <map>

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

// A case that needs one paper.
class ReferralReports : public ::testing::Test {
 protected:
  // Returns whether the paper changed.
  bool Come(const v1::ReportReferralRequest& report) { return Apply(report, case_, papers_) == &paper_; }

  v1::Case case_;
  paper::Papers papers_;
  v1::Paper& paper_ = paper::AskFor(case_, "火化证明", papers_);
};

TEST_F(ReferralReports, CountHopsAndAnswersWhateverTheirOrder) {
  v1::ReportReferralRequest answer = Report(kFirst, Kind::KIND_ANSWERED, 3);
  answer.set_hops(4);
  v1::ReportReferralRequest late = Report(kFirst, Kind::KIND_PROGRESS, 2);
  late.set_hops(1);
  v1::ReportReferralRequest other = Report(kSecond, Kind::KIND_ENDED, 1);
  other.set_hops(2);
  for (const auto& report : {answer, late, other}) Come(report);
  EXPECT_THAT(case_, Partially("effort: {referrals: 2 answers: 1 hops: 6}"));
  Come(answer);
  EXPECT_THAT(case_, Partially("effort: {referrals: 2 answers: 1 hops: 6}"));
}

TEST_F(ReferralReports, SourceLocateAndReleaseThePaper) {
  EXPECT_TRUE(Come(Report(kFirst, Kind::KIND_OPENED)));
  EXPECT_THAT(paper_, Partially("state: STATE_SOURCING referral: 'referrals/first'"));
  EXPECT_THAT(case_, Partially("open_referrals: 'referrals/first' effort: {referrals: 1}"));
  EXPECT_TRUE(Come(Report(kFirst, Kind::KIND_ENDED)));
  EXPECT_EQ(paper_.state(), v1::Paper::STATE_NEEDED);
  EXPECT_EQ(paper_.referral(), "");
  EXPECT_THAT(case_.open_referrals(), IsEmpty());
  EXPECT_TRUE(Come(Report(kSecond, Kind::KIND_OPENED)));
  EXPECT_FALSE(Come(Report(kSecond, Kind::KIND_PROGRESS))) << "nothing of the paper";
  EXPECT_TRUE(Come(Report(kSecond, Kind::KIND_ANSWERED)));
  EXPECT_THAT(paper_, Partially("state: STATE_LOCATED referral: 'referrals/second'"));
  EXPECT_EQ(case_.effort().referrals(), 2);
}

TEST_F(ReferralReports, ThatComeLateOpenNothingAgain) {
  Come(Report(kFirst, Kind::KIND_ENDED));
  EXPECT_FALSE(Come(Report(kFirst, Kind::KIND_OPENED)));
  EXPECT_EQ(case_.referrals().at(kFirst).state(), v1::ReferralNews::STATE_ENDED);
  EXPECT_EQ(paper_.state(), v1::Paper::STATE_NEEDED);
}

TEST_F(ReferralReports, OfABodyThatGaveNothingLeaveAnothersPaperAlone) {
  Come(Report(kFirst, Kind::KIND_OPENED));
  Come(Report(kSecond, Kind::KIND_OPENED));
  EXPECT_FALSE(Come(Report(kFirst, Kind::KIND_ENDED)));
  EXPECT_THAT(paper_, Partially("state: STATE_SOURCING referral: 'referrals/second'"));
  EXPECT_THAT(case_.open_referrals(), ElementsAre(kSecond));
}

TEST_F(ReferralReports, LeaveAPaperAloneThatWasReceivedOrIsNotNeeded) {
  const std::map<v1::Paper::State, const char*> referrals = {{v1::Paper::STATE_RECEIVED, kFirst},
                                                             {v1::Paper::STATE_NOT_NEEDED, kSecond}};
  for (const auto& [state, referral] : referrals) {
    paper_.set_state(state);
    paper_.set_referral(referral);
    for (const auto kind : {Kind::KIND_OPENED, Kind::KIND_ROUTE_SHEET, Kind::KIND_ANSWERED}) {
      EXPECT_FALSE(Come(Report(referral, kind)));
      EXPECT_EQ(paper_.state(), state);
    }
  }
}

TEST_F(ReferralReports, OfAnOlderDayAreOvertaken) {
  Come(Naming(4, Kind::KIND_ROUTE_SHEET, 3));
  EXPECT_TRUE(IsOvertaken(Naming(1, Kind::KIND_CUT_OFF_NEAR, 2), case_));
  EXPECT_FALSE(IsOvertaken(Naming(4, Kind::KIND_CUT_OFF_NEAR, 2), case_)) << "the same day";
  EXPECT_FALSE(IsOvertaken(Naming(1, Kind::KIND_CUT_OFF_NEAR, 4), case_));
  Come(Naming(1, Kind::KIND_CUT_OFF_NEAR, 2));
  EXPECT_EQ(case_.referrals().at(kFirst).last_day().day(), 4);
  EXPECT_EQ(DaysNamed(Report(kFirst, Kind::KIND_OPENED), case_), 1);
}

TEST_F(ReferralReports, CountOriginalsThatAreOutAsTheNewestThatCountsThem) {
  const auto counting = [](int originals, int version) {
    v1::ReportReferralRequest report = Report(kFirst, Kind::KIND_PROGRESS, version);
    report.set_originals_counted(true);
    report.set_unreturned_originals(originals);
    return report;
  };
  Come(counting(2, 3));
  Come(counting(1, 2));
  Come(Report(kFirst, Kind::KIND_PROGRESS, 4));
  EXPECT_EQ(case_.referrals().at(kFirst).unreturned_originals(), 2);
  Come(counting(0, 5));
  EXPECT_EQ(case_.referrals().at(kFirst).unreturned_originals(), 0);
}

TEST_F(ReferralReports, OfVisitsCountWhoIsNotHomeAsTheNewestSays) {
  const auto visiting = [&](int open, int version) {
    v1::ReportReferralRequest report = Report(kFirst, Kind::KIND_VISIT, version);
    report.set_open_visits(open);
    EXPECT_FALSE(Come(report)) << "nothing of the paper";
    return case_.referrals().at(kFirst).open_visits();
  };
  Come(Report(kFirst, Kind::KIND_OPENED, 1));
  EXPECT_EQ(visiting(1, 2), 1);
  EXPECT_EQ(visiting(0, 5), 0);
  EXPECT_EQ(visiting(1, 4), 0) << "it came late";
  Come(Report(kFirst, Kind::KIND_INCIDENT, 6));
  EXPECT_EQ(case_.referrals().at(kFirst).open_visits(), 0) << "says nothing of it";
  EXPECT_EQ(visiting(2, 7), 2);
}

TEST_F(ReferralReports, OfWhatWasTakenBackLeaveNoAnswer) {
  Come(Report(kFirst, Kind::KIND_OPENED, 1));
  Come(Report(kFirst, Kind::KIND_ROUTE_SHEET, 2));
  Come(Report(kFirst, Kind::KIND_ANSWERED, 3));
  EXPECT_THAT(case_, Partially("effort: {answers: 1} holds_route_sheet: true"));
  EXPECT_FALSE(IsLateForAction(Report(kFirst, Kind::KIND_TAKEN_BACK, 4), case_));
  EXPECT_TRUE(Come(Report(kFirst, Kind::KIND_TAKEN_BACK, 4)));
  EXPECT_EQ(case_.referrals().at(kFirst).state(), v1::ReferralNews::STATE_ENDED);
  EXPECT_EQ(case_.effort().answers(), 0);
  EXPECT_FALSE(case_.holds_route_sheet());
  EXPECT_EQ(paper_.state(), v1::Paper::STATE_NEEDED);
  EXPECT_EQ(paper_.referral(), "");
  for (const auto kind : {Kind::KIND_ANSWERED, Kind::KIND_ROUTE_SHEET}) {
    EXPECT_TRUE(IsOvertaken(Report(kFirst, kind, 3), case_)) << "tells nobody";
    EXPECT_TRUE(IsLateForAction(Report(kFirst, kind, 3), case_));
    EXPECT_FALSE(Come(Report(kFirst, kind, 3)));
  }
  EXPECT_FALSE(Come(Report(kFirst, Kind::KIND_TAKEN_BACK, 4)));
  EXPECT_THAT(case_, Partially("effort: {referrals: 1}"));
  EXPECT_EQ(case_.effort().answers(), 0);
  EXPECT_FALSE(case_.holds_route_sheet());
}

TEST_F(ReferralReports, OfWhatWasTakenBackLeaveThePaperToWhoLooksForItMeanwhile) {
  Come(Report(kFirst, Kind::KIND_ANSWERED, 1));
  EXPECT_FALSE(Come(Report(kSecond, Kind::KIND_OPENED, 1))) << "it is found still";
  EXPECT_TRUE(Come(Report(kFirst, Kind::KIND_TAKEN_BACK, 2)));
  EXPECT_THAT(paper_, Partially("state: STATE_SOURCING referral: 'referrals/second'"));
  paper_.set_state(v1::Paper::STATE_RECEIVED);
  paper_.set_referral(kFirst);
  EXPECT_FALSE(Come(Report(kFirst, Kind::KIND_TAKEN_BACK, 3))) << "the paper is in hand";
}

TEST_F(ReferralReports, OfWhatWasTakenBackMayComeBeforeTheAnswer) {
  Come(Report(kFirst, Kind::KIND_OPENED, 1));
  EXPECT_TRUE(Come(Report(kFirst, Kind::KIND_TAKEN_BACK, 3)));
  EXPECT_FALSE(Come(Report(kFirst, Kind::KIND_ANSWERED, 2)));
  EXPECT_EQ(case_.referrals().at(kFirst).state(), v1::ReferralNews::STATE_ENDED);
  EXPECT_EQ(paper_.state(), v1::Paper::STATE_NEEDED);
}

TEST(AskFor, FindsTheReferralThatFetchesThePaperAlready) {
  v1::Case about;
  paper::Papers papers;
  Apply(Report(kFirst, Kind::KIND_OPENED), about, papers);
  EXPECT_THAT(paper::AskFor(about, "火化证明", papers),
              Partially("title: '火化证明' state: STATE_SOURCING referral: 'referrals/first'"));
  Apply(Report(kFirst, Kind::KIND_ENDED), about, papers);
  papers[0].set_state(v1::Paper::STATE_NOT_NEEDED);
  papers[0].set_referral(kFirst);
  EXPECT_EQ(paper::AskFor(about, " 火化 证明", papers).state(), v1::Paper::STATE_NEEDED) << "again";
  EXPECT_EQ(papers[0].referral(), "");
  EXPECT_EQ(papers.size(), 1);
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
