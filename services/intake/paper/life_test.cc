#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/packet.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PaperLifeTest : public IntakeTest {
 protected:
  v1::Paper Gap(absl::string_view title = "收入证明") {
    return Must<v1::Paper>("RecordGap", absl::StrCat("parent: '$case' request_id: '$id' paper: {title: '", title,
                                                     "' source: '低保办事指南'}"));
  }
  static std::string Of(const v1::Paper& paper, absl::string_view more = "") {
    return absl::StrCat("name: '", paper.name(), "' request_id: '$id' ", more);
  }
  static std::string Deficient(const v1::Paper& paper) {
    return Of(paper, "reason: '没有公章' good_enough: '加盖单位公章即可'");
  }
  static std::string Substituted(const v1::Paper& paper) {
    return Of(paper, "title: '银行流水' basis: '低保办事指南第 4 项备注'");
  }
};

TEST_F(PaperLifeTest, WhatIsReceivedIsVerifiedAndStaysSo) {
  const v1::Paper gap = Gap();
  EXPECT_EQ(ReasonFor("VerifyPaper", Of(gap)), "STATE_FORBIDS");
  Must<v1::Paper>("ReceivePaper", Of(gap));
  EXPECT_THAT(Must<v1::Paper>("VerifyPaper", Of(gap)), Partially("state: STATE_VERIFIED"));
  EXPECT_THAT(Must<v1::Paper>("ReceivePaper", Of(gap)), Partially("state: STATE_VERIFIED"));
}

TEST_F(PaperLifeTest, WhatIsDeficientSaysWhatWouldBeGoodEnoughAndIsReceivedAnew) {
  const v1::Paper gap = Gap();
  EXPECT_EQ(ReasonFor("FindPaperDeficient", Deficient(gap)), "STATE_FORBIDS");
  Must<v1::Paper>("ReceivePaper", Of(gap));
  EXPECT_THAT(Must<v1::Paper>("FindPaperDeficient", Deficient(gap)),
              Partially("state: STATE_DEFICIENT deficiency: {reason: '没有公章' good_enough: '加盖单位公章即可' "
                        "author: 'staff/wang'}"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("告诉当事人差在哪里")));
  EXPECT_EQ(ReasonFor("FindPaperDeficient", Of(gap, "reason: '没有公章'")), "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Paper>("ReceivePaper", Of(gap)),
              Partially("state: STATE_RECEIVED deficiency: {good_enough: '加盖单位公章即可'}"));
}

TEST_F(PaperLifeTest, WhatAnotherDoesForIsInHandByItsBasis) {
  const v1::Paper gap = Gap();
  const v1::Paper other = Gap("户口簿");
  EXPECT_EQ(ReasonFor("SubstitutePaper", Of(gap, "title: '银行流水'")), "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Paper>("SubstitutePaper", Substituted(gap)),
              Partially("state: STATE_SUBSTITUTED substitution: {title: '银行流水' basis: '低保办事指南第 4 项备注'}"));
  EXPECT_EQ(ReasonFor("SubstitutePaper", Substituted(gap)), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::Packet>("CreatePacket",
                               absl::StrCat("parent: '$case' request_id: '$id' packet: {title: '低保材料' papers: '",
                                            gap.name(), "' papers: '", other.name(), "'}")),
              Partially(absl::StrCat("missing: '", other.name(), "'")));
  EXPECT_THAT(Must<v1::Paper>("FindPaperDeficient", Deficient(gap)), Partially("state: STATE_DEFICIENT"));
  EXPECT_THAT(Must<v1::Paper>("ReceivePaper", Of(gap)), Partially("state: STATE_RECEIVED"));
}

}  // namespace
}  // namespace xxt::intake
