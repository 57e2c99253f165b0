// The engine while somebody sets the machine's clock, or stops the process.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/tasks/engine.h"
#include "common/testing/clocks.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

class ClockSteps : public testing::Test {
 protected:
  std::unique_ptr<Engine> Start(std::function<void()> meanwhile = [] {}) {
    EngineOptions options;
    options.service = absl::StrCat("test-", identifiers::NewUuid(absl::Now()));
    options.redis = xxt::test::TestRedis();
    options.workers = 1;
    MachineKind kind;
    kind.name = "test.work";
    kind.handle = [this, meanwhile](const Task&, SteadyTime) {
      if (++handled_ == 1) meanwhile();
      return Verdict::Done();
    };
    kind.on_dead = [](pg::Session&, const Task&, absl::string_view) { return absl::OkStatus(); };
    return std::make_unique<Engine>(options, db_.pool(), clock_, std::vector{kind});
  }

  void Make(int count) {
    ASSERT_TRUE(pg::InTransaction(db_.pool(), SteadyTime::Now() + absl::Seconds(10), [&](pg::Session& session) {
                  for (int i = 0; i < count; ++i) {
                    NewTask task;
                    task.kind = "test.work";
                    Enqueue(session, task);
                  }
                  return absl::OkStatus();
                }).ok());
  }

  void AwaitHandled(int count) const {
    // By PostgreSQL's clock: this process' own are moved about.
    for (int i = 0; i < 2000 && handled_ < count; ++i) db_.Sql("SELECT pg_sleep(0.01)");
    EXPECT_EQ(handled_, count);
  }

  xxt::test::Database db_{"intake"};
  const ManualClock clock_{absl::Now()};
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
