#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/praise.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class PraiseTest : public IntakeTest {
 protected:
  static std::string Request(absl::string_view officer, int year = 2026) {
    return absl::StrCat(
        "parent: '$case' request_id: '$id' praise: {form: FORM_BANNER text: '暖心服务，情系百姓' officers: '", officer,
        "' receive_date: {year: ", year, " month: 1 day: 20}}");
  }
};

TEST_F(PraiseTest, StandsWithItsOfficersAndMakesNoWork) {
  Must<v1::Praise>("RecordPraise", Request("staff/wang"));
  const std::vector<std::string> before = DeskTasks();
  Must<v1::Praise>("RecordPraise", Request("staff/zhao-li"));
  EXPECT_EQ(DeskTasks(), before);
  EXPECT_THAT(Must<v1::ListPraisesResponse>("ListPraises", "parent: '$case'"),
              Partially("praises: {form: FORM_BANNER officers: 'staff/wang' text: '暖心服务，情系百姓'} "
                        "praises: {officers: 'staff/zhao-li' author: 'staff/wang'}"));
}

TEST_F(PraiseTest, IsOfADayThatHasComeAndOfOfficersThereAre) {
  EXPECT_THAT(Call<v1::Praise>("RecordPraise", Request("staff/wang", 2099)).status().ToString(),
              HasSubstr("praise.receive_date"));
  EXPECT_EQ(ReasonFor("RecordPraise", Request("staff/nobody")), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
