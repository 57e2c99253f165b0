// Pools whose store is away, and says so at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/pg/backoff.h"
#include "common/pg/pool_world.h"
#include "common/status/errors.h"
#include "common/testing/closing_server.h"

namespace xxt::pg {
namespace {

absl::Status Ask(Pool& pool) {
  return Read(pool, Soon(), [](Session& session) { return session.Run(kCount).status(); });
}

// A caller that never rests; how long it took.
absl::Duration AskUntil(Pool& pool, const std::function<bool()>& enough) {
  const SteadyTime began = SteadyTime::Now();
  while (!enough()) EXPECT_EQ(errors::ReasonOf(Ask(pool)), "STORE_UNAVAILABLE");
  return SteadyTime::Now() - began;
}

std::ptrdiff_t LinesOf(const std::string& log) { return std::count(log.begin(), log.end(), '\n'); }

TEST_F(PoolTest, AStoreThatIsAwayIsAskedLessAndLessOftenAndMournedOnce) {
  const xxt::test::ClosingServer server;
  PoolOptions options = db_.options();
  options.dsn = server.dsn();
  Pool pool(options);
  testing::internal::CaptureStderr();
  const absl::Duration took = AskUntil(pool, [&server] { return server.connections() >= 6; });
  const std::string log = testing::internal::GetCapturedStderr();
  // Five pauses.
  EXPECT_GE(took, absl::Milliseconds(750));
  EXPECT_EQ(LinesOf(log), 1) << log;
}

TEST_F(PoolTest, AStoreWhoseNameIsNotKnownIsMournedOnce) {
  PoolOptions options = db_.options();
  options.dsn = "host=nobody.invalid dbname=x user=y";
  Pool pool(options);
  testing::internal::CaptureStderr();
  const SteadyTime end = SteadyTime::Now() + absl::Milliseconds(500);
  AskUntil(pool, [&end] { return end.passed(); });
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(LinesOf(log), 1) << log;
}

TEST_F(PoolTest, AStoreThatComesBackIsFoundWithinASecondOrSo) {
  Pool pool(db_.options());
  const auto take = [this](const char* connections) {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " CONNECTION LIMIT ", connections));
  };
  take("0");
  const SteadyTime end = SteadyTime::Now() + absl::Seconds(2);
  AskUntil(pool, [&end] { return end.passed(); });
  take("-1");
  const SteadyTime back = SteadyTime::Now();
  while (!Ask(pool).ok() && SteadyTime::Now() - back < absl::Seconds(10)) std::this_thread::yield();
  EXPECT_LT(SteadyTime::Now() - back, 3 * Backoff::kLongest);
}

}  // namespace
}  // namespace xxt::pg
