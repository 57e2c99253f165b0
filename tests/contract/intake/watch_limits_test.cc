// How many watch at a time, and readiness of a service without its tables, or its keys.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/watch_world.h"
#include "tests/contract/locked_table.h"
#include "tests/contract/service_world.h"

namespace xxt::intake {
namespace {

TEST_F(WatchCases, AThousandOnOneConnectionLeaveRoomForCalls) {
  TakeAnotherWorld();
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 1000; ++i) watches.push_back(std::make_unique<Watch>(world(), Officer(), ""));
  std::vector<Watch*> listening;
  for (const auto& watch : watches) {
    if (watch->Listens()) listening.push_back(watch.get());
  }
  EXPECT_GE(listening.size(), 500U);
  const std::string name = Open();
  for (Watch* watch : listening) {
    const std::optional<Event> event = watch->Next();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->subject(), name);
  }
}

TEST_F(WatchCases, OfOneCallerAreAThousandHoweverManyConnectionsHoldThem) {
  TakeAnotherWorld();
  const std::vector<std::shared_ptr<grpc::Channel>> connections = {world().Connect(), world().Connect(),
                                                                   world().Connect()};
  std::vector<std::unique_ptr<Watch>> watches;
  for (std::size_t hundred = 0; hundred < 10; ++hundred) {
    // No more at once than may wait to be opened.
    for (int i = 0; i < 100; ++i) {
      watches.push_back(std::make_unique<Watch>(connections[hundred % connections.size()], Officer(), ""));
    }
    for (auto watch = watches.end() - 100; watch != watches.end(); ++watch) ASSERT_TRUE((*watch)->Listens());
  }
  // The last connection holds no more than 300.
  EXPECT_EQ(contract::ReasonOf(Watch(connections.back(), Officer(), "").End()), "AT_CAPACITY");
  EXPECT_TRUE(Watch(connections.back(), District(), "").Listens());
  watches.pop_back();
  EXPECT_TRUE(contract::Eventually([&] { return Watch(connections.back(), Officer(), "").Listens(); }));
}

// Nothing of what they are behind is for them, so that nothing is written meanwhile and they are read for on and on.
TEST_F(WatchCases, ThatStandFarBackHoldTheEndUpForOneReadingAndNotForOneEach) {
  TakeAnotherWorld();
  world().database().Sql(
      "INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time) "
      "SELECT gen_random_uuid(), 'case.opened.v1', 'cases/x', 'halls/110102016', 'staff/wang', 's', now() "
      "FROM generate_series(1, 60000)");
  ASSERT_TRUE(contract::Eventually([&] {
    return world().database().Sql(
               "SELECT count(*) FROM backbone.event WHERE transaction >= pg_snapshot_xmin(pg_current_snapshot())") ==
           "0";
  }));
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 8; ++i) watches.push_back(std::make_unique<Watch>(world(), Stranger(), "0"));
  for (const auto& watch : watches) EXPECT_TRUE(watch->Listens());
  const contract::LockedTable silent(world().database(), "backbone.event");
  const SteadyTime begin = SteadyTime::Now();
  world().Drain();
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(6)) << "PostgreSQL waits two seconds for a lock";
}

// Whether the service says SERVING (grpc.health.v1, field 1 is 1) in time. It
// looks at once when it starts, and then every second.
bool SaysServing(const World& world, absl::Duration within) {
  const absl::Time give_up = absl::Now() + within;
  while (absl::Now() < give_up) {
    if (contract::Send(world.channel(), "/grpc.health.v1.Health/Check", "", "").bytes == "\x08\x01") return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(Readiness, AServiceWithoutItsTablesNeverServes) {
  World world;
  ASSERT_TRUE(SaysServing(world, absl::Seconds(20)));
  world.RestartWithoutTables();
  EXPECT_FALSE(SaysServing(world, absl::Seconds(3)));
}

// As one that was given the key file of another district.
TEST(Readiness, AServiceWhoseKeysAreNotTheDatabasesNeitherServesNorWorksUntilTheyAre) {
  World world;
  const auto create = [&world] {
    return contract::ReasonOf(contract::Send(world.channel(), "/xixinting.intake.v1.CaseService/CreateCase",
                                             CreateRequest().SerializeAsString(), Officer())
                                  .status);
  };
  const auto count = [&world](const char* from) {
    return world.database().Sql(absl::StrCat("SELECT count(*) FROM ", from));
  };
  const char* const exchange_or_mend = "UPDATE backbone.seal_key SET mark = set_byte(mark, 0, get_byte(mark, 0) # 1)";
  const char* const tells = "backbone.task WHERE kind = 'case.tell' AND state <> 'dead'";
  world.notification().BeAway(1'000'000);
  ASSERT_EQ(create(), "OK");
  world.End();
  world.database().Sql(exchange_or_mend);
  world.database().Sql("UPDATE backbone.machine_task SET not_before = now()");
  world.notification().BeAway(0);
  const std::string cases = count("intake.cases");
  const std::string attempts = count("backbone.attempt");
  world.Start();
  EXPECT_EQ(create(), "STORE_UNAVAILABLE");
  EXPECT_FALSE(SaysServing(world, absl::Seconds(2)));
  EXPECT_EQ(count("intake.cases"), cases);
  EXPECT_EQ(count("backbone.attempt"), attempts) << "the machine claims nothing";
  EXPECT_EQ(count(tells), "1");
  world.database().Sql(exchange_or_mend);
  EXPECT_TRUE(contract::Eventually([&] { return create() == "OK"; }));
  EXPECT_TRUE(contract::Eventually([&] { return count(tells) == "0"; }));
}

}  // namespace
}  // namespace xxt::intake
