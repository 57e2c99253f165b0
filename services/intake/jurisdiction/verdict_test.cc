#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/verdict.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::Not;

class VerdictTest : public IntakeTest {
 protected:
  static std::string Request(absl::string_view finding, absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' verdict: {finding: FINDING_", finding,
                        " basis: '退休关系在原单位' ", more, "}");
  }
  // What comes of saying "no" to the person, with all that it takes beside a verdict.
  std::string No() {
    const auto told = Must<v1::Contact>(
        "LogContact",
        "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
        "COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND result: RESULT_REACHED summary: '已说明'}");
    return Call<v1::Case>("ProposeClosure",
                          absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_NOT_POSSIBLE "
                                       "explanation: '说明' basis: '规定' next_route: '区医保局' told_in: '",
                                       told.name(), "' alternatives: {summary: '代办' outcome: '须本人'}}"))
        .status()
        .ToString();
  }
};

TEST_F(VerdictTest, ThatItIsNotOursLeadsOnAndIsNoGroundForANo) {
  EXPECT_THAT(Call<v1::Verdict>("RecordVerdict", Request("NOT_OURS")).status().ToString(),
              HasSubstr("verdict.decision"));
  EXPECT_THAT(Must<v1::Verdict>("RecordVerdict", Request("NOT_OURS", "decision: DECISION_ASSIST ground: '高龄独居'")),
              Partially("author: 'staff/wang' ground: '高龄独居'"));
  EXPECT_THAT(No(), HasSubstr("no ground for a no"));
}

TEST_F(VerdictTest, TheNewestHolds) {
  Must<v1::Verdict>("RecordVerdict", Request("UNCLEAR"));
  EXPECT_THAT(No(), HasSubstr("no ground for a no"));
  Must<v1::Verdict>("RecordVerdict", Request("OURS"));
  EXPECT_THAT(Must<v1::ListVerdictsResponse>("ListVerdicts", "parent: '$case'"),
              Partially("verdicts: {finding: FINDING_UNCLEAR} verdicts: {finding: FINDING_OURS}"));
  EXPECT_THAT(No(), Not(HasSubstr("no ground for a no")));
}

}  // namespace
}  // namespace xxt::intake
