#include "services/intake/storage/serials.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/testing/database.h"

namespace xxt::intake {
namespace {

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
        const absl::StatusOr<int> serial = serials.Next();
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
    seen.insert(*one.Next());
    seen.insert(*other.Next());
  }
  EXPECT_EQ(seen.size(), 300U);
  EXPECT_EQ(*seen.begin(), 1);
}

TEST(Serials, AFailureToAskLeavesTheNextOneToAsk) {
  test::Database db("intake");
  pg::PoolOptions options = db.options();
  options.connections = 1;
  pg::Pool pool(options);
  Serials serials(pool);
  db.Sql("ALTER SEQUENCE intake.case_serial RENAME TO away");
  EXPECT_FALSE(serials.Next().ok());
  db.Sql("ALTER SEQUENCE intake.away RENAME TO case_serial");
  EXPECT_EQ(*serials.Next(), 1);
}

}  // namespace
}  // namespace xxt::intake
