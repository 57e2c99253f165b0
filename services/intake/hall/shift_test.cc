#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/testing/tokens.h"
#include "services/intake/testing.h"
#include "tests/contract/every_rpc.h"
#include "xixinting/intake/v1/shift.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using calendar::AtTimeOfDay;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;

class ShiftTest : public IntakeTest {
 protected:
  static std::string Leader() { return test::Token("staff/li-min", "halls/110102016", {"leader"}); }
  absl::CivilDay today() const { return calendar::ToCivilDay(now()); }
  // A working day that is some weeks away.
  absl::CivilDay SomeWorkday() const {
    absl::CivilDay day = today() + 30;
    while (!calendar::WorkingDays::China().IsWorkday(day)) ++day;
    return day;
  }
  static std::string Seconds(absl::Time time) { return absl::StrCat("{seconds: ", absl::ToUnixSeconds(time), "}"); }
  static std::string OnDay(absl::CivilDay day) {
    return absl::StrCat("hall: 'halls/110102016' day: {year: ", day.year(), " month: ", day.month(),
                        " day: ", day.day(), "}");
  }
  static std::string Turn(absl::Time from, absl::Time to, const std::string& staff) {
    return absl::StrCat(" shifts: {start_time: ", Seconds(from), " end_time: ", Seconds(to), " staff: '", staff, "'}");
  }
  static std::string Morning(absl::CivilDay day, const std::string& staff = "staff/wang") {
    return Turn(AtTimeOfDay(day, 9, 0), AtTimeOfDay(day, 12, 0), staff);
  }
  static std::string Afternoon(absl::CivilDay day, const std::string& staff = "staff/wang") {
    return Turn(AtTimeOfDay(day, 13, 30), AtTimeOfDay(day, 17, 30), staff);
  }
  static std::string Replacing(absl::CivilDay day, const std::string& shifts) {
    return absl::StrCat("request_id: '$id' rota: {", OnDay(day), shifts, "}");
  }
  // What the leader is told to mend.
  std::vector<std::string> Faults(absl::CivilDay day, const std::string& shifts) {
    return contract::FieldsOf(Call<v1::Rota>("ReplaceRota", Replacing(day, shifts), Leader()).status());
  }
  v1::Rota On(absl::CivilDay day) { return Must<v1::Rota>("GetRota", OnDay(day)); }
};

TEST_F(ShiftTest, OfADayAreReplacedAsAWholeAndReadByTime) {
  const absl::CivilDay day = SomeWorkday();
  const v1::Rota next_day = On(day + 1);
  const auto made =
      Must<v1::Rota>("ReplaceRota", Replacing(day, Afternoon(day, "staff/chen") + Morning(day)), Leader());
  EXPECT_THAT(made, Partially("shifts: {staff: 'staff/wang'} shifts: {staff: 'staff/chen'}"));
  EXPECT_THAT(On(day), EqualsProto(made.DebugString()));
  const auto again = Must<v1::Rota>("ReplaceRota", Replacing(day, Morning(day) + Afternoon(day)), Leader());
  EXPECT_THAT(On(day), EqualsProto(again.DebugString()));
  EXPECT_EQ(On(day).shifts_size(), 2);
  EXPECT_THAT(On(day + 1), EqualsProto(next_day.DebugString()));
  EXPECT_EQ(On(absl::CivilDay(1990, 1, 1)).shifts_size(), 0);
}

TEST_F(ShiftTest, LeaveNoGapInTheOpeningHours) {
  const absl::CivilDay day = SomeWorkday();
  EXPECT_THAT(Faults(day, Morning(day)), ElementsAre("rota.shifts"));
  EXPECT_THAT(Faults(day, Morning(day) + Afternoon(day + 1)), ElementsAre("rota.shifts[1].start_time"));
}

TEST_F(ShiftTest, AreOfTheHallsOwnStaff) {
  const absl::CivilDay day = SomeWorkday();
  EXPECT_THAT(Faults(day, Morning(day) + Afternoon(day, "staff/officer-110102014")),
              ElementsAre("rota.shifts[1].staff"));
}

TEST_F(ShiftTest, AreLookedUpWithTheBeginningOfTheNextOne) {
  const std::string at = Seconds(AtTimeOfDay(today(), 12, 30));
  EXPECT_THAT(Must<v1::LookupDutyOfficerResponse>("LookupDutyOfficer", "hall: 'halls/110102016' at_time: " + at),
              EqualsProto("staff: {name: 'staff/wang' display_name: '王建国' hall: 'halls/110102016'} later: true "
                          "attend_time: " +
                          Seconds(AtTimeOfDay(today(), 13, 30))));
  EXPECT_EQ(ReasonFor("LookupDutyOfficer", "hall: 'halls/999999999'"), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
