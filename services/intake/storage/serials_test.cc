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
  Serials serials;
  std::vector<std::vector<int>> given(kThreads);
  std::vector<std::thread> threads;
  for (std::vector<int>& mine : given) {
    threads.emplace_back([&db, &serials, &mine] {
      for (int i = 0; i < kEach; ++i) {
        const absl::Status status =
            pg::Read(db.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
              const absl::StatusOr<int> serial = serials.Next(session);
              if (serial.ok()) mine.push_back(*serial);
              return serial.status();
            });
        EXPECT_TRUE(status.ok()) << status;
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

TEST(Serials, AFailureToAskLeavesTheNextOneToAsk) {
  test::Database db("intake");
  Serials serials;
  const auto next = [&](absl::string_view options) {
    pg::PoolOptions changed = db.options();
    changed.dsn.append(options.data(), options.size());
    pg::Pool pool(changed);
    int serial = 0;
    pg::Read(pool, absl::Now() + absl::Seconds(5), [&](pg::Session& session) -> absl::Status {
      const absl::StatusOr<int> given = serials.Next(session);
      if (given.ok()) serial = *given;
      return given.status();
    }).IgnoreError();
    return serial;
  };
  EXPECT_EQ(next(" port=1"), 0);
  EXPECT_EQ(next(""), 1);
}

}  // namespace
}  // namespace xxt::intake
