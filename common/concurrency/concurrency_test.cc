#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>

#include "absl/synchronization/notification.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/guard.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/steady_time.h"
#include "common/testing/clocks.h"

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

TEST(Loop, APauseIsAsLongAsItIsThoughTheWallClockIsSetBack) {
  std::promise<void> paused_often;
  int steps = 0;
  Loop loop("test", [&] {
    if (++steps == 20) paused_often.set_value();
    return steps < 20 ? absl::Milliseconds(5) : absl::InfiniteDuration();
  });
  std::future<void> done = paused_often.get_future();
  int set_back = 0;
  while (set_back < 1000 && done.wait_for(std::chrono::milliseconds(10)) == std::future_status::timeout) {
    test::StepWallClock(-absl::Hours(1));
    ++set_back;
  }
  EXPECT_LT(set_back, 1000);
  test::StepWallClock(set_back * absl::Hours(1));
}

TEST(CondVar, WaitsUntilTheDeadlineThoughTheWallClockIsSetBack) {
  Mutex mu;
  CondVar changed;
  const SteadyTime deadline = absl::Now() + absl::Milliseconds(20);
  test::StepWallClock(-absl::Hours(1));
  {
    const MutexLock lock(mu);
    while (!deadline.passed()) changed.WaitUntil(mu, deadline);
  }
  EXPECT_LE(deadline.left(), absl::ZeroDuration());
  test::StepWallClock(absl::Hours(1));
}

TEST(SteadyTime, IsNotMovedByTheWallClock) {
  const SteadyTime kept = absl::Now() + absl::Minutes(1);
  test::StepWallClock(-absl::Hours(1));
  EXPECT_GT(kept.left(), absl::Seconds(50));
  EXPECT_LE(kept.left(), absl::Minutes(1));
  EXPECT_LE(kept.OnWallClock(), absl::Now() + absl::Minutes(1));
  test::StepWallClock(absl::Hours(1));
}

TEST(SteadyTime, GoesOnWhileTheProcessIsStopped) {
  const SteadyTime kept = SteadyTime::Now() + absl::Minutes(1);
  EXPECT_FALSE(kept.passed());
  test::PassTime(absl::Minutes(2));
  EXPECT_TRUE(kept.passed());
}

TEST(SteadyTime, HasNoEndAndNoBeginning) {
  EXPECT_FALSE(SteadyTime::InfiniteFuture().passed());
  EXPECT_TRUE(SteadyTime::InfinitePast().passed());
  EXPECT_EQ(SteadyTime(absl::InfiniteFuture()), SteadyTime::InfiniteFuture());
  EXPECT_EQ(SteadyTime::Now() + absl::InfiniteDuration(), SteadyTime::InfiniteFuture());
}

}  // namespace
}  // namespace xxt
