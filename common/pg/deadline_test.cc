// Who waits for the store, for how long, and what becomes of the work when nobody does.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/lease.h"
#include "common/pg/pool_world.h"
#include "common/status/errors.h"
#include "common/testing/clocks.h"

namespace xxt::pg {
namespace {

constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1::float8)"};

TEST_F(PoolTest, GivesUpWaitingAtTheDeadline) {
  const absl::Time start = absl::Now();
  const absl::Status status = Read(db_.pool(), start + absl::Milliseconds(200),
                                   [](Session& session) { return session.Run(kSleep, "3").status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_EQ(Count(), 0);  // the pool is still of use
}

TEST_F(PoolTest, AShortDeadlineCostsNoConnectionAndStopsTheWork) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  const auto backend = [&] {
    std::string pid;
    EXPECT_TRUE(Read(pool, Soon(), [&](Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kBackend));
                  pid = rows[0].Text(0);
                  return absl::OkStatus();
                }).ok());
    return pid;
  };
  const std::string before = backend();
  const SteadyTime begin = SteadyTime::Now();
  const absl::Status late = InTransaction(pool, SteadyTime::Now() + absl::Milliseconds(100), [](Session& session) {
    session.Queue(kInsertTask, "a");
    return session.Run(kSleep, "4").status();
  });
  EXPECT_EQ(errors::ReasonOf(late), "DEADLINE") << late;
  EXPECT_EQ(backend(), before);
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(3));
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, AShortDeadlineLeavesTheOtherConnectionsAlone) {
  PoolOptions options = db_.options();
  options.connections = 2;
  Pool pool(options);
  ASSERT_TRUE(InTransaction(pool, Soon(), [&](Session& session) -> absl::Status {
                XXT_RETURN_IF_ERROR(session.Run(kBackend).status());
                return Read(pool, Soon(), [](Session& other) { return other.Run(kBackend).status(); });
              }).ok());
  const std::string idle = absl::StrCat("SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity ",
                                        "WHERE datname = current_database() AND application_name = 'xixinting' ",
                                        "AND query NOT LIKE '%pg_cancel_backend%'");
  const std::string before = db_.Sql(idle);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(Read(pool, SteadyTime::Now() + absl::Milliseconds(20), [](Session& session) {
                   return session.Run(kSleep, "4").status();
                 }).ok());
  }
  while (pool.in_use() > 0) std::this_thread::yield();
  EXPECT_EQ(db_.Sql(idle), before);
}

// PostgreSQL answers a cancelled wait for its standby by showing what the standby may not have.
TEST_F(PoolTest, ACommitThatIsLateIsNotCancelled) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  ASSERT_TRUE(Read(pool, Soon(), [](Session& session) { return session.Run(kCount).status(); }).ok());
  const auto late = [&](const char* key) {
    return InTransaction(pool, SteadyTime::Now() + absl::Milliseconds(100), [&](Session& session) -> absl::Status {
      session.Queue(kInsertTask, key);
      session.Queue(kSleep, "0.5");
      return absl::OkStatus();
    });
  };
  EXPECT_EQ(errors::ReasonOf(late("a")), "OUTCOME_UNKNOWN");
  while (pool.in_use() > 0) std::this_thread::yield();
  EXPECT_EQ(Count(), 1);
}

constexpr Statement kHold{"test.hold", "SELECT pg_advisory_lock(7)"};

// A standby that is lost answers no COMMIT. The trigger waits within it, as PostgreSQL does for the standby.
TEST_F(PoolTest, ACommitThatHangsForLongKeepsItsPlace) {
  db_.Sql(R"sql(
    CREATE FUNCTION public.hang() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
      BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hangs AFTER INSERT ON backbone.machine_task DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION public.hang())sql");
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  ASSERT_TRUE(Read(pool, Soon(), [](Session& session) { return session.Run(kCount).status(); }).ok());
  auto holder = std::make_unique<Pool>(options);
  ASSERT_TRUE(Read(*holder, Soon(), [](Session& session) { return session.Run(kHold).status(); }).ok());
  const absl::Status late = InTransaction(pool, SteadyTime::Now() + absl::Milliseconds(500), [](Session& session) {
    session.Queue(kInsertTask, "a");
    return session.Run(kCount).status();
  });
  EXPECT_EQ(errors::ReasonOf(late), "OUTCOME_UNKNOWN") << late;
  test::PassTime(absl::Seconds(6));
  // The pool looks every 10 ms.
  const SteadyTime looked_often = SteadyTime::Now() + absl::Seconds(1);
  while (pool.in_use() == 1 && !looked_often.passed()) std::this_thread::yield();
  EXPECT_EQ(pool.in_use(), 1) << "PostgreSQL is still at it, and would work on more than the limit";
  holder.reset();
  while (pool.in_use() > 0) std::this_thread::yield();
  EXPECT_EQ(Count(), 1) << "a COMMIT is not cancelled";
  test::PassTime(-absl::Seconds(6));
}

// It may be done later, and would hit the COMMIT of whoever has the connection then.
TEST_F(PoolTest, AConnectionWhoseCancelWasNotAnsweredIsNotUsedAgain) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  std::string backend;
  const auto sleep = [&](absl::Duration deadline, const char* seconds) {
    EXPECT_FALSE(Read(pool, SteadyTime::Now() + deadline, [&](Session& session) -> absl::Status {
                   XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kBackend));
                   backend = rows[0].Text(0);
                   return session.Run(kSleep, seconds).status();
                 }).ok());
    while (pool.in_use() > 0) std::this_thread::yield();
  };
  sleep(absl::Milliseconds(300), "4");
  const std::string found = db_.Sql(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_cancel_backend%' "
      "AND pid <> pg_backend_pid()");
  ASSERT_FALSE(found.empty());
  const pid_t canceller = std::stoi(found);
  ASSERT_EQ(kill(canceller, SIGSTOP), 0) << "PostgreSQL runs as this user, or this is root";
  sleep(absl::Milliseconds(300), "1");
  const std::string named = backend;
  EXPECT_TRUE(Read(pool, Soon(), [&](Session& session) -> absl::Status {
                XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kBackend));
                EXPECT_NE(rows[0].Text(0), named);
                kill(canceller, SIGCONT);
                // The cancel is under way now; nothing of ours is hit.
                return session.Run(kSleep, "0.5").status();
              }).ok());
  kill(canceller, SIGCONT);  // however it went
}

TEST_F(PoolTest, WhatNobodyWaitsForAnyMoreIsNotBegun) {
  const absl::Status late = Read(db_.pool(), SteadyTime::Now() - absl::Seconds(1),
                                 [](Session& session) { return session.Run(kCount).status(); });
  EXPECT_EQ(errors::ReasonOf(late), "DEADLINE") << late;
  const absl::Status later =
      InTransaction(db_.pool(), SteadyTime::Now() + absl::Milliseconds(300), [](Session& session) {
        XXT_RETURN_IF_ERROR(session.Run(kInsertTask, "a").status());
        test::PassTime(absl::Seconds(1));
        return session.Run(kCount).status();
      });
  EXPECT_EQ(errors::ReasonOf(later), "DEADLINE") << later;
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, WaitsForAConnectionOnlyUntilTheDeadline) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  ASSERT_TRUE(InTransaction(pool, Soon(), [&](Session& session) -> absl::Status {
                EXPECT_EQ(pool.in_use(), 0);  // taken with the first statement
                XXT_RETURN_IF_ERROR(session.Run(kCount).status());
                EXPECT_EQ(pool.in_use(), 1);
                const absl::Status inner = Read(pool, absl::Now() + absl::Milliseconds(50),
                                                [](Session& waiting) { return waiting.Run(kCount).status(); });
                EXPECT_EQ(inner.code(), absl::StatusCode::kDeadlineExceeded);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(pool.in_use(), 0);
}

// Whether that thread of ours waits in the kernel.
bool Waits(pid_t thread) {
  std::ifstream file(absl::StrCat("/proc/self/task/", thread, "/stat"));  // "1234 (name) S …"
  std::string stat;
  std::getline(file, stat);
  const std::size_t name_ends = stat.rfind(')');
  return name_ends != std::string::npos && stat.compare(name_ends, 3, ") S") == 0;
}

// Who leaves without looking keeps the wake-up to itself, and the connection from all who wait behind.
TEST_F(PoolTest, AConnectionThatComesBackAtTheDeadlineIsTaken) {
  PoolOptions options = db_.options();
  options.connections = 1;
  Pool pool(options);
  absl::StatusOr<Lease> taken = Lease::Take(pool, Soon());
  ASSERT_TRUE(taken.ok()) << taken.status();
  auto held = std::make_unique<Lease>(*std::move(taken));
  std::atomic<pid_t> waiter{0};
  std::atomic<bool> answered{false};
  std::thread waiting([&] {
    const SteadyTime deadline = SteadyTime::Now() + absl::Minutes(1);
    waiter = gettid();
    const absl::StatusOr<Lease> late = Lease::Take(pool, deadline);
    EXPECT_TRUE(late.ok()) << late.status();
    answered = true;
  });
  while (!Waits(waiter) && !answered) std::this_thread::yield();
  test::PassTime(absl::Minutes(2));  // who waits in the kernel does not notice
  held.reset();
  waiting.join();
  test::PassTime(-absl::Minutes(2));
  EXPECT_EQ(pool.in_use(), 0);
}

}  // namespace
}  // namespace xxt::pg
