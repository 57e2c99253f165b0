#include "common/tasks/sweep.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/tasks/claim.h"
#include "common/tasks/party.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

class SweepTest : public testing::Test {
 protected:
  // `count` tasks with one moment, as of one transaction.
  void Make(int count, const std::string& more = "'pending', now()") {
    db_.Sql(absl::StrCat(
        "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before) "
        "SELECT gen_random_uuid(), 'test.work', 'normal', 's', gen_random_uuid(), now() - interval '1 day', ",
        more, " FROM generate_series(1, ", count, ")"));
  }
  std::size_t Next(int limit = 10, bool all = false, absl::Duration clock_error = absl::ZeroDuration()) {
    const auto due = sweep_.Next(db_.pool(), absl::Now() + clock_error, limit, all);
    EXPECT_TRUE(due.ok()) << due.status();
    return due.ok() ? due->size() : 0;
  }

  // What as many rounds find together.
  std::size_t NextRounds(int rounds) {
    std::size_t found = 0;
    for (int round = 0; round < rounds; ++round) found += Next();
    return found;
  }

  xxt::test::Database db_{"intake"};
  Sweep sweep_{"test.work", "normal", absl::Hours(1)};
};

TEST_F(SweepTest, LeavesWhatWasMadeJustNowToTheProcessThatMadeIt) {
  Make(3);
  EXPECT_EQ(Next(), 0u);
  EXPECT_EQ(Next(10, true), 3u);
}

TEST_F(SweepTest, FindsWhatNobodyClaimedForLong) {
  Make(3, "'pending', now() - interval '2 hours'");
  EXPECT_EQ(Next(), 3u);
  EXPECT_EQ(Next(), 0u) << "it was handed out";
}

TEST_F(SweepTest, FindsAbandonedTasksAndNoneThatAreHeldOrDeadOrNotDue) {
  Make(1, "'retry', now() + interval '1 hour'");
  Make(1, "'dead', 'infinity'");
  Make(2, "'retry', now() - interval '3 minutes'");
  db_.Sql(
      "UPDATE backbone.machine_task SET state = 'running', lease_until = now() + interval '1 minute' "
      "WHERE id IN (SELECT id FROM backbone.machine_task WHERE state = 'retry' AND not_before < now() LIMIT 1)");
  EXPECT_EQ(Next(), 1u);
  db_.Sql("UPDATE backbone.machine_task SET lease_until = now() - interval '1 s' WHERE state = 'running'");
  EXPECT_EQ(Next(), 1u) << "a task that was held when the mark went by must not be forgotten";
}

TEST_F(SweepTest, GivesTheSuspectThatWasTriedLongestAgoFirstThoughAnotherIsOlder) {
  const auto make = [&](const char* waits, int crashes, const char* lease_over) {
    return db_.Sql(absl::StrCat(
        "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before, crashes, "
        "lease_until) VALUES (gen_random_uuid(), 'test.work', 'normal', 's', gen_random_uuid(), '-infinity', "
        "'running', "
        "now() - interval '",
        waits, "', ", crashes, ", now() - interval '", lease_over, "') RETURNING id"));
  };
  const std::string oldest = make("40 s", 2, "1 s");
  const std::string younger = make("30 s", 1, "20 s");
  const std::string youngest = make("20 s", 2, "10 s");
  const std::string innocent = make("10 s", 0, "1 s");
  const auto due = sweep_.Next(db_.pool(), absl::Now(), 10, false);
  ASSERT_TRUE(due.ok()) << due.status();
  std::vector<std::string> order;
  for (const DueTask& task : *due) order.push_back(task.id);
  EXPECT_EQ(order, (std::vector<std::string>{innocent, younger, youngest, oldest}));
}

TEST_F(SweepTest, GoesThroughManyOfOneMomentPieceByPiece) {
  Make(25, "'retry', now()");
  EXPECT_EQ(Next(), 10u);
  EXPECT_FALSE(sweep_.at_end());
  EXPECT_EQ(Next(), 10u);
  EXPECT_EQ(Next(), 5u);
  EXPECT_TRUE(sweep_.at_end());
  EXPECT_EQ(Next(), 0u);
}

TEST_F(SweepTest, ANewTryIsFoundThoughTheLastWasHandedOutJustNow) {
  Make(1, "'retry', now()");
  EXPECT_EQ(Next(), 1u);
  db_.Sql("UPDATE backbone.machine_task SET fence = fence + 1, not_before = now()");
  EXPECT_EQ(Next(), 1u);
}

// The entries of what is done stay in the index while anybody holds an old
// snapshot. They are walked once, not at every sweep.
TEST_F(SweepTest, DoesNotWalkWhatIsDoneAgainAndAgain) {
  Make(1, "'retry', now() - interval '1 hour'");
  EXPECT_EQ(Next(), 1u);
  db_.Sql("DELETE FROM backbone.machine_task");
  EXPECT_EQ(Next(), 0u);
  Make(1, "'retry', now() - interval '2 minutes'");
  EXPECT_EQ(NextRounds(2 * Look::kRoundsPerLongLook), 0u)
      << "that is before the mark, where no transaction makes a task any more";
  Make(1, "'retry', now() - interval '1 second'");
  EXPECT_EQ(Next(), 1u);
}

TEST_F(SweepTest, WhatALongTransactionMadeWaitsForALongLook) {
  EXPECT_EQ(NextRounds(2), 0u);
  Make(1, "'retry', now() - interval '50 seconds'");
  EXPECT_EQ(Next(), 0u);
  EXPECT_EQ(NextRounds(Look::kRoundsPerLongLook), 1u);
}

TEST_F(SweepTest, WhoCatchesUpLooksLong) {
  EXPECT_EQ(NextRounds(2), 0u);
  Make(1, "'retry', now() - interval '50 seconds'");
  EXPECT_EQ(Next(10, true), 0u) << "the rest of a round that had begun";
  EXPECT_EQ(Next(10, true), 1u);
}

// A timer that another process fired ten minutes ago, say. Two minutes, in which this one's clock was an hour behind.
TEST_F(SweepTest, FindsWhatAClockThatWasBehindHidForLong) {
  Make(3, "'retry', now() - interval '2 minutes'");
  db_.Sql("UPDATE backbone.machine_task SET due = now() - interval '10 minutes'");
  for (int round = 0; round < 3; ++round) EXPECT_EQ(Next(10, false, -absl::Hours(1)), 0u) << "not due by its clock";
  EXPECT_EQ(Next(), 3u);
}

TEST_F(SweepTest, FindsWhatAClockHidThatWasSetRightBeforeTheRoundEnded) {
  Make(1, "'retry', now() - interval '2 minutes'");
  db_.Sql("UPDATE backbone.machine_task SET due = now() - interval '10 minutes'");
  Make(2, "'retry', now() - interval '50 seconds'");
  EXPECT_EQ(Next(1, false, -absl::Hours(1)), 1u);
  EXPECT_FALSE(sweep_.at_end());
  EXPECT_EQ(Next(), 1u);
  EXPECT_TRUE(sweep_.at_end());
  EXPECT_EQ(Next(), 1u);
}

class PartyTest : public testing::Test {
 protected:
  xxt::test::Database db_{"intake"};
  Parties one_{db_.pool(), absl::Seconds(10)};
  Parties other_{db_.pool(), absl::Seconds(10)};
};

TEST_F(PartyTest, AllProcessesTogetherBeginNoMoreThanTheRate) {
  EXPECT_EQ(one_.Ask("bodies/b", 8, 10).now, 8);
  db_.Sql("UPDATE backbone.party SET tokens_time = now() + interval '1 hour'");  // the clock stands still
  const Parties::Grant grant = other_.Ask("bodies/b", 8, 10);
  EXPECT_LE(grant.now, 2);
  EXPECT_GT(grant.again, absl::ZeroDuration());
}

TEST_F(PartyTest, TheRateIsOfEachParty) {
  EXPECT_EQ(one_.Ask("bodies/a", 10, 10).now, 10);
  EXPECT_EQ(one_.Ask("bodies/b", 10, 10).now, 10);
}

TEST_F(PartyTest, WhatOneProcessFoundSilentTheOthersLeaveAlone) {
  for (int i = 0; i < kSilences; ++i) {
    EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 5);
    one_.Silent("bodies/b");
  }
  EXPECT_EQ(one_.Ask("bodies/b", 5, 0).now, 0);
  ASSERT_TRUE(other_.Refresh().ok());
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 0);
  EXPECT_EQ(other_.Ask("bodies/c", 5, 0).now, 5);
}

TEST_F(PartyTest, AProcessThatStartsLeavesAloneWhomOthersDoFromItsFirstTaskOn) {
  for (int i = 0; i < kSilences; ++i) one_.Silent("bodies/b");
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 0);
  EXPECT_EQ(other_.Ask("bodies/c", 5, 0).now, 5);
}

TEST_F(PartyTest, AProcessThatCannotLearnWhoRestsBeginsNothing) {
  db_.Sql("ALTER TABLE backbone.party RENAME TO party_away");
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 0);
  EXPECT_GT(other_.Ask("bodies/b", 5, 0).again, absl::ZeroDuration());
  db_.Sql("ALTER TABLE backbone.party_away RENAME TO party");
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 5);
}

TEST_F(PartyTest, AfterItsRestOneTaskOfOneProcessTriesIt) {
  for (int i = 0; i < kSilences; ++i) one_.Silent("bodies/b");
  db_.Sql("UPDATE backbone.party SET rest_until = now()");
  ASSERT_TRUE(one_.Refresh().ok());
  ASSERT_TRUE(other_.Refresh().ok());
  EXPECT_EQ(one_.Ask("bodies/b", 5, 0).now, 1);
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 0);
  one_.Answered("bodies/b");
  ASSERT_TRUE(other_.Refresh().ok());
  EXPECT_EQ(other_.Ask("bodies/b", 5, 0).now, 5);
}

TEST_F(PartyTest, RestsDoNotGrowHoweverLongItIsSilent) {
  const auto rest = [&] {
    one_.Silent("bodies/b");
    return std::stoi(db_.Sql(
        "SELECT coalesce(round(extract(epoch FROM rest_until - now()) / 10) * 10, 0)::int FROM backbone.party"));
  };
  rest();
  rest();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rest(), 30);
}

}  // namespace
}  // namespace xxt::tasks
