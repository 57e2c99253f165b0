#ifndef XXT_COMMON_TASKS_ENGINE_LIFE_MODEL_H_
#define XXT_COMMON_TASKS_ENGINE_LIFE_MODEL_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

// What tasks do, as docs/architecture.md says it ("A task's life"), small enough to be believed. No SQL, no clock: the
// database's time is `seconds`, business time is `half_hours`. engine_life_test.cc compares it with the engine.
namespace xxt::tasks::life {

// Chosen so that no two moments that a life may compare are closer than 100 s: it takes a few seconds itself.
inline constexpr int kTick = 1000;  // time passes in such steps
inline constexpr int kLeaseSeconds = 3500;
inline constexpr int kDeskLeaseSeconds = 3600;
inline constexpr int kRetrySeconds = 1500;
inline constexpr int kGiveUpSeconds = 15500;
inline constexpr int kAtOnce = -1;
// With how many a task is claimed at most, by the crashes that its row tells of.
inline std::size_t MostTogether(int crashes) { return crashes == 0 ? 1000 : crashes == 1 ? 8 : 1; }
inline constexpr int kHopeless = 5;  // crashes that are too many

enum class Shelf { kMachine, kTimer, kDesk, kSettled };

struct Attempt {
  std::string holder;
  std::string outcome;    // empty: nobody noted its end
  bool requeued = false;  // forgiven
  bool ended() const { return requeued || !outcome.empty(); }
};

// One task, from its making on.
struct Work {
  Shelf shelf = Shelf::kMachine;
  int key = 0;
  int due = kAtOnce;
  std::string state = "pending";  // a settled one's is its outcome
  int ready = 0;
  int lease = 0;
  int fence = 0;
  int attempt = 0;
  int crashes = 0;
  std::string holder;
  std::optional<int> started;
  std::map<int, Attempt> attempts;  // by fence

  bool Mine(int with_fence) const { return shelf == Shelf::kMachine && state == "running" && fence == with_fence; }
  int Unended() const {
    return static_cast<int>(
        std::count_if(attempts.begin(), attempts.end(), [](const auto& one) { return !one.second.ended(); }));
  }
  void End(int of_fence, const std::string& outcome) {
    if (!attempts[of_fence].ended()) attempts[of_fence].outcome = outcome;
  }
};

// What somebody believes to hold: it may be another's by now.
struct Hold {
  int work = 0;
  int fence = 0;
  int crashes = 0;
  int age = 0;
};

enum class Decided { kDone, kRetry, kDead };

struct Life {
  std::vector<Work> works;
  int seconds = 0;
  int half_hours = 0;
  std::map<std::pair<int, int>, Hold> hands;  // by worker and key
  std::map<std::pair<int, int>, int> tokens;  // fences, by staff and work
  int effects = 0;

  // The open one, or -1.
  int Find(Shelf shelf, int key) const {
    for (std::size_t i = 0; i < works.size(); ++i) {
      if (works[i].shelf == shelf && works[i].key == key) return static_cast<int>(i);
    }
    return -1;
  }
  const Work& At(int work) const { return works[static_cast<std::size_t>(work)]; }
  Work& At(int work) { return works[static_cast<std::size_t>(work)]; }
  std::vector<int> On(Shelf shelf) const {
    std::vector<int> all;
    for (std::size_t i = 0; i < works.size(); ++i) {
      if (works[i].shelf == shelf) all.push_back(static_cast<int>(i));
    }
    return all;
  }
  bool Live(const Work& work) const { return work.state == "running" && work.lease > seconds; }
  bool IsDue(const Work& work) const { return work.due <= half_hours; }
  // Whether it waits for a worker.
  bool Waits(const Work& work) const {
    if (work.shelf != Shelf::kMachine || work.state == "dead" || !IsDue(work)) return false;
    return work.state == "running" ? !Live(work) : work.ready <= seconds;
  }

  void Add(Shelf shelf, int key, int due) {
    Work work;
    work.shelf = shelf;
    work.key = key;
    work.due = due;
    work.ready = seconds;
    works.push_back(work);
  }
  void Enqueue(int key, int due) {
    if (Find(Shelf::kMachine, key) >= 0) return;
    if (due == kAtOnce) return Add(Shelf::kMachine, key, due);
    if (Find(Shelf::kTimer, key) < 0) Add(Shelf::kTimer, key, due);
  }
  // People are shown a time: at once is when it was made, and the wall clock stands at 0.
  void EnqueueDesk(int key, int due) {
    if (Find(Shelf::kDesk, key) < 0) Add(Shelf::kDesk, key, due == kAtOnce ? 0 : due);
  }
  void FireTimers() {
    for (const int timer : On(Shelf::kTimer)) {
      Work& work = At(timer);
      if (!IsDue(work)) continue;
      const bool taken = Find(Shelf::kMachine, work.key) >= 0;
      work.shelf = taken ? Shelf::kSettled : Shelf::kMachine;
      work.state = taken ? "merged" : "pending";
      work.ready = seconds;
    }
  }

  // Which of `asked` a worker gets.
  std::vector<int> Claim(const std::string& holder, const std::vector<int>& asked) {
    std::vector<int> claimed;
    for (const int one : asked) {
      Work& work = At(one);
      if (!Waits(work) || asked.size() > MostTogether(work.crashes)) continue;
      work.crashes = work.state != "running" && work.crashes == 0 ? 0 : work.Unended();
      work.state = "running";
      work.lease = seconds + kLeaseSeconds;
      work.holder = holder;
      work.attempts[++work.fence] = {holder, "", false};
      ++work.attempt;
      work.started = work.started.value_or(seconds);
      claimed.push_back(one);
    }
    return claimed;
  }
  void Take(int worker, int work) {
    const Work& taken = At(work);
    hands[{worker, taken.key}] = {work, taken.fence, taken.crashes, seconds - *taken.started};
  }

  void Settle(const Hold& hold, Decided decided) {
    Work& work = At(hold.work);
    if (!work.Mine(hold.fence)) return work.End(hold.fence, "late");
    if (decided == Decided::kRetry && (hold.age >= kGiveUpSeconds || hold.crashes >= kHopeless))
      decided = Decided::kDead;
    if (decided != Decided::kDone) return PutBack(hold, decided);
    work.shelf = Shelf::kSettled;
    work.state = "done";
    work.End(hold.fence, "done");
  }
  void PutBack(const Hold& hold, Decided decided) {
    Work& work = At(hold.work);
    if (!work.Mine(hold.fence)) return;
    work.state = decided == Decided::kDead ? "dead" : "retry";
    work.ready = seconds + kRetrySeconds;
    work.End(hold.fence, work.state);
    // Nothing ends in silence.
    if (decided == Decided::kDead) EnqueueDesk(KeyOfDead(hold.work), kAtOnce);
  }
  static int KeyOfDead(int work) { return 100 + work; }
  void GiveBack(const Hold& hold) {
    Work& work = At(hold.work);
    if (!work.Mine(hold.fence)) return;
    work.state = "retry";
    work.ready = seconds;
    --work.attempt;
    work.End(hold.fence, "given_back");
  }
  void Requeue(int dead) {
    Work& work = At(dead);
    work.state = "retry";
    work.ready = seconds;
    work.attempt = 0;
    work.crashes = 0;
    work.started.reset();
    for (auto& [fence, attempt] : work.attempts) attempt.requeued |= !attempt.ended() || attempt.outcome == "dead";
  }
  void Cancel(int open) {
    At(open).shelf = Shelf::kSettled;
    At(open).state = "cancelled";
  }
  void Reschedule(int open, int due) {
    Work& work = At(open);
    work.due = due;
    if (work.shelf != Shelf::kMachine) return;
    if (work.state == "pending") work.state = "retry";
    work.ready = std::max(work.ready, seconds);
    work.started.reset();
  }

  bool MayLease(const Work& work, const std::string& staff) const {
    return IsDue(work) && (!Live(work) || work.holder == staff);
  }
  void Lease(int desk, int staff, const std::string& name) {
    Work& work = At(desk);
    if (!Live(work)) {
      work.attempts[++work.fence] = {name, "", false};
      ++work.attempt;
    }
    work.state = "running";
    work.holder = name;
    work.lease = seconds + kDeskLeaseSeconds;
    tokens[{staff, desk}] = work.fence;
  }
  bool Holds(int desk, int staff, const std::string& name) const {
    const auto token = tokens.find({staff, desk});
    const Work& work = At(desk);
    return work.shelf == Shelf::kDesk && Live(work) && work.holder == name && token != tokens.end() &&
           token->second == work.fence;
  }
  void Release(int desk) {
    Work& work = At(desk);
    work.state = "pending";
    work.holder.clear();
    work.End(work.fence, "given_back");
  }
  void Complete(int desk) {
    Work& work = At(desk);
    work.shelf = Shelf::kSettled;
    work.state = "DONE";
    work.End(work.fence, "done");
  }

  // All that there is, as lines; engine_life_test.cc reads the same from the tables.
  std::set<std::string> Lines() const;
  // What a sweep is to find.
  std::set<int> Waiting() const {
    std::set<int> waiting;
    for (const int one : On(Shelf::kMachine)) {
      if (Waits(At(one))) waiting.insert(one);
    }
    return waiting;
  }
  int FromNow(int second) const { return std::max(0, static_cast<int>(std::lround((second - seconds) / 500.0))); }
};

inline std::set<std::string> Life::Lines() const {
  std::set<std::string> lines;
  for (std::size_t i = 0; i < works.size(); ++i) {
    const Work& work = works[i];
    const std::string due = work.due == kAtOnce ? "at once" : absl::StrCat(work.due);
    const std::string held = absl::StrCat(" fence ", work.fence, " attempt ", work.attempt, " by ", work.holder);
    const std::string lease = work.state == "running" ? absl::StrCat(FromNow(work.lease)) : "-";
    if (work.shelf == Shelf::kSettled && work.state != "merged") {
      lines.insert(absl::StrCat(i, " settled ", work.state, " attempt ", work.attempt, " by ", work.holder));
    } else if (work.shelf == Shelf::kTimer) {
      lines.insert(absl::StrCat(i, " timer pending due ", due));
    } else if (work.shelf == Shelf::kDesk) {
      lines.insert(absl::StrCat(i, " desk_task ", work.state, " due ", due, " lease ", lease, held));
    } else if (work.shelf == Shelf::kMachine) {
      lines.insert(absl::StrCat(i, " machine_task ", work.state, " due ", due, " lease ", lease, held, " crashes ",
                                work.crashes, " in ",
                                work.state == "dead" ? "infinity" : absl::StrCat(FromNow(work.ready))));
    }
    for (const auto& [fence, attempt] : work.attempts) {
      lines.insert(absl::StrCat(i, "/", fence, " started ", attempt.holder));
      if (!attempt.outcome.empty()) lines.insert(absl::StrCat(i, "/", fence, " ", attempt.outcome));
      if (attempt.requeued) lines.insert(absl::StrCat(i, "/", fence, " requeued"));
    }
  }
  lines.insert(absl::StrCat(effects, " effects"));
  return lines;
}

}  // namespace xxt::tasks::life

#endif  // XXT_COMMON_TASKS_ENGINE_LIFE_MODEL_H_
