// The engine while somebody sets the machine's clock, or stops the process.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "common/tasks/engine_world.h"
#include "common/testing/clocks.h"

namespace xxt::tasks {
namespace {

class ClockSteps : public EngineWorld {
 protected:
  std::unique_ptr<Engine> Start(const std::function<void()>& meanwhile = [] {}) {
    options_.lease = absl::Seconds(30);
    options_.poll = absl::Milliseconds(500);  // a sweep that waits in the kernel does not notice that time passes
    options_.workers = 1;
    return EngineWorld::Start(Kind([this, meanwhile](const Task&, SteadyTime) {
      if (++handled_ == 1) meanwhile();
      return Verdict::Done();
    }));
  }

  void AwaitHandled(int count) const {
    // By PostgreSQL's clock: this process' own are moved about.
    for (int i = 0; i < 2000 && handled_ < count; ++i) db_.Sql("SELECT pg_sleep(0.01)");
    EXPECT_EQ(handled_, count);
  }

  std::atomic<int> handled_{0};
};

TEST_F(ClockSteps, TasksAreDoneAtOnceWhicheverWayTheWallClockIsSet) {
  const auto engine = Start();
  Make(1);
  AwaitHandled(1);
  xxt::test::StepWallClock(-absl::Hours(1));
  Make(1);
  AwaitHandled(2);
  xxt::test::StepWallClock(absl::Hours(2));
  Make(1);
  AwaitHandled(3);
  xxt::test::StepWallClock(-absl::Hours(1));
}

TEST_F(ClockSteps, WhatMayBeDoneAtOnceIsSoThoughTheClockThatSaidItWasAhead) {
  const auto engine = Start();
  xxt::test::StepWallClock(absl::Hours(1));
  clock_.Advance(absl::Hours(1));
  Make(1, clock_.Now());
  xxt::test::StepWallClock(-absl::Hours(1));
  clock_.Advance(-absl::Hours(1));
  AwaitHandled(1);
}

TEST_F(ClockSteps, WhatWasClaimedBeforeAPauseIsNotBegunAfterItThoughTheWallClockWasSetBack) {
  const auto engine = Start([this] {
    while (db_.Sql("SELECT count(*) FROM backbone.task WHERE state = 'running'") != "2") std::this_thread::yield();
    xxt::test::PassTime(absl::Seconds(20));
    xxt::test::StepWallClock(-absl::Seconds(20));
  });
  Make(2);
  AwaitHandled(2);
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'given_back'"), "1");
}

}  // namespace
}  // namespace xxt::tasks
