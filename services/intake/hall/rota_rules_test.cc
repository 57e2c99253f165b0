#include "services/intake/hall/rota_rules.h"

#include <string>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake::hall {
namespace {

using calendar::AtTimeOfDay;
using calendar::OpeningHours;
using calendar::WorkingDays;
using ::testing::HasSubstr;

constexpr absl::CivilDay kMonday(2026, 3, 2);

absl::Time At(int hour, int minute = 0, absl::CivilDay day = kMonday) { return AtTimeOfDay(day, hour, minute); }

Shift Turn(int from, int to, const std::string& staff, const std::string& deputy = "", absl::CivilDay day = kMonday) {
  return {At(from, 0, day), At(to, 0, day), staff, deputy, false};
}

Shift Away(Shift shift) {
  shift.away = true;
  return shift;
}

OpeningHours Hours() { return OpeningHours::Parse("Mon-Fri 09:00-12:00,13:00-17:00", WorkingDays::China()).value(); }

TEST(PickDutyOfficer, TakesTheOfficerOfTheShift) {
  const auto pick = PickDutyOfficer({Turn(13, 17, "staff/wang"), Turn(9, 12, "staff/li", "staff/zhao")}, At(10));
  ASSERT_TRUE(pick.has_value());
  EXPECT_EQ(pick->staff, "staff/li");
  EXPECT_FALSE(pick->later);
  EXPECT_EQ(pick->attend_time, At(10));
}

TEST(PickDutyOfficer, TakesTheDeputyWhileTheOfficerIsAway) {
  const auto pick = PickDutyOfficer({Away(Turn(9, 12, "staff/li", "staff/zhao"))}, At(10));
  ASSERT_TRUE(pick.has_value());
  EXPECT_EQ(pick->staff, "staff/zhao");
  EXPECT_FALSE(pick->later);
}

TEST(PickDutyOfficer, TakesTheNextShiftWhenNobodyIsThereAndSaysSo) {
  const std::vector<Shift> shifts = {Away(Turn(9, 12, "staff/li")), Turn(13, 17, "staff/wang")};
  const auto pick = PickDutyOfficer(shifts, At(10));
  ASSERT_TRUE(pick.has_value());
  EXPECT_EQ(pick->staff, "staff/wang");
  EXPECT_TRUE(pick->later);
  EXPECT_EQ(pick->attend_time, At(13));
  EXPECT_TRUE(PickDutyOfficer(shifts, At(12, 30))->later);
}

TEST(PickDutyOfficer, TakesTheNextShiftsDeputyIfItsOfficerIsAway) {
  EXPECT_EQ(PickDutyOfficer({Away(Turn(13, 17, "staff/wang", "staff/zhao"))}, At(10))->staff, "staff/zhao");
}

TEST(PickDutyOfficer, HandsOverAtTheVeryMinute) {
  const std::vector<Shift> shifts = {Turn(9, 12, "staff/li"), Turn(12, 17, "staff/wang")};
  EXPECT_EQ(PickDutyOfficer(shifts, At(12) - absl::Nanoseconds(1))->staff, "staff/li");
  EXPECT_EQ(PickDutyOfficer(shifts, At(12))->staff, "staff/wang");
}

TEST(PickDutyOfficer, SaysSoWhenNobodyIsLeft) {
  EXPECT_FALSE(PickDutyOfficer({}, At(10)).has_value());
  EXPECT_FALSE(PickDutyOfficer({Turn(9, 12, "staff/li")}, At(12)).has_value());
  EXPECT_FALSE(PickDutyOfficer({Away(Turn(9, 12, "staff/li"))}, At(9)).has_value());
}

// What is wrong with the rota, "field: why"; empty if nothing is.
std::string Fault(const std::vector<Shift>& shifts, absl::CivilDay day = kMonday) {
  const auto fault = FindRotaFault(shifts, day, Hours());
  if (!fault.has_value()) return "";
  EXPECT_FALSE(fault->zh.empty());
  return fault->field + ": " + fault->en;
}

TEST(FindRotaFault, IsAGapInTheOpeningHours) {
  EXPECT_THAT(Fault({}), HasSubstr("nobody from 09:00 to 12:00"));
  EXPECT_THAT(Fault({Turn(9, 12, "staff/li")}), HasSubstr("nobody from 13:00 to 17:00"));
  EXPECT_THAT(Fault({Turn(9, 11, "staff/li"), Turn(13, 17, "staff/wang")}), HasSubstr("nobody from 11:00 to 12:00"));
  EXPECT_THAT(Fault({Turn(9, 14, "staff/li"), Turn(15, 17, "staff/wang")}), HasSubstr("nobody from 14:00 to 15:00"));
  EXPECT_THAT(Fault({Turn(10, 17, "staff/li")}), HasSubstr("nobody from 09:00 to 10:00"));
}

TEST(FindRotaFault, CountsAnAwayOfficerWithoutDeputyAsAGap) {
  EXPECT_THAT(Fault({Away(Turn(9, 12, "staff/li")), Turn(13, 17, "staff/wang")}),
              HasSubstr("nobody from 09:00 to 12:00"));
  EXPECT_EQ(Fault({Away(Turn(9, 17, "staff/li", "staff/zhao"))}), "");
}

TEST(FindRotaFault, NeedsNobodyOnARestDayAndEverybodyOnAWorkedWeekend) {
  EXPECT_EQ(Fault({}, absl::CivilDay(2026, 2, 16)), "");
  EXPECT_THAT(Fault({}, absl::CivilDay(2026, 2, 14)), HasSubstr("nobody from 09:00"));
}

TEST(FindRotaFault, NamesTheShiftAtFault) {
  const Shift good = Turn(9, 17, "staff/li");
  EXPECT_THAT(Fault({good, Turn(18, 18, "staff/wang")}), HasSubstr("rota.shifts[1].end_time"));
  EXPECT_THAT(Fault({good, Turn(9, 10, "staff/wang", "", kMonday + 1)}), HasSubstr("not within 2026-03-02"));
  EXPECT_THAT(Fault({good, Turn(17, 18, "")}), HasSubstr("rota.shifts[1].staff"));
  EXPECT_THAT(Fault({good, Turn(17, 18, "staff/li", "staff/li")}), HasSubstr("rota.shifts[1].deputy"));
  EXPECT_THAT(Fault({good, Turn(16, 18, "staff/wang")}), HasSubstr("overlaps rota.shifts[0]"));
}

}  // namespace
}  // namespace xxt::intake::hall
