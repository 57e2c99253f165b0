#include "common/tasks/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/identifiers/uuid.h"
#include "common/tasks/claim.h"
#include "common/tasks/party.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

constexpr pg::Statement kEffect{"test.effect", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 'effect', $1, '', '', '', now()))sql"};

class EngineTest : public testing::Test {
 protected:
  EngineTest() : service_(absl::StrCat("test-", identifiers::NewUuid(absl::Now()))), clock_(absl::Now()) {}

  // A kind that does `handle`; dead tasks leave a desk task behind.
  static MachineKind Kind(std::function<Verdict(const Task&, SteadyTime)> handle) {
    MachineKind kind;
    kind.name = "test.work";
    kind.handle = std::move(handle);
    kind.on_dead = [](pg::Session& session, const Task& task, absl::string_view) {
      NewTask desk;
      desk.kind = "test.dead";
      desk.lane = Lane::kDesk;
      desk.subject = task.subject;
      Enqueue(session, desk);
      return absl::OkStatus();
    };
    kind.retry_base = absl::Milliseconds(1);
    kind.retry_cap = absl::Milliseconds(1);
    return kind;
  }

  std::unique_ptr<Engine> Start(MachineKind kind, redis::Options redis = xxt::test::TestRedis()) {
    EngineOptions options;
    options.service = service_;
    options.redis = std::move(redis);
    options.lease = absl::Seconds(4);
    options.redeliver_after = absl::Milliseconds(300);
    options.poll = absl::Milliseconds(20);
    std::vector<MachineKind> kinds;
    kinds.push_back(std::move(kind));
    return std::make_unique<Engine>(options, db_.pool(), clock_, std::move(kinds));
  }

  void Make(int count, absl::Time due = absl::InfinitePast(), const std::string& kind = "test.work") {
    ASSERT_TRUE(pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
                  for (int i = 0; i < count; ++i) {
                    NewTask task;
                    task.kind = kind;
                    task.subject = absl::StrCat("cases/", i);
                    task.due = due;
                    Enqueue(session, task);
                  }
                  return absl::OkStatus();
                }).ok());
  }

  // Waits until `sql` answers `wanted`.
  bool Becomes(const std::string& sql, const std::string& wanted, absl::Duration within = absl::Seconds(20)) {
    const SteadyTime deadline = absl::Now() + within;
    std::string last;
    while (absl::Now() < deadline) {
      if ((last = db_.Sql(sql)) == wanted) return true;
      std::this_thread::yield();
    }
    ADD_FAILURE() << sql << " is " << last << ", not " << wanted;
    return false;
  }

  // PostgreSQL is away for the service, not for the judge.
  void CutOff(bool away) {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " CONNECTION LIMIT ", away ? "0" : "-1"));
    if (!away) return;
    db_.Sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename <> current_user");
  }

  // Claims the one task that there is.
  Claimed ClaimAs(const std::string& holder, absl::Duration lease = absl::Seconds(30)) {
    const std::string id = db_.Sql("SELECT id FROM backbone.task");
    const SteadyTime deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      auto claimed = Claim(db_.pool(), {id}, {"test.work"}, clock_.Now(), lease, holder);
      if (claimed.ok() && !claimed->empty()) return claimed->front();
    }
    ADD_FAILURE() << "the task cannot be claimed";
    return {};
  }

  const std::string service_;
  xxt::test::Database db_{"intake"};
  ManualClock clock_;
};

constexpr char kOpen[] = "SELECT count(*) FROM backbone.task";
constexpr char kDone[] = "SELECT count(*) FROM backbone.task_settled WHERE outcome = 'done'";

TEST_F(EngineTest, DoesEveryTaskOnce) {
  std::atomic<int> handled{0};
  const auto engine = Start(Kind([&](const Task&, SteadyTime) {
    ++handled;
    return Verdict::Done();
  }));
  Make(300);
  EXPECT_TRUE(Becomes(kDone, "300"));
  EXPECT_EQ(db_.Sql(kOpen), "0");
  EXPECT_EQ(handled, 300);
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'started'"), "300");
}

TEST_F(EngineTest, StoresTheEffectWithTheSettlement) {
  const auto engine = Start(Kind([](const Task& task, SteadyTime) {
    return Verdict::Done([subject = task.subject](pg::Session& session) {
      session.Queue(kEffect, subject);
      return absl::OkStatus();
    });
  }));
  Make(20);
  EXPECT_TRUE(Becomes(kDone, "20"));
  EXPECT_EQ(db_.Sql("SELECT count(DISTINCT subject) FROM backbone.event"), "20");
}

TEST_F(EngineTest, TriesAgainUntilItSucceeds) {
  const auto engine = Start(
      Kind([](const Task& task, SteadyTime) { return task.attempt < 4 ? Verdict::Retry("busy") : Verdict::Done(); }));
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT attempt FROM backbone.task_settled"), "4");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'retry'"), "3");
}

TEST_F(EngineTest, ADeadTaskBecomesWorkForAPerson) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Dead("the address is bad"); }));
  Make(1);
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.desk_task WHERE kind = 'test.dead'", "1"));
  EXPECT_EQ(db_.Sql("SELECT last_error FROM backbone.task WHERE state = 'dead'"), "the address is bad");
}

TEST_F(EngineTest, GivesUpAfterTheKindsTimeAndHandsOverToAPerson) {
  MachineKind kind = Kind([](const Task&, SteadyTime) { return Verdict::Retry("busy"); });
  kind.give_up_after = absl::Milliseconds(50);
  const auto engine = Start(std::move(kind));
  Make(1);
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.desk_task WHERE kind = 'test.dead'", "1"));
}

TEST_F(EngineTest, ATaskWaitsForItsBusinessTime) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  Make(1, clock_.Now() + absl::Hours(48));
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql(kOpen), "1");
  clock_.Advance(absl::Hours(49));
  EXPECT_TRUE(Becomes(kDone, "2"));
}

TEST_F(EngineTest, ATimerThatIsDueIsDoneAndKeepsItsKey) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  Make(1, clock_.Now() + absl::Hours(48));
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.timer"), "1");
  const std::string key = db_.Sql("SELECT dedupe_key FROM backbone.timer");
  ASSERT_TRUE(pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
                Reschedule(session, key, clock_.Now() - absl::Hours(1));
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(Becomes(kDone, "1"));
}

TEST_F(EngineTest, ATaskThatARunningAttemptMovesToLaterIsDoneThen) {
  std::atomic<int> handled{0};
  const auto engine = Start(Kind([&](const Task& task, SteadyTime) {
    if (++handled > 1) return Verdict::Done();
    return Verdict::Retry("quiet hours", absl::Milliseconds(1),
                          [id = task.id, due = clock_.Now() + absl::Hours(8)](pg::Session& session) {
                            Reschedule(session, id, due);
                            return absl::OkStatus();
                          });
  }));
  Make(1);
  EXPECT_TRUE(Becomes("SELECT state FROM backbone.task", "retry"));
  EXPECT_EQ(handled, 1);
  clock_.Advance(absl::Hours(9));
  EXPECT_TRUE(Becomes(kDone, "1"));
}

TEST_F(EngineTest, AKindThatHangsHoldsUpNoOther) {
  std::atomic<bool> go{false};
  MachineKind hangs = Kind([&](const Task&, SteadyTime) {
    while (!go) std::this_thread::yield();
    return Verdict::Done();
  });
  hangs.name = "test.hangs";
  EngineOptions options;
  options.service = service_;
  options.redis = xxt::test::TestRedis();
  const Engine engine(options, db_.pool(), clock_,
                      {hangs, Kind([](const Task&, SteadyTime) { return Verdict::Done(); })});
  Make(50, absl::InfinitePast(), "test.hangs");
  Make(50);
  EXPECT_TRUE(Becomes(kDone, "50"));
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'test.hangs'"), "50");
  go = true;
  EXPECT_TRUE(Becomes(kDone, "100"));
}

TEST_F(EngineTest, ATaskOfALaneWithoutWorkersIsDoneByThoseOfTheFirst) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  ASSERT_TRUE(pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
                NewTask task;
                task.kind = "test.work";
                task.lane = Lane::kBulk;
                Enqueue(session, task);
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(Becomes(kDone, "1"));
}

TEST_F(EngineTest, ASilentPartyIsLeftAloneByAllProcessesAndTheOthersAreNot) {
  std::atomic<int> asked{0};
  std::atomic<bool> answers{false};
  MachineKind kind = Kind([&](const Task& task, SteadyTime) {
    if (task.subject != "cases/0") return Verdict::Done();
    ++asked;
    if (answers) return Verdict::Done();
    return Verdict::Retry("no answer", absl::Milliseconds(1)).PartySilent();
  });
  kind.party = [](const Task& task) { return task.subject == "cases/0" ? "bodies/silent" : "bodies/well"; };
  auto engine = Start(kind);
  Make(20);
  EXPECT_TRUE(Becomes("SELECT silences FROM backbone.party", absl::StrCat(kSilences)));
  EXPECT_TRUE(Becomes(kDone, "19"));
  EXPECT_TRUE(
      Becomes("SELECT count(*) FROM backbone.task WHERE state = 'retry' AND not_before > now() + interval '5 s'", "1"));
  EXPECT_EQ(asked, kSilences);
  engine.reset();
  engine = Start(kind);
  db_.Sql("UPDATE backbone.machine_task SET not_before = now()");
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.attempt WHERE outcome = 'given_back'", "2"));
  EXPECT_EQ(asked, kSilences);
  answers = true;
  db_.Sql("UPDATE backbone.party SET rest_until = now()");
  db_.Sql("UPDATE backbone.machine_task SET not_before = now()");
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (absl::Now() < deadline && db_.Sql(kDone) != "20")
    db_.Sql("UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry'");
  EXPECT_EQ(db_.Sql(kDone), "20");
  EXPECT_TRUE(Becomes("SELECT silences FROM backbone.party", "0"));
}

TEST_F(EngineTest, ASweepThatFailsEndsNoHandOuts) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  // Until it is told to let go.
  std::thread holder([&] {
    db_.Sql(
        "DO $$ BEGIN LOCK TABLE backbone.timer IN ACCESS EXCLUSIVE MODE; PERFORM pg_advisory_xact_lock_shared(7); "
        "PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END $$");
  });
  EXPECT_TRUE(
      Becomes("SELECT count(*) FROM pg_locks WHERE relation = 'backbone.timer'::regclass AND granted "
              "AND mode = 'AccessExclusiveLock'",
              "1"));
  for (int i = 1; i <= 5; ++i) {
    Make(1);
    EXPECT_TRUE(Becomes(kDone, absl::StrCat(i), absl::Seconds(2)));
  }
  db_.Sql(
      "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 "
      "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
  holder.join();
}

TEST_F(EngineTest, NothingIsLostWhenRedisIsFlushed) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  for (int round = 0; round < 5; ++round) {
    Make(50);
    xxt::test::FlushRedis();
  }
  EXPECT_TRUE(Becomes(kDone, "250"));
}

TEST_F(EngineTest, WorksOnWhileRedisIsAway) {
  redis::Options away;
  away.address = "127.0.0.1:1";
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }), away);
  Make(50);
  EXPECT_TRUE(Becomes(kDone, "50"));
  EXPECT_FALSE(engine->redis_ok());
}

TEST_F(EngineTest, TheBacklogIsWhatIsDue) {
  Make(2);
  Make(1, clock_.Now() + absl::Hours(1));
  db_.Sql("UPDATE backbone.machine_task SET state = 'dead' WHERE subject = 'cases/1'");
  db_.Sql(R"sql(
    INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due, hall)
    SELECT gen_random_uuid(), 'case.act', 's', n, now() + (n - 3.5) * interval '1 hour', 'halls/' || n % 2
      FROM generate_series(1, 5) AS n)sql");
  const auto engine = Start({});
  const auto backlog = engine->ReadBacklog(absl::Now() + absl::Seconds(5));
  ASSERT_TRUE(backlog.ok()) << backlog.status();
  std::map<std::string, std::int64_t> counts;
  std::map<std::string, absl::Duration> oldest;
  for (const Engine::Backlog& item : *backlog) {
    counts[item.kind + " " + item.state] = item.count;
    oldest[item.kind] = std::max(oldest[item.kind], item.oldest);
  }
  EXPECT_EQ(counts, (std::map<std::string, std::int64_t>{
                        {"test.work pending", 1}, {"test.work dead", 1}, {"case.act pending", 3}}));
  EXPECT_NEAR(absl::ToDoubleSeconds(oldest["case.act"]), 9000, 60);
}

TEST_F(EngineTest, ATaskThatKilledItsWorkersTwiceIsClaimedAlone) {
  Make(2);
  const std::string innocent = db_.Sql("SELECT id FROM backbone.task WHERE subject = 'cases/0'");
  const std::string suspect =
      db_.Sql("UPDATE backbone.machine_task SET crashes = 2 WHERE subject = 'cases/1' RETURNING id");
  const auto claim = [&](const std::vector<std::string>& ids) {
    return Claim(db_.pool(), ids, {"test.work"}, clock_.Now(), absl::Seconds(30), "careful@host");
  };
  const auto both = claim({innocent, suspect});
  ASSERT_EQ(both->size(), 1u);
  EXPECT_EQ(both->front().task.id, innocent);
  ASSERT_EQ(claim({suspect})->size(), 1u);
}

TEST_F(EngineTest, SuspectsAreDoneToo) {
  Make(30);
  db_.Sql("UPDATE backbone.machine_task SET crashes = 2 WHERE subject IN ('cases/3', 'cases/7')");
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  EXPECT_TRUE(Becomes(kDone, "30"));
}

TEST_F(EngineTest, AnAbandonedTaskIsTakenOverWithAnotherFence) {
  Make(1);
  const Claimed dead = ClaimAs("dead@host", absl::Milliseconds(1));
  std::atomic<std::int64_t> fence{0};
  const auto engine = Start(Kind([&](const Task& task, SteadyTime) {
    fence = task.fence;
    return Verdict::Done();
  }));
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_GT(fence, dead.task.fence);
}

// What counts as a crash: an attempt that nobody noted the end of.
TEST_F(EngineTest, AnAttemptThatNobodyEndedIsACrashOfItsProcess) {
  Make(1);
  ClaimAs("dead@host", absl::Milliseconds(1));
  EXPECT_EQ(ClaimAs("live@host", absl::Milliseconds(1)).crashes, 1);
  EXPECT_EQ(ClaimAs("live@host", absl::Milliseconds(1)).crashes, 2);
}

TEST_F(EngineTest, AnAttemptThatEndedTooLateIsNoCrash) {
  Make(1);
  const Claimed slow = ClaimAs("slow@host", absl::Milliseconds(1));
  const Claimed fast = ClaimAs("fast@host", absl::Milliseconds(1));
  ASSERT_TRUE(SettleDone(db_.pool(), {&slow}).ok());
  ASSERT_TRUE(NoteLate(db_.pool(), {{fast.task.id, fast.task.fence}}).ok());
  EXPECT_EQ(ClaimAs("third@host", absl::Milliseconds(1)).crashes, 0);
}

TEST_F(EngineTest, AClaimWhoseAnswerWasLostIsNoCrashOfTheProcessThatLives) {
  Make(1);
  const std::string id = ClaimAs("live@host", absl::Milliseconds(1)).task.id;
  ASSERT_TRUE(NoteLost(db_.pool(), {id}, "live@host").ok());
  EXPECT_EQ(ClaimAs("other@host", absl::Milliseconds(1)).crashes, 0);
  ASSERT_TRUE(NoteLost(db_.pool(), {id}, "live@host").ok());
  EXPECT_EQ(ClaimAs("live@host").crashes, 1) << "of another process nothing is said";
}

TEST_F(EngineTest, ATaskGivenBackWasNotCrashedIn) {
  Make(1);
  const Claimed returned = ClaimAs("leaving@host");
  ASSERT_TRUE(Unclaim(db_.pool(), {&returned}).ok());
  ClaimAs("dead@host", absl::Milliseconds(1));
  EXPECT_EQ(ClaimAs("live@host").crashes, 1);
}

// PostgreSQL is away from the moment of the outcome on, for some tries.
TEST_F(EngineTest, AnOutageShorterThanTheLeaseCostsNoSecondAttempt) {
  std::atomic<int> handled{0};
  const auto engine = Start(Kind([&](const Task&, SteadyTime) {
    if (++handled == 1) CutOff(true);
    return Verdict::Done([](pg::Session& session) {
      session.Queue(kEffect, "once");
      return absl::OkStatus();
    });
  }));
  Make(1);
  while (handled == 0) std::this_thread::yield();
  std::thread mend([&] {
    absl::SleepFor(absl::Milliseconds(500));
    CutOff(false);
  });
  EXPECT_TRUE(Becomes(kDone, "1"));
  mend.join();
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(db_.Sql("SELECT attempt FROM backbone.task_settled"), "1");
}

TEST_F(EngineTest, ATaskWhoseEffectTheStoreRefusesIsTriedAgainAndIsNoCrash) {
  std::atomic<int> refused{0};
  const auto engine = Start(Kind([&](const Task&, SteadyTime) {
    return Verdict::Done(
        [&](pg::Session&) { return ++refused <= 2 ? absl::InternalError("a bug in the effect") : absl::OkStatus(); });
  }));
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT attempt FROM backbone.task_settled"), "3");
}

TEST_F(EngineTest, AHandlerThatThrowsIsTriedAgainAfterTheLeaseAndTheEngineLivesOn) {
  Make(20);
  std::atomic<int> attempt{0};
  const auto engine = Start(Kind([&](const Task& task, SteadyTime) {
    if (task.subject != "cases/7") return Verdict::Done();
    attempt = task.attempt;
    if (task.attempt == 1) throw std::runtime_error("an answer that nobody expected");
    return Verdict::Done();
  }));
  EXPECT_TRUE(Becomes(kDone, "20"));
  EXPECT_EQ(attempt, 2);
}

TEST_F(EngineTest, AWorkerThatWasTakenOverStoresNothing) {
  Make(1);
  const std::string id = db_.Sql("SELECT id FROM backbone.task");
  const auto slow = Claim(db_.pool(), {id}, {"test.work"}, clock_.Now(), absl::Milliseconds(1), "slow@host");
  ASSERT_EQ(slow->size(), 1u);
  const auto fast = Claim(db_.pool(), {id}, {"test.work"}, clock_.Now(), absl::Seconds(30), "fast@host");
  ASSERT_EQ(fast->size(), 1u);
  const MachineKind kind = Kind({});
  const Verdict verdict = Verdict::Done([](pg::Session& session) {
    session.Queue(kEffect, "from a paused worker");
    return absl::OkStatus();
  });
  ASSERT_TRUE(Settle(db_.pool(), kind, (*slow)[0], verdict).ok());
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.event"), "0");
  ASSERT_TRUE(SettleDone(db_.pool(), {&(*slow)[0]}).ok());
  EXPECT_EQ(db_.Sql(kOpen), "1");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'late'"), "1");
  ASSERT_TRUE(Settle(db_.pool(), kind, (*fast)[0], verdict).ok());
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.event"), "1");
}

TEST_F(EngineTest, TwoEnginesShareTheWorkWithoutDoingItTwice) {
  Mutex mu;
  std::map<std::string, int> times;
  const auto handle = [&](const Task& task, SteadyTime) {
    const MutexLock lock(mu);
    ++times[task.id];
    return Verdict::Done();
  };
  const auto one = Start(Kind(handle));
  const auto two = Start(Kind(handle));
  Make(200);
  EXPECT_TRUE(Becomes(kDone, "200"));
  const MutexLock lock(mu);
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
}

TEST_F(EngineTest, DrainingGivesBackWhatWasNotBegun) {
  std::atomic<int> begun{0};
  std::atomic<bool> go{false};
  auto engine = Start(Kind([&](const Task&, SteadyTime) {
    ++begun;
    while (!go) std::this_thread::yield();
    return Verdict::Done();
  }));
  Make(20);
  while (begun < 2) std::this_thread::yield();
  std::thread drain([&] { engine->Drain(); });
  go = true;
  drain.join();
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE state = 'running'"), "0");
  EXPECT_EQ(std::stoi(db_.Sql(kOpen)) + std::stoi(db_.Sql(kDone)), 20);
}

TEST_F(EngineTest, AnOpenDedupeKeyIsNotDoubledAndIsFreeAgainAfterwards) {
  const auto make = [&] {
    return pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
      NewTask task;
      task.kind = "test.work";
      task.subject = "cases/1";
      task.dedupe_key = "once";
      Enqueue(session, task);
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(make().ok());
  ASSERT_TRUE(make().ok());
  EXPECT_EQ(db_.Sql(kOpen), "1");
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Done(); }));
  EXPECT_TRUE(Becomes(kDone, "1"));
  ASSERT_TRUE(make().ok());
  EXPECT_TRUE(Becomes(kDone, "2"));
}

TEST(Backoff, GrowsToItsCapAndJittersFully) {
  EXPECT_EQ(Backoff(absl::Seconds(5), absl::Hours(6), 1, 1), absl::Seconds(5));
  EXPECT_EQ(Backoff(absl::Seconds(5), absl::Hours(6), 3, 1), absl::Seconds(20));
  EXPECT_EQ(Backoff(absl::Seconds(5), absl::Hours(6), 3, 0.5), absl::Seconds(10));
  EXPECT_EQ(Backoff(absl::Seconds(5), absl::Hours(6), 3, 0), absl::ZeroDuration());
  EXPECT_EQ(Backoff(absl::Seconds(5), absl::Hours(6), 100, 1), absl::Hours(6));
}

}  // namespace
}  // namespace xxt::tasks
