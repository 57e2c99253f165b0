#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/handover.pb.h"
#include "xixinting/intake/v1/plan.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class HandoverTest : public IntakeTest {
 protected:
  static std::string Colleague() { return test::Token("staff/zhao-li", "halls/110102016", {"officer"}); }
  static std::string To(absl::string_view recipient) {
    return absl::StrCat("parent: '$case' request_id: '$id' handover: {recipient: '", recipient,
                        "' reason: '明天休假'}");
  }
  v1::Handover Offered() { return Must<v1::Handover>("CreateHandover", To("staff/zhao-li")); }
  static std::string Of(const v1::Handover& it, absl::string_view more = "") {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  std::string Owner() { return Must<v1::Case>("GetCase", "name: '$case'").owner(); }
};

TEST_F(HandoverTest, TheOwnerKeepsTheCaseUntilItIsAccepted) {
  const v1::Handover offered = Offered();
  EXPECT_EQ(Owner(), "staff/wang");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("case.handover_offered")));
  EXPECT_EQ(ReasonFor("AcceptHandover", Of(offered)), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::Handover>("AcceptHandover", Of(offered), Colleague()),
              Partially("state: STATE_ACCEPTED owner: 'staff/wang' recipient: 'staff/zhao-li'"));
  EXPECT_EQ(Owner(), "staff/zhao-li");
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("case.handover_offered"))));
  const std::string about = offered.name().substr(0, offered.name().find("/handovers"));
  EXPECT_EQ(Sql("SELECT assignee FROM backbone.task WHERE kind = 'case.act' AND subject = '" + about + "'"),
            "staff/zhao-li");
  EXPECT_EQ(ReasonFor("AcceptHandover", Of(offered), Colleague()), "STATE_FORBIDS");
}

// By this the referral service knows whom to ask from now on.
TEST_F(HandoverTest, IsToldToWhoeverReportsToTheCase) {
  Must<v1::Handover>("AcceptHandover", Of(Offered()), Colleague());
  EXPECT_THAT(Must<v1::ReportReferralResponse>(
                  "ReportReferral",
                  "case_name: '$case' request_id: '$id' summary: '消息' kind: KIND_OPENED referral: 'referrals/$id'",
                  Service()),
              Partially("owner: 'staff/zhao-li' former_owners: 'staff/wang'"));
}

// What people are to do later, what a colleague is to do, and what is of another case.
TEST_F(HandoverTest, PassesOnWhateverTheFormerOwnerWasToDoForTheCaseAndNothingElse) {
  const v1::Handover offered = Offered();
  const std::string about = offered.name().substr(0, offered.name().find("/handovers"));
  Must<v1::Plan>(
      "CreatePlan",
      "parent: '$case' request_id: '$id' plan: {goal: '低收入认定' steps: {key: 'bank' title: '打印银行流水' "
      "workdays: 1 party: '$party' coaching: '带身份证到柜台'}}");
  const auto made = [](const std::string& subject, const std::string& assignee, const std::string& due) {
    Sql(
        absl::StrCat("INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due, hall, assignee) SELECT id, "
                     "'t.handover', '",
                     subject, "', id, now() + interval '", due, "', 'halls/110102016', '", assignee,
                     "' FROM (SELECT gen_random_uuid()) AS one (id)"));
  };
  made(about + "/terms/1", "staff/wang", "9 days");
  made(about + "/terms/2", "staff/chen", "0 days");
  made("cases/11111111-1111-7111-8111-111111111111", "staff/wang", "0 days");
  Must<v1::Handover>("AcceptHandover", Of(offered), Colleague());
  EXPECT_EQ(Sql(absl::StrCat("SELECT string_agg(kind || ' ' || assignee, ', ' ORDER BY kind, assignee) FROM "
                             "backbone.task WHERE shelf = 'desk_task' AND subject LIKE '",
                             about, "%'")),
            "case.act staff/zhao-li, plan.coach staff/zhao-li, t.handover staff/chen, t.handover staff/zhao-li");
  EXPECT_EQ(Sql("SELECT assignee FROM backbone.task WHERE subject = 'cases/11111111-1111-7111-8111-111111111111'"),
            "staff/wang");
}

TEST_F(HandoverTest, DeclinedOrWithdrawnNothingHasChanged) {
  const v1::Handover declined = Offered();
  EXPECT_EQ(ReasonFor("CreateHandover", To("staff/li-min")), "STATE_FORBIDS");  // one at a time
  EXPECT_THAT(Must<v1::Handover>("DeclineHandover", Of(declined, "reason: '手上太多'"), Colleague()),
              Partially("state: STATE_DECLINED decline_reason: '手上太多'"));
  const v1::Handover withdrawn = Offered();
  EXPECT_EQ(ReasonFor("WithdrawHandover", Of(withdrawn), Colleague()), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::Handover>("WithdrawHandover", Of(withdrawn)), Partially("state: STATE_WITHDRAWN"));
  EXPECT_EQ(Owner(), "staff/wang");
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("case.handover_offered"))));
  EXPECT_THAT(Must<v1::ListHandoversResponse>("ListHandovers", "parent: '$case'"),
              Partially("handovers: {state: STATE_WITHDRAWN} handovers: {state: STATE_DECLINED}"));
}

TEST_F(HandoverTest, IsOfferedByTheOwnerToAColleagueOfTheHall) {
  EXPECT_EQ(ReasonFor("CreateHandover", To("staff/li-min"), Colleague()), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("CreateHandover", To("staff/nobody")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateHandover", To("staff/officer-110102014")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateHandover", To("staff/wang")), "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Handover>("CreateHandover", To("staff/zhao-li"), Leader()), Partially("state: STATE_OFFERED"));
}

}  // namespace
}  // namespace xxt::intake
