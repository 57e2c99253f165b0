#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;

class PriorityTest : public IntakeTest {
 protected:
  static std::string To(absl::string_view level) {
    return absl::StrCat("name: '$case' request_id: '$id' reason: '高龄独居，急等用药' level: LEVEL_", level);
  }
};

TEST_F(PriorityTest, IsGrantedByALeaderWithAReasonAndTakenBack) {
  EXPECT_EQ(ReasonFor("GrantPriority", To("URGENT")), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("GrantPriority", "name: '$case' request_id: '$id' level: LEVEL_URGENT", Leader()),
            "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Case>("GrantPriority", To("URGENT"), Leader()),
              Partially("priority: {level: LEVEL_URGENT reason: '高龄独居，急等用药' grantor: 'staff/li-min' "
                        "head_start_minutes: 4320}"));
  EXPECT_THAT(Must<v1::Case>("GrantPriority", To("NORMAL"), Leader()), Partially("priority: {level: LEVEL_NORMAL}"));
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").priority().head_start_minutes(), 0);
}

TEST_F(PriorityTest, OfAClosedCaseIsNone) {
  const auto said = Must<v1::Contact>(
      "LogContact",
      "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_APPLICANT "
      "direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '不办了'}");
  Must<v1::Case>("ProposeClosure",
                 absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN explanation: "
                              "'本人撤回' told_in: '",
                              said.name(), "'}"));
  Must<v1::Case>("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  EXPECT_EQ(ReasonFor("GrantPriority", To("HIGH"), Leader()), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::intake
