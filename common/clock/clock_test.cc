#include "common/clock/clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

namespace xxt {
namespace {

std::string FreshPath(const char* name) {
  const std::string path = testing::TempDir() + name + std::to_string(getpid());
  std::remove(path.c_str());
  return path;
}

TEST(FileClock, TellsTheRealTimeWithoutAFile) {
  const FileClock clock(FreshPath("no_clock"));
  const absl::Time before = absl::Now();
  const absl::Time told = clock.Now();
  EXPECT_GE(told, before);
  EXPECT_LE(told, absl::Now());
}

TEST(FileClock, AdvancesAllProcessesThatShareTheFile) {
  const std::string path = FreshPath("shared_clock");
  FileClock mover(path);
  const FileClock reader(path);
  mover.Advance(absl::Hours(48));
  EXPECT_GE(reader.Now(), absl::Now() + absl::Hours(47));
  mover.Advance(absl::Hours(24));
  EXPECT_GE(mover.Now(), absl::Now() + absl::Hours(71));
}

TEST(FileClock, NeverGoesBackward) {
  FileClock clock(FreshPath("backward_clock"));
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
