// Which states let a case end. What else it needs: closure_rules_test.cc, and tests/contract/intake/work_test.cc.
#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;

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

TEST_F(ClosingTest, IsReturnedFiftyTimesAtMost) {
  for (int i = 0; i < 51; ++i) {
    EXPECT_EQ(Propose(), "OK");
    EXPECT_EQ(Return(), "OK");
  }
  EXPECT_EQ(Propose(), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").returned_closures_size(), 50);
}

}  // namespace
}  // namespace xxt::intake
