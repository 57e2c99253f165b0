#include "common/pg/shared_commit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/insert.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/lock.h"

namespace xxt::pg {
namespace {

// Without ON CONFLICT: a second row with the same key is refused.
const Insert kTask("test.task", "backbone.machine_task",
                   {{"id", "uuid"},
                    {"kind", "text"},
                    {"lane", "text"},
                    {"subject", "text"},
                    {"dedupe_key", "text"},
                    {"due", "timestamptz"}});
// With a key, as idempotency.cc has it: a repeat is found by it.
const Insert kAnswer(
    "test.answer", "backbone.idempotency",
    {{"caller", "text"}, {"method", "text"}, {"request_id", "uuid"}, {"request_mac", "bytea"}, {"response", "bytea"}},
    "", {"caller", "method", "request_id"});
constexpr Statement kTwin{"test.twin", R"sql(
  INSERT INTO backbone.idempotency (caller, method, request_id, request_mac, response)
  VALUES ('staff/wang', 'Do', '00000000-0000-4000-8000-000000000002', '', ''))sql"};

absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

class SharedCommitTest : public testing::Test {
 protected:
  absl::Status Add(const std::string& key, OnUnknownCommit on_unknown = OnUnknownCommit::kFail,
                   absl::Time deadline = Soon()) {
    return InTransaction(
        db_.pool(), deadline,
        [&](Session& session) {
          if (with_answers_) {
            session.Queue(kAnswer, "staff/wang", "Do", absl::StrCat("00000000-0000-4000-8000-0000000000", key),
                          Param::Bytes("x"), Param::Bytes("y"));
          }
          session.Queue(kTask, absl::StrCat("00000000-0000-4000-8000-0000000000", key), "test", "bulk", "s", key,
                        absl::Now());
          return absl::OkStatus();
        },
        on_unknown);
  }

  // Adds `keys`, all while two groups are under way, which end after `meanwhile`.
  std::vector<absl::Status> AddTogether(
      const std::vector<std::string>& keys, absl::FunctionRef<void()> meanwhile = [] {},
      OnUnknownCommit on_unknown = OnUnknownCommit::kFail) {
    std::vector<absl::Status> statuses(keys.size());
    finished_.resize(keys.size());
    std::vector<std::thread> threads;
    EXPECT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                  const absl::Status held = session.Run(test::kHoldLock).status();
                  // One after the other: together they would be one group, and then have none.
                  for (const char* waiting : {"1", "2"}) {
                    threads.emplace_back([this] { Wait(); });
                    test::Await([&] { return test::LockWaiters(db_) == waiting; });
                  }
                  for (std::size_t i = 0; i < keys.size(); ++i) {
                    threads.emplace_back([&, i] {
                      statuses[i] = Add(keys[i], on_unknown);
                      finished_[i] = SteadyTime::Now();
                    });
                  }
                  test::Await([&] { return db_.pool().shared_commit().waiting() == keys.size(); });
                  meanwhile();
                  return held;
                }).ok());
    for (std::thread& thread : threads) thread.join();
    return statuses;
  }

  void Wait() {
    InTransaction(db_.pool(), Soon(), [](Session& session) {
      session.Queue(test::kWaitForLock);
      return absl::OkStatus();
    }).IgnoreError();
  }

  std::string Count(const std::string& what) {
    return db_.Sql(absl::StrCat("SELECT count(", what, ") FROM backbone.machine_task"));
  }

  bool with_answers_ = false;
  std::vector<SteadyTime> finished_;  // when each of AddTogether was
  test::Database db_{"intake"};
};

TEST_F(SharedCommitTest, ChangesThatArriveTogetherShareATransaction) {
  for (const absl::Status& status : AddTogether({"01", "02", "03", "04", "05"})) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Count("*"), "5");
  EXPECT_EQ(Count("DISTINCT xmin::text"), "1");
}

TEST_F(SharedCommitTest, ARefusedChangeFailsAloneAndNothingOfItStays) {
  ASSERT_TRUE(Add("01").ok());
  const std::vector<absl::Status> statuses = AddTogether({"02", "01", "03"});
  EXPECT_TRUE(statuses[0].ok()) << statuses[0];
  EXPECT_EQ(errors::ReasonOf(statuses[1]), "INTERNAL") << statuses[1];
  EXPECT_TRUE(statuses[2].ok()) << statuses[2];
  EXPECT_EQ(Count("*"), "3");
}

TEST_F(SharedCommitTest, ARepeatFailsAndTheOthersStillShareATransaction) {
  with_answers_ = true;
  ASSERT_TRUE(Add("01").ok());
  ASSERT_TRUE(Add("05").ok());
  const std::vector<absl::Status> statuses = AddTogether({"02", "01", "03", "04", "05", "06"});
  for (const std::size_t fresh : {0U, 2U, 3U, 5U}) EXPECT_TRUE(statuses[fresh].ok()) << statuses[fresh];
  for (const std::size_t repeat : {1U, 4U}) EXPECT_EQ(errors::ReasonOf(statuses[repeat]), "INTERNAL");
  EXPECT_EQ(Count("*"), "6");
  EXPECT_EQ(Count("DISTINCT xmin::text"), "3");
}

TEST_F(SharedCommitTest, TwinsInAGroupLeaveTheOthersTogether) {
  with_answers_ = true;
  const std::vector<absl::Status> statuses = AddTogether({"01", "02", "03", "04", "04", "05", "06", "07"});
  EXPECT_NE(statuses[3].ok(), statuses[4].ok());
  for (const std::size_t fresh : {0U, 1U, 2U, 5U, 6U, 7U}) EXPECT_TRUE(statuses[fresh].ok()) << statuses[fresh];
  EXPECT_EQ(Count("*"), "7");
  EXPECT_LE(std::stoi(Count("DISTINCT xmin::text")), 4);
}

TEST_F(SharedCommitTest, OneBadChangeLeavesMostOfItsGroupTogether) {
  ASSERT_TRUE(Add("03").ok());
  const std::vector<absl::Status> statuses = AddTogether({"01", "02", "03", "04", "05", "06", "07", "08"});
  for (std::size_t i = 0; i < statuses.size(); ++i) EXPECT_EQ(statuses[i].ok(), i != 2) << statuses[i];
  EXPECT_EQ(Count("*"), "8");
  EXPECT_LE(std::stoi(Count("DISTINCT xmin::text")), 5);
}

TEST_F(SharedCommitTest, ATwinUnderWayElsewhereHoldsTheOthersUpOnlyShortly) {
  with_answers_ = true;
  Pool elsewhere(db_.options());
  ASSERT_TRUE(InTransaction(elsewhere, Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(kTwin).status());
                const std::vector<absl::Status> statuses = AddTogether({"01", "02", "03", "04"});
                EXPECT_EQ(errors::ReasonOf(statuses[1]), "STORE_CONFLICT") << statuses[1];
                for (const std::size_t other : {0U, 2U, 3U}) {
                  EXPECT_TRUE(statuses[other].ok()) << statuses[other];
                  EXPECT_LT(finished_[other] - finished_[1], -absl::Seconds(1));
                }
                return absl::OkStatus();
              }).ok());
}

// Each has what the other one waits for, once the row that both wait for is not there.
TEST_F(SharedCommitTest, ChangesThatLockInOpposingOrdersAreBothDone) {
  static constexpr Statement kAdd{"test.add", R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due)
    VALUES (gen_random_uuid(), 'test', 'bulk', 's', $1, now()) ON CONFLICT (dedupe_key) DO NOTHING)sql"};
  const auto add = [](Pool& pool, const std::vector<const char*>& keys) {
    return InTransaction(pool, Soon(), [&](Session& session) {
      for (const char* key : keys) session.Queue(kAdd, key);
      return absl::OkStatus();
    });
  };
  Pool elsewhere(db_.options());
  absl::Status one;
  absl::Status other;
  std::thread first;
  std::thread second;
  EXPECT_FALSE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                 XXT_RETURN_IF_ERROR(session.Run(kAdd, "c").status());
                 first = std::thread([&] { one = add(db_.pool(), {"a", "c", "b"}); });
                 second = std::thread([&] { other = add(elsewhere, {"b", "c", "a"}); });
                 test::Await([&] {
                   return db_.Sql(
                              "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                              "wait_event_type = 'Lock'") == "2";
                 });
                 return absl::CancelledError("both go on");
               }).ok());
  first.join();
  second.join();
  EXPECT_TRUE(one.ok()) << one;
  EXPECT_TRUE(other.ok()) << other;
  EXPECT_EQ(Count("*"), "3");
}

TEST_F(SharedCommitTest, OfTwoTwinsInAGroupOneIsKept) {
  const std::vector<absl::Status> statuses = AddTogether({"01", "01"});
  EXPECT_NE(statuses[0].ok(), statuses[1].ok());
  EXPECT_EQ(Count("*"), "1");
}

TEST_F(SharedCommitTest, WhoMayRunAgainSurvivesTheLossOfTheConnection) {
  const auto kill = [&] { test::KillLockWaiters(db_); };
  for (const absl::Status& status : AddTogether({"01", "02"}, kill, OnUnknownCommit::kRerun)) {
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(Count("*"), "2");
}

TEST_F(SharedCommitTest, WaitsForItsTurnOnlyUntilTheDeadline) {
  const auto add_late = [&] {
    const absl::Status late = Add("02", OnUnknownCommit::kRerun, absl::Now() + absl::Milliseconds(50));
    EXPECT_EQ(errors::ReasonOf(late), "DEADLINE") << late;
  };
  EXPECT_TRUE(AddTogether({"01"}, add_late)[0].ok());
  EXPECT_EQ(Count("*"), "1");
}

// What was heard of a transaction that nobody waits for.
struct Heard {
  std::atomic<int> times{0};
  absl::Status status;

  std::function<void(const absl::Status&)> Ear() {
    return [this](const absl::Status& outcome) {
      status = outcome;
      ++times;
    };
  }
};

absl::Status QueueTask(Session& session, const std::string& key) {
  session.Queue(kAnswer, "staff/wang", "Do", absl::StrCat("00000000-0000-4000-8000-0000000000", key), Param::Bytes("x"),
                Param::Bytes("y"));
  session.Queue(kTask, absl::StrCat("00000000-0000-4000-8000-0000000000", key), "test", "bulk", "s", key, absl::Now());
  session.Announce(key);
  return absl::OkStatus();
}

TEST_F(SharedCommitTest, WhatNobodyWaitsForIsCommittedWithTheOthersAndHeardOf) {
  std::vector<std::string> news;
  db_.pool().Listen([&](const std::vector<std::string>& told) { news.insert(news.end(), told.begin(), told.end()); });
  Heard good;
  Heard taken;
  with_answers_ = true;
  ASSERT_TRUE(Add("09").ok());
  const auto queue = [&] {
    for (const auto& [key, heard] : {std::pair("08", &good), std::pair("09", &taken)}) {
      EXPECT_TRUE(QueueTransaction(
          db_.pool(), Soon(), [key = key](Session& session) { return QueueTask(session, key); }, heard->Ear()));
    }
  };
  for (const absl::Status& status : AddTogether({"01", "02"}, queue)) EXPECT_TRUE(status.ok()) << status;
  test::Await([&] { return good.times == 1 && taken.times == 1; });
  EXPECT_TRUE(good.status.ok()) << good.status;
  EXPECT_EQ(errors::ReasonOf(taken.status), "INTERNAL") << taken.status;
  db_.pool().Listen({});
  EXPECT_EQ(news, std::vector<std::string>{"08"});
  EXPECT_EQ(Count("*"), "4");
}

TEST_F(SharedCommitTest, AskingAndWaitingIsForThreadsThatMay) {
  Heard heard;
  const auto queued = [&](absl::FunctionRef<absl::Status(Session&)> body) {
    return QueueTransaction(db_.pool(), Soon(), body, heard.Ear());
  };
  EXPECT_FALSE(queued([](Session& session) { return session.Run(test::kHoldLock).status(); }));
  // Nor if the body makes nothing of it.
  EXPECT_FALSE(queued([](Session& session) {
    session.Run(test::kHoldLock).status().IgnoreError();
    return QueueTask(session, "01");
  }));
  EXPECT_FALSE(queued([](Session& session) {
    XXT_RETURN_IF_ERROR(session.MayWait());
    return QueueTask(session, "01");
  }));
  EXPECT_FALSE(queued([](Session&) { return absl::CancelledError("no"); }));
  EXPECT_FALSE(queued([](Session&) { return absl::OkStatus(); }));
  EXPECT_EQ(heard.times, 0);
  EXPECT_EQ(Count("*"), "0");
}

TEST_F(SharedCommitTest, OfALostConnectionNobodyKnowsTheOutcome) {
  const auto kill = [&] { test::KillLockWaiters(db_); };
  Heard heard;
  EXPECT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(test::kHoldLock).status());
                const auto wait = [](Session& queued) {
                  queued.Queue(test::kWaitForLock);
                  return absl::OkStatus();
                };
                EXPECT_TRUE(QueueTransaction(db_.pool(), Soon(), wait, heard.Ear()));
                test::Await([&] { return test::LockWaiters(db_) == "1"; });
                kill();
                test::Await([&] { return heard.times == 1; });
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(errors::ReasonOf(heard.status), "OUTCOME_UNKNOWN") << heard.status;
}

TEST_F(SharedCommitTest, APoolThatEndsCommitsWhatItWasGiven) {
  Heard first;
  Heard second;
  {
    Pool pool(db_.options());
    for (const auto& [key, heard] : {std::pair("01", &first), std::pair("02", &second)}) {
      EXPECT_TRUE(QueueTransaction(
          pool, Soon(), [key = key](Session& session) { return QueueTask(session, key); }, heard->Ear()));
    }
  }
  EXPECT_EQ(first.times, 1);
  EXPECT_EQ(second.times, 1);
  EXPECT_EQ(Count("*"), "2");
}

TEST_F(SharedCommitTest, ALoneChangeWaitsForNobody) {
  EXPECT_TRUE(Add("01").ok());
  EXPECT_EQ(db_.pool().shared_commit().waiting(), 0u);
  EXPECT_EQ(Count("*"), "1");
}

}  // namespace
}  // namespace xxt::pg
