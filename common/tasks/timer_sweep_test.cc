#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/tasks/sweep.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

class TimerSweepTest : public testing::Test {
 protected:
  // `after`: when they are due, from now_ on.
  void Make(int count, absl::Duration after) {
    db_.Sql(absl::StrCat("INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due) ",
                         "SELECT gen_random_uuid(), 'test.work', 'normal', 's', gen_random_uuid(), to_timestamp(",
                         absl::ToUnixSeconds(now_ + after), ") FROM generate_series(1, ", count, ")"));
  }
  std::size_t Fire(absl::Duration clock_error = absl::ZeroDuration()) {
    const auto due = sweep_.Fire(db_.pool(), now_ + clock_error, 10);
    EXPECT_TRUE(due.ok()) << due.status();
    return due.ok() ? due->size() : 0;
  }
  // What as many rounds find together.
  std::size_t FireRounds(int rounds) {
    std::size_t found = 0;
    for (int round = 0; round < rounds; ++round) found += Fire();
    return found;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  xxt::test::Database db_{"intake"};
  TimerSweep sweep_;
};

TEST_F(TimerSweepTest, FiresWhatIsDueHoweverLongPieceByPiece) {
  Make(25, -absl::Hours(10'000));
  Make(1, absl::Seconds(1));
  EXPECT_EQ(Fire(), 10u);
  EXPECT_EQ(Fire(), 10u);
  EXPECT_EQ(Fire(), 5u);
  EXPECT_EQ(Fire(), 0u) << "the last is not due";
}

// The entries of what fired stay in the index while anybody holds an old
// snapshot. They are not walked at every round.
TEST_F(TimerSweepTest, WhatIsSetBackWaitsForALongLook) {
  EXPECT_EQ(Fire(), 0u);
  Make(1, -absl::Minutes(2));
  EXPECT_EQ(Fire(), 0u);
  Make(1, -absl::Seconds(1));
  EXPECT_EQ(Fire(), 1u);
  EXPECT_EQ(FireRounds(Look::kRoundsPerLongLook), 1u);
}

TEST_F(TimerSweepTest, AClockThatWasAheadHidesNothingForLong) {
  EXPECT_EQ(Fire(absl::Hours(1)), 0u);
  EXPECT_EQ(Fire(), 0u);
  Make(1, -absl::Seconds(1));
  EXPECT_EQ(Fire(), 1u);
}

}  // namespace
}  // namespace xxt::tasks
