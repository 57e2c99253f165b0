#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LadderTest : public IntakeTest {
 protected:
  v1::Paper Gap() {
    return Must<v1::Paper>("RecordGap",
                           "parent: '$case' request_id: '$id' paper: {title: '关系证明' source: '办事指南'}");
  }
  static std::string Verdict(const v1::Paper& of, int ground, absl::string_view finding) {
    return absl::StrCat("name: '", of.name(), "' request_id: '$id' ground: ", ground, " finding: FINDING_", finding,
                        " source: '条例第四十四条'");
  }
  static std::string Search(const v1::Paper& of, absl::string_view reason = "") {
    return absl::StrCat("name: '", of.name(), "' request_id: '$id' reason: '", reason, "'");
  }
};

TEST_F(LadderTest, WhatOneGroundSparesIsNotNeededAtOnceUntilItIsNamedAgain) {
  const v1::Paper gap = Gap();
  EXPECT_THAT(Must<v1::Paper>("WeighGround", Verdict(gap, v1::Paper::GROUND_DEPARTMENT_CHECK, "SPARES")),
              Partially("state: STATE_NOT_NEEDED rungs: {ground: GROUND_DEPARTMENT_CHECK finding: FINDING_SPARES "
                        "source: '条例第四十四条' author: 'staff/wang'}"));
  EXPECT_EQ(ReasonFor("WeighGround", Verdict(gap, 1, "SPARES")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("AllowSearch", Search(gap, "急")), "STATE_FORBIDS");
  EXPECT_EQ(Gap().state(), v1::Paper::STATE_NEEDED);
  EXPECT_THAT(
      Must<v1::Paper>("WeighGround", Verdict(gap, v1::Paper::GROUND_DEPARTMENT_CHECK, "DOES_NOT_SPARE")),
      Partially("state: STATE_NEEDED rungs: {finding: FINDING_SPARES} rungs: {finding: FINDING_DOES_NOT_SPARE}"));
}

TEST_F(LadderTest, ASearchWhileAGroundIsOpenTakesAReasonThatIsKept) {
  const v1::Paper gap = Gap();
  EXPECT_THAT(Call<v1::Paper>("AllowSearch", Search(gap)).status().ToString(), HasSubstr("7 grounds"));
  for (int ground = 1; ground <= 6; ++ground) {
    Must<v1::Paper>("WeighGround", Verdict(gap, ground, "DOES_NOT_SPARE"));
  }
  EXPECT_EQ(ReasonFor("AllowSearch", Search(gap)), "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Paper>("AllowSearch", Search(gap, "期限将到")),
              Partially("search_allowance: {reason: '期限将到' open_grounds: GROUND_ISSUER_CANNOT_VERIFY "
                        "author: 'staff/wang'}"));
  Must<v1::Paper>("WeighGround", Verdict(gap, 7, "DOES_NOT_SPARE"));
  EXPECT_THAT(Must<v1::Paper>("AllowSearch", Search(gap)).search_allowance().open_grounds(), SizeIs(0));
}

TEST_F(LadderTest, IsOfGroundsThatTheLawKnowsAndOfAPaperThatIsNotThere) {
  const v1::Paper gap = Gap();
  EXPECT_EQ(ReasonFor("WeighGround", Verdict(gap, 0, "SPARES")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("WeighGround", Verdict(gap, 1, "UNSPECIFIED")), "FIELD_INVALID");
  Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", gap.name(), "' request_id: '$id'"));
  EXPECT_EQ(ReasonFor("WeighGround", Verdict(gap, 1, "SPARES")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("AllowSearch", Search(gap, "急")), "STATE_FORBIDS");
}

TEST_F(LadderTest, IsWeighedFiftyTimesAtMost) {
  const v1::Paper gap = Gap();
  for (int i = 0; i < 50; ++i) Must<v1::Paper>("WeighGround", Verdict(gap, 1, "DOES_NOT_SPARE"));
  EXPECT_EQ(ReasonFor("WeighGround", Verdict(gap, 2, "SPARES")), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::intake
