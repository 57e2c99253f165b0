#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/tokens.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/hall.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::EqualsProto;

constexpr char kHall[] = "halls/110102016";

class HallTest : public IntakeTest {
 protected:
  // A page of the list that `text` asks for, by a clerk of an ordinary counter.
  template <typename Response>
  Response Page(const std::string& method, const std::string& text, const std::string& token) {
    return Must<Response>(method, absl::StrCat(text, " page_token: '", token, "'"),
                          test::Token("staff/chen", kHall, {"counter"}));
  }
};

TEST_F(HallTest, IsOneOfTheDistrictsSixteenListedByCode) {
  const auto first = Page<v1::ListHallsResponse>("ListHalls", "page_size: 10", "");
  EXPECT_EQ(first.halls(0).name(), "halls/110102");
  const auto second = Page<v1::ListHallsResponse>("ListHalls", "page_size: 10", first.next_page_token());
  EXPECT_EQ(second.halls_size(), 6);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(HallTest, IsReadByItsCodeFromAnyOther) {
  EXPECT_THAT(Must<v1::Hall>("GetHall", absl::StrCat("name: '", kHall, "'"), Stranger()),
              EqualsProto("name: 'halls/110102016' title: '陶然亭街道政务服务中心' "
                          "opening_hours: 'Mon-Fri 09:00-12:00,13:30-17:30' phone_number: '010-6600 0016'"));
  EXPECT_EQ(ReasonFor("GetHall", "name: 'halls/999999999'"), "RESOURCE_NOT_FOUND");
}

TEST_F(HallTest, HasItsStaffListedByNamePageByPage) {
  const std::string of_hall = absl::StrCat("hall: '", kHall, "' page_size: ");
  const auto all = Page<v1::ListStaffResponse>("ListStaff", of_hall + "0", "");
  ASSERT_GT(all.staff_size(), 1);
  EXPECT_EQ(all.next_page_token(), "");
  std::string token;
  for (int i = 0; i < all.staff_size(); ++i) {
    const auto page = Page<v1::ListStaffResponse>("ListStaff", of_hall + "1", token);
    ASSERT_EQ(page.staff_size(), 1);
    EXPECT_THAT(page.staff(0), EqualsProto(all.staff(i).DebugString()));
    EXPECT_THAT(Must<v1::Staff>("GetStaff", absl::StrCat("name: '", all.staff(i).name(), "'")),
                EqualsProto(all.staff(i).DebugString()));
    token = page.next_page_token();
  }
  EXPECT_EQ(token, "");
  EXPECT_EQ(ReasonFor("GetStaff", "name: 'staff/nobody'"), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("ListStaff", "hall: 'halls/999999999'"), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
