#include "services/intake/hall/duty_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/pg/pool.h"
#include "common/testing/database.h"

namespace xxt::intake::hall {
namespace {

constexpr char kHall[] = "halls/110102016";

class DutyCacheTest : public testing::Test {
 protected:
  DutyCacheTest() {
    db_.Sql(R"sql(
      INSERT INTO intake.staff VALUES ('staff/wang', '王建国', 'halls/110102016'), ('staff/li', '李红', 'halls/110102016');
      INSERT INTO intake.shifts VALUES
        ('halls/110102016', '2026-03-06 01:00Z', '2026-03-06 04:00Z', 'staff/wang', NULL, false),
        ('halls/110102016', '2026-03-06 05:30Z', '2026-03-06 09:00Z', 'staff/li', NULL, false))sql");
  }

  // Who has duty at `hour` o'clock, or what went wrong.
  std::string OnDuty(int hour) {
    std::string staff;
    const absl::Status status =
        pg::Read(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
          const auto duty = cache_.Load(session, kHall, calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), hour, 0));
          if (!duty.ok()) return duty.status();
          staff = (*duty)->shifts.empty() ? "nobody" : (*duty)->shifts[0].staff;
          return absl::OkStatus();
        });
    return status.ok() ? staff : status.ToString();
  }

  void GiveAllShiftsTo(const std::string& staff) { db_.Sql("UPDATE intake.shifts SET staff = '" + staff + "'"); }

  test::Database db_{"intake"};
  DutyCache cache_;
};

TEST_F(DutyCacheTest, AShiftIsOverWhenItIsOver) {
  EXPECT_EQ(OnDuty(10), "staff/wang");
  EXPECT_EQ(OnDuty(12), "staff/li");
  EXPECT_EQ(OnDuty(17), "nobody");
}

TEST_F(DutyCacheTest, AsksAnewAfterASecond) {
  EXPECT_EQ(OnDuty(10), "staff/wang");
  GiveAllShiftsTo("staff/li");
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (OnDuty(10) != "staff/li" && absl::Now() < deadline) {
  }
  EXPECT_EQ(OnDuty(10), "staff/li");
}

TEST_F(DutyCacheTest, RemembersNothingWhileAChangeMayBeUnderWay) {
  EXPECT_EQ(OnDuty(10), "staff/wang");
  cache_.Forget(kHall);
  EXPECT_EQ(OnDuty(10), "staff/wang");  // asked before the change was committed
  GiveAllShiftsTo("staff/li");
  EXPECT_EQ(OnDuty(10), "staff/li");
}

TEST_F(DutyCacheTest, WhoIsAskedForAnEarlierMomentIsAskedOfTheDatabase) {
  EXPECT_EQ(OnDuty(15), "staff/li");
  EXPECT_EQ(OnDuty(10), "staff/wang");
}

}  // namespace
}  // namespace xxt::intake::hall
