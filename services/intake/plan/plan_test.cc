#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/rpc/timestamp.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/plan.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kArchive[] = "{key: 'archive' title: '调档' workdays: 3}";
constexpr char kBenefit[] = "{key: 'benefit' title: '失业金' workdays: 2 after: 'archive'}";
constexpr char kInsurance[] = "{key: 'insurance' title: '医保' workdays: 1 after: 'benefit'}";
constexpr char kBank[] = "{key: 'bank' title: '流水' workdays: 1 party: '$party' coaching: '带身份证到柜台'}";

class PlanTest : public IntakeTest {
 protected:
  template <typename... Texts>
  static std::string With(const Texts&... steps) {
    return absl::StrCat("steps: ", absl::StrJoin({std::string(steps)...}, " steps: "));
  }
  static std::string Planned(const std::string& steps) {
    return absl::StrCat("parent: '$case' request_id: '$id' plan: {goal: '一揽子办理' ", steps, "}");
  }
  v1::Plan Made(const std::string& steps) { return Must<v1::Plan>("CreatePlan", Planned(steps)); }
  v1::Plan Made() { return Made(With(kArchive, kBenefit, kInsurance)); }
  static std::string Of(const v1::Plan& it, absl::string_view more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  static std::string Settled(const v1::Plan& it, absl::string_view step, absl::string_view outcome = "DONE") {
    return Of(it, absl::StrCat("step: '", step, "' note: '已办' outcome: OUTCOME_", outcome));
  }
  static std::string Redone(const v1::Plan& it, absl::string_view step) {
    return Of(it, absl::StrCat("step: '", step, "' reason: '退回'"));
  }
  static std::string Expedited(const v1::Plan& it, absl::string_view step, int workdays) {
    return Of(it, absl::StrCat("step: '", step, "' workdays: ", workdays, " reason: '急' approver: '李科长'"));
  }
  v1::Plan Read(const v1::Plan& it) { return Must<v1::Plan>("GetPlan", absl::StrCat("name: '", it.name(), "'")); }
  // "OPEN DONE ..."
  static std::string StatesOf(const v1::Plan& it) {
    return absl::StrJoin(it.steps(), " ", [](std::string* out, const v1::Plan::Step& step) {
      absl::StrAppend(out, v1::Plan::Step::State_Name(step.state()).substr(6));
    });
  }
  std::string Talk(const char* result) {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
                            "COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND result: RESULT_",
                            result, " summary: '教了怎样办'}"))
        .name();
  }
  absl::CivilDay DaysOn(int workdays) {
    return calendar::WorkingDays::China().AddWorkdays(calendar::ToCivilDay(now()), workdays).day;
  }
};

TEST_F(PlanTest, GoesStepByStepAndSaysWhatDecidesItsEnd) {
  const v1::Plan made = Made();
  EXPECT_THAT(made, Partially("state: STATE_UNDER_WAY author: 'staff/wang'"));
  EXPECT_EQ(StatesOf(made), "OPEN WAITING WAITING");
  EXPECT_THAT(made.critical_path(), ElementsAre("archive", "benefit", "insurance"));
  EXPECT_EQ(rpc::FromProto(made.finish_date()), DaysOn(6));
  EXPECT_EQ(ReasonFor("SettlePlanStep", Settled(made, "benefit")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("SettlePlanStep", Settled(made, "none")), "FIELD_INVALID");
  const auto next = Must<v1::Plan>("SettlePlanStep", Settled(made, "archive"));
  EXPECT_EQ(StatesOf(next), "DONE OPEN WAITING");
  EXPECT_THAT(next.critical_path(), ElementsAre("benefit", "insurance"));
  EXPECT_EQ(ReasonFor("SettlePlanStep", Settled(made, "archive")), "STATE_FORBIDS");
  Must<v1::Plan>("SettlePlanStep", Settled(made, "benefit"));
  EXPECT_EQ(Must<v1::Plan>("SettlePlanStep", Settled(made, "insurance", "SKIPPED")).state(), v1::Plan::STATE_DONE);
  EXPECT_EQ(Read(made).critical_path_size(), 0);
  EXPECT_THAT(Must<v1::ListPlansResponse>("ListPlans", "parent: '$case'").plans(), SizeIs(1));
}

TEST_F(PlanTest, RefusesCirclesAndWhatIsNotThere) {
  const auto refused = [this](const std::string& steps) {
    return Call<v1::Plan>("CreatePlan", Planned(steps)).status().ToString();
  };
  EXPECT_THAT(refused(With(kArchive, kArchive)), HasSubstr("is another step's"));
  EXPECT_THAT(refused(With(kBenefit)), HasSubstr("names no step of the plan"));
  EXPECT_THAT(refused(With(kBenefit, "{key: 'archive' title: '调档' workdays: 3 after: 'benefit'}")),
              HasSubstr("waits in a circle"));
  EXPECT_THAT(refused(With("{key: 'a' title: 'a' workdays: 1 coaching: '去柜台'}")), HasSubstr("goes with the party"));
  for (const char* other :
       {"party: '$case/parties/$id' coaching: 'x'", "papers: '$case/papers/$id'", "referrals: 'referrals/$id'"}) {
    EXPECT_EQ(ReasonFor("CreatePlan", Planned(With(absl::StrCat("{key: 'a' title: 'a' workdays: 1 ", other, "}")))),
              "RESOURCE_NOT_FOUND");
  }
  for (const char* bad : {"{key: 'A' title: 'a' workdays: 1}", "{key: 'a' title: 'a'}",
                          "{key: 'a' title: 'a' workdays: 251}", "{key: 'a' title: 'a' workdays: -1}"}) {
    EXPECT_EQ(ReasonFor("CreatePlan", Planned(With(bad))), "FIELD_INVALID");
  }
  EXPECT_EQ(Must<v1::ListPlansResponse>("ListPlans", "parent: '$case'").plans_size(), 0);
}

TEST_F(PlanTest, OfAThousandMillionWaysIsTakenAndOfMoreStepsThanItsMostIsNot) {
  std::string steps;
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&steps, "steps: {key: 's", i, "' title: 's' workdays: 250 ");
    if (i > 1) absl::StrAppend(&steps, "after: 's", i / 2 * 2 - 2, "' after: 's", i / 2 * 2 - 1, "'");
    absl::StrAppend(&steps, "} ");
  }
  const v1::Plan made = Made(steps);
  EXPECT_THAT(made.critical_path(), SizeIs(30));
  EXPECT_TRUE(made.provisional());
  EXPECT_EQ(ReasonFor("CreatePlan", Planned(absl::StrCat(steps, "steps: ", kArchive))), "FIELD_INVALID");
}

TEST_F(PlanTest, NamesPapersAndReferralsOfItsCase) {
  const std::string paper =
      Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '流水' source: '指南'}").name();
  const std::string referral = "referrals/018f0000-0000-4000-8000-0000000000e1";
  Must<v1::ReportReferralResponse>("ReportReferral",
                                   absl::StrCat("referral: '", referral,
                                                "' case_name: '$case' request_id: '$id' kind: KIND_OPENED summary: "
                                                "'已发起协查' paper_title: '流水' body_title: '银行' version: 1"),
                                   Service());
  const v1::Plan made = Made(With(absl::StrCat("{key: 'bank' title: '流水' workdays: 1 body: 'bodies/bank' papers: '",
                                               paper, "' referrals: '", referral, "'}")));
  EXPECT_THAT(made.steps(0).papers(), ElementsAre(paper));
  EXPECT_THAT(made.steps(0).referrals(), ElementsAre(referral));
}

TEST_F(PlanTest, IsTheOnlyOneUnderWay) {
  const v1::Plan made = Made(With(kArchive));
  EXPECT_EQ(ReasonFor("CreatePlan", Planned(With(kArchive))), "STATE_FORBIDS");
  Must<v1::Plan>("SettlePlanStep", Settled(made, "archive"));
  Made(With(kArchive));
  EXPECT_EQ(ReasonFor("RedoPlanStep", Redone(made, "archive")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RevisePlan", Of(made, absl::StrCat("reason: '改' ", With(kArchive)))), "STATE_FORBIDS");
}

TEST_F(PlanTest, DoneAgainTakesBackWhatWasDoneOnItsGround) {
  const v1::Plan made = Made(With(kArchive, kBenefit, kInsurance, "{key: 'other' title: '其他' workdays: 1}"));
  for (const char* step : {"archive", "benefit", "other"}) Must<v1::Plan>("SettlePlanStep", Settled(made, step));
  EXPECT_EQ(ReasonFor("RedoPlanStep", Redone(made, "insurance")), "STATE_FORBIDS");
  const auto again = Must<v1::Plan>("RedoPlanStep", Redone(made, "archive"));
  EXPECT_EQ(StatesOf(again), "OPEN WAITING WAITING DONE");
  EXPECT_EQ(again.steps(1).note(), "");
  EXPECT_THAT(again, Partially("changes: {kind: KIND_REDONE step: 'archive' reason: '退回' author: 'staff/wang'}"));
}

TEST_F(PlanTest, IsExpeditedToFewerDaysAndKeepsWhoApprovedIt) {
  const v1::Plan made = Made();
  EXPECT_EQ(ReasonFor("ExpeditePlanStep", Expedited(made, "archive", 3)), "FIELD_INVALID");
  const auto faster = Must<v1::Plan>("ExpeditePlanStep", Expedited(made, "archive", 1));
  EXPECT_EQ(rpc::FromProto(faster.steps(0).due_time()), calendar::EndOfDay(DaysOn(1)));
  EXPECT_EQ(rpc::FromProto(faster.finish_date()), DaysOn(4));
  EXPECT_THAT(faster, Partially("changes: {kind: KIND_EXPEDITED step: 'archive' reason: '急' approver: '李科长' "
                                "former_workdays: 3}"));
  Must<v1::Plan>("SettlePlanStep", Settled(made, "archive"));
  EXPECT_EQ(ReasonFor("ExpeditePlanStep", Expedited(made, "archive", 1)), "STATE_FORBIDS");
}

TEST_F(PlanTest, IsRevisedWithoutTouchingWhatIsDone) {
  const v1::Plan made = Made();
  Must<v1::Plan>("SettlePlanStep", Settled(made, "archive"));
  const auto revised = [&made](const std::string& steps) { return Of(made, absl::StrCat("reason: '改' ", steps)); };
  EXPECT_EQ(ReasonFor("RevisePlan", revised(With(kInsurance))), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("RevisePlan", revised(With("{key: 'benefit' title: '失业金' workdays: 2}"))), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("RevisePlan", revised(With("{key: 'archive' title: '调档' workdays: 9}"))), "FIELD_INVALID");
  const auto becomes = Must<v1::Plan>(
      "RevisePlan", revised(With("{key: 'new' title: '新' workdays: 1 after: 'benefit'}", kBenefit, kArchive)));
  EXPECT_EQ(StatesOf(becomes), "WAITING OPEN DONE");
  EXPECT_EQ(rpc::FromProto(becomes.steps(2).settle_time()), rpc::FromProto(Read(made).steps(2).settle_time()));
  EXPECT_THAT(becomes, Partially("changes: {kind: KIND_REVISED reason: '改'}"));
}

TEST_F(PlanTest, WhatIsLateIsBroughtToTheOwnerUntilItIsSettled) {
  const v1::Plan made = Made(With(kBank, kArchive));
  Advance(rpc::FromProto(made.steps(0).due_time()) - now() + absl::Seconds(1));
  EXPECT_THAT(Read(made), Partially("steps: {key: 'bank' late: true state: STATE_OPEN} steps: {key: 'archive'}"));
  EXPECT_FALSE(Read(made).steps(1).late());
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("plan.late")));
  Must<v1::Plan>("SettlePlanStep", Settled(made, "bank"));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("plan.late"))));
  Advance(rpc::FromProto(made.steps(1).due_time()) - now() + absl::Seconds(1));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("plan.late")));
  const auto longer =
      Of(made, absl::StrCat("reason: '档案馆搬迁' ", With(kBank, "{key: 'archive' title: '调档' workdays: 30}")));
  EXPECT_FALSE(Must<v1::Plan>("RevisePlan", longer).steps(1).late());
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("plan.late"))));
}

TEST_F(PlanTest, ThePersonIsShownHowToDoTheirStep) {
  const v1::Plan made = Made(With(kBank, kArchive));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("plan.coach")));
  const auto coached = [&made](const std::string& step, const std::string& contact) {
    return Of(made, absl::StrCat("step: '", step, "' contact: '", contact, "'"));
  };
  EXPECT_EQ(ReasonFor("CoachPlanStep", coached("bank", Talk("NOT_REACHED"))), "FIELD_INVALID");
  const std::string talk = Talk("REACHED");
  EXPECT_EQ(ReasonFor("CoachPlanStep", coached("archive", talk)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("CoachPlanStep", coached("bank", "$case/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Must<v1::Plan>("CoachPlanStep", coached("bank", talk)),
              Partially(absl::StrCat("steps: {key: 'bank' coached_in: '", talk, "'} steps: {key: 'archive'}")));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("plan.coach"))));
}

}  // namespace
}  // namespace xxt::intake
