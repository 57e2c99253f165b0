#include "common/tasks/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/tasks/engine_world.h"
#include "common/tasks/party.h"

namespace xxt::tasks {
namespace {

class EngineTest : public EngineWorld {};

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
  EXPECT_EQ(db_.Sql("SELECT kind FROM backbone.task WHERE NOT isfinite(next_action_time)"), "") << "none is to be told";
}

TEST_F(EngineTest, GivesUpAfterTheKindsTimeAndHandsOverToAPerson) {
  MachineKind kind = Kind([](const Task&, SteadyTime) { return Verdict::Retry("busy"); });
  kind.give_up_after = absl::Milliseconds(50);
  const auto engine = Start(std::move(kind));
  Make(1);
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.desk_task WHERE kind = 'test.dead'", "1"));
}

TEST_F(EngineTest, ATaskWaitsForItsBusinessTime) {
  const auto engine = Start(DoneKind());
  Make(1, clock_.Now() + absl::Hours(48));
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql(kOpen), "1");
  clock_.Advance(absl::Hours(49));
  EXPECT_TRUE(Becomes(kDone, "2"));
}

TEST_F(EngineTest, ATimerThatIsDueIsDoneAndKeepsItsKey) {
  const auto engine = Start(DoneKind());
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

TEST_F(EngineTest, LeavesTasksToOtherProcessesAsLongAsItMayNotClaim) {
  std::atomic<bool> may{false};
  std::atomic<int> here{0};
  options_.may_claim = [&may] { return may.load(); };
  const auto engine = Start(Kind([&here](const Task&, SteadyTime) {
    ++here;
    return Verdict::Done();
  }));
  {
    EngineOptions options = options_;
    options.may_claim = {};
    pg::Pool pool(db_.options());
    const Engine other(options, pool, clock_, {DoneKind()});
    Make(50);
    EXPECT_TRUE(Becomes(kDone, "50"));
    EXPECT_EQ(here, 0);
  }
  may = true;
  Make(10);
  EXPECT_TRUE(Becomes(kDone, "60"));
  EXPECT_EQ(here, 10);
}

TEST_F(EngineTest, AKindThatHangsHoldsUpNoOther) {
  std::atomic<bool> go{false};
  options_.lease = absl::Seconds(30);
  const Engine engine(options_, db_.pool(), clock_, {HangingKind(go), DoneKind()});
  Make(50, absl::InfinitePast(), "test.hangs");
  Make(50);
  EXPECT_TRUE(Becomes(kDone, "50"));
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'test.hangs'"), "50");
  go = true;
  EXPECT_TRUE(Becomes(kDone, "100"));
}

TEST_F(EngineTest, ALongLaneHoldsUpNoRetryOfAnother) {
  std::atomic<bool> go{false};
  std::atomic<int> urgent{0};
  MachineKind kind = Kind([&](const Task& task, SteadyTime) {
    if (task.lane == Lane::kUrgent) ++urgent;
    while (task.lane != Lane::kUrgent && !go) std::this_thread::yield();
    return Verdict::Done();
  });
  kind.lanes = {Lane::kNormal, Lane::kUrgent};
  options_.lease = absl::Seconds(30);
  const auto engine = Start(kind);
  Make(3000);
  EXPECT_TRUE(Becomes("SELECT count(*) > 0 FROM backbone.task WHERE state = 'running'", "t"));
  bool done = true;
  for (int i = 1; done && i <= 20; ++i) {  // soon it is known how much waits
    MakeRetry("urgent");
    done = Comes([&] { return urgent == i; }, absl::Seconds(10));
  }
  EXPECT_TRUE(done);
  go = true;
}

TEST_F(EngineTest, ATaskOfALaneWithoutWorkersIsDoneByThoseOfTheFirst) {
  const auto engine = Start(DoneKind());
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
    if (answers) return Verdict::Done().PartyAnswered();
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
  EXPECT_TRUE(Comes([&] {
    db_.Sql("UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry'");
    return db_.Sql(kDone) == "20";
  }));
  EXPECT_TRUE(Becomes("SELECT silences FROM backbone.party", "0"));
}

TEST_F(EngineTest, ATaskThatAskedNobodySaysNothingOfTheParty) {
  MachineKind kind = Kind([](const Task& task, SteadyTime) {
    if (task.attempt == 3) return Verdict::Done();
    return Verdict::Retry("no answer", absl::Milliseconds(1)).PartySilent();
  });
  kind.party = [](const Task&) { return "bodies/silent"; };
  const auto engine = Start(kind);
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT silences FROM backbone.party"), "2");
}

TEST_F(EngineTest, TellsWhoRestsAndNotWhomNobodyWaitsForAnyMore) {
  db_.Sql(
      "INSERT INTO backbone.party (name, silences, rest_until) VALUES "
      "('bodies/silent', 3, now() + interval '1 hour'), ('bodies/tried', 4, now() - interval '1 hour'), "
      "('bodies/once', 1, NULL), ('bodies/forgotten', 9, now() - interval '8 hours')");
  const auto engine = Start(DoneKind());
  const std::vector<std::string> resting = {"bodies/silent", "bodies/tried"};
  EXPECT_TRUE(Comes([&] { return engine->parties_at_rest() == resting; }));
  db_.Sql("UPDATE backbone.party SET silences = 0, rest_until = NULL");
  EXPECT_TRUE(Comes([&] { return engine->parties_at_rest().empty(); }));
}

TEST_F(EngineTest, WhatAPartyHasNoTimeForComesBackOneAfterTheOther) {
  MachineKind kind = Kind([](const Task&, SteadyTime) { return Verdict::Done().PartyAnswered(); });
  kind.party = [](const Task&) { return "bodies/slow"; };
  kind.party_rate = 5;
  const auto engine = Start(kind);
  Make(100);
  EXPECT_TRUE(Becomes("SELECT count(*) > 80 FROM backbone.task WHERE state = 'retry'", "t"));
  EXPECT_EQ(db_.Sql("SELECT max(count) <= 7 FROM (SELECT count(*) FROM backbone.task WHERE state = 'retry' "
                    "AND not_before > now() + interval '2 s' GROUP BY date_trunc('second', not_before)) AS s"),
            "t");
}

TEST_F(EngineTest, WhatARestingPartyIsToDoComesBackOneAfterTheOther) {
  MachineKind kind = DoneKind();
  kind.party = [](const Task&) { return "bodies/silent"; };
  db_.Sql(
      "INSERT INTO backbone.party (name, silences, rest_until) VALUES ('bodies/silent', 3, now() + interval '1 hour')");
  const auto engine = Start(kind);
  Make(100);
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.task WHERE not_before > now() + interval '50 min'", "100"));
  EXPECT_EQ(db_.Sql("SELECT max(count) <= 10 FROM (SELECT count(*) FROM backbone.task "
                    "GROUP BY floor(extract(epoch FROM not_before) * 10)) AS tenth_of_a_second"),
            "t");
}

TEST_F(EngineTest, APartysRateIsReachedAndHardlyAnyTaskAsksMoreThanTwice) {
  MachineKind kind = Kind([](const Task&, SteadyTime) { return Verdict::Done().PartyAnswered(); });
  kind.party = [](const Task&) { return "bodies/slow"; };
  kind.party_rate = 100;
  const auto engine = Start(kind);
  Make(600);
  EXPECT_TRUE(Becomes(kDone, "600"));
  const int given_back = std::stoi(db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'given_back'"));
  EXPECT_LE(given_back, 750) << "in "
                             << db_.Sql("SELECT extract(epoch FROM max(time) - min(time)) FROM backbone.attempt")
                             << " s";
}

TEST_F(EngineTest, ASweepThatFailsEndsNoHandOuts) {
  const auto engine = Start(DoneKind());
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
  const auto engine = Start(DoneKind());
  for (int round = 0; round < 5; ++round) {
    Make(50);
    xxt::test::FlushRedis();
  }
  EXPECT_TRUE(Becomes(kDone, "250"));
}

TEST_F(EngineTest, WorksOnWhileRedisIsAway) {
  options_.redis.address = "127.0.0.1:1";
  const auto engine = Start(DoneKind());
  Make(50);
  EXPECT_TRUE(Becomes(kDone, "50"));
  EXPECT_FALSE(engine->redis_ok());
}

TEST_F(EngineTest, TheBacklogIsReadThoughAPersonIsToLookAtOnce) {
  const auto engine = Start(Kind([](const Task&, SteadyTime) { return Verdict::Dead("the address is bad"); }));
  Make(1);
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.desk_task", "1"));
  const auto backlog = engine->ReadBacklog(absl::Now() + absl::Seconds(5));
  EXPECT_TRUE(backlog.ok()) << backlog.status();
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
  for (const Backlog& item : *backlog) {
    counts[item.kind + " " + item.state] = item.count;
    oldest[item.kind] = std::max(oldest[item.kind], item.oldest);
  }
  EXPECT_EQ(counts, (std::map<std::string, std::int64_t>{
                        {"test.work pending", 1}, {"test.work dead", 1}, {"case.act pending", 3}}));
  EXPECT_NEAR(absl::ToDoubleSeconds(oldest["case.act"]), 9000, 60);
}

TEST_F(EngineTest, TheBacklogCountsNoMoreThanTenThousandOfALaneAndAllThatIsDead) {
  db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before)
    SELECT gen_random_uuid(), 'test.other', 'bulk', 's', n, '-infinity', CASE WHEN n > 10100 THEN 'dead' ELSE 'retry' END,
           CASE WHEN n > 10100 THEN 'infinity' ELSE now() - n * interval '1 s' END
      FROM generate_series(1, 10103) AS n)sql");
  const auto engine = Start(DoneKind());
  const auto backlog = engine->ReadBacklog(absl::Now() + absl::Seconds(5));
  ASSERT_TRUE(backlog.ok()) << backlog.status();
  std::map<std::string, std::int64_t> counts;
  for (const Backlog& item : *backlog) {
    counts[item.state] = item.count;
    if (item.state == "retry") {
      EXPECT_GE(item.oldest, absl::Seconds(10100));
    }
  }
  EXPECT_EQ(counts, (std::map<std::string, std::int64_t>{{"retry", 10000}, {"dead", 3}}));
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
  const auto engine = Start(DoneKind());
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
