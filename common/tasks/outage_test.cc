// The engine without its store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/tasks/engine_world.h"
#include "common/testing/closing_server.h"

namespace xxt::tasks {
namespace {

using OutageTest = EngineWorld;

TEST_F(OutageTest, AnEngineWithoutItsStoreNeitherStormsItNorTheLog) {
  const xxt::test::ClosingServer server;
  pg::PoolOptions away = db_.options();
  away.dsn = server.dsn();
  pg::Pool pool(away);
  std::vector<MachineKind> kinds(5, DoneKind());
  for (MachineKind& kind : kinds) kind.name = absl::StrCat("test.work-", &kind - kinds.data());
  testing::internal::CaptureStderr();
  const SteadyTime began = SteadyTime::Now();
  {
    const Engine engine(options_, pool, clock_, kinds);
    EXPECT_TRUE(Comes([&server] { return server.connections() >= 6; }));
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_GE(SteadyTime::Now() - began, absl::Milliseconds(750));
  // One says that the store cannot be reached, one that no tasks are looked for.
  EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 2) << log;
}

// What a sweep is to catch up on is not done because it could not look.
TEST_F(OutageTest, WhatWasHandedOutInAnOutageIsFoundRightAfterIt) {
  std::atomic<bool> may_claim{false};
  options_.may_claim = [&may_claim] { return may_claim.load(); };
  options_.redeliver_after = absl::Hours(1);
  const auto engine = Start(DoneKind());
  // What the engine looks for at its start, too, is over when it has swept some times.
  for (int i = 0; i < 4; ++i) {
    db_.Sql(
        "INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due) "
        "VALUES (gen_random_uuid(), 'test.nobodys', 'bulk', 's', gen_random_uuid(), '-infinity')");
    ASSERT_TRUE(Becomes("SELECT count(*) FROM backbone.timer", "0"));
  }
  Make(1);
  CutOff(true);
  testing::internal::CaptureStderr();
  may_claim = true;
  // The claim fails, and several sweeps do.
  const SteadyTime end = SteadyTime::Now() + absl::Milliseconds(500);
  EXPECT_TRUE(Comes([&end] { return end.passed(); }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("task.claim_failed"));
  CutOff(false);
  EXPECT_TRUE(Becomes(kDone, "1"));
}

}  // namespace
}  // namespace xxt::tasks
