#include "common/pg/pool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/pg/backoff.h"
#include "common/pg/insert.h"
#include "common/pg/pool_world.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/clocks.h"

namespace xxt::pg {
namespace {

constexpr Statement kEcho{
    "test.echo", "SELECT $1::text, $2::timestamptz, $3::bytea, $4::text[], $5::bigint, $6::date, $7::bool, $8::text"};
constexpr Statement kBad{"test.bad", "SELECT 1/($1::int)"};
constexpr Statement kUpdate{"test.update", "UPDATE backbone.machine_task SET subject = $2 WHERE dedupe_key = $1"};

TEST_F(PoolTest, ABodyThatThrowsIsRolledBackAndItsConnectionServesOn) {
  for (int i = 0; i < 5; ++i) {
    const absl::Status status = InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
      session.Queue(kInsertTask, absl::StrCat("thrown-", i));
      XXT_RETURN_IF_ERROR(session.Run(kCount).status());
      throw std::invalid_argument("a document of another shape");
    });
    EXPECT_EQ(errors::ReasonOf(status), "INTERNAL");
  }
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, ANewConnectionIsMadeWithThePasswordOfThatMoment) {
  const std::string role = absl::StrCat("rotating_", db_.name());
  const auto set = [&](const char* password) {
    db_.Sql(absl::StrCat("ALTER ROLE ", role, " PASSWORD '", password, "'"));
  };
  db_.Sql(absl::StrCat("CREATE ROLE ", role, " LOGIN IN ROLE xxt_intake"));
  set("first");
  PoolOptions options = db_.options();
  options.dsn = absl::StrReplaceAll(options.dsn, {{"user=xxt_intake", absl::StrCat("user=", role)}});
  options.password = files::Secret("first");
  Pool pool(options);
  const auto read = [&pool] {
    return Read(pool, Soon(), [](Session& session) { return session.Run(kBackend).status(); });
  };
  EXPECT_TRUE(read().ok());
  set("second");
  EXPECT_TRUE(read().ok()) << "a connection that is there stays";
  db_.Sql(absl::StrCat("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '", role, "'"));
  EXPECT_EQ(errors::ReasonOf(read()), "STORE_UNAVAILABLE");
  options.password.Set("second");
  xxt::test::PassTime(Backoff::kLongest);
  EXPECT_TRUE(read().ok());
  db_.Sql(absl::StrCat("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '", role,
                       "'; DROP ROLE ", role));
}

TEST_F(PoolTest, ValuesOfEveryTypeComeBackAsTheyWereSent) {
  const absl::Time time = absl::FromUnixMicros(1'772'413'201'000'042);
  ASSERT_TRUE(Read(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_ASSIGN_OR_RETURN(
                    const Result rows,
                    session.Run(kEcho, "悉心\"听\\", time, Param::Bytes(absl::string_view("\0\xff", 2)),
                                std::vector<std::string>{"a,b", "c\"d\\", ""}, std::int64_t{-5},
                                absl::CivilDay(2026, 2, 28), true, std::nullopt));
                const Row row = rows[0];
                EXPECT_EQ(row.Text(0), "悉心\"听\\");
                EXPECT_EQ(row.Time(1), time);
                EXPECT_EQ(row.Bytes(2), std::string("\0\xff", 2));
                EXPECT_EQ(row.Text(3), R"({"a,b","c\"d\\",""})");
                EXPECT_EQ(row.Int(4), -5);
                EXPECT_EQ(row.Text(5), "2026-02-28");
                EXPECT_TRUE(row.Bool(6));
                EXPECT_TRUE(row.IsNull(7));
                return absl::OkStatus();
              }).ok());
}

TEST_F(PoolTest, CommitsWhatTheBodyQueued) {
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [](Session& session) {
                session.Queue(kInsertTask, "a");
                session.Queue(kInsertTask, "b");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Count(), 2);
}

TEST_F(PoolTest, WhatIsQueuedLastIsSentAfterAllElse) {
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [](Session& session) -> absl::Status {
                session.QueueLast(kInsertTask, "last");
                session.Queue(kInsertTask, "first");
                XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kCount));
                EXPECT_EQ(rows[0].Int(0), 1);
                session.Queue(kUpdate, "last", "there is no such row yet");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(
      db_.Sql("SELECT string_agg(subject, ' ' ORDER BY dedupe_key) FROM backbone.machine_task WHERE subject ~ 'yet'"),
      "");
  EXPECT_EQ(Count(), 2);
}

TEST_F(PoolTest, TheListenerHearsWhatWasCommittedAndNothingElse) {
  std::vector<std::string> heard;
  db_.pool().Listen([&](const std::vector<std::string>& news) { heard.insert(heard.end(), news.begin(), news.end()); });
  const auto insert = [&](const char* key, absl::Status answer) {
    return InTransaction(db_.pool(), Soon(), [&](Session& session) {
      session.Queue(kInsertTask, key);
      session.Announce(key);
      return answer;
    });
  };
  EXPECT_TRUE(insert("a", absl::OkStatus()).ok());
  EXPECT_FALSE(insert("b", absl::FailedPreconditionError("no")).ok());
  EXPECT_FALSE(insert("a", absl::OkStatus()).ok());  // the key is taken
  db_.pool().Listen({});
  EXPECT_TRUE(insert("c", absl::OkStatus()).ok());
  EXPECT_EQ(heard, std::vector<std::string>{"a"});
}

TEST_F(PoolTest, RowsThatAreSentTogetherComeBackAsTheyWereSent) {
  const Insert row("test.row", "backbone.idempotency",
                   {{"request_id", "uuid"},
                    {"caller", "text"},
                    {"method", "text"},
                    {"request_mac", "bytea"},
                    {"response", "bytea"},
                    {"create_time", "timestamptz"}});
  const std::string odd = "悉心\"听\\,{}\nNULL";
  const absl::Time time = absl::FromUnixMicros(1'772'413'201'000'042);
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) {
                for (const char* id : {"1", "2"}) {
                  session.Queue(row, absl::StrCat("00000000-0000-4000-8000-00000000000", id), odd, "NULL",
                                Param::Bytes(absl::string_view("\0\xff\\", 3)), Param::Bytes(""), time);
                }
                return absl::OkStatus();
              }).ok());
  constexpr Statement kRows{"test.rows", R"sql(
    SELECT caller, method, request_mac, response, create_time FROM backbone.idempotency)sql"};
  ASSERT_TRUE(Read(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kRows));
                EXPECT_EQ(rows.size(), 2);
                for (int i = 0; i < rows.size(); ++i) {
                  EXPECT_EQ(rows[i].Text(0), odd);
                  EXPECT_EQ(rows[i].Text(1), "NULL");
                  EXPECT_EQ(rows[i].Bytes(2), std::string("\0\xff\\", 3));
                  EXPECT_EQ(rows[i].Bytes(3), "");
                  EXPECT_EQ(rows[i].Time(4), time);
                }
                return absl::OkStatus();
              }).ok());
}

TEST_F(PoolTest, RollsBackWhenTheBodyFails) {
  const absl::Status status = InTransaction(db_.pool(), Soon(), [](Session& session) -> absl::Status {
    XXT_RETURN_IF_ERROR(session.Run(kInsertTask, "a").status());
    return absl::CancelledError("changed my mind");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, AFailedStatementIsNamedWithoutItsValues) {
  const absl::Status status = InTransaction(db_.pool(), Soon(), [](Session& session) -> absl::Status {
    session.Queue(kInsertTask, "a");
    return session.Run(kBad, 0).status();
  });
  EXPECT_EQ(errors::ReasonOf(status), "INTERNAL");
  EXPECT_NE(status.message().find("test.bad"), absl::string_view::npos);
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, AQueuedStatementThatFailsFailsTheCommit) {
  const absl::Status status = InTransaction(db_.pool(), Soon(), [](Session& session) {
    session.Queue(kInsertTask, "a");
    session.Queue(kInsertTask, "a");  // dedupe_key is unique
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, RunsTheTransactionAgainAfterTheConnectionWasKilled) {
  int runs = 0;
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kBackend));
                if (++runs == 1) db_.Sql(absl::StrCat("SELECT pg_terminate_backend(", rows[0].Int(0), ", 5000)"));
                return session.Run(kInsertTask, "a").status();
              }).ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Count(), 1);
}

// A migration beside services that run: their plans are of the table as it was.
TEST_F(PoolTest, AStatementWhoseTableGotAnotherShapeIsPreparedAnew) {
  constexpr Statement kShape{"test.shape", "SELECT width FROM public.shape"};
  db_.Sql("CREATE TABLE public.shape AS SELECT 7 AS width");
  db_.Sql("GRANT SELECT ON public.shape TO PUBLIC");
  const auto width = [&](auto run) {
    std::string answer;
    const absl::Status status = run(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kShape));
      answer = rows[0].Text(0);
      return absl::OkStatus();
    });
    return status.ok() ? answer : status.ToString();
  };
  const auto read = [](Pool& pool, SteadyTime deadline, auto body) { return Read(pool, deadline, body); };
  const auto change = [](Pool& pool, SteadyTime deadline, auto body) { return InTransaction(pool, deadline, body); };
  EXPECT_EQ(width(read), "7");
  db_.Sql("ALTER TABLE public.shape ALTER COLUMN width TYPE text USING 'seven'");
  EXPECT_EQ(width(read), "seven");
  db_.Sql("ALTER TABLE public.shape ALTER COLUMN width TYPE int USING 8");
  EXPECT_EQ(width(change), "8");
}

TEST_F(PoolTest, RunsTheTransactionAgainAfterADeadlock) {
  for (const char* key : {"a", "b"}) {
    ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) {
                  return session.Run(kInsertTask, key).status();
                }).ok());
  }
  std::atomic<int> first_steps{0};
  const auto worker = [&](const char* first, const char* second) {
    return InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
      XXT_RETURN_IF_ERROR(session.Run(kUpdate, first, "x").status());
      ++first_steps;
      while (first_steps < 2) std::this_thread::yield();
      return session.Run(kUpdate, second, "x").status();
    });
  };
  absl::Status other;
  std::thread thread([&] { other = worker("b", "a"); });
  const absl::Status mine = worker("a", "b");
  thread.join();
  EXPECT_TRUE(mine.ok()) << mine;
  EXPECT_TRUE(other.ok()) << other;
}

TEST_F(PoolTest, ALockThatIsNotHadInTimeIsAConflict) {
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [](Session& session) {
                session.Queue(kInsertTask, "a");
                return absl::OkStatus();
              }).ok());
  ASSERT_TRUE(InTransaction(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(kUpdate, "a", "x").status());
                const absl::Status other = InTransaction(
                    db_.pool(), Soon(), [](Session& inner) { return inner.Run(kUpdate, "a", "y").status(); });
                EXPECT_EQ(errors::ReasonOf(other), "STORE_CONFLICT") << other;
                return absl::OkStatus();
              }).ok());
}

TEST_F(PoolTest, AServerThatTakesNoWritesIsOfNoUse) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  const auto write = [&](const char* key) {
    return InTransaction(pool, SteadyTime::Now() + absl::Seconds(5), [&](Session& session) {
      session.Queue(kInsertTask, key);
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(write("a").ok());
  // As on a standby: the role's sessions are read-only from now on, the open one by hand.
  db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " SET default_transaction_read_only = on"));
  static constexpr Statement kReadOnly{"test.read_only",
                                       "SELECT set_config('default_transaction_read_only', 'on', false)"};
  ASSERT_TRUE(Read(pool, Soon(), [](Session& session) { return session.Run(kReadOnly).status(); }).ok());
  EXPECT_EQ(errors::ReasonOf(write("b")), "STORE_UNAVAILABLE");
  db_.Sql(
      absl::StrCat("BEGIN READ WRITE; ALTER DATABASE ", db_.name(), " RESET default_transaction_read_only; COMMIT"));
  xxt::test::PassTime(Backoff::kLongest);
  EXPECT_TRUE(write("b").ok());
  EXPECT_EQ(Count(), 2);
}

TEST_F(PoolTest, WhatThisConnectionCannotDoAnotherDoes) {
  static constexpr Statement kForget{"test.forget", "DEALLOCATE ALL"};
  static constexpr Statement kRaise{"test.raise", "SELECT backbone.test_raise($1)"};
  ASSERT_TRUE(Read(db_.pool(), Soon(), [](Session& session) { return session.Run(kCount).status(); }).ok());
  ASSERT_TRUE(Read(db_.pool(), Soon(), [](Session& session) { return session.Run(kForget).status(); }).ok());
  EXPECT_EQ(Count(), 0);  // 26000
  db_.Sql(
      "CREATE FUNCTION backbone.test_raise(state text) RETURNS void LANGUAGE plpgsql AS "
      "$$BEGIN RAISE EXCEPTION 'no' USING ERRCODE = state; END$$");
  for (const char* state : {"25006", "53100", "53200", "58030", "58P01"}) {
    const absl::Status status =
        Read(db_.pool(), Soon(), [&](Session& session) { return session.Run(kRaise, state).status(); });
    EXPECT_EQ(errors::ReasonOf(status), "STORE_UNAVAILABLE") << state;
  }
}

TEST_F(PoolTest, AStoreThatIsAwayIsUnavailable) {
  PoolOptions options = db_.options();
  options.dsn = "host=127.0.0.1 port=1 dbname=x user=y";
  Pool pool(options);
  EXPECT_EQ(errors::ReasonOf(Read(pool, Soon(), [](Session& session) { return session.Run(kCount).status(); })),
            "STORE_UNAVAILABLE");
}

TEST_F(PoolTest, TheServiceRoleCanNeitherChangeTheSchemaNorTheLedger) {
  constexpr Statement kDdl{"test.ddl", "CREATE TABLE backbone.extra (id int)"};
  constexpr Statement kDelete{"test.delete", "DELETE FROM backbone.event"};
  constexpr Statement kRewrite{"test.rewrite", "UPDATE backbone.attempt SET outcome = 'done'"};
  for (const Statement* statement : {&kDdl, &kDelete, &kRewrite}) {
    EXPECT_FALSE(
        InTransaction(db_.pool(), Soon(), [&](Session& session) { return session.Run(*statement).status(); }).ok())
        << statement->name;
  }
}

}  // namespace
}  // namespace xxt::pg
