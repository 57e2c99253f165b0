#include "common/pg/shared_read.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/lock.h"

namespace xxt::pg {
namespace {

constexpr Statement kWho{"test.who", "SELECT $1::text, now()::text, 100 / $2::int"};

absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

struct Said {
  std::optional<Failure> failure;
  std::string name;
  std::string began;  // the transaction
};

class SharedReadTest : public testing::Test {
 protected:
  // Asks who it is; fails if `divisor` is 0.
  Said Ask(const std::string& name, int divisor, absl::Time deadline = Soon()) {
    Said said;
    std::vector<Result> results;
    said.failure = shared_.Run({{&kWho, {name, divisor}}}, deadline, &results);
    if (said.failure.has_value()) return said;
    said.name = results[0][0].Text(0);
    said.began = results[0][0].Text(1);
    return said;
  }

  // Lets all ask with `divisors` while a group is under way, which ends after `meanwhile`.
  std::vector<Said> AskTogether(
      const std::vector<int>& divisors, absl::FunctionRef<void()> meanwhile = [] {}) {
    std::vector<Said> said(divisors.size());
    std::vector<std::thread> threads;
    EXPECT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                  XXT_RETURN_IF_ERROR(session.Run(test::kHoldLock).status());
                  threads.emplace_back([this] {
                    std::vector<Result> unwanted;
                    EXPECT_FALSE(shared_.Run({{&test::kWaitForLock, {}}}, Soon(), &unwanted).has_value());
                  });
                  test::Await([&] { return test::LockWaiters(db_) == "1"; });
                  for (std::size_t i = 0; i < divisors.size(); ++i) {
                    threads.emplace_back([&, i] { said[i] = Ask(absl::StrCat(i), divisors[i]); });
                  }
                  test::Await([&] { return shared_.waiting() == divisors.size(); });
                  meanwhile();
                  return absl::OkStatus();
                }).ok());
    for (std::thread& thread : threads) thread.join();
    return said;
  }

  test::Database db_{"intake"};
  // One group at a time, however long it takes.
  SharedRead shared_{db_.pool(), absl::InfiniteDuration()};
};

TEST_F(SharedReadTest, ReadsThatWaitTogetherGoTogetherAndEachHasItsOwnRows) {
  const std::vector<Said> said = AskTogether({1, 1, 1, 1, 1});
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_FALSE(said[i].failure.has_value());
    EXPECT_EQ(said[i].name, absl::StrCat(i));
    EXPECT_EQ(said[i].began, said[0].began);
  }
}

TEST_F(SharedReadTest, ARefusedReadFailsAlone) {
  const std::vector<Said> said = AskTogether({1, 1, 0, 1});
  for (std::size_t i = 0; i < said.size(); ++i) {
    ASSERT_EQ(said[i].failure.has_value(), i == 2) << i;
    EXPECT_EQ(said[i].name, i == 2 ? "" : absl::StrCat(i));
  }
  EXPECT_EQ(errors::ReasonOf(said[2].failure->status), "INTERNAL");
}

TEST_F(SharedReadTest, WhoIsLateGivesUpAndTheOthersAreAnswered) {
  const std::vector<Said> said = AskTogether({1, 1}, [&] {
    const Said late = Ask("late", 1, absl::Now() + absl::Milliseconds(50));
    ASSERT_TRUE(late.failure.has_value());
    EXPECT_EQ(errors::ReasonOf(late.failure->status), "DEADLINE");
  });
  for (const Said& one : said) EXPECT_FALSE(one.failure.has_value());
}

TEST_F(SharedReadTest, ALostConnectionFailsTheGroupAndTheNextReadIsServed) {
  const auto kill = [&] { test::KillLockWaiters(db_); };
  std::vector<Result> unwanted;
  std::optional<Failure> failure;
  std::thread waiting;
  EXPECT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(test::kHoldLock).status());
                waiting = std::thread([&] { failure = shared_.Run({{&test::kWaitForLock, {}}}, Soon(), &unwanted); });
                test::Await([&] { return test::LockWaiters(db_) == "1"; });
                kill();
                return absl::OkStatus();
              }).ok());
  waiting.join();
  ASSERT_TRUE(failure.has_value());
  EXPECT_TRUE(failure->unusable());
  EXPECT_EQ(Ask("next", 1).name, "next");
}

// As the pool has it: a slow read, here one that waits for a lock, holds up nobody who comes later.
TEST_F(SharedReadTest, ASlowReadHoldsUpNobodyForLong) {
  std::thread slow;
  EXPECT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(test::kHoldLock).status());
                slow = std::thread([&] {
                  EXPECT_TRUE(Read(db_.pool(), Soon(), [](Session& waits) {
                                return waits.Run(test::kWaitForLock).status();
                              }).ok());
                });
                test::Await([&] { return test::LockWaiters(db_) == "1"; });
                for (int i = 0; i < 3; ++i) {
                  EXPECT_TRUE(Read(db_.pool(), Soon(), [](Session& quick) {
                                return quick.Run(kWho, "quick", 1).status();
                              }).ok());
                }
                EXPECT_EQ(test::LockWaiters(db_), "1");
                return absl::OkStatus();
              }).ok());
  slow.join();
}

}  // namespace
}  // namespace xxt::pg
