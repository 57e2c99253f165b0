// Which states let a case end. What else it needs: closure_rules_test.cc, and tests/contract/intake/work_test.cc.
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/verdict.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using ::testing::HasSubstr;

class ClosingTest : public IntakeTest {
 protected:
  std::string Propose() {
    const auto said = Must<v1::Contact>(
        "LogContact",
        "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_APPLICANT "
        "direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '不办了'}");
    return ReasonFor("ProposeClosure",
                     absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN "
                                  "explanation: '本人撤回' told_in: '",
                                  said.name(), "'}"));
  }
  std::string Return() {
    return ReasonFor("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_RETURN comment: '再问问'",
                     Leader());
  }
  std::string Approve() {
    return ReasonFor("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  }
};

TEST_F(ClosingTest, ProposesWhatIsInProgressAndReviewsWhatIsProposed) {
  EXPECT_EQ(Approve(), "STATE_FORBIDS") << "nothing is proposed";
  EXPECT_EQ(Propose(), "OK");
  EXPECT_EQ(Propose(), "STATE_FORBIDS") << "a proposal waits for its reviewer";
  EXPECT_EQ(Approve(), "OK");
  EXPECT_EQ(Approve(), "STATE_FORBIDS") << "it is closed";
  EXPECT_EQ(Propose(), "STATE_FORBIDS");
}

// What a newer contact corrects shows neither that somebody was told nor what they said.
class CorrectedTest : public ClosingTest {
 protected:
  std::string Log(const char* result, const std::string& corrects = "") {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: ",
                            "COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND summary: '已告知' result: RESULT_",
                            result, corrects.empty() ? "" : absl::StrCat(" corrects: '", corrects, "'"), "}"))
        .name();
  }
  absl::Status ProposeNo(const std::string& told_in) {
    return Call<v1::Case>(
               "ProposeClosure",
               absl::StrCat(
                   "name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_NOT_POSSIBLE ",
                   "explanation: '现行规定不能补办' basis: '《条例》第六条' next_route: '区民政局' alternatives: ",
                   "{summary: '问过档案馆' outcome: '没有'} told_in: '", told_in, "'}"))
        .status();
  }
};

TEST_F(CorrectedTest, AContactThatWasCorrectedIsNoTelling) {
  const std::string told = Log("REACHED");
  const std::string corrected = Log("NOT_REACHED", told);
  const absl::Status refused = ProposeNo(told);
  EXPECT_EQ(errors::ReasonOf(refused), "CLOSURE_INCOMPLETE");
  EXPECT_THAT(refused.ToString(), HasSubstr(corrected));
  EXPECT_EQ(errors::ReasonOf(ProposeNo(corrected)), "CLOSURE_INCOMPLETE") << "nobody was reached";
  EXPECT_EQ(errors::ReasonOf(ProposeNo(Log("REACHED", corrected))), "") << "what counts is the last";
}

TEST_F(CorrectedTest, WhatIsCorrectedAfterTheProposalStandsAgainstIt) {
  const std::string told = Log("REACHED");
  EXPECT_EQ(errors::ReasonOf(ProposeNo(told)), "");
  Log("NOT_REACHED", told);
  EXPECT_EQ(Approve(), "CLOSURE_INCOMPLETE");
}

TEST_F(CorrectedTest, NoOutcomeIsConfirmedInIt) {
  const std::string told = Log("REACHED");
  const auto confirm = [this](const std::string& contact) {
    return Call<v1::Case>("ConfirmOutcome", absl::StrCat("name: '$case' request_id: '$id' outcome: {contact: '",
                                                         contact, "' text: '拿到了'}"))
        .status();
  };
  EXPECT_EQ(confirm(told), absl::OkStatus());
  const std::string again = Log("REACHED", told);
  const auto resolved = [this](const std::string& contact) {
    return ReasonFor(
        "ProposeClosure",
        absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_RESOLVED explanation: ",
                     "'已拿到' told_in: '", contact, "'}"));
  };
  EXPECT_EQ(resolved(again), "CLOSURE_INCOMPLETE") << "what it was confirmed in was corrected";
  EXPECT_EQ(errors::ReasonOf(confirm(told)), "STATE_FORBIDS");
  EXPECT_THAT(confirm(told).ToString(), HasSubstr(again));
  EXPECT_EQ(confirm(again), absl::OkStatus());
  EXPECT_EQ(resolved(again), "OK");
}

// Another office has accepted the case.
class HandedOverTest : public ClosingTest {
 protected:
  static std::string Colleague() { return test::Token("staff/zhao-li", "halls/110102016", {"officer"}); }
  std::string Log(const char* counterpart) {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE direction: ",
                            "DIRECTION_OUTBOUND summary: '电话' result: RESULT_REACHED counterpart: COUNTERPART_",
                            counterpart, "}"))
        .name();
  }
  absl::Status ProposeIt(const std::string& accepted_in) {
    return Call<v1::Case>("ProposeClosure",
                          absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_HANDED_OVER ",
                                       "explanation: '由区人社局接办' accepted_by: '区人社局' told_in: '",
                                       Log("APPLICANT"), "' accepted_in: '", accepted_in, "'}"),
                          Colleague())
        .status();
  }
  std::string ApproveBy(const std::string& token) {
    return ReasonFor("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", token);
  }
};

TEST_F(HandedOverTest, NeedsThatTheOfficeSaidSoAndWhereTheMatterIsNotOursAnOutsider) {
  Must<v1::Verdict>("RecordVerdict",
                    "parent: '$case' request_id: '$id' verdict: {finding: FINDING_NOT_OURS basis: '退休关系在原单位' "
                    "decision: DECISION_ASSIST ground: '高龄独居'}");
  EXPECT_THAT(ProposeIt("").ToString(), HasSubstr("nothing shows that an office accepted it"));
  EXPECT_THAT(ProposeIt(Log("COLLEAGUE")).ToString(), HasSubstr("nothing shows that an office accepted it"));
  EXPECT_EQ(ProposeIt(Log("BODY")), absl::OkStatus());
  EXPECT_EQ(ApproveBy(Officer()), "SECOND_REVIEWER_NEEDED") << "the owner";
  EXPECT_EQ(ApproveBy(Leader()), "OK");
}

TEST_F(HandedOverTest, IsShownByAReferralToTakeItOverThatWasAnsweredAndIsOursToReview) {
  const auto report = [this](const char* kind, int version) {
    EXPECT_EQ(ReasonFor("ReportReferral",
                        absl::StrCat(
                            "case_name: '$case' request_id: '$id' summary: '消息' takes_over: true kind: KIND_", kind,
                            " version: ", version, " referral: 'referrals/018f0000-0000-4000-8000-000000000009'"),
                        Service()),
              "OK");
  };
  report("OPENED", 1);
  EXPECT_THAT(ProposeIt("").ToString(), HasSubstr("nothing shows that an office accepted it"));
  report("ANSWERED", 2);
  EXPECT_EQ(ProposeIt(""), absl::OkStatus());
  EXPECT_EQ(ApproveBy(Officer()), "OK") << "of what is ours its owner reviews";
}

TEST_F(ClosingTest, KeepsTheLastFiftyThatWereReturnedAndCanStillEnd) {
  for (int i = 0; i < 51; ++i) {
    EXPECT_EQ(Propose(), "OK");
    EXPECT_EQ(Return(), "OK");
  }
  EXPECT_EQ(Propose(), "OK");
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").returned_closures_size(), 50);
  EXPECT_EQ(Approve(), "OK");
}

}  // namespace
}  // namespace xxt::intake
