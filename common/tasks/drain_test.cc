// How an engine ends, and how long that takes.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/tasks/engine.h"
#include "common/tasks/engine_world.h"

namespace xxt::tasks {
namespace {

constexpr pg::Statement kLock{"test.lock", "LOCK TABLE backbone.machine_task IN ACCESS EXCLUSIVE MODE"};

class EngineDrainTest : public EngineWorld {
 protected:
  // Does `what` while the table of tasks answers nobody, once somebody waits for it.
  void WhileLocked(absl::FunctionRef<void()> what) {
    pg::Pool holder(db_.options());
    EXPECT_TRUE(pg::InTransaction(holder, SteadyTime::Now() + absl::Seconds(30), [&](pg::Session& session) {
                  const absl::Status locked = session.Run(kLock).status();
                  if (!locked.ok()) return locked;
                  EXPECT_TRUE(
                      Becomes("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                              "AND datname = current_database()",
                              "t"));
                  what();
                  return absl::OkStatus();
                }).ok());
  }
};

TEST_F(EngineDrainTest, GivesBackWhatWasNotBegun) {
  std::atomic<int> begun{0};
  std::atomic<bool> go{false};
  auto engine = Start(Kind([&](const Task&, SteadyTime) {
    ++begun;
    while (!go) std::this_thread::yield();
    return Verdict::Done();
  }));
  Make(20);
  while (begun < 2) std::this_thread::yield();
  std::thread drain([&] { engine->Drain(); });
  go = true;
  drain.join();
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE state = 'running'"), "0");
  EXPECT_EQ(std::stoi(db_.Sql(kOpen)) + std::stoi(db_.Sql(kDone)), 20);
}

TEST_F(EngineDrainTest, WaitsForOneAnswerOfTheStoreAndNotForOneOfEachLane) {
  std::vector<MachineKind> kinds(5, DoneKind());
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i].name = absl::StrCat("test.work", i);
  Engine engine(options_, db_.pool(), clock_, kinds);
  WhileLocked([&] {
    const SteadyTime begin = SteadyTime::Now();
    engine.Drain();
    EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(7));
  });
}

// What has one time is not given another for each thing that is to be stored: what came of the task in hand, and that
// the other was not begun.
TEST_F(EngineDrainTest, EndsAfterHalfTheLeaseAndOneWaitForTheStore) {
  options_.workers = 1;
  options_.store_within = absl::Seconds(1);  // the lock would be waited for longer
  const absl::Duration longest = options_.lease / 2 + options_.store_within;
  const absl::Duration redis_and_threads = absl::Milliseconds(700);
  std::atomic<int> begun{0};
  auto engine = Start(Kind([&begun](const Task&, SteadyTime deadline) {
    ++begun;
    while (!deadline.passed()) std::this_thread::yield();
    return Verdict::Retry("nobody answers");
  }));
  Make(2);
  EXPECT_TRUE(Comes([&] { return begun == 1; }));
  WhileLocked([&] {
    const SteadyTime begin = SteadyTime::Now();
    engine.reset();
    const absl::Duration took = SteadyTime::Now() - begin;
    EXPECT_GT(took, options_.store_within) << "nobody waited for the store";
    EXPECT_LT(took, longest + redis_and_threads);
  });
  EXPECT_EQ(begun, 1);
  const auto next = Start(DoneKind());
  EXPECT_TRUE(Becomes(kDone, "2"));
}

}  // namespace
}  // namespace xxt::tasks
