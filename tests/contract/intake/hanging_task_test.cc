// How long the service may take to stop: whom a task asks is silent, and then so is the store. See drain_test.cc.

#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/config/service_config.h"
#include "common/tasks/task.h"
#include "tests/contract/drain_world.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "tests/contract/locked_table.h"
#include "tests/contract/service.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {
namespace {

// As docs/architecture.md counts it.
absl::Duration LongestStop(const config::Service& of) {
  constexpr absl::Duration kWatchRead = absl::Seconds(5);
  return of.probe_period + kWatchRead + of.drain_deadline + of.task_lease / 2 + tasks::kStoreWithin;
}

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
    const LockedTable locked(service.database(), "backbone.machine_task");
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
