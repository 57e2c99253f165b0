#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/consultation.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class ConsultationTest : public IntakeTest {
 protected:
  static std::string Request(absl::string_view result, absl::string_view more = "panel: '社保窗口赵丽'") {
    return absl::StrCat("parent: '$case' request_id: '$id' consultation: {question: '还有什么办法' panel: '王建国' ",
                        "options: {summary: '容缺受理' outcome: '须有原件'} minutes: '逐项研究' result: RESULT_",
                        result, " ", more, "}");
  }
};

TEST_F(ConsultationTest, WithoutResultIsKeptAndTheCaseGoesOn) {
  const auto before = Must<v1::Case>("GetCase", "name: '$case'");
  EXPECT_THAT(Must<v1::Consultation>("RecordConsultation", Request("NO_WAY_FOUND")),
              Partially("author: 'staff/wang' panel: '王建国' panel: '社保窗口赵丽' minutes: '逐项研究'"));
  Must<v1::Consultation>(
      "RecordConsultation",
      Request("AGREED", absl::StrCat("panel: '社保窗口赵丽' decision: '先提级' occur_time: {seconds: ",
                                     absl::ToUnixSeconds(now() - absl::Hours(1)), "}")));
  EXPECT_THAT(Must<v1::ListConsultationsResponse>("ListConsultations", "parent: '$case'"),
              Partially("consultations: {result: RESULT_NO_WAY_FOUND} consultations: {decision: '先提级'}"));
  const auto after = Must<v1::Case>("GetCase", "name: '$case'");
  EXPECT_EQ(after.state(), before.state());
  EXPECT_TRUE(after.has_next_action());
}

TEST_F(ConsultationTest, NamesWhatIsWrong) {
  const auto fault = [this](const std::string& request) {
    return Call<v1::Consultation>("RecordConsultation", request).status().ToString();
  };
  EXPECT_THAT(fault(Request("AGREED")), HasSubstr("consultation.decision"));
  EXPECT_THAT(fault(Request("NO_WAY_FOUND", "")), HasSubstr("consultation.panel"));
  EXPECT_THAT(fault(Request("NO_WAY_FOUND", absl::StrCat("panel: '赵丽' occur_time: {seconds: ",
                                                         absl::ToUnixSeconds(now() + absl::Hours(1)), "}"))),
              HasSubstr("consultation.occur_time"));
}

}  // namespace
}  // namespace xxt::intake
