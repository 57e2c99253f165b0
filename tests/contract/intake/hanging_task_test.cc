// How long the service may take to stop: whom a task asks is silent, and then so is the store. See drain_test.cc.

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/config/service_config.h"
#include "common/tasks/task.h"
#include "common/testing/database.h"
#include "tests/contract/drain_world.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "tests/contract/service.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {
namespace {

// As docs/architecture.md counts it.
absl::Duration LongestStop(const config::Service& of) {
  constexpr absl::Duration kWatchRead = absl::Seconds(5);
  return of.probe_period + kWatchRead + of.drain_deadline + of.task_lease / 2 + tasks::kStoreWithin;
}

// The machine's tasks answer nobody, from when this is made until it is destroyed.
class LockedTasks {
 public:
  explicit LockedTasks(const test::Database& database)
      : database_(database), holder_([&database] {
          database.Sql(
              "DO $$ BEGIN LOCK TABLE backbone.machine_task IN ACCESS EXCLUSIVE MODE; "
              "PERFORM pg_advisory_xact_lock_shared(7); PERFORM pg_sleep(600); "
              "EXCEPTION WHEN query_canceled THEN NULL; END $$");
        }) {
    EXPECT_TRUE(Eventually([&] { return Holders("count(*)") == "1"; }));
  }
  ~LockedTasks() {
    Holders("pg_cancel_backend(pid)");
    holder_.join();
  }
  LockedTasks(const LockedTasks&) = delete;
  LockedTasks& operator=(const LockedTasks&) = delete;

 private:
  std::string Holders(const std::string& what) const {
    return database_.Sql("SELECT " + what +
                         " FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted "
                         "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
  }

  const test::Database& database_;
  std::thread holder_;
};

TEST_F(DrainTest, EndsInTheTimeThatIsSaidThoughATaskHangsAndThenTheStoreDoes) {
  EXPECT_EQ(LongestStop({}), absl::Seconds(43)) << "docs/architecture.md";
  config::Service quick;
  quick.probe_period = absl::ZeroDuration();
  quick.task_lease = absl::Seconds(4);
  const Service& service = ServiceUnderTest();
  intake::FakeNotification& notification = intake::World::Get().notification();
  const auto channel = Start({.probe_period = quick.probe_period, .task_lease = quick.task_lease});
  notification.Hold(true);
  const int before = notification.held();
  EXPECT_TRUE(Send(channel, service.writes, service.next(), intake::Officer()).status.ok());
  EXPECT_TRUE(Eventually([&] { return notification.held() > before; }));
  {
    const LockedTasks locked(service.database());
    const SteadyTime begin = SteadyTime::Now();
    service.drain();
    const absl::Duration took = SteadyTime::Now() - begin;
    EXPECT_GT(took, quick.task_lease / 2) << "nobody waited for the task and the store";
    EXPECT_LT(took, LongestStop(quick));
  }
  notification.Hold(false);
  Start({});
  EXPECT_TRUE(Eventually([&] {
    return service.database().Sql("SELECT count(*) FROM backbone.task WHERE kind = 'case.tell'") == "0";
  })) << "what could not be stored is done by the next";
}

}  // namespace
}  // namespace xxt::contract
