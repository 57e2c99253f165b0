#ifndef XXT_COMMON_TASKS_TASK_H_
#define XXT_COMMON_TASKS_TASK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/session.h"

// Tasks: work that must not be forgotten, for the machine or for people.
//
// A task is a row, written in the transaction that makes it necessary: the row
// is the outbox. The engine (engine.h) hands the machine's tasks out through
// Redis, which carries ids only and may be flushed at any time; people take
// theirs with a lease (desk.h). Both claim the row with a lease and a fence,
// and settle it in the transaction that stores what came of it.
//
//   Enqueue ──► pending ──claim──► running ──settle──► (row moves to task_settled)
//                  ▲                  │ lease over          done | cancelled
//                  └───── retry ◄─────┴──► dead ──► a desk task for a person
//
// Task rows are locked last: whatever a transaction does to them here is sent
// with its commit, in the order of the calls, after all else that it changes.
// So an RPC, a settlement and a completion that meet over one thing wait for
// the thing, never in a circle; see docs/architecture.md, "Locks".
//
// Two clocks: `due` is business time (a test may advance it); leases and
// retries use the database's clock.
namespace xxt::tasks {

// The longest that one step of a task waits for the store.
inline constexpr absl::Duration kStoreWithin = absl::Seconds(10);

// Who does a task. Each machine lane has workers of its own, so that a bulk
// run never holds up an urgent one.
enum class Lane { kDesk, kUrgent, kNormal, kBulk };

// When a task is to be done, in business time. What may be done now is due at
// once, and that is no time: whichever way the clock is set afterwards, nothing
// waits for it. People are shown a time, and their work lies in its order.
class Due {
 public:
  Due() = default;  // at once
  static Due At(absl::Time when, absl::Time now) { return when > now ? Due(when) : Due(); }
  static Due ForPeople(absl::Time when) { return Due(when); }

  absl::Time time() const { return time_; }  // InfinitePast: at once
  bool at_once() const { return time_ == absl::InfinitePast(); }

 private:
  explicit Due(absl::Time time) : time_(time) {}
  absl::Time time_ = absl::InfinitePast();
};

// A task to be made.
struct NewTask {
  std::string id;          // UUID; empty: made here
  std::string kind;        // "referral.send_mail": registered with the engine or the desk
  std::string subject;     // resource name of what it is about
  std::string payload;     // JSON for the handler; no personal data. Empty: {}
  std::string dedupe_key;  // at most one open task has it; empty: the id
  Lane lane = Lane::kNormal;
  Due due;
  bool first = false;    // a timer only: no task has had its key, so that its row goes with those of others
  std::string hall;      // desk only: whose people, "halls/110102016"
  std::string assignee;  // desk only: whom it is meant for; empty: anybody
  std::string summary;   // desk only: what to do, for an officer, zh-CN, no personal data
};

// Queues the insert of `task` and returns its id. If an open task has the same
// dedupe_key, nothing is inserted (and the id returned names no task). But what
// is due at once is done before a timer of its key, and what of it is still open
// then takes the timer's place.
std::string Enqueue(pg::Session& session, NewTask task);

// Queues the move of the open task with `dedupe_key` to another business time;
// nothing happens if there is none. When it is given up is counted anew.
void Reschedule(pg::Session& session, absl::string_view dedupe_key, absl::Time due);

// Queues the settling of an open task that is not needed any more, as
// "cancelled". A task that is running finishes, but its effect is refused by
// the fence.
void Cancel(pg::Session& session, absl::string_view dedupe_key);
// The same for all open tasks of one kind about one subject.
void CancelAll(pg::Session& session, absl::string_view kind, absl::string_view subject);

// Queues that the open desk tasks about `root`, or anything that hangs on it, which
// are meant for `from` are meant for `to`: also those of a later time. Who holds one
// may finish it.
void PassOn(pg::Session& session, absl::string_view root, absl::string_view from, absl::string_view to);

// What is still to be done, by the machine or by people.
struct OpenTask {
  std::string kind;
  std::string subject;
};
// Of the open tasks about `root`, or anything that hangs on it, also those of a later time, the first twenty that are
// of none of these kinds.
absl::StatusOr<std::vector<OpenTask>> OpenAbout(pg::Session& session, absl::string_view root,
                                                const std::vector<std::string>& other_than);

// A task in somebody's hand.
struct Task {
  std::string id;
  std::string kind;
  std::string subject;
  std::string payload;
  Lane lane = Lane::kNormal;
  std::string hall;
  std::string assignee;
  std::string summary;
  absl::Time due;
  absl::Time create_time;
  std::int64_t fence = 0;  // of this attempt: no other one of the task has it
  int attempt = 0;         // 1 for the first, also after a requeue
};

// Stores what came of an attempt, in the transaction that settles the task. Runs
// before the task's row is moved: if the task was taken over meanwhile, all of it
// is rolled back. May run again; see pg::InTransaction. Empty: nothing to store.
using Effect = std::function<absl::Status(pg::Session&)>;

// What came of an attempt of the machine.
struct Verdict {
  enum class Kind { kDone, kRetry, kDead };
  Kind kind = Kind::kDone;
  std::string reason;  // for kRetry and kDead; no personal data
  // For kRetry: not before this long from now. Zero: the kind's backoff.
  absl::Duration after;
  Effect effect;
  // What was heard of the outside party (MachineKind::party). Only one that was
  // asked can say that it answers; kSilent: it gave no answer that is worth asking
  // it again at once.
  enum class Party { kNotAsked, kAnswered, kSilent };
  Party party = Party::kNotAsked;

  static Verdict Done(Effect effect = {}) { return {Kind::kDone, "", {}, std::move(effect)}; }
  static Verdict Retry(std::string reason, absl::Duration after = absl::ZeroDuration(), Effect effect = {}) {
    return {Kind::kRetry, std::move(reason), after, std::move(effect)};
  }
  static Verdict Dead(std::string reason, Effect effect = {}) {
    return {Kind::kDead, std::move(reason), {}, std::move(effect)};
  }
  Verdict&& PartyAnswered() && {
    party = Party::kAnswered;
    return std::move(*this);
  }
  Verdict&& PartySilent() && {
    party = Party::kSilent;
    return std::move(*this);
  }
};

// How the machine does one kind of task.
struct MachineKind {
  std::string name;
  // Does the outside thing. Runs after the claim and the attempt are durable,
  // on a worker thread; must be over by `deadline` (well inside the lease), and
  // must not throw. It may run more than once for a task, and the outcome of an
  // earlier run may be lost: outside effects carry task.id (or something derived
  // from it) as idempotency key, or the kind notes in a transaction of its own,
  // before it touches the outside, that it is about to, and does not repeat what
  // it finds noted by another fence.
  std::function<Verdict(const Task& task, SteadyTime deadline)> handle;
  // Makes the task of a person when one of the machine is dead: after Dead, or
  // when `give_up_after` has passed, or after five attempts that ended in a
  // crash. Runs in the settling transaction. Required: nothing ends in silence.
  std::function<absl::Status(pg::Session&, const Task&, absl::string_view reason)> on_dead;
  // Retries: full jitter over base * 2^(attempt-1), at most cap; attempts that
  // crashes ended do not count.
  absl::Duration retry_base = absl::Seconds(5);
  absl::Duration retry_cap = absl::Hours(6);
  absl::Duration give_up_after = absl::Hours(72);
  // How many of them a process does at a time, in each of `lanes`. 0: what the
  // configuration says (tasks.workers).
  int workers = 0;
  // The lanes with workers of their own; a task of another lane goes to the
  // first. One kind never waits for the workers of another.
  std::vector<Lane> lanes = {Lane::kNormal};
  // Whom outside a task asks ("bodies/archive"); empty: nobody. While a party is
  // silent, all processes leave it alone but for a try now and then.
  std::function<std::string(const Task& task)> party;
  // Most tasks begun per second for one party by all processes. 0: no limit.
  double party_rate = 0;
};

// What a person says came of a desk task.
struct Completion {
  std::string outcome;                                 // one of DeskKind::outcomes
  std::string note;                                    // may hold personal data: store it with the subject
  absl::Time next_action_time = absl::InfinitePast();  // where the outcome asks for it
  std::string staff;                                   // "staff/wang"
  absl::Time now;                                      // business time
};

// How people do one kind of task.
struct DeskKind {
  std::string name;
  // "REACHED", "NOT_REACHED". None: another call settles it, and `complete` refuses and says which.
  std::vector<std::string> outcomes;
  // Stores what follows, in the transaction that settles the task and before its
  // row goes. Errors go to the caller and leave the task leased.
  std::function<absl::Status(pg::Session&, const Task&, const Completion&)> complete;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_TASK_H_
