// The ledger, the cut-off and the route sheet.

#include <string>
#include <utility>

#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/referral/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

namespace xxt::referral {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// --- The ledger ------------------------------------------------------------------

TEST(CreateEntry, KeepsAClaimAndWhatItWasWorth) {
  const v1::Referral referral = NewReferral();
  const auto claim = Text<v1::CreateEntryRequest>(R"(
    parent: "$0" entry { claim { said_by: "营业室" said_to: "当事人" text: "不能补办" } } request_id: "$id"
  )",
                                                  referral.name());
  const v1::Entry said = Get(&Entries::CreateEntry, claim, Officer());
  auto verdict = Text<v1::CreateEntryRequest>(R"(
    parent: "$0"
    entry { verdict { claim: "$1" kind: KIND_REFUTED basis: "档案室：十年内可补办" } }
    request_id: "$id"
  )",
                                              referral.name(), said.name());
  EXPECT_EQ(Get(&Entries::CreateEntry, verdict, Officer()).verdict().claim(), said.name());
  verdict.mutable_entry()->mutable_verdict()->set_claim(referral.name() + "/entries/" + NewId());
  verdict.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Entries::CreateEntry, verdict, Officer()), "RESOURCE_NOT_FOUND");
}

TEST(CreateEntry, RefusesTheFutureAndWhatTheServiceWritesItself) {
  v1::CreateEntryRequest request = ReachedRequest(NewReferral().name());
  rpc::ToProto(World::Get().now() + absl::Hours(1), request.mutable_entry()->mutable_occur_time());
  EXPECT_EQ(ReasonFor(&Entries::CreateEntry, request, Officer()), "FIELD_INVALID");
  request.mutable_entry()->clear_occur_time();
  request.mutable_entry()->mutable_mail()->set_text("假邮件");
  EXPECT_EQ(ReasonFor(&Entries::CreateEntry, request, Officer()), "FIELD_INVALID");
}

// --- Cut-off and route sheet -----------------------------------------------------

TEST(SetCutOff, CountsFromTheAnchorAndWarnsInTime) {
  const v1::Referral referral = NewReferral();
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  // Ten years from then is in about forty days: the 30-day rung is ahead.
  const absl::CivilDay last = today + 40;
  const v1::Referral set =
      Get(&Referrals::SetCutOff,
          CutOffRequest(referral.name(), absl::CivilDay(last.year() - 10, last.month(), last.day())), Officer());
  EXPECT_EQ(rpc::FromProto(set.cut_off().last_day()), last);
  EXPECT_LE(rpc::FromProto(set.cut_off().last_safe_day()), last);
  EXPECT_TRUE(set.cut_off().irrevocable());
  // The 90-day rung has passed: told at once.
  const common::Task task = AwaitTask(referral.name(), "referral.cut_off_warning");
  EXPECT_THAT(task.summary(), HasSubstr("不再补办"));
  EXPECT_TRUE(Complete(task, "SEEN").ok());
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  EXPECT_EQ(rpc::FromProto(report.last_safe_day()), rpc::FromProto(set.cut_off().last_safe_day()));
}

// The day `days` from today, ten years ago.
absl::CivilDay AnchorFor(int days) {
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) + days;
  return absl::CivilDay(last.year() - 10, last.month(), last.day());
}

TEST(SetCutOff, OnADayThatIsPastGivesAPersonATaskAndTellsNobodyToHurry) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), absl::CivilDay(2014, 5, 6)), Officer());
  const common::Task task = AwaitTask(referral.name(), "referral.cut_off_warning");
  EXPECT_THAT(task.summary(), HasSubstr("办理期限（2024年5月6日）已过"));
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_PASSED);
  EXPECT_THAT(report.summary(), HasSubstr("已过"));
  EXPECT_EQ(World::Get().intake().Count(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR), 0);
  const v1::RouteSheet sheet = Get(&RouteSheets::IssueRouteSheet, SheetRequest(referral.name()), Officer());
  EXPECT_THAT(sheet.text(), HasSubstr("已过"));
  EXPECT_THAT(sheet.html(), Not(HasSubstr("最晚办理日：")));
}

TEST(SetCutOff, CorrectedIsToldThoughItIsFarAway) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(200)), Officer());
  const v1::Referral corrected = Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(150)), Officer());
  EXPECT_THAT(AwaitTask(referral.name(), "referral.cut_off_warning").summary(), HasSubstr("更正："));
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  EXPECT_EQ(rpc::FromProto(report.last_safe_day()), rpc::FromProto(corrected.cut_off().last_safe_day()));
}

TEST(SetCutOff, CorrectedAfterTheCaseIsClosedIsSomebodysToTell) {
  const v1::Referral answered = SentReferral();
  Get(&Referrals::RecordReply, ReplyRequest(answered.name(), v1::Reply::KIND_ANSWERED, ""), Officer());
  Get(&Referrals::SetCutOff, CutOffRequest(answered.name(), AnchorFor(200)), Officer());
  World::Get().intake().CloseCase(answered.case_name());
  Get(&Referrals::SetCutOff, CutOffRequest(answered.name(), AnchorFor(150)), Officer());
  EXPECT_THAT(AwaitTask(answered.name(), "referral.cut_off_warning").summary(), HasSubstr("更正："));
}

// How many warnings lie on the desk, and the words of one.
std::pair<std::string, std::string> WarningsOnDesk(const std::string& referral) {
  const std::string from =
      " FROM backbone.desk_task WHERE kind = 'referral.cut_off_warning' AND subject = '" + referral + "'";
  return {World::Get().database().Sql("SELECT count(*)" + from),
          World::Get().database().Sql("SELECT max(summary)" + from)};
}

TEST(SetCutOff, LeavesOneWarningOnTheDeskWhichIsTrueWheneverItIsRead) {
  const v1::Referral referral = NewReferral();
  const v1::Referral set = Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(40)), Officer());
  AwaitTask(referral.name(), "referral.cut_off_warning");
  const absl::CivilDay last_safe_day = rpc::FromProto(set.cut_off().last_safe_day());
  int told = 1;
  for (const int rung : {30, 7, 1}) {
    World::Get().clock().Advance(calendar::AtTimeOfDay(last_safe_day - rung, 9, 1) - World::Get().now());
    ++told;
    EXPECT_TRUE(Eventually([&] {
      return World::Get().intake().Count(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR) == told;
    })) << rung;
    const auto [count, words] = WarningsOnDesk(referral.name());
    EXPECT_EQ(count, "1") << rung;
    EXPECT_THAT(words, AllOf(HasSubstr(calendar::DayInWords(last_safe_day)), Not(HasSubstr("还有"))));
  }
}

TEST(SetCutOff, IsToldTheCaseInWordsThatAreTrueWhenIntakeIsBackADayLater) {
  const v1::Referral referral = NewReferral();
  World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_OPENED);
  World::Get().intake().BeAway(1'000'000);
  const v1::Referral set = Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(3)), Officer());
  AwaitTask(referral.name(), "referral.cut_off_warning");
  World::Get().clock().Advance(absl::Hours(24));
  World::Get().intake().BeAway(0);
  const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  EXPECT_THAT(report.summary(), AllOf(HasSubstr(calendar::DayInWords(rpc::FromProto(set.cut_off().last_safe_day()))),
                                      Not(HasSubstr("还有")), Not(HasSubstr("今天"))));
}

TEST(SetCutOff, WarnsNobodyOfACaseThatIsClosedOrAReferralThatIsWithdrawn) {
  const v1::Referral closed = NewReferral();
  World::Get().intake().CloseCase(closed.case_name());
  Get(&Referrals::SetCutOff, CutOffRequest(closed.name(), AnchorFor(5)), Officer());
  const v1::Referral withdrawn = NewReferral();
  Get(&Referrals::SetCutOff, CutOffRequest(withdrawn.name(), AnchorFor(40)), Officer());
  AwaitTask(withdrawn.name(), "referral.cut_off_warning");
  Get(&Referrals::CancelReferral, CancelRequest(withdrawn.name()), Officer());
  EXPECT_EQ(World::Get().database().Sql("SELECT count(*) FROM backbone.task WHERE subject = '" + withdrawn.name() +
                                        "' AND kind IN ('referral.warn_cut_off', 'referral.cut_off_warning')"),
            "0");
  // The first warning of the closed case is done, and said nothing.
  EXPECT_TRUE(Eventually([&] {
    return World::Get().database().Sql("SELECT count(*) FROM backbone.task_settled WHERE subject = '" + closed.name() +
                                       "' AND kind = 'referral.warn_cut_off'") == "1";
  }));
  EXPECT_EQ(World::Get().intake().Count(closed.name(), intake::ReportReferralRequest::KIND_CUT_OFF_NEAR), 0);
}

// What came due while the case was closed is told, once, and as it is then.
TEST(SetCutOff, IsWarnedOfOnceTheCaseIsReopened) {
  const v1::Referral referral = NewReferral();
  World::Get().intake().CloseCase(referral.case_name(), World::Get().now());
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(5)), Officer());
  const auto looks_ahead = [&] {
    return World::Get().database().Sql("SELECT count(*) FROM backbone.timer WHERE subject = '" + referral.name() +
                                       "' AND dedupe_key LIKE '%/1001'") == "1";
  };
  EXPECT_TRUE(Eventually(looks_ahead));
  const auto near = intake::ReportReferralRequest::KIND_CUT_OFF_NEAR;
  // Closed still: it looks again, and says nothing.
  const auto looks = [&] {
    return World::Get().database().Sql("SELECT count(*) FROM backbone.task_settled WHERE subject = '" +
                                       referral.name() + "' AND kind = 'referral.warn_cut_off'");
  };
  World::Get().clock().Advance(absl::Hours(5));
  EXPECT_TRUE(Eventually([&] { return looks() == "2"; }));
  EXPECT_TRUE(Eventually(looks_ahead));
  EXPECT_EQ(World::Get().intake().Count(referral.name(), near), 0);
  World::Get().intake().Place(referral.case_name(), "halls/110102016");
  World::Get().clock().Advance(absl::Hours(5));
  EXPECT_THAT(AwaitTask(referral.name(), "referral.cut_off_warning").summary(), HasSubstr("最晚办理日"));
  World::Get().intake().Await(referral.name(), near);
  EXPECT_FALSE(looks_ahead());
  World::Get().clock().Advance(absl::Hours(5));
  EXPECT_EQ(World::Get().intake().Count(referral.name(), near), 1);
}

TEST(SetCutOff, IsNotLookedAtForEverOfACaseThatStaysClosed) {
  const v1::Referral referral = NewReferral();
  World::Get().intake().CloseCase(referral.case_name(), World::Get().now() - absl::Hours(24 * 367));
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), AnchorFor(5)), Officer());
  EXPECT_TRUE(Eventually([&] {
    return World::Get().database().Sql("SELECT count(*) FROM backbone.task_settled WHERE subject = '" +
                                       referral.name() + "' AND kind = 'referral.warn_cut_off'") == "1";
  }));
  EXPECT_EQ(World::Get().database().Sql("SELECT count(*) FROM backbone.timer WHERE subject = '" + referral.name() +
                                        "' AND dedupe_key LIKE '%/1001'"),
            "0");
}

TEST(IssueRouteSheet, ReportsWhichSheetItIsAndReportsAreCounted) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::SetCutOff, CutOffRequest(referral.name(), absl::CivilDay(2018, 5, 6)), Officer());
  for (int version = 1; version <= 2; ++version) {
    Get(&RouteSheets::IssueRouteSheet, SheetRequest(referral.name()), Officer());
    EXPECT_TRUE(Eventually([&] {
      return World::Get().intake().Count(referral.name(), intake::ReportReferralRequest::KIND_ROUTE_SHEET) == version;
    }));
  }
  const auto opened = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_OPENED);
  const auto sheet = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_ROUTE_SHEET);
  EXPECT_EQ(opened.version(), 1);
  EXPECT_EQ(sheet.version(), 2);
  EXPECT_EQ(sheet.route_sheet_version(), 1);
  EXPECT_TRUE(sheet.has_last_safe_day());
}

TEST(SetCutOff, IsOfAReferralThatWasAnsweredToo) {
  const v1::Referral answered = SentReferral();
  Get(&Referrals::RecordReply, ReplyRequest(answered.name(), v1::Reply::KIND_ANSWERED, ""), Officer());
  EXPECT_TRUE(Get(&Referrals::SetCutOff, CutOffRequest(answered.name(), AnchorFor(40)), Officer()).has_cut_off());
  AwaitTask(answered.name(), "referral.cut_off_warning");
  const v1::Referral declined = SentReferral();
  Get(&Referrals::RecordReply, ReplyRequest(declined.name(), v1::Reply::KIND_DECLINED, "不补办"), Officer());
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, CutOffRequest(declined.name(), AnchorFor(40)), Officer()),
            "STATE_FORBIDS");
}

TEST(SetCutOff, NeedsARuleWithAPeriodAndADayThatHasBeen) {
  const v1::Referral referral = NewReferral();
  v1::SetCutOffRequest request = CutOffRequest(referral.name(), calendar::ToCivilDay(World::Get().now()) + 1);
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "FIELD_INVALID");
  request = CutOffRequest(referral.name(), absl::CivilDay(2020, 1, 1));
  request.set_rule_note("bodies/babaoshan/ruleNotes/" + NewId());
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "RESOURCE_NOT_FOUND");
  v1::CreateRuleNoteRequest note = NoteRequest();
  note.set_parent("bodies/babaoshan");
  request.set_rule_note(Get(&RuleNotes::CreateRuleNote, note, Officer()).name());
  EXPECT_EQ(ReasonFor(&Referrals::SetCutOff, request, Officer()), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::referral
