#include "common/tasks/claim.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/tasks/sweep.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

class ClaimTest : public testing::Test {
 protected:
  // One task, due at once; returns its id.
  std::string MakeOne() {
    std::string id;
    EXPECT_TRUE(pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
                  NewTask task;
                  task.kind = "test.work";
                  task.subject = "cases/1";
                  id = Enqueue(session, task);
                  return absl::OkStatus();
                }).ok());
    return id;
  }

  Claimed ClaimOne(const std::string& id, absl::Duration lease) {
    auto claimed = Claim(db_.pool(), {id}, {"test.work"}, absl::Now(), lease, "worker@host");
    EXPECT_TRUE(claimed.ok() && claimed->size() == 1) << claimed.status();
    return claimed.ok() && !claimed->empty() ? std::move(claimed->front()) : Claimed{};
  }

  // How many the sweep finds that it did not find before.
  std::size_t FoundNew() {
    const auto due = sweep_.Next(db_.pool(), absl::Now(), 10, true);
    EXPECT_TRUE(due.ok()) << due.status();
    return due.ok() ? due->size() : 0;
  }

  Sweep sweep_{"test.work", "normal", absl::Hours(1)};

  xxt::test::Database db_{"intake"};
};

TEST_F(ClaimTest, ALiveWorkersTaskIsNobodyElses) {
  const std::string id = MakeOne();
  ClaimOne(id, absl::Hours(1));
  const auto again = Claim(db_.pool(), {id}, {"test.work"}, absl::Now(), absl::Hours(1), "thief@host");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(db_.Sql("SELECT fence FROM backbone.task"), "1");
}

TEST_F(ClaimTest, AnAbandonedTaskThatWasMovedToLaterWaitsForItsTime) {
  const std::string id = MakeOne();
  ClaimOne(id, absl::Milliseconds(1));
  const absl::Time later = absl::Now() + absl::Hours(8);
  db_.Sql("UPDATE backbone.machine_task SET lease_until = now() - interval '1 s'");
  ASSERT_TRUE(pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
                Reschedule(session, id, later);
                return absl::OkStatus();
              }).ok());
  for (const bool its_time : {false, true}) {
    const absl::Time now = its_time ? later : absl::Now();
    const auto claimed = Claim(db_.pool(), {id}, {"test.work"}, now, absl::Hours(1), "next@host");
    ASSERT_TRUE(claimed.ok()) << claimed.status();
    EXPECT_EQ(claimed->size(), its_time ? 1u : 0u);
  }
}

TEST_F(ClaimTest, GivingBackTakesNothingFromTheNextHolder) {
  const std::string id = MakeOne();
  const Claimed slow = ClaimOne(id, absl::Milliseconds(1));
  ClaimOne(id, absl::Hours(1));
  ASSERT_TRUE(Unclaim(db_.pool(), {&slow}).ok());
  EXPECT_EQ(db_.Sql("SELECT state || '|' || fence FROM backbone.task"), "running|2");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'given_back'"), "0");
}

TEST_F(ClaimTest, GivingBackIsNotedAndCountsAsNoAttempt) {
  const std::string id = MakeOne();
  const Claimed claimed = ClaimOne(id, absl::Hours(1));
  ASSERT_TRUE(Unclaim(db_.pool(), {&claimed}).ok());
  EXPECT_EQ(db_.Sql("SELECT state || '|' || attempt FROM backbone.task"), "retry|0");
  EXPECT_EQ(db_.Sql("SELECT outcome || '|' || fence FROM backbone.attempt WHERE outcome <> 'started'"), "given_back|1");
}

TEST_F(ClaimTest, WhatIsToBeTriedAgainIsFoundAtItsTime) {
  const std::string id = MakeOne();
  EXPECT_EQ(FoundNew(), 1u);
  const Claimed claimed = ClaimOne(id, absl::Hours(1));
  ASSERT_TRUE(Settle(db_.pool(), {}, claimed, Verdict::Retry("later", absl::Milliseconds(1))).ok());
  const SteadyTime patience = SteadyTime::Now() + absl::Seconds(10);
  std::size_t found = 0;
  while (found == 0 && !patience.passed()) found = FoundNew();
  EXPECT_EQ(found, 1u);
}

}  // namespace
}  // namespace xxt::tasks
