#include "common/tasks/claim.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::tasks {
namespace {

// Statements here name the rows they change by `id = ANY` alone, in one table:
// joined, they would get a plan for the empty table that the queue was when it
// was made, and with it read a full queue once per row. And a claim changes no
// column that an index has: the row stays on its page, and leaves no entries
// behind that a scan would walk while an old snapshot keeps them.

// Waits for no lock, for it takes many: who holds one is about to move the row,
// and if it does not, the row is handed out again. A task that workers keep
// dying of is claimed by itself, so that no other is blamed. An attempt without
// an outcome, of a process that could have noted one, ended with the process.
constexpr pg::Statement kClaim{"task.claim", R"sql(
  WITH claimed AS (
    UPDATE backbone.machine_task AS t
       SET state = 'running', fence = fence + 1, attempt = attempt + 1, lease_until = now() + $4::interval, holder = $5,
           started_at = coalesce(started_at, now()),
           crashes = CASE WHEN state <> 'running' AND crashes = 0 THEN 0 ELSE (
             SELECT count(*) FROM backbone.attempt AS a
              WHERE a.task_id = t.id AND a.outcome = 'started' AND NOT EXISTS (
                SELECT FROM backbone.attempt AS o
                 WHERE o.task_id = t.id AND o.fence = a.fence AND o.outcome <> 'started')) END
     WHERE id = ANY (ARRAY(
       SELECT id FROM backbone.machine_task
        WHERE id = ANY ($1::uuid[]) AND kind = ANY ($2::text[])
          AND due <= $3
          AND (state IN ('pending', 'retry') AND not_before <= now() OR state = 'running' AND lease_until < now())
          AND (crashes < $6 OR cardinality($1::uuid[]) <= CASE WHEN crashes < $7 THEN $8 ELSE 1 END)
          FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, subject, payload, lane, due, create_time, fence, attempt, crashes, started_at,
              traceparent),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, holder) SELECT id, fence, 'started', $5 FROM claimed)
  SELECT id, kind, subject, payload, lane, due, create_time, fence, attempt, crashes,
         (extract(epoch FROM now() - started_at) * 1000)::bigint, coalesce(traceparent, '')
    FROM claimed)sql"};

constexpr pg::Statement kSettleDone{"task.settle_done", R"sql(
  WITH gone AS (
    DELETE FROM backbone.machine_task
     WHERE id = ANY ($1::uuid[]) AND fence = ($2::bigint[])[array_position($1::uuid[], id)] AND state = 'running'
    RETURNING id, kind, subject, attempt, holder, create_time, fence),
  kept AS (
    INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
    SELECT id, kind, subject, 'done', attempt, holder, create_time FROM gone),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome) SELECT id, fence, 'done' FROM gone)
  SELECT count(*) FROM gone)sql"};

constexpr pg::Statement kSettleOne{"task.settle_one", R"sql(
  WITH gone AS (
    DELETE FROM backbone.machine_task WHERE id = $1 AND fence = $2 AND state = 'running'
    RETURNING id, kind, subject, attempt, holder, create_time),
  kept AS (
    INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
    SELECT id, kind, subject, 'done', attempt, holder, create_time FROM gone),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome) SELECT id, $2, 'done' FROM gone)
  SELECT count(*) FROM gone)sql"};

constexpr pg::Statement kPutBack{"task.put_back", R"sql(
  WITH kept AS (
    UPDATE backbone.machine_task
       SET state = $3, lease_until = NULL, last_error = $5,
           not_before = CASE $3 WHEN 'dead' THEN 'infinity' ELSE now() + $4::interval END
     WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, detail) SELECT id, $2, $3, $5 FROM kept)
  SELECT count(*) FROM kept)sql"};

constexpr pg::Statement kUnclaim{"task.unclaim", R"sql(
  WITH kept AS (
    UPDATE backbone.machine_task
       SET state = 'retry', attempt = attempt - 1, lease_until = NULL,
           not_before = now() + ($3::bigint[])[array_position($1::uuid[], id)] * interval '1 millisecond'
     WHERE id = ANY ($1::uuid[]) AND fence = ($2::bigint[])[array_position($1::uuid[], id)] AND state = 'running'
    RETURNING id, fence)
  INSERT INTO backbone.attempt (task_id, fence, outcome) SELECT id, fence, 'given_back' FROM kept)sql"};

constexpr pg::Statement kHolds{"task.holds", R"sql(
  SELECT FROM backbone.machine_task WHERE id = $1 AND fence = $2 AND state = 'running')sql"};

// Of what was settled after all, though nobody heard of it, nothing is noted.
constexpr pg::Statement kNoteLate{"task.note_late", R"sql(
  INSERT INTO backbone.attempt (task_id, fence, outcome)
  SELECT g.id, g.fence, 'late' FROM unnest($1::uuid[], $2::bigint[]) AS g(id, fence)
   WHERE NOT EXISTS (SELECT FROM backbone.attempt AS o
                      WHERE o.task_id = g.id AND o.fence = g.fence AND o.outcome <> 'started'))sql"};

constexpr pg::Statement kNoteLost{"task.note_lost", R"sql(
  WITH claimed AS (
    SELECT task_id, fence FROM backbone.attempt
     WHERE task_id = ANY ($1::uuid[]) AND outcome = 'started' AND holder = $2),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome)
    SELECT a.task_id, a.fence, 'lost' FROM claimed AS a
     WHERE NOT EXISTS (SELECT FROM backbone.attempt AS o
                        WHERE o.task_id = a.task_id AND o.fence = a.fence AND o.outcome <> 'started'))
  SELECT count(*) FROM claimed)sql"};

std::string Interval(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(duration)) + " milliseconds";
}

Lane LaneOf(absl::string_view name) {
  return name == "urgent" ? Lane::kUrgent : name == "bulk" ? Lane::kBulk : Lane::kNormal;
}

Claimed ReadClaimed(const pg::Row& row, SteadyTime claimed_at) {
  Claimed claimed;
  claimed.task.id = row.Text(0);
  claimed.task.kind = row.Text(1);
  claimed.task.subject = row.Text(2);
  claimed.task.payload = row.Text(3);
  claimed.task.lane = LaneOf(row.View(4));
  claimed.task.due = row.Time(5);
  claimed.task.create_time = row.Time(6);
  claimed.task.fence = row.Int(7);
  claimed.task.attempt = static_cast<int>(row.Int(8));
  claimed.crashes = static_cast<int>(row.Int(9));
  claimed.age = absl::Milliseconds(row.Int(10));
  claimed.traceparent = row.Text(11);
  claimed.claimed_at = claimed_at;
  return claimed;
}

struct IdsAndFences {
  std::vector<std::string> ids;
  std::vector<std::string> fences;
};

IdsAndFences Split(const std::vector<const Claimed*>& claimed) {
  IdsAndFences split;
  for (const Claimed* item : claimed) {
    split.ids.push_back(item->task.id);
    split.fences.push_back(std::to_string(item->task.fence));
  }
  return split;
}

double Jitter() {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(random);
}

// Done, retry or dead, after the limits of the kind.
Verdict::Kind Decide(const MachineKind& kind, const Claimed& claimed, const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::kRetry && (claimed.age >= kind.give_up_after || claimed.crashes >= kMostCrashes)) {
    return Verdict::Kind::kDead;
  }
  return verdict.kind;
}

// Moves the row; false if the task was fenced off meanwhile.
absl::StatusOr<bool> MoveRow(pg::Session& session, const MachineKind& kind, const Claimed& claimed,
                             const Verdict& verdict, Verdict::Kind decided) {
  const Task& task = claimed.task;
  if (decided == Verdict::Kind::kDone) {
    XXT_ASSIGN_OR_RETURN(const pg::Result moved, session.Run(kSettleOne, task.id, task.fence));
    return moved[0].Int(0) == 1 || XXT_PLANTED_BUG("no_fence");
  }
  const bool retry = decided == Verdict::Kind::kRetry;
  // Attempts that crashes ended say nothing of whom the task asks.
  const int answered = task.attempt - claimed.crashes;
  const absl::Duration after = verdict.after > absl::ZeroDuration()
                                   ? verdict.after
                                   : Backoff(kind.retry_base, kind.retry_cap, answered, Jitter());
  XXT_ASSIGN_OR_RETURN(const pg::Result moved,
                       session.Run(kPutBack, task.id, task.fence, retry ? "retry" : "dead",
                                   Interval(retry ? after : absl::ZeroDuration()), verdict.reason));
  return moved[0].Int(0) == 1;
}

std::vector<Attempt> AttemptsOf(const std::vector<const Claimed*>& claimed) {
  std::vector<Attempt> attempts;
  for (const Claimed* item : claimed) attempts.push_back({item->task.id, item->task.fence});
  return attempts;
}

}  // namespace

absl::Duration Backoff(absl::Duration base, absl::Duration cap, int attempt, double jitter) {
  absl::Duration most = base;
  for (int i = 1; i < attempt && most < cap; ++i) most *= 2;
  return std::min(most, cap) * jitter;
}

absl::StatusOr<std::vector<Claimed>> Claim(pg::Pool& pool, const std::vector<std::string>& ids,
                                           const std::vector<std::string>& kinds, absl::Time business_now,
                                           absl::Duration lease, absl::string_view holder) {
  const SteadyTime claimed_at = SteadyTime::Now();
  XXT_CRASH_POINT("tasks.before_claim");
  const absl::StatusOr<std::vector<pg::Result>> results =
      pg::RunTogether(pool, claimed_at + kStoreWithin, [&](pg::Session& session) {
        session.Queue(kClaim, ids, kinds, business_now, Interval(lease), holder, kSuspectFrom, kAloneFrom, kFew);
      });
  if (!results.ok()) return results.status();
  const pg::Result& rows = results->back();
  std::vector<Claimed> claimed;
  for (int i = 0; i < rows.size(); ++i) claimed.push_back(ReadClaimed(rows[i], claimed_at));
  XXT_CRASH_POINT("tasks.after_claim");
  return claimed;
}

absl::Status SettleDone(pg::Pool& pool, const std::vector<const Claimed*>& done, SteadyTime deadline) {
  if (done.empty()) return absl::OkStatus();
  const IdsAndFences split = Split(done);
  XXT_CRASH_POINT("tasks.before_settle_batch");
  const absl::StatusOr<std::vector<pg::Result>> results = pg::RunTogether(
      pool, deadline, [&](pg::Session& session) { session.Queue(kSettleDone, split.ids, split.fences); },
      pg::OnUnknownCommit::kRerun);
  if (!results.ok()) return results.status();
  if (results->back()[0].Int(0) == static_cast<std::int64_t>(done.size())) return absl::OkStatus();
  return NoteLate(pool, AttemptsOf(done), deadline);
}

absl::Status Settle(pg::Pool& pool, const MachineKind& kind, const Claimed& claimed, const Verdict& verdict,
                    SteadyTime deadline) {
  const Verdict::Kind decided = Decide(kind, claimed, verdict);
  bool first = true;
  bool fenced = false;
  XXT_CRASH_POINT("tasks.before_settle");
  const absl::Status status = pg::InTransaction(
      pool, deadline,
      [&](pg::Session& session) -> absl::Status {
        // When run again the row may be gone by the first try's own commit, and
        // the effect would meet what it has stored itself.
        if (!std::exchange(first, false)) {
          XXT_ASSIGN_OR_RETURN(const pg::Result held, session.Run(kHolds, claimed.task.id, claimed.task.fence));
          fenced = held.empty();
          if (fenced) return absl::OkStatus();
        }
        if (verdict.effect) XXT_RETURN_IF_ERROR(verdict.effect(session));
        XXT_CRASH_POINT("tasks.effect_stored");
        if (decided == Verdict::Kind::kDead && !XXT_PLANTED_BUG("dies_in_silence")) {
          XXT_RETURN_IF_ERROR(kind.on_dead(session, claimed.task, verdict.reason));
        }
        XXT_ASSIGN_OR_RETURN(const bool mine, MoveRow(session, kind, claimed, verdict, decided));
        fenced = !mine;
        XXT_CRASH_POINT("tasks.row_moved");
        return mine ? absl::OkStatus() : absl::AbortedError("the task was taken over");
      },
      pg::OnUnknownCommit::kRerun);
  XXT_CRASH_POINT("tasks.after_settle");
  if (!fenced) return status;
  log::Warning("task.fenced", {{"task", claimed.task.id}, {"kind", claimed.task.kind}});
  return NoteLate(pool, {{claimed.task.id, claimed.task.fence}}, deadline);
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         absl::IsUnknown(status) || absl::IsResourceExhausted(status);
}

absl::Status PutBack(pg::Pool& pool, const Claimed& claimed, absl::string_view reason, absl::Duration after,
                     SteadyTime deadline) {
  return pg::RunTogether(pool, deadline,
                         [&](pg::Session& session) {
                           session.Queue(kPutBack, claimed.task.id, claimed.task.fence, "retry", Interval(after),
                                         reason);
                         })
      .status();
}

absl::Status Unclaim(pg::Pool& pool, const std::vector<const Claimed*>& claimed,
                     const std::vector<absl::Duration>& after, SteadyTime deadline) {
  if (claimed.empty()) return absl::OkStatus();
  const IdsAndFences split = Split(claimed);
  std::vector<std::string> waits(claimed.size(), "0");
  std::transform(after.begin(), after.end(), waits.begin(),
                 [](absl::Duration wait) { return std::to_string(absl::ToInt64Milliseconds(wait)); });
  XXT_CRASH_POINT("tasks.before_unclaim");
  return pg::RunTogether(pool, deadline,
                         [&](pg::Session& session) { session.Queue(kUnclaim, split.ids, split.fences, waits); })
      .status();
}

absl::Status NoteLate(pg::Pool& pool, const std::vector<Attempt>& attempts, SteadyTime deadline) {
  std::vector<std::string> ids;
  std::vector<std::string> fences;
  for (const Attempt& attempt : attempts) {
    ids.push_back(attempt.task);
    fences.push_back(std::to_string(attempt.fence));
  }
  return pg::RunTogether(pool, deadline, [&](pg::Session& session) { session.Queue(kNoteLate, ids, fences); }).status();
}

absl::StatusOr<bool> NoteLost(pg::Pool& pool, const LostClaim& lost, SteadyTime deadline) {
  const absl::StatusOr<std::vector<pg::Result>> results =
      pg::RunTogether(pool, deadline, [&](pg::Session& session) { session.Queue(kNoteLost, lost.ids, lost.holder); });
  if (!results.ok()) return results.status();
  return results->back()[0].Int(0) > 0;
}

}  // namespace xxt::tasks
