#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/dispute.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/follow_up.pb.h"
#include "xixinting/intake/v1/plan.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class FollowUpTest : public IntakeTest {
 protected:
  std::string Said(bool reached = true) {
    return Must<v1::Contact>("LogContact",
                             absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE "
                                          "counterpart: COUNTERPART_APPLICANT direction: "
                                          "DIRECTION_OUTBOUND summary: '电话' result: RESULT_",
                                          reached ? "REACHED" : "NOT_REACHED", "}"))
        .name();
  }
  void Close() {
    Must<v1::Case>("ProposeClosure", absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: "
                                                  "RESOLUTION_WITHDRAWN explanation: '本人撤回' told_in: '",
                                                  Said(), "'}"));
    Must<v1::Case>("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  }
  v1::FollowUp Newest() { return Must<v1::ListFollowUpsResponse>("ListFollowUps", "parent: '$case'").follow_ups(0); }
  static std::string Named(absl::string_view name, absl::string_view more = "") {
    return absl::StrCat("name: '", name, "' request_id: '$id' ", more);
  }
  v1::Dispute Filed() {
    return Must<v1::Dispute>("FileDispute", absl::StrCat("parent: '$case' request_id: '$id' dispute: {ground: "
                                                         "GROUND_OUTCOME text: '结果不对' contact: '",
                                                         Said(), "'}"));
  }
};

TEST_F(FollowUpTest, IsCalledUntilReachedAndABadRatingIsBroughtToAnother) {
  Close();
  const std::string name = Newest().name();
  EXPECT_EQ(ReasonFor("AbandonFollowUp", Named(name, "reason: '没人接'")), "STATE_FORBIDS");
  const std::string vain = Said(false);
  EXPECT_THAT(Must<v1::FollowUp>("TryFollowUp", Named(name, absl::StrCat("contact: '", vain, "'"))),
              Partially("state: STATE_DUE tries: 1"));
  EXPECT_EQ(ReasonFor("TryFollowUp", Named(name, absl::StrCat("contact: '", vain, "'"))), "FIELD_INVALID");
  const std::string good = absl::StrCat("rating: RATING_DISSATISFIED contact: '", Said(), "' ");
  EXPECT_THAT(Call<v1::FollowUp>("CompleteFollowUp", Named(name, good)).status().ToString(), HasSubstr("comment"));
  EXPECT_THAT(Must<v1::FollowUp>("CompleteFollowUp", Named(name, good + "comment: '太慢'")),
              Partially("state: STATE_DONE rating: RATING_DISSATISFIED"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("follow_up.unhappy")));
}

TEST_F(FollowUpTest, ADisputeOpensTheCaseAgainWithAClockOfItsOwnUntilItIsClosedAgain) {
  Close();
  const v1::Dispute filed = Filed();
  EXPECT_THAT(Must<v1::Dispute>("AcceptDispute", Named(filed.name())), Partially("state: STATE_REOPENED"));
  EXPECT_THAT(Must<v1::Case>("GetCase", "name: '$case'"), Partially("state: STATE_IN_PROGRESS reopen_count: 1"));
  EXPECT_EQ(Newest().state(), v1::FollowUp::STATE_OVERTAKEN);
  EXPECT_EQ(ReasonFor("AcceptDispute", Named(filed.name())), "STATE_FORBIDS");
  Advance(absl::Hours(24 * 14));
  EXPECT_THAT(Must<v1::ListDisputesResponse>("ListDisputes", "parent: '$case'"),
              Partially("disputes: {state: STATE_OVERDUE}"));
  Close();
  EXPECT_THAT(Must<v1::ListDisputesResponse>("ListDisputes", "parent: '$case'"),
              Partially("disputes: {state: STATE_SETTLED}"));
  EXPECT_EQ(Newest().state(), v1::FollowUp::STATE_DUE);
}

TEST_F(FollowUpTest, WhatIsDisputedConfirmsNoOutcomeAgain) {
  const std::string before = Said();
  const auto confirm = [this](const std::string& contact) {
    return ReasonFor("ConfirmOutcome",
                     Named("$case", absl::StrCat("outcome: {text: '拿到了' contact: '", contact, "'}")));
  };
  EXPECT_EQ(confirm(before), "OK");
  Close();
  Advance(absl::Hours(1));
  Must<v1::Dispute>("AcceptDispute", Named(Filed().name()));
  EXPECT_EQ(confirm(before), "STATE_FORBIDS");
  EXPECT_EQ(confirm(Said()), "OK");
}

TEST_F(FollowUpTest, OnlyTheBodyThatHadAnsweredIsToldAgain) {
  int number = 0;
  const auto hear = [&](const std::string& referral, const char* body, const char* kind) {
    Must<v1::ReportReferralResponse>("ReportReferral",
                                     absl::StrCat("referral: 'referrals/", referral,
                                                  "' case_name: '$case' request_id: '$id' summary: '消息' version: ",
                                                  ++number, " body: 'bodies/", body, "' kind: KIND_", kind),
                                     Service());
  };
  const std::string first = "018f0000-0000-4000-8000-00000000000a";
  const std::string other = "018f0000-0000-4000-8000-00000000000b";
  const std::string again = "018f0000-0000-4000-8000-00000000000c";
  hear(first, "archive", "OPENED");
  hear(first, "archive", "ANSWERED");
  Close();
  const v1::Dispute filed = Filed();
  Must<v1::Dispute>("AcceptDispute", Named(filed.name()));
  hear(other, "bank", "OPENED");
  hear(again, "archive", "OPENED");
  const auto by = [&](const std::string& referral) {
    return Named(filed.name(), absl::StrCat("referral: 'referrals/", first, "' told_by: 'referrals/", referral, "'"));
  };
  EXPECT_THAT(Call<v1::Dispute>("RetellDispute", by(other)).status().ToString(), HasSubstr("told_by"));
  EXPECT_EQ(ReasonFor("RetellDispute", by(again)), "OK");
}

TEST_F(FollowUpTest, WhatCameDueWhileTheCaseWasClosedIsAskedForWhenItIsReopened) {
  Must<v1::Plan>("CreatePlan",
                 "parent: '$case' request_id: '$id' plan: {goal: '低收入认定' steps: {key: 'archive' title: '调档' "
                 "workdays: 1}}");
  Close();
  Advance(absl::Hours(24 * 10));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("plan.late"))));
  Must<v1::Dispute>("AcceptDispute", Named(Filed().name()));
  Advance(absl::Minutes(1));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("plan.late")));
}

TEST_F(FollowUpTest, WhoClosedACaseDoesNotUpholdItsClosingAndAnOpenCaseIsNotDisputed) {
  EXPECT_EQ(
      ReasonFor("FileDispute", "parent: '$case' request_id: '$id' dispute: {ground: GROUND_OUR_ERROR text: '误'}"),
      "STATE_FORBIDS");
  Close();
  const v1::Dispute filed = Filed();
  const std::string answer = absl::StrCat("answer: '依规定' basis: '办法第三条' told_in: '", Said(), "'");
  EXPECT_EQ(ReasonFor("UpholdDispute", Named(filed.name(), answer), Leader()), "SECOND_REVIEWER_NEEDED");
}

}  // namespace
}  // namespace xxt::intake
