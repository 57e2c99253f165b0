#include "common/clock/clock.h"

#include <gtest/gtest.h>

#include "common/testing/scratch_dir.h"

namespace xxt {
namespace {

TEST(FileClock, TellsTheRealTimeWithoutAFile) {
  const test::ScratchDir dir;
  const FileClock clock(dir.File("clock"));
  const absl::Time before = absl::Now();
  const absl::Time told = clock.Now();
  EXPECT_GE(told, before);
  EXPECT_LE(told, absl::Now());
}

TEST(FileClock, AdvancesAllProcessesThatShareTheFile) {
  const test::ScratchDir dir;
  FileClock mover(dir.File("clock"));
  const FileClock reader(dir.File("clock"));
  EXPECT_LT(reader.Now(), absl::Now() + absl::Hours(1));
  mover.Advance(absl::Hours(48));
  EXPECT_GE(reader.Now(), absl::Now() + absl::Hours(47));
  mover.Advance(absl::Hours(24));
  EXPECT_GE(mover.Now(), absl::Now() + absl::Hours(71));
}

TEST(FileClock, NeverGoesBackward) {
  const test::ScratchDir dir;
  FileClock clock(dir.File("clock"));
  const absl::Time before = clock.Now();
  clock.Advance(-absl::Hours(1));
  EXPECT_GE(clock.Now(), before);
}

TEST(ManualClock, StandsStillUnlessMoved) {
  ManualClock clock(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Hours(1));
}

}  // namespace
}  // namespace xxt
