#include "services/intake/cases/serials.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::intake {
namespace {

SteadyTime Soon() { return SteadyTime::Now() + absl::Seconds(10); }

TEST(Serials, AreGivenOutOnceAndWithoutGapsByAnyNumberOfThreads) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  test::Database db("intake");
  Serials serials(db.pool());
  std::vector<std::vector<int>> given(kThreads);
  std::vector<std::thread> threads;
  for (std::vector<int>& mine : given) {
    threads.emplace_back([&serials, &mine] {
      for (int i = 0; i < kEach; ++i) {
        const absl::StatusOr<int> serial = serials.Next(Soon());
        EXPECT_TRUE(serial.ok()) << serial.status();
        if (serial.ok()) mine.push_back(*serial);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int> all;
  for (const std::vector<int>& mine : given) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(*all.begin(), 1);
  EXPECT_EQ(*all.rbegin(), kThreads * kEach);
}

TEST(Serials, AreGivenOutOnceByTwoProcesses) {
  test::Database db("intake");
  Serials one(db.pool());
  Serials other(db.pool());
  std::set<int> seen;
  for (int i = 0; i < 150; ++i) {
    seen.insert(*one.Next(Soon()));
    seen.insert(*other.Next(Soon()));
  }
  EXPECT_EQ(seen.size(), 300U);
  EXPECT_EQ(*seen.begin(), 1);
}

TEST(Serials, WhoMustNotWaitIsGivenWhatIsThere) {
  test::Database db("intake");
  Serials serials(db.pool());
  EXPECT_FALSE(serials.TryNext().has_value());
  EXPECT_EQ(*serials.Next(Soon()), 1);
  for (int serial = 2; serial <= 100; ++serial) EXPECT_EQ(serials.TryNext(), serial);
  EXPECT_FALSE(serials.TryNext().has_value());
  EXPECT_EQ(*serials.Next(Soon()), 101);
}

TEST(Serials, AFailureToAskLeavesTheNextOneToAsk) {
  test::Database db("intake");
  pg::PoolOptions options = db.options();
  options.connections = 1;
  pg::Pool pool(options);
  Serials serials(pool);
  db.Sql("ALTER SEQUENCE intake.case_serial RENAME TO away");
  EXPECT_FALSE(serials.Next(Soon()).ok());
  db.Sql("ALTER SEQUENCE intake.away RENAME TO case_serial");
  EXPECT_EQ(*serials.Next(Soon()), 1);
}

class SerialsOfOneConnection : public testing::Test {
 protected:
  static pg::PoolOptions OfOne(const test::Database& db) {
    pg::PoolOptions options = db.options();
    options.connections = 1;
    return options;
  }

  static constexpr pg::Statement kHold{"test.hold", "SELECT 1"};
  test::Database db_{"intake"};
  pg::Pool pool_{OfOne(db_)};
  Serials serials_{pool_};
};

TEST_F(SerialsOfOneConnection, NobodyWaitsLongerThanItsCallMay) {
  const SteadyTime begin = SteadyTime::Now();
  ASSERT_TRUE(pg::InTransaction(pool_, Soon(), [&](pg::Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(kHold).status());  // and with it the only connection
                std::vector<std::thread> callers;
                for (int i = 0; i < 8; ++i) {
                  callers.emplace_back([&] {
                    const absl::StatusOr<int> serial = serials_.Next(SteadyTime::Now() + absl::Milliseconds(200));
                    EXPECT_EQ(errors::ReasonOf(serial.status()), "DEADLINE") << serial.status();
                  });
                }
                for (std::thread& caller : callers) caller.join();
                return absl::OkStatus();
              }).ok());
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(*serials_.Next(Soon()), 1);
}

// With the others' reads it would be late with the slowest of them, and so would be whoever watches.
TEST_F(SerialsOfOneConnection, ABlockIsTakenWithNobodysReads) {
  std::atomic<bool> asks{false};
  std::thread reader;
  EXPECT_TRUE(pg::InTransaction(pool_, Soon(), [&](pg::Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(kHold).status());  // and with it the only connection
                reader = std::thread([&] {
                  EXPECT_TRUE(pg::Read(pool_, Soon(), [&](pg::Session& waits) {
                                asks = true;
                                return waits.Run(kHold).status();
                              }).ok());
                });
                while (!asks) std::this_thread::yield();
                const absl::Status late = serials_.Next(SteadyTime::Now() + absl::Milliseconds(100)).status();
                EXPECT_TRUE(absl::StrContains(late.message(), "a database connection")) << late;
                return absl::OkStatus();
              }).ok());
  reader.join();
}

}  // namespace
}  // namespace xxt::intake
