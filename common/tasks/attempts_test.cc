// What becomes of attempts that end in no good way: crashes, pauses, outages, bugs.
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/tasks/desk.h"
#include "common/tasks/engine_world.h"
#include "common/tasks/queue.h"

namespace xxt::tasks {
namespace {

class AttemptsTest : public EngineWorld {};

TEST_F(AttemptsTest, ATaskThatKilledAWorkerThriceIsClaimedAlone) {
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

TEST_F(AttemptsTest, ATaskThatKilledAWorkerTwiceIsClaimedWithFewOthers) {
  Make(kFew + 1);
  db_.Sql("UPDATE backbone.machine_task SET crashes = 1 WHERE subject = 'cases/0'");
  std::vector<std::string> ids =
      absl::StrSplit(db_.Sql("SELECT string_agg(id::text, ' ' ORDER BY subject) FROM backbone.task"), ' ');
  const auto claim = [&](const std::vector<std::string>& some) {
    return Claim(db_.pool(), some, {"test.work"}, clock_.Now(), absl::Milliseconds(-1), "careful@host")->size();
  };
  EXPECT_EQ(claim(ids), std::size_t{kFew}) << "not with so many";
  db_.Sql("UPDATE backbone.machine_task SET crashes = (subject = 'cases/0')::int");
  ids.pop_back();
  EXPECT_EQ(claim(ids), std::size_t{kFew});
}

TEST_F(AttemptsTest, SuspectsAreDoneToo) {
  Make(30);
  db_.Sql("UPDATE backbone.machine_task SET crashes = 2 WHERE subject IN ('cases/3', 'cases/7')");
  db_.Sql("UPDATE backbone.machine_task SET crashes = 1 WHERE subject > 'cases/3'");
  const auto engine = Start(DoneKind());
  EXPECT_TRUE(Becomes(kDone, "30"));
}

TEST_F(AttemptsTest, ASuspectThatHangsHoldsUpNoSuspectOfAnotherKind) {
  std::atomic<bool> go{false};
  options_.lease = absl::Seconds(30);
  Make(3, absl::InfinitePast(), "test.hangs");
  Make(3);
  db_.Sql("UPDATE backbone.machine_task SET crashes = 2");
  const Engine engine(options_, db_.pool(), clock_, {HangingKind(go), DoneKind()});
  EXPECT_TRUE(Becomes(kDone, "3"));
  go = true;
  EXPECT_TRUE(Becomes(kDone, "6"));
}

TEST_F(AttemptsTest, ASuspectIsNotBegunWhileItsPartyRests) {
  MachineKind kind = DoneKind();
  kind.party = [](const Task&) { return "bodies/silent"; };
  db_.Sql(
      "INSERT INTO backbone.party (name, silences, rest_until) VALUES ('bodies/silent', 3, now() + interval '1 hour')");
  Make(1);
  const std::string suspect = db_.Sql(
      "UPDATE backbone.machine_task SET crashes = 2, state = 'retry', not_before = now() + interval '1 hour' RETURNING "
      "id");
  const auto engine = Start(kind);
  EXPECT_TRUE(Comes([&] {  // it has learnt who rests
    Make(1);
    return db_.Sql("SELECT count(*) > 0 FROM backbone.attempt WHERE outcome = 'given_back'") == "t";
  }));
  db_.Sql(absl::StrCat("UPDATE backbone.machine_task SET not_before = now() WHERE id = '", suspect, "'"));
  EXPECT_TRUE(Becomes(
      absl::StrCat("SELECT outcome FROM backbone.attempt WHERE outcome <> 'started' AND task_id = '", suspect, "'"),
      "given_back"));
}

TEST_F(AttemptsTest, AnAbandonedTaskIsTakenOverWithAnotherFence) {
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
TEST_F(AttemptsTest, AnAttemptThatNobodyEndedIsACrashOfItsProcess) {
  Make(1);
  ClaimAs("dead@host", absl::Milliseconds(1));
  EXPECT_EQ(ClaimAs("live@host", absl::Milliseconds(1)).crashes, 1);
  EXPECT_EQ(ClaimAs("live@host", absl::Milliseconds(1)).crashes, 2);
}

TEST_F(AttemptsTest, CrashesMakeThePauseAfterARefusalNoLonger) {
  MachineKind kind = DoneKind();
  kind.retry_base = absl::Seconds(1);
  kind.retry_cap = absl::Hours(6);
  Make(1);
  for (int i = 0; i < 4; ++i) ClaimAs("dead@host", absl::Milliseconds(1));
  ASSERT_TRUE(Settle(db_.pool(), kind, ClaimAs("live@host"), Verdict::Retry("not now")).ok());
  EXPECT_EQ(db_.Sql("SELECT state || ' ' || (not_before <= now() + interval '1 s') FROM backbone.machine_task"),
            "retry true");
}

TEST_F(AttemptsTest, AfterARequeueThePauseAfterARefusalIsAsShortAsAfterTheFirst) {
  MachineKind kind = DoneKind();
  kind.retry_base = absl::Seconds(1);
  kind.retry_cap = absl::Hours(6);
  kind.on_dead = [](pg::Session&, const Task&, absl::string_view) { return absl::OkStatus(); };
  Make(1);
  for (int i = 0; i < 12; ++i) {
    const Verdict refused = Verdict::Retry("not now", absl::Milliseconds(1));
    ASSERT_TRUE(Settle(db_.pool(), kind, ClaimAs("live@host"), refused).ok());
  }
  const Claimed last = ClaimAs("live@host");
  ASSERT_TRUE(Settle(db_.pool(), kind, last, Verdict::Dead("given up")).ok());
  ASSERT_TRUE(pg::InTransaction(db_.pool(), SteadyTime::Now() + absl::Seconds(10), [&](pg::Session& session) {
                return RequeueTask(session, last.task.id).status();
              }).ok());
  const Claimed first = ClaimAs("live@host");
  EXPECT_EQ(first.task.attempt, 1);
  EXPECT_EQ(first.task.fence, last.task.fence + 1);
  ASSERT_TRUE(Settle(db_.pool(), kind, first, Verdict::Retry("not now")).ok());
  EXPECT_EQ(db_.Sql("SELECT state || ' ' || (not_before <= now() + interval '1 s') FROM backbone.machine_task"),
            "retry true");
}

TEST_F(AttemptsTest, AnAttemptThatEndedTooLateIsNoCrash) {
  Make(1);
  const Claimed slow = ClaimAs("slow@host", absl::Milliseconds(1));
  const Claimed fast = ClaimAs("fast@host", absl::Milliseconds(1));
  ASSERT_TRUE(SettleDone(db_.pool(), {&slow}).ok());
  ASSERT_TRUE(NoteLate(db_.pool(), {{fast.task.id, fast.task.fence}}).ok());
  EXPECT_EQ(ClaimAs("third@host", absl::Milliseconds(1)).crashes, 0);
}

TEST_F(AttemptsTest, AClaimWhoseAnswerWasLostIsNoCrashOfTheProcessThatLives) {
  Make(1);
  const std::string id = ClaimAs("live@host", absl::Milliseconds(1)).task.id;
  ASSERT_TRUE(NoteLost(db_.pool(), {{id}, "live@host"}).ok());
  EXPECT_EQ(ClaimAs("other@host", absl::Milliseconds(1)).crashes, 0);
  ASSERT_TRUE(NoteLost(db_.pool(), {{id}, "live@host"}).ok());
  EXPECT_EQ(ClaimAs("live@host").crashes, 1) << "of another process nothing is said";
}

// A campaign met it: a stale entry led to a second claim of what a worker had in
// hand, its answer was lost, and the live attempt was noted as lost.
TEST_F(AttemptsTest, AClaimWhoseAnswerWasLostSaysNothingOfWhatAnotherClaimHasInHand) {
  Make(1);
  const std::string id = db_.Sql("SELECT id FROM backbone.task");
  Hands hands{db_.pool(), clock_, "live@host", absl::Seconds(30), 8, Parties(db_.pool(), absl::Seconds(1))};
  std::atomic<bool> begun{false};
  std::atomic<bool> may_end{false};
  const MachineKind kind = Kind([&](const Task&, SteadyTime) {
    begun = true;
    while (!may_end) std::this_thread::yield();
    return Verdict::Done();
  });
  Queue queue(hands, kind, "stream", 1, 8, [](const std::vector<std::string>&) {});
  queue.inbox().Put({id, ""});
  ASSERT_TRUE(Comes([&] { return begun.load(); }));
  CutOff(true);
  queue.inbox().Put({id, ""});
  Unsettled::Content unsettled;
  EXPECT_TRUE(Comes([&] { return !(unsettled = hands.unsettled.Take()).empty(); }));
  CutOff(false);
  ASSERT_EQ(unsettled.lost.size(), 1u);
  EXPECT_TRUE(Comes([&] { return NoteLost(db_.pool(), unsettled.lost.front()).ok(); }));
  may_end = true;
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT string_agg(outcome, ' ' ORDER BY time) FROM backbone.attempt"), "started done");
}

// Its commit waits for the standby, say: the process has noted by then what it saw.
TEST_F(AttemptsTest, ALostClaimThatComesToLightLaterIsNoCrash) {
  Make(1);
  Hands hands{db_.pool(), clock_, "live@host", absl::Seconds(30), 8, Parties(db_.pool(), absl::Seconds(1))};
  hands.unsettled.AddLost({{db_.Sql("SELECT id FROM backbone.task")}, "live@host"});
  NoteUnsettled(hands);
  ClaimAs("live@host", absl::Milliseconds(1));
  NoteUnsettled(hands);
  EXPECT_EQ(ClaimAs("other@host").crashes, 0);
  EXPECT_TRUE(hands.unsettled.Take().empty());
}

TEST_F(AttemptsTest, ALostClaimIsNotLookedForForEver) {
  Make(1);
  Hands hands{db_.pool(), clock_, "live@host", absl::Milliseconds(1), 8, Parties(db_.pool(), absl::Seconds(1))};
  hands.unsettled.AddLost({{db_.Sql("SELECT id FROM backbone.task")}, "live@host"});
  EXPECT_TRUE(Comes([&] {
    NoteUnsettled(hands);
    Unsettled::Content content = hands.unsettled.Take();
    hands.unsettled.PutBack(content);
    return content.empty();
  }));
}

TEST_F(AttemptsTest, ATaskThatCouldNotBeGivenBackWasNotCrashedIn) {
  Make(2);
  Hands hands{db_.pool(), clock_, "live@host", absl::Seconds(2), 8, Parties(db_.pool(), absl::Seconds(1))};
  std::atomic<bool> may_end{false};
  const MachineKind kind = Kind([&](const Task&, SteadyTime) {
    while (!may_end) std::this_thread::yield();
    return Verdict::Retry("busy");
  });
  Queue queue(hands, kind, "stream", 1, 8, [](const std::vector<std::string>&) {});
  for (const char* which : {"min", "max"}) {
    queue.inbox().Put({db_.Sql(absl::StrCat("SELECT ", which, "(id::text) FROM backbone.task")), ""});
  }
  EXPECT_TRUE(Becomes("SELECT count(*) FROM backbone.task WHERE state = 'running'", "2"));
  CutOff(true);
  queue.BeginStop();
  may_end = true;
  queue.Stop();
  CutOff(false);
  EXPECT_TRUE(Comes([&] {
    NoteUnsettled(hands);
    return db_.Sql("SELECT count(*) FROM backbone.attempt WHERE outcome = 'late'") == "2";
  }));
}

TEST_F(AttemptsTest, ATaskGivenBackWasNotCrashedIn) {
  Make(1);
  const Claimed returned = ClaimAs("leaving@host");
  ASSERT_TRUE(Unclaim(db_.pool(), {&returned}).ok());
  ClaimAs("dead@host", absl::Milliseconds(1));
  EXPECT_EQ(ClaimAs("live@host").crashes, 1);
}

// PostgreSQL is away from the moment of the outcome on, for some tries.
TEST_F(AttemptsTest, AnOutageShorterThanTheLeaseCostsNoSecondAttempt) {
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

TEST_F(AttemptsTest, ATaskWhoseEffectTheStoreRefusesIsTriedAgainAndIsNoCrash) {
  std::atomic<int> refused{0};
  const auto engine = Start(Kind([&](const Task&, SteadyTime) {
    return Verdict::Done(
        [&](pg::Session&) { return ++refused <= 2 ? absl::InternalError("a bug in the effect") : absl::OkStatus(); });
  }));
  Make(1);
  EXPECT_TRUE(Becomes(kDone, "1"));
  EXPECT_EQ(db_.Sql("SELECT attempt FROM backbone.task_settled"), "3");
}

TEST_F(AttemptsTest, AHandlerThatThrowsIsTriedAgainAfterTheLeaseAndTheEngineLivesOn) {
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

TEST_F(AttemptsTest, AWorkerThatWasTakenOverStoresNothing) {
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

}  // namespace
}  // namespace xxt::tasks
