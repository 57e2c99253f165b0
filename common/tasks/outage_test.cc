// The engine without its store.
#include <gtest/gtest.h>

#include <algorithm>
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

}  // namespace
}  // namespace xxt::tasks
