#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

#include "absl/synchronization/notification.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/guard.h"
#include "common/concurrency/loop.h"

namespace xxt {
namespace {

TEST(Executor, RunsEveryQueuedJobBeforeItIsDestroyed) {
  std::atomic<int> ran{0};
  {
    Executor executor(2, 100);
    for (int i = 0; i < 100; ++i) {
      while (!executor.TrySubmit([&ran] { ++ran; })) {
      }
    }
  }
  EXPECT_EQ(ran, 100);
}

TEST(Executor, RefusesWhenTheQueueIsFull) {
  absl::Notification started;
  absl::Notification release;
  Executor executor(1, 1);
  ASSERT_TRUE(executor.TrySubmit([&] {
    started.Notify();
    release.WaitForNotification();
  }));
  started.WaitForNotification();
  EXPECT_TRUE(executor.TrySubmit([] {}));
  EXPECT_FALSE(executor.TrySubmit([] {}));
  EXPECT_EQ(executor.queued(), 1u);
  release.Notify();
}

TEST(Executor, LivesOnAfterAJobThatThrows) {
  const std::int64_t before = CaughtExceptions();
  std::atomic<int> ran{0};
  {
    Executor executor(1, 2);
    ASSERT_TRUE(executor.TrySubmit([] { throw std::runtime_error("bad input"); }));
    ASSERT_TRUE(executor.TrySubmit([&ran] { ++ran; }));
  }
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(CaughtExceptions(), before + 1);
}

TEST(Loop, GoesOnAfterAStepThatThrows) {
  std::atomic<int> steps{0};
  absl::Notification second;
  Loop loop("test", [&]() -> absl::Duration {
    if (++steps == 1) throw std::runtime_error("bad input");
    if (!second.HasBeenNotified()) second.Notify();
    return absl::Hours(1);
  });
  EXPECT_TRUE(second.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST(Loop, NudgeEndsThePause) {
  std::atomic<int> steps{0};
  absl::Notification first;
  absl::Notification second;
  Loop loop("test", [&] {
    const int step = ++steps;
    if (step == 1) first.Notify();
    if (step == 2) second.Notify();
    return absl::Hours(1);
  });
  first.WaitForNotification();
  loop.Nudge();
  EXPECT_TRUE(second.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST(Loop, StopsDuringAPause) {
  absl::Notification first;
  const auto loop = std::make_unique<Loop>("test", [&] {
    if (!first.HasBeenNotified()) first.Notify();
    return absl::InfiniteDuration();
  });
  first.WaitForNotification();
  loop->Stop();
}

}  // namespace
}  // namespace xxt
