#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/shift_handover.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Property;

class ShiftHandoverTest : public IntakeTest {
 protected:
  static std::string Colleague() { return test::Token("staff/zhao-li", "halls/110102016", {"officer"}); }
  static std::string To(absl::string_view recipient, absl::string_view more = "") {
    return absl::StrCat("request_id: '$id' shift_handover: {hall: 'halls/110102016' note: '钥匙在抽屉里' recipient: '",
                        recipient, "' ", more, "}");
  }
  v1::ShiftHandover Offered(absl::string_view more = "") {
    return Must<v1::ShiftHandover>("CreateShiftHandover", To("staff/zhao-li", more));
  }
  static std::string Of(const v1::ShiftHandover& it) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id'");
  }
  static std::string TasksOf(const v1::ShiftHandover& it) {
    return Sql(absl::StrCat("SELECT coalesce(string_agg(kind || ' ' || assignee, ','), '') FROM backbone.task ",
                            "WHERE subject = '", it.name(), "'"));
  }
};

TEST_F(ShiftHandoverTest, AsksTheNextOfficerAtTheDeskWhoTakesIt) {
  const v1::ShiftHandover offered = Offered("items: {case_name: '$case' note: '她下午来送材料'}");
  EXPECT_THAT(offered, Partially("state: STATE_OFFERED author: 'staff/wang' recipient: 'staff/zhao-li' "
                                 "note: '钥匙在抽屉里' items: {note: '她下午来送材料'}"));
  EXPECT_EQ(TasksOf(offered), "shift.handover_offered staff/zhao-li");
  EXPECT_EQ(ReasonFor("TakeShiftHandover", Of(offered)), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::ShiftHandover>("TakeShiftHandover", Of(offered), Colleague()),
              Partially("state: STATE_TAKEN taker: 'staff/zhao-li'"));
  EXPECT_EQ(TasksOf(offered), "");
  EXPECT_EQ(ReasonFor("TakeShiftHandover", Of(offered), Colleague()), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("WithdrawShiftHandover", Of(offered)), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").owner(), "staff/wang") << "cases stay with who keeps them";
}

// Of somebody who keeps no other case.
TEST_F(ShiftHandoverTest, ListsWhatComesDueOfTheOneWhoLeaves) {
  const std::string leaving = test::Token("staff/chen", "halls/110102016", {"officer"});
  const auto kept = Must<v1::Case>("CreateCase",
                                   "request_id: '$id' case: {title: '缺材料' hall: 'halls/110102016' service_item: "
                                   "'病退' parties: {role: ROLE_APPLICANT display_name: '某人'}}",
                                   leaving);
  const auto due_at = [&](absl::Time due) {
    Must<v1::Case>("SetNextAction",
                   absl::StrCat("name: '", kept.name(),
                                "' request_id: '$id' next_action: {summary: '回电' due_time: "
                                "{seconds: ",
                                absl::ToUnixSeconds(due), "}}"),
                   leaving);
    return Must<v1::ShiftHandover>("CreateShiftHandover", To("staff/zhao-li"), leaving);
  };
  EXPECT_THAT(due_at(now() + absl::Seconds(2)).due_cases(),
              ElementsAre(Property(&v1::ShiftHandover::Due::case_name, kept.name())));
  EXPECT_THAT(due_at(now() + absl::Hours(24 * 7)).due_cases(), IsEmpty()) << "the shift is over by then";
}

// Every shift of that hall is the officer's.
TEST_F(ShiftHandoverTest, GoesToWhoHasTheNextShiftUnlessItSaysToWhom) {
  const char* const nobody = "request_id: '$id' shift_handover: {hall: 'halls/110102014' note: '无'}";
  const std::string deputy = test::Token("staff/deputy-110102014", "halls/110102014", {"officer"});
  EXPECT_THAT(Must<v1::ShiftHandover>("CreateShiftHandover", nobody, deputy),
              Partially("recipient: 'staff/officer-110102014'"));
  EXPECT_EQ(ReasonFor("CreateShiftHandover", nobody, Stranger()), "FIELD_INVALID") << "who has the next shift";
}

TEST_F(ShiftHandoverTest, IsWithdrawnByItsAuthorAndTakenByALeaderInTheirPlace) {
  const v1::ShiftHandover first = Offered();
  EXPECT_EQ(ReasonFor("WithdrawShiftHandover", Of(first), Colleague()), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::ShiftHandover>("WithdrawShiftHandover", Of(first)), Partially("state: STATE_WITHDRAWN"));
  EXPECT_EQ(TasksOf(first), "");
  EXPECT_THAT(Must<v1::ShiftHandover>("TakeShiftHandover", Of(Offered()), Leader()),
              Partially("state: STATE_TAKEN taker: 'staff/li-min' recipient: 'staff/zhao-li'"));
}

TEST_F(ShiftHandoverTest, IsWithinOneHallAndAboutItsOpenCases) {
  EXPECT_EQ(ReasonFor("CreateShiftHandover", To("staff/wang")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreateShiftHandover", To("staff/nobody")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateShiftHandover", To("staff/officer-110102014")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateShiftHandover", To("staff/zhao-li"), Stranger()), "OTHER_HALL");
  EXPECT_EQ(ReasonFor("CreateShiftHandover", To("staff/zhao-li", "items: {case_name: 'cases/$id' note: '无'}")),
            "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("GetShiftHandover", absl::StrCat("name: '", Offered().name(), "'"), Stranger()), "OTHER_HALL");
}

TEST_F(ShiftHandoverTest, IsListedNewestFirstWithoutItsWords) {
  const v1::ShiftHandover first = Offered();
  const v1::ShiftHandover second = Offered();
  const auto listed = Must<v1::ListShiftHandoversResponse>("ListShiftHandovers", "recipient: 'staff/zhao-li'");
  ASSERT_GE(listed.shift_handovers_size(), 2);
  EXPECT_EQ(listed.shift_handovers(0).name(), second.name());
  EXPECT_EQ(listed.shift_handovers(1).name(), first.name());
  EXPECT_EQ(listed.shift_handovers(0).note(), "");
  EXPECT_EQ(Must<v1::ListShiftHandoversResponse>("ListShiftHandovers", "page_size: 1").shift_handovers(0).name(),
            second.name());
}

}  // namespace
}  // namespace xxt::intake
