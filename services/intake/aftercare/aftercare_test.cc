#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/aftercare.pb.h"
#include "xixinting/intake/v1/contact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AftercareTest : public IntakeTest {
 protected:
  static std::string At(absl::Time time) { return absl::StrCat("{seconds: ", absl::ToUnixSeconds(time), "}"); }
  v1::Aftercare Arranged() {
    return Must<v1::Aftercare>(
        "CreateAftercare", absl::StrCat("parent: '$case' request_id: '$id' aftercare: {purpose: '看低保批下来没有' ",
                                        "next_touch_time: ", At(now() + absl::Hours(1)), "}"));
  }
  std::string Reached(const char* result) {
    return Must<v1::Contact>("LogContact",
                             absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE ",
                                          "counterpart: COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND ",
                                          "result: ", result, " summary: '打电话问候'}"))
        .name();
  }
  std::string Touch(const v1::Aftercare& it, const std::string& contact) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' contact: '", contact,
                        "' next_touch_time: ", At(now() + absl::Hours(2)));
  }
  static std::string End(const v1::Aftercare& it) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' reason: '低保已批，生活安稳'");
  }
};

TEST_F(AftercareTest, AsksTheOwnerInTimeAndAgainAfterEachTouch) {
  const v1::Aftercare made = Arranged();
  EXPECT_THAT(made, Partially("state: STATE_WAITING author: 'staff/wang' hall: 'halls/110102016'"));
  Advance(absl::Hours(1));
  EXPECT_THAT(Must<v1::ListAftercaresResponse>("ListAftercares", "parent: 'cases/-'"),
              Partially(absl::StrCat("aftercares: {name: '", made.name(), "' state: STATE_DUE}")));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("aftercare.touch"), HasSubstr("case.act")));
  EXPECT_THAT(Must<v1::Aftercare>("RecordTouch", Touch(made, Reached("RESULT_REACHED"))),
              Partially("state: STATE_WAITING touch_count: 1 purpose: '看低保批下来没有'"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
  Advance(absl::Hours(2));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("aftercare.touch"), HasSubstr("case.act")));
}

TEST_F(AftercareTest, EndsOnlyByAPersonWhoSaysWhy) {
  const v1::Aftercare made = Arranged();
  Advance(absl::Hours(2));
  EXPECT_THAT(Must<v1::Aftercare>("GetAftercare", absl::StrCat("name: '", made.name(), "'")),
              Partially("state: STATE_DUE"));
  EXPECT_THAT(Must<v1::Aftercare>("EndAftercare", End(made)),
              Partially("state: STATE_ENDED end_reason: '低保已批，生活安稳'"));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
  EXPECT_EQ(ReasonFor("EndAftercare", End(made)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RecordTouch", Touch(made, Reached("RESULT_REACHED"))), "STATE_FORBIDS");
}

TEST_F(AftercareTest, CountsOnlyWhoWasReached) {
  const v1::Aftercare made = Arranged();
  EXPECT_THAT(Call<v1::Aftercare>("RecordTouch", Touch(made, Reached("RESULT_NOT_REACHED"))).status().ToString(),
              HasSubstr("contact"));
  EXPECT_EQ(ReasonFor("RecordTouch", Touch(made, "$case/contacts/$id")), "RESOURCE_NOT_FOUND");
}

TEST_F(AftercareTest, IsOfATimeToComeWithinAYear) {
  for (const absl::Duration ahead : {absl::ZeroDuration(), absl::Hours(24 * 368)}) {
    EXPECT_THAT(Call<v1::Aftercare>("CreateAftercare",
                                    absl::StrCat("parent: '$case' request_id: '$id' aftercare: {purpose: '回访' ",
                                                 "next_touch_time: ", At(now() + ahead), "}"))
                    .status()
                    .ToString(),
                HasSubstr("aftercare.next_touch_time"));
  }
}

}  // namespace
}  // namespace xxt::intake
