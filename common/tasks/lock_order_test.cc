// Who changes a thing and its tasks locks the thing first and the task rows
// last, whatever it is: an RPC, a settlement, a person's completion. Each test
// brings two of them together in the one moment in which the opposite order
// would be a deadlock, in a database that does not resolve deadlocks in time.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/tasks/claim.h"
#include "common/tasks/desk.h"
#include "common/tasks/sweep.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

constexpr pg::Statement kLockThing{"test.lock_thing", "SELECT FROM public.thing WHERE id = 1 FOR UPDATE"};
constexpr char kKey[] = "test/1";

class LockOrderTest : public testing::Test {
 protected:
  LockOrderTest() {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " SET deadlock_timeout = '5min'"));
    db_.Sql("CREATE TABLE public.thing (id int PRIMARY KEY)");
    db_.Sql("INSERT INTO public.thing VALUES (1)");
    db_.Sql("GRANT ALL ON public.thing TO xxt_runtime");
  }

  static NewTask Next(Lane lane) {
    NewTask task;
    task.kind = "test.work";
    task.subject = "things/1";
    task.dedupe_key = kKey;
    task.lane = lane;
    return task;
  }

  absl::Status Do(absl::FunctionRef<absl::Status(pg::Session&)> body) {
    return pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(20), body);
  }

  void Make(Lane lane) {
    ASSERT_TRUE(Do([&](pg::Session& session) {
                  Enqueue(session, Next(lane));
                  return absl::OkStatus();
                }).ok());
  }

  // A request that holds the thing until somebody waits for it, and then
  // cancels the thing's task.
  void Cancelling() {
    const absl::Status status = Do([&](pg::Session& session) -> absl::Status {
      ++request_runs_;
      const absl::StatusOr<pg::Result> locked = session.Run(kLockThing);
      if (!locked.ok()) return locked.status();
      holds_ = true;
      if (request_runs_ == 1) AwaitWaiter();
      Cancel(session, kKey);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  void AwaitWaiter(int count = 1) const {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      if (std::stoi(db_.Sql("SELECT count(*) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND wait_event_type = 'Lock'")) >= count) {
        return;
      }
    }
    ADD_FAILURE() << "nobody waits for the thing";
  }

  // Does `change` while the sweep has fired the timer of kKey and not yet
  // committed: another that is fired with it meets a task of its key.
  void WhileTheTimerIsFired(absl::FunctionRef<void(pg::Session&)> change) {
    NewTask blocked = Next(Lane::kNormal);
    for (const char* key : {kKey, "test/2"}) {
      blocked.dedupe_key = key;
      blocked.due = Due::At(absl::Now() + absl::Hours(1), absl::Now());
      ASSERT_TRUE(Do([&](pg::Session& session) {
                    Enqueue(session, blocked);
                    return absl::OkStatus();
                  }).ok());
    }
    const pg::Statement meet{"test.meet", R"sql(
        INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due)
        VALUES (gen_random_uuid(), 'test.other', 'normal', 's', 'test/2', now()))sql"};
    std::thread sweep;
    std::thread request;
    EXPECT_TRUE(Do([&](pg::Session& session) -> absl::Status {
                  const auto met = session.Run(meet);
                  if (!met.ok()) return met.status();
                  sweep = std::thread(
                      [&] { EXPECT_TRUE(TimerSweep().Fire(db_.pool(), absl::Now() + absl::Hours(2), 10).ok()); });
                  AwaitWaiter();
                  request = std::thread([&] {
                    EXPECT_TRUE(Do([&](pg::Session& changing) {
                                  change(changing);
                                  return absl::OkStatus();
                                }).ok());
                  });
                  AwaitWaiter(2);
                  return absl::OkStatus();
                }).ok());
    sweep.join();
    request.join();
  }

  // An effect that changes the thing.
  absl::Status Change(pg::Session& session) {
    ++effect_runs_;
    return session.Run(kLockThing).status();
  }

  template <typename Opponent>
  void AgainstARequest(Opponent opponent) {
    std::thread request([&] { Cancelling(); });
    while (!holds_) std::this_thread::yield();
    opponent();
    request.join();
    EXPECT_EQ(request_runs_, 1);
    EXPECT_EQ(effect_runs_, 1);
  }

  Claimed ClaimIt() {
    const auto claimed = Claim(db_.pool(), {db_.Sql("SELECT id FROM backbone.task")}, {"test.work"}, absl::Now(),
                               absl::Seconds(30), "me@host");
    EXPECT_TRUE(claimed.ok() && claimed->size() == 1);
    return claimed->front();
  }

  static MachineKind Kind() {
    MachineKind kind;
    kind.name = "test.work";
    kind.on_dead = [](pg::Session&, const Task&, absl::string_view) { return absl::OkStatus(); };
    return kind;
  }

  xxt::test::Database db_{"intake"};
  std::atomic<int> request_runs_{0};
  std::atomic<int> effect_runs_{0};
  std::atomic<bool> holds_{false};
};

TEST_F(LockOrderTest, ASettlementAndARequestThatCancelsItsTaskDoNotDeadlock) {
  Make(Lane::kNormal);
  const Claimed claimed = ClaimIt();
  const MachineKind kind = Kind();
  AgainstARequest([&] {
    EXPECT_TRUE(Settle(db_.pool(), kind, claimed, Verdict::Done([&](pg::Session& session) {
                         Enqueue(session, Next(Lane::kNormal));
                         return Change(session);
                       }))
                    .ok());
  });
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task"), "0") << "a fenced task stored its effect";
  EXPECT_EQ(db_.Sql("SELECT string_agg(outcome, ' ') FROM backbone.attempt"), "started late");
}

TEST_F(LockOrderTest, ACompletionAndARequestThatCancelsItsTaskDoNotDeadlock) {
  Make(Lane::kDesk);
  const std::string id = db_.Sql("SELECT id FROM backbone.task");
  std::string token;
  ASSERT_TRUE(Do([&](pg::Session& session) {
                const auto lease = LeaseTask(session, id, "staff/wang", identity::HallScope::All(), absl::Now());
                if (lease.ok()) token = lease->token;
                return lease.status();
              }).ok());
  const std::vector<DeskKind> kinds = {
      {"test.work", {"DONE"}, [&](pg::Session& session, const Task&, const Completion&) {
         Enqueue(session, Next(Lane::kDesk));
         return Change(session);
       }}};
  AgainstARequest([&] {
    const absl::Status status = Do([&](pg::Session& session) {
      return CompleteTask(session, kinds, id, token, identity::HallScope::All(),
                          {"DONE", "", absl::InfinitePast(), "staff/wang", absl::Now()})
          .status();
    });
    EXPECT_EQ(errors::ReasonOf(status), "LEASE_LOST");
  });
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task"), "0") << "a fenced task stored its effect";
}

TEST_F(LockOrderTest, AnEffectMayCancelItsOwnTaskAndMakeTheNextUnderTheSameKey) {
  Make(Lane::kNormal);
  const Claimed claimed = ClaimIt();
  EXPECT_TRUE(Settle(db_.pool(), Kind(), claimed, Verdict::Done([&](pg::Session& session) {
                       Cancel(session, kKey);
                       Enqueue(session, Next(Lane::kNormal));
                       return Change(session);
                     }))
                  .ok());
  EXPECT_EQ(db_.Sql("SELECT string_agg(outcome, ' ') FROM backbone.task_settled"), "done");
  EXPECT_EQ(db_.Sql(absl::StrCat("SELECT count(*) FROM backbone.task WHERE dedupe_key = '", kKey, "' AND id <> '",
                                 claimed.task.id, "'")),
            "1");
}

TEST_F(LockOrderTest, ATimerThatIsJustBeingFiredIsCancelledAndReplaced) {
  WhileTheTimerIsFired([](pg::Session& session) {
    Cancel(session, kKey);
    NewTask next = Next(Lane::kNormal);
    next.due = Due::At(absl::Now() + absl::Hours(3), absl::Now());
    Enqueue(session, next);
  });
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.machine_task WHERE dedupe_key = 'test/1'"), "0");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.timer WHERE dedupe_key = 'test/1'"), "1");
}

TEST_F(LockOrderTest, ATimerThatIsJustBeingFiredIsCancelledWithAllOfItsSubject) {
  WhileTheTimerIsFired([](pg::Session& session) { CancelAll(session, "test.work", "things/1"); });
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'test.work'"), "0");
}

TEST_F(LockOrderTest, ATimerThatIsJustBeingFiredIsMovedToItsNewTime) {
  WhileTheTimerIsFired([](pg::Session& session) { Reschedule(session, kKey, absl::Now() + absl::Hours(3)); });
  EXPECT_EQ(db_.Sql("SELECT due > now() + interval '2 hours' FROM backbone.task WHERE dedupe_key = 'test/1'"), "t");
}

// Claiming takes many rows and holds nothing else: it waits for none of them,
// so it is in no circle.
TEST_F(LockOrderTest, AClaimPassesOverTheTasksThatAnotherTransactionHolds) {
  Make(Lane::kNormal);
  const std::string held = db_.Sql("SELECT id FROM backbone.task");
  const std::string free = db_.Sql(
      "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due) "
      "VALUES (gen_random_uuid(), 'test.work', 'normal', 's', 'k', now()) RETURNING id");
  const pg::Statement hold{"test.hold", "UPDATE backbone.machine_task SET due = due WHERE dedupe_key = 'test/1'"};
  ASSERT_TRUE(
      Do([&](pg::Session& session) -> absl::Status {
        const auto rows = session.Run(hold);
        if (!rows.ok()) return rows.status();
        const auto claimed = Claim(db_.pool(), {held, free}, {"test.work"}, absl::Now(), absl::Seconds(30), "me");
        EXPECT_TRUE(claimed.ok() && claimed->size() == 1 && claimed->front().task.id == free);
        return absl::OkStatus();
      }).ok());
}

}  // namespace
}  // namespace xxt::tasks
