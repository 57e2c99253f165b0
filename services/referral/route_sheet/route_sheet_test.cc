#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/route_sheet.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class RouteSheetTest : public ReferralTest {
 protected:
  std::string Request(const std::string& unit = "archive") const {
    return absl::StrCat("parent: '", referral_, "' request_id: '$id' route_sheet { remark: '<b>先打电话</b>' steps { ",
                        "title: '到档案室补办火化证明' bring: '经办人身份证' unit: '", unit, "' } }");
  }
  v1::RouteSheet Issue() { return Must<v1::RouteSheet>("IssueRouteSheet", Request()); }
  std::string Named(const std::string& number) const {
    return absl::StrCat("name: '", referral_, "/routeSheets/", number, "'");
  }
  v1::RouteSheet Read(const std::string& number) { return Must<v1::RouteSheet>("GetRouteSheet", Named(number)); }
  std::string Where(const char* column) const {
    return absl::StrCat(" WHERE ", column, " = '", referral_.substr(std::string("referrals/").size()), "'");
  }

  const std::string referral_ = NewReferral();
};

TEST_F(RouteSheetTest, FillsInTheDirectoryAndEscapesTheRest) {
  Must<v1::Referral>("SetCutOff", absl::StrCat("name: '", referral_, "' rule_note: '", KnownRule(),
                                               "' anchor_day { year: 2018 month: 5 day: 6 } request_id: '$id'"));
  const v1::RouteSheet sheet = Issue();
  EXPECT_THAT(sheet, Partially("issuer: 'staff/wang' cut_off { irrevocable: true last_day { year: 2028 month: 5 } }"));
  EXPECT_EQ(sheet.steps(0).person(), "赵师傅");
  EXPECT_EQ(sheet.steps(0).phone_number(), "010-6000 1234 转 8");
  EXPECT_EQ(sheet.steps(0).hours(), "周一至周五 08:30-11:30、13:30-16:00");
  EXPECT_THAT(sheet.text(), HasSubstr("最晚办理日"));
  EXPECT_THAT(sheet.html(), HasSubstr("&lt;b&gt;先打电话&lt;/b&gt;"));
  EXPECT_THAT(sheet.html(), Not(HasSubstr("<b>先打电话")));
}

TEST_F(RouteSheetTest, IsCountedAndStaysAsItWasIssued) {
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("latest")), "RESOURCE_NOT_FOUND");
  const v1::RouteSheet sheet = Issue();
  EXPECT_EQ(sheet.name(), referral_ + "/routeSheets/1");
  EXPECT_THAT(sheet.text(), HasSubstr("第1版"));
  for (int number = 2; number <= 10; ++number) Issue();
  EXPECT_EQ(Read("latest").name(), referral_ + "/routeSheets/10");
  EXPECT_THAT(Read("1"), test::EqualsProto(sheet.DebugString()));
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("11")), "RESOURCE_NOT_FOUND");
}

TEST_F(RouteSheetTest, HasANumberOfItsOwnThoughTwoAreIssuedAtOnce) {
  std::vector<std::string> names(2);
  std::vector<std::thread> officers;
  for (std::string& name : names) officers.emplace_back([this, &name] { name = Issue().name(); });
  for (std::thread& officer : officers) officer.join();
  EXPECT_THAT(names, UnorderedElementsAre(referral_ + "/routeSheets/1", referral_ + "/routeSheets/2"));
}

TEST_F(RouteSheetTest, IsRefusedForAUnitThatTheBodyHasNot) {
  const absl::Status status = Call<v1::RouteSheet>("IssueRouteSheet", Request("nowhere")).status();
  EXPECT_THAT(status.ToString(), HasSubstr("route_sheet.steps[0].unit"));
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("latest")), "RESOURCE_NOT_FOUND");
}

TEST_F(RouteSheetTest, IsTheHallsWhetherOrNotThereIsOne) {
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("latest"), Stranger()), "OTHER_HALL");
  Issue();
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("1"), Stranger()), "OTHER_HALL");
  EXPECT_EQ(ReasonFor("GetRouteSheet", Named("latest"), District()), "OK");
  EXPECT_EQ(ReasonFor("IssueRouteSheet", Request(), Stranger()), "OTHER_HALL");
}

TEST_F(RouteSheetTest, IsSealedAndGoneWithTheReferralsKey) {
  Issue();
  for (const char* word :
       {"赵师傅", "补办火化证明", "先打电话", "经办人身份证", "6000 1234", "八宝山", "地铁", "周一"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT position('", word,
                               "'::bytea IN message || sealed) > 0 FROM referral.route_sheets", Where("referral_id"))),
              "f")
        << word;
  }
  Sql("UPDATE referral.referrals SET key = NULL" + Where("id"));
  const v1::RouteSheet erased = Read("1");
  EXPECT_EQ(erased.text() + erased.html() + erased.remark() + erased.steps(0).title(), "");
  EXPECT_EQ(erased.issuer(), "staff/wang");
  EXPECT_EQ(ReasonFor("IssueRouteSheet", Request()), "PERSONAL_DATA_ERASED");
}

}  // namespace
}  // namespace xxt::referral
