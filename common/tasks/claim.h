#ifndef XXT_COMMON_TASKS_CLAIM_H_
#define XXT_COMMON_TASKS_CLAIM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"

// What the engine does to the task table: claim and settle. The order of steps
// is the promise; see docs/architecture.md, "A task's life".
namespace xxt::tasks {

// A claimed task, and what deciding over it takes.
struct Claimed {
  Task task;
  int crashes = 0;     // attempts before this one that ended with the process
  absl::Duration age;  // since the first attempt, database time
  // Of who made it; empty: its maker had no trace, or it was a timer, and is
  // nobody's call any more.
  std::string traceparent;
  SteadyTime claimed_at;  // before the claim: the lease runs from then on at the latest
};

absl::string_view NameOf(Lane lane);

// A worker that crashed five times on a task would crash a sixth time: it is
// dead. After the second crash a task is claimed with few others, after the
// third alone: those beside one that kills are blamed three times at most, and
// many innocent ones are soon done. The row knows of a crash when it is claimed
// again, so that it says one less than there were.
inline constexpr int kMostCrashes = 5;
inline constexpr int kSuspectFrom = 1;  // as the row says
inline constexpr int kAloneFrom = 2;
inline constexpr int kFew = 8;

struct Attempt {
  std::string task;
  std::int64_t fence = 0;
};

// A claim that may have been committed or not, under the holder that it named and
// no other did.
struct LostClaim {
  std::vector<std::string> ids;
  std::string holder;
  SteadyTime lost_at = SteadyTime::Now();
};

// Until when a step waits that has no time of its own.
inline SteadyTime StoreSoon() { return SteadyTime::Now() + kStoreWithin; }

// Claims those of `ids` that may be claimed now and are of `kinds`: lease,
// fence and the attempt are durable when it returns. Suspects only if `ids` are
// as few as theirs may be.
absl::StatusOr<std::vector<Claimed>> Claim(pg::Pool& pool, const std::vector<std::string>& ids,
                                           const std::vector<std::string>& kinds, absl::Time business_now,
                                           absl::Duration lease, absl::string_view holder);

// Settles done tasks that have no effect, in one statement. Those that were
// fenced off are noted as late. May be called again when it failed.
absl::Status SettleDone(pg::Pool& pool, const std::vector<const Claimed*>& done, SteadyTime deadline = StoreSoon());

// Settles one task with its effect, in one transaction: the effect first, the
// task's row last. A fenced task stores nothing but a "late" attempt. `kind`
// gives backoff and on_dead. May be called again when it failed.
absl::Status Settle(pg::Pool& pool, const MachineKind& kind, const Claimed& claimed, const Verdict& verdict,
                    SteadyTime deadline = StoreSoon());

// Whether a failed Settle may succeed if called again: the store was away or
// busy. Otherwise the effect itself was refused.
bool MayPass(const absl::Status& status);

// Puts a task back whose effect the store refuses, whatever its kind says.
absl::Status PutBack(pg::Pool& pool, const Claimed& claimed, absl::string_view reason, absl::Duration after,
                     SteadyTime deadline = StoreSoon());

// Gives tasks back that were claimed and not begun; none before its time `after`
// from now. Without times: at once.
absl::Status Unclaim(pg::Pool& pool, const std::vector<const Claimed*>& claimed,
                     const std::vector<absl::Duration>& after = {}, SteadyTime deadline = StoreSoon());

// A process that lives says of attempts whose end it could not store that they
// did not end in a crash: of those it knows, and of those it may have without
// knowing, because the answer to Claim was lost. False: there are none, yet: its
// commit may still wait, for a standby say, and be seen later.
absl::Status NoteLate(pg::Pool& pool, const std::vector<Attempt>& attempts, SteadyTime deadline = StoreSoon());
absl::StatusOr<bool> NoteLost(pg::Pool& pool, const LostClaim& lost, SteadyTime deadline = StoreSoon());

// Full jitter: uniformly between 0 and min(cap, base * 2^(attempt-1)).
// `jitter` in [0, 1).
absl::Duration Backoff(absl::Duration base, absl::Duration cap, int attempt, double jitter);

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_CLAIM_H_
