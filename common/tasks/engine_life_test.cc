// Random lives of tasks on a real PostgreSQL, by the functions that the engine and the desk call, beside the model in
// engine_life_model.h: after every step all rows say the same, and a sweep finds just what waits.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/tasks/engine_life_model.h"
#include "common/tasks/engine_life_world.h"

namespace xxt::tasks::life {
namespace {

struct Step : rc::state::Command<Life, World> {
  virtual void Follow(Life& life) const = 0;
  virtual void Do(const Life& before, World& world) const = 0;
  virtual std::string Name() const = 0;
  void apply(Life& life) const override { Follow(life); }
  void run(const Life& before, World& world) const override {
    world.Next(before);
    Do(before, world);
    world.Judge(nextState(before));
  }
  void show(std::ostream& out) const override { out << Name(); }
};

int AnyDue(const Life& life) {
  const int hours = *rc::gen::elementOf(std::vector<int>{-1, -1, -1, 0, 3});
  return hours < 0 ? kAtOnce : life.half_hours + 2 * hours + 1;
}

struct Make : Step {
  explicit Make(const Life& life) : due(AnyDue(life)) {}
  int key = *rc::gen::inRange(0, kKeys);
  bool desk = *rc::gen::inRange(0, 4) == 0;
  int due;
  std::string Name() const override { return absl::StrCat("make ", desk ? "desk " : "", key, " due ", due); }
  void Follow(Life& life) const override { desk ? life.EnqueueDesk(key, due) : life.Enqueue(key, due); }
  void Do(const Life& before, World& world) const override {
    world.Change([&](pg::Session& session) {
      NewTask task =
          world.New(static_cast<int>(before.works.size()), desk ? world.DeskKey(key) : world.MachineKey(key), due);
      if (desk) task.lane = Lane::kDesk;
      Enqueue(session, std::move(task));
    });
  }
};

struct Fire : Step {
  std::string Name() const override { return "fire timers"; }
  void Follow(Life& life) const override { life.FireTimers(); }
  void Do(const Life& before, World& world) const override {
    World::Succeeds(TimerSweep().Fire(world.pool(), world.Now(before), 100'000).status());
  }
};

struct Pass : Step {
  int ticks = *rc::gen::inRange(1, 5);
  std::string Name() const override { return absl::StrCat(ticks * kTick, " s pass"); }
  void Follow(Life& life) const override { life.seconds += ticks * kTick; }
  void Do(const Life&, World& world) const override { world.Pass(ticks * kTick); }
};

struct BusinessGoesOn : Step {
  int hours = *rc::gen::inRange(1, 5);
  std::string Name() const override { return absl::StrCat(hours, " h of business pass"); }
  void Follow(Life& life) const override { life.half_hours += 2 * hours; }
  void Do(const Life&, World&) const override {}
};

// A worker asks for one key, or for all of them.
struct ClaimIt : Step {
  int worker = *rc::gen::inRange(0, 2);
  int key = *rc::gen::inRange(0, kKeys + 1);
  bool lost = *rc::gen::inRange(0, 8) == 0;  // the answer
  std::string Name() const override {
    return absl::StrCat(kWorkers[static_cast<std::size_t>(worker)], " claims ",
                        key == kKeys ? "all" : absl::StrCat(key), lost ? ", and does not hear" : "");
  }
  std::vector<int> Asked(const Life& life) const {
    std::vector<int> asked;
    for (const int work : life.On(Shelf::kMachine)) {
      if (key == kKeys || life.At(work).key == key) asked.push_back(work);
    }
    return asked;
  }
  void checkPreconditions(const Life& life) const override { RC_PRE(!Asked(life).empty()); }
  void Follow(Life& life) const override {
    for (const int work : life.Claim(kWorkers[static_cast<std::size_t>(worker)], Asked(life))) {
      lost ? static_cast<void>(life.hands.erase({worker, life.At(work).key})) : life.Take(worker, work);
    }
  }
  void Do(const Life& before, World& world) const override {
    std::vector<std::string> ids;
    for (const int work : Asked(before)) ids.push_back(world.Id(work));
    const auto claimed = Claim(world.pool(), ids, {world.kind().name}, world.Now(before), absl::Seconds(kLeaseSeconds),
                               kWorkers[static_cast<std::size_t>(worker)]);
    World::Succeeds(claimed.status());
    for (const Claimed& one : *claimed) {
      for (int held = 0; held < kKeys; ++held) {
        const int work = before.Find(Shelf::kMachine, held);
        if (work < 0 || world.Id(work) != one.task.id) continue;
        lost ? static_cast<void>(world.hands.erase({worker, held}))
             : static_cast<void>(world.hands[{worker, held}] = one);
      }
    }
  }
};

// A worker claims a task, dies of it, and the lease passes.
struct Crash : Step {
  std::size_t worker = *rc::gen::inRange<std::size_t>(0, 2);
  int key = *rc::gen::inRange(0, kKeys);
  std::string Name() const override { return absl::StrCat(kWorkers[worker], " dies of ", key); }
  void checkPreconditions(const Life& life) const override { RC_PRE(life.Find(Shelf::kMachine, key) >= 0); }
  void Follow(Life& life) const override {
    life.Claim(kWorkers[worker], {life.Find(Shelf::kMachine, key)});
    life.seconds += 4 * kTick;
  }
  void Do(const Life& before, World& world) const override {
    World::Succeeds(Claim(world.pool(), {world.Id(before.Find(Shelf::kMachine, key))}, {world.kind().name},
                          world.Now(before), absl::Seconds(kLeaseSeconds), kWorkers[worker])
                        .status());
    world.Pass(4 * kTick);
  }
};

// What a worker does with what it believes to hold.
struct WithHand : Step {
  int worker = *rc::gen::inRange(0, 2);
  int key = *rc::gen::inRange(0, kKeys);
  virtual const char* Verb() const = 0;
  virtual void Follow(Life& life, const Hold& hold) const = 0;
  virtual absl::Status Do(World& world, const Claimed& claimed) const = 0;
  std::string Name() const override {
    return absl::StrCat(kWorkers[static_cast<std::size_t>(worker)], " ", Verb(), " ", key);
  }
  void checkPreconditions(const Life& life) const override { RC_PRE(life.hands.count({worker, key}) == 1); }
  void Follow(Life& life) const override {
    Follow(life, life.hands.at({worker, key}));
    life.hands.erase({worker, key});
  }
  void Do(const Life&, World& world) const override {
    World::Succeeds(Do(world, world.hands.at({worker, key})));
    world.hands.erase({worker, key});
  }
};

struct SettleIt : WithHand {
  Decided decided = static_cast<Decided>(*rc::gen::inRange(0, 3));
  const char* Verb() const override {
    return decided == Decided::kDone ? "stores the effect of" : decided == Decided::kRetry ? "tries later" : "buries";
  }
  void Follow(Life& life, const Hold& hold) const override {
    if (decided == Decided::kDone && life.At(hold.work).Mine(hold.fence)) ++life.effects;
    life.Settle(hold, decided);
  }
  absl::Status Do(World& world, const Claimed& claimed) const override {
    Verdict verdict = Verdict::Done([&](pg::Session& session) {
      session.Queue(kEffect, world.subject());
      return absl::OkStatus();
    });
    if (decided == Decided::kRetry) verdict = Verdict::Retry("busy", absl::Seconds(kRetrySeconds));
    if (decided == Decided::kDead) verdict = Verdict::Dead("no such address");
    return Settle(world.pool(), world.kind(), claimed, verdict);
  }
};

struct SettleWithoutEffect : WithHand {
  const char* Verb() const override { return "is done with"; }
  void Follow(Life& life, const Hold& hold) const override { life.Settle(hold, Decided::kDone); }
  absl::Status Do(World& world, const Claimed& claimed) const override { return SettleDone(world.pool(), {&claimed}); }
};

struct PutItBack : WithHand {
  const char* Verb() const override { return "puts back"; }
  void Follow(Life& life, const Hold& hold) const override { life.PutBack(hold, Decided::kRetry); }
  absl::Status Do(World& world, const Claimed& claimed) const override {
    return PutBack(world.pool(), claimed, "its effect was refused", absl::Seconds(kRetrySeconds));
  }
};

struct GiveItBack : WithHand {
  const char* Verb() const override { return "gives back"; }
  void Follow(Life& life, const Hold& hold) const override { life.GiveBack(hold); }
  absl::Status Do(World& world, const Claimed& claimed) const override { return Unclaim(world.pool(), {&claimed}); }
};

struct NoteItLate : WithHand {
  const char* Verb() const override { return "could not store the end of"; }
  void Follow(Life& life, const Hold& hold) const override { life.At(hold.work).End(hold.fence, "late"); }
  absl::Status Do(World& world, const Claimed& claimed) const override {
    return NoteLate(world.pool(), {{claimed.task.id, claimed.task.fence}});
  }
};

// Claims whose answer it did not hear.
struct NoteThemLost : Step {
  int worker = *rc::gen::inRange(0, 2);
  int key = *rc::gen::inRange(0, kKeys);
  std::string Name() const override {
    return absl::StrCat(kWorkers[static_cast<std::size_t>(worker)], " may have lost ", key);
  }
  void checkPreconditions(const Life& life) const override {
    RC_PRE(life.hands.count({worker, key}) == 0 && life.Find(Shelf::kMachine, key) >= 0);
  }
  void Follow(Life& life) const override {
    Work& work = life.At(life.Find(Shelf::kMachine, key));
    for (auto& [fence, attempt] : work.attempts) {
      if (attempt.holder == kWorkers[static_cast<std::size_t>(worker)]) work.End(fence, "lost");
    }
  }
  void Do(const Life& before, World& world) const override {
    World::Succeeds(NoteLost(world.pool(), LostClaim{{world.Id(before.Find(Shelf::kMachine, key))},
                                                     kWorkers[static_cast<std::size_t>(worker)]})
                        .status());
  }
};

struct Dies : Step {
  int worker = *rc::gen::inRange(0, 2);
  std::string Name() const override { return absl::StrCat(kWorkers[static_cast<std::size_t>(worker)], " dies"); }
  void Follow(Life& life) const override {
    for (int key = 0; key < kKeys; ++key) life.hands.erase({worker, key});
  }
  void Do(const Life&, World& world) const override {
    for (int key = 0; key < kKeys; ++key) world.hands.erase({worker, key});
  }
};

struct CancelIt : Step {
  int key = *rc::gen::inRange(0, kKeys);
  bool desk = *rc::gen::inRange(0, 3) == 0;
  bool all = *rc::gen::inRange(0, 6) == 0;
  std::string Name() const override { return all ? "cancel all" : absl::StrCat("cancel ", desk ? "desk " : "", key); }
  void Follow(Life& life) const override {
    for (const Shelf shelf : {Shelf::kMachine, Shelf::kTimer, Shelf::kDesk}) {
      for (const int work : life.On(shelf)) {
        if (all || ((shelf == Shelf::kDesk) == desk && life.At(work).key == key)) life.Cancel(work);
      }
    }
  }
  void Do(const Life&, World& world) const override {
    world.Change([&](pg::Session& session) {
      if (all) return CancelAll(session, world.kind().name, world.subject());
      Cancel(session, desk ? world.DeskKey(key) : world.MachineKey(key));
    });
  }
};

struct MoveIt : Step {
  explicit MoveIt(const Life& life) : due(life.half_hours + 2 * *rc::gen::inRange(0, 3) + 1) {}
  int key = *rc::gen::inRange(0, kKeys);
  bool desk = *rc::gen::inRange(0, 3) == 0;
  int due;
  std::string Name() const override { return absl::StrCat("move ", desk ? "desk " : "", key, " to ", due); }
  void Follow(Life& life) const override {
    for (const Shelf shelf : {Shelf::kMachine, Shelf::kTimer, Shelf::kDesk}) {
      const int work = (shelf == Shelf::kDesk) == desk ? life.Find(shelf, key) : -1;
      if (work >= 0) life.Reschedule(work, due);
    }
  }
  void Do(const Life&, World& world) const override {
    world.Change([&](pg::Session& session) {
      Reschedule(session, desk ? world.DeskKey(key) : world.MachineKey(key), world.Business(due));
    });
  }
};

struct Requeue : Step {
  int key = *rc::gen::inRange(0, kKeys);
  std::string Name() const override { return absl::StrCat("requeue ", key); }
  void checkPreconditions(const Life& life) const override { RC_PRE(life.Find(Shelf::kMachine, key) >= 0); }
  bool Allowed(const Life& life) const { return life.At(life.Find(Shelf::kMachine, key)).state == "dead"; }
  void Follow(Life& life) const override {
    if (Allowed(life)) life.Requeue(life.Find(Shelf::kMachine, key));
  }
  void Do(const Life& before, World& world) const override {
    const std::string id = world.Id(before.Find(Shelf::kMachine, key));
    RC_ASSERT(world.InTransaction([&](pg::Session& session) { return RequeueTask(session, id).status(); }).ok() ==
              Allowed(before));
  }
};

// What a person does with one of the desk tasks.
struct AtDesk : Step {
  std::size_t staff = *rc::gen::inRange<std::size_t>(0, 2);
  std::size_t place = *rc::gen::inRange<std::size_t>(0, 3);
  virtual const char* Verb() const = 0;
  virtual bool Allowed(const Life& life, int work) const = 0;
  virtual void Follow(Life& life, int work) const = 0;
  virtual absl::Status Do(const Life& before, World& world, pg::Session& session, int work) const = 0;
  int Which(const Life& life) const {
    const std::vector<int> desk = life.On(Shelf::kDesk);
    return desk[place % desk.size()];
  }
  int who() const { return static_cast<int>(staff); }
  std::string Name() const override { return absl::StrCat(kStaff[staff], " ", Verb(), " desk task ", place); }
  void checkPreconditions(const Life& life) const override { RC_PRE(!life.On(Shelf::kDesk).empty()); }
  void Follow(Life& life) const override {
    const int work = Which(life);
    if (Allowed(life, work)) Follow(life, work);
  }
  void Do(const Life& before, World& world) const override {
    const int work = Which(before);
    RC_ASSERT(world.InTransaction([&](pg::Session& session) { return Do(before, world, session, work); }).ok() ==
              Allowed(before, work));
  }
};

struct LeaseIt : AtDesk {
  const char* Verb() const override { return "takes"; }
  bool Allowed(const Life& life, int work) const override { return life.MayLease(life.At(work), kStaff[staff]); }
  void Follow(Life& life, int work) const override { life.Lease(work, who(), kStaff[staff]); }
  absl::Status Do(const Life& before, World& world, pg::Session& session, int work) const override {
    const auto lease = LeaseTask(session, world.Id(work), kStaff[staff], identity::HallScope::All(), world.Now(before));
    if (lease.ok()) world.tokens[{who(), work}] = lease->token;
    return lease.status();
  }
};

struct ReleaseIt : AtDesk {
  const char* Verb() const override { return "lets go of"; }
  bool Allowed(const Life& life, int work) const override { return life.Holds(work, who(), kStaff[staff]); }
  void Follow(Life& life, int work) const override { life.Release(work); }
  absl::Status Do(const Life&, World& world, pg::Session& session, int work) const override {
    return ReleaseTask(session, world.Id(work), world.tokens[{who(), work}], kStaff[staff], identity::HallScope::All())
        .status();
  }
};

struct CompleteIt : AtDesk {
  const char* Verb() const override { return "completes"; }
  bool Allowed(const Life& life, int work) const override { return life.Holds(work, who(), kStaff[staff]); }
  void Follow(Life& life, int work) const override {
    life.Complete(work);
    ++life.effects;
  }
  absl::Status Do(const Life& before, World& world, pg::Session& session, int work) const override {
    Completion completion;
    completion.outcome = "DONE";
    completion.staff = kStaff[staff];
    completion.now = world.Now(before);
    return CompleteTask(session, world.desk_kinds(), world.Id(work), world.tokens[{who(), work}],
                        identity::HallScope::All(), completion)
        .status();
  }
};

TEST(EngineLife, EveryRandomLifeOfTasksIsThatOfTheModel) {
  test::Database database("intake");
  const bool held = rc::check("tasks live as the model says", [&database] {
    World world(database);
    rc::state::check(
        Life(), world,
        rc::state::gen::execOneOfWithArgs<Make, Make, Make, Fire, Pass, Pass, BusinessGoesOn, ClaimIt, ClaimIt, ClaimIt,
                                          ClaimIt, SettleIt, SettleIt, SettleWithoutEffect, PutItBack, GiveItBack,
                                          GiveItBack, NoteItLate, NoteThemLost, Dies, Crash, Crash, CancelIt, MoveIt,
                                          Requeue, Requeue, LeaseIt, LeaseIt, ReleaseIt, CompleteIt>());
  });
  ASSERT_TRUE(held);
  // A test that never gets somewhere proves nothing of it.
  for (const char* outcome : {"done", "retry", "dead", "late", "given_back", "lost"}) {
    EXPECT_NE(database.Sql(absl::StrCat("SELECT count(*) FROM backbone.attempt WHERE outcome = '", outcome, "'")), "0")
        << outcome;
  }
}

}  // namespace
}  // namespace xxt::tasks::life
