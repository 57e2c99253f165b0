#include "common/tasks/claim.h"

#include <algorithm>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::tasks {
namespace {

// A worker that crashes five times on a task would crash a sixth time.
constexpr int kMostCrashes = 5;
constexpr absl::Duration kStoreDeadline = absl::Seconds(10);

// Which rows are handed out changes nothing durable: no need to wait for disk.
constexpr pg::Statement kRelaxed{"task.relay_relaxed", "SET LOCAL synchronous_commit = off"};

constexpr pg::Statement kSelectDue{"task.select_due", R"sql(
  SELECT id, lane, extract(epoch FROM now() - not_before) * 1e6 FROM (
    SELECT id, lane, not_before, enqueued_at FROM backbone.task
     WHERE lane <> 'desk' AND state IN ('pending', 'retry') AND not_before <= now() AND due <= $1
       AND (enqueued_at IS NULL OR enqueued_at < now() - $2::interval)
     ORDER BY not_before, id LIMIT $3 FOR UPDATE SKIP LOCKED) AS waiting
  UNION ALL
  SELECT id, lane, 0 FROM (
    SELECT id, lane FROM backbone.task
     WHERE lane <> 'desk' AND state = 'running' AND lease_until < now()
       AND (enqueued_at IS NULL OR enqueued_at < now() - $2::interval)
     ORDER BY lease_until, id LIMIT $3 FOR UPDATE SKIP LOCKED) AS abandoned)sql"};

constexpr pg::Statement kMarkHandedOut{"task.mark_handed_out", R"sql(
  UPDATE backbone.task SET enqueued_at = now() WHERE id = ANY($1::uuid[]))sql"};

// Waits for locks, in one order: the relay may still hold those of a row it has
// just handed out, and a row passed over would wait for the next hand-out.
constexpr pg::Statement kClaim{"task.claim", R"sql(
  WITH picked AS (
    SELECT id, state AS old_state FROM backbone.task
     WHERE id = ANY($1::uuid[]) AND lane <> 'desk' AND kind = ANY($2::text[])
       AND (state IN ('pending', 'retry') AND not_before <= now() AND due <= $3
            OR state = 'running' AND lease_until < now())
     ORDER BY id FOR UPDATE),
  claimed AS (
    UPDATE backbone.task AS t
       SET state = 'running', fence = fence + 1, attempt = attempt + 1, lease_until = now() + $4::interval, holder = $5,
           crashes = crashes + (old_state = 'running')::int, started_at = coalesce(started_at, now())
      FROM picked WHERE t.id = picked.id
    RETURNING t.id, kind, subject, payload, lane, due, create_time, fence, attempt, old_state, crashes, started_at),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, holder) SELECT id, fence, 'started', $5 FROM claimed)
  SELECT id, kind, subject, payload, lane, due, create_time, fence, attempt, old_state = 'running', crashes,
         (extract(epoch FROM now() - started_at) * 1000)::bigint
    FROM claimed)sql"};

constexpr pg::Statement kSettleDone{"task.settle_done", R"sql(
  WITH given AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS g(id, fence)),
  mine AS (
    SELECT t.id FROM backbone.task AS t JOIN given AS g ON t.id = g.id AND t.fence = g.fence
     WHERE state = 'running' ORDER BY t.id FOR UPDATE OF t),
  gone AS (
    DELETE FROM backbone.task AS t USING mine WHERE t.id = mine.id
    RETURNING t.id, kind, subject, fence, attempt, holder, create_time),
  kept AS (
    INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
    SELECT id, kind, subject, 'done', attempt, holder, create_time FROM gone)
  INSERT INTO backbone.attempt (task_id, fence, outcome)
  SELECT g.id, g.fence, CASE WHEN gone.id IS NULL THEN 'late' ELSE 'done' END
    FROM given AS g LEFT JOIN gone ON gone.id = g.id)sql"};

constexpr pg::Statement kSettleOne{"task.settle_one", R"sql(
  WITH gone AS (
    DELETE FROM backbone.task WHERE id = $1 AND fence = $2 AND state = 'running'
    RETURNING id, kind, subject, attempt, holder, create_time),
  kept AS (
    INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
    SELECT id, kind, subject, 'done', attempt, holder, create_time FROM gone),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome)
    VALUES ($1, $2, CASE WHEN EXISTS (SELECT FROM gone) THEN 'done' ELSE 'late' END))
  SELECT count(*) FROM gone)sql"};

constexpr pg::Statement kPutBack{"task.put_back", R"sql(
  WITH kept AS (
    UPDATE backbone.task
       SET state = $3, not_before = now() + $4::interval, lease_until = NULL, enqueued_at = NULL, last_error = $5
     WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, detail)
    VALUES ($1, $2, CASE WHEN EXISTS (SELECT FROM kept) THEN $3 ELSE 'late' END, $5))
  SELECT count(*) FROM kept)sql"};

constexpr pg::Statement kUnclaim{"task.unclaim", R"sql(
  WITH given AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS g(id, fence)),
  mine AS (
    SELECT t.id FROM backbone.task AS t JOIN given AS g ON t.id = g.id AND t.fence = g.fence
     WHERE state = 'running' ORDER BY t.id FOR UPDATE OF t)
  UPDATE backbone.task AS t
     SET state = 'retry', attempt = attempt - 1, not_before = now(), lease_until = NULL, enqueued_at = NULL
    FROM mine WHERE t.id = mine.id)sql"};

std::string Interval(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(duration)) + " milliseconds";
}

Lane LaneOf(absl::string_view name) {
  return name == "urgent" ? Lane::kUrgent : name == "bulk" ? Lane::kBulk : Lane::kNormal;
}

Claimed ReadClaimed(const pg::Row& row, absl::Time claimed_at) {
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
  claimed.task.unknown_before = row.Bool(9) || row.Int(10) > 0;
  claimed.crashes = static_cast<int>(row.Int(10));
  claimed.age = absl::Milliseconds(row.Int(11));
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
    if (XXT_PLANTED_BUG("no_fence")) {
      XXT_RETURN_IF_ERROR(session.Run(kSettleOne, task.id, task.fence).status());
      return true;
    }
    XXT_ASSIGN_OR_RETURN(const pg::Result moved, session.Run(kSettleOne, task.id, task.fence));
    return moved[0].Int(0) == 1;
  }
  const bool retry = decided == Verdict::Kind::kRetry;
  const absl::Duration after = verdict.after > absl::ZeroDuration()
                                   ? verdict.after
                                   : Backoff(kind.retry_base, kind.retry_cap, task.attempt, Jitter());
  XXT_ASSIGN_OR_RETURN(const pg::Result moved,
                       session.Run(kPutBack, task.id, task.fence, retry ? "retry" : "dead",
                                   Interval(retry ? after : absl::ZeroDuration()), verdict.reason));
  return moved[0].Int(0) == 1;
}

}  // namespace

absl::Duration Backoff(absl::Duration base, absl::Duration cap, int attempt, double jitter) {
  absl::Duration most = base;
  for (int i = 1; i < attempt && most < cap; ++i) most *= 2;
  return std::min(most, cap) * jitter;
}

absl::StatusOr<int> Relay(pg::Pool& pool, absl::Time business_now, absl::Duration redeliver_after, int limit,
                          absl::FunctionRef<void(const std::vector<DueTask>&)> hand_out) {
  int count = 0;
  const absl::Status status = pg::InTransaction(pool, absl::Now() + kStoreDeadline, [&](pg::Session& session) {
    session.Queue(kRelaxed);
    const absl::StatusOr<pg::Result> rows = session.Run(kSelectDue, business_now, Interval(redeliver_after), limit);
    if (!rows.ok()) return rows.status();
    count = rows->size();
    if (count == 0) return absl::OkStatus();
    std::vector<DueTask> due;
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      const pg::Row row = (*rows)[i];
      double lag_micros = 0;
      if (!absl::SimpleAtod(row.View(2), &lag_micros)) lag_micros = 0;
      due.push_back({row.Text(0), row.Text(1), absl::Microseconds(lag_micros)});
      ids.push_back(row.Text(0));
    }
    // Inside the transaction: a hand-out that is not marked is repeated, one
    // that is marked and did not happen would wait for redeliver_after.
    hand_out(due);
    XXT_CRASH_POINT("tasks.after_hand_out");
    session.Queue(kMarkHandedOut, ids);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return count;
}

absl::StatusOr<std::vector<Claimed>> Claim(pg::Pool& pool, const std::vector<std::string>& ids,
                                           const std::vector<std::string>& kinds, absl::Time business_now,
                                           absl::Duration lease, absl::string_view holder) {
  std::vector<Claimed> claimed;
  const absl::Time claimed_at = absl::Now();
  XXT_CRASH_POINT("tasks.before_claim");
  const absl::Status status = pg::InTransaction(pool, claimed_at + kStoreDeadline, [&](pg::Session& session) {
    const absl::StatusOr<pg::Result> rows = session.Run(kClaim, ids, kinds, business_now, Interval(lease), holder);
    if (!rows.ok()) return rows.status();
    claimed.clear();
    for (int i = 0; i < rows->size(); ++i) claimed.push_back(ReadClaimed((*rows)[i], claimed_at));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  XXT_CRASH_POINT("tasks.after_claim");
  return claimed;
}

absl::Status SettleDone(pg::Pool& pool, const std::vector<const Claimed*>& done) {
  if (done.empty()) return absl::OkStatus();
  const IdsAndFences split = Split(done);
  XXT_CRASH_POINT("tasks.before_settle_batch");
  return pg::InTransaction(
      pool, absl::Now() + kStoreDeadline,
      [&](pg::Session& session) { return session.Run(kSettleDone, split.ids, split.fences).status(); },
      pg::OnUnknownCommit::kRerun);
}

absl::Status Settle(pg::Pool& pool, const MachineKind& kind, const Claimed& claimed, const Verdict& verdict) {
  const Verdict::Kind decided = Decide(kind, claimed, verdict);
  XXT_CRASH_POINT("tasks.before_settle");
  absl::Status status = pg::InTransaction(
      pool, absl::Now() + kStoreDeadline,
      [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const bool mine, MoveRow(session, kind, claimed, verdict, decided));
        if (!mine) {
          log::Warning("task.fenced", {{"task", claimed.task.id}, {"kind", claimed.task.kind}});
          return absl::OkStatus();
        }
        if (verdict.effect) XXT_RETURN_IF_ERROR(verdict.effect(session));
        if (decided == Verdict::Kind::kDead) return kind.on_dead(session, claimed.task, verdict.reason);
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun);
  XXT_CRASH_POINT("tasks.after_settle");
  return status;
}

absl::Status Unclaim(pg::Pool& pool, const std::vector<const Claimed*>& claimed) {
  if (claimed.empty()) return absl::OkStatus();
  const IdsAndFences split = Split(claimed);
  return pg::InTransaction(pool, absl::Now() + kStoreDeadline, [&](pg::Session& session) {
    return session.Run(kUnclaim, split.ids, split.fences).status();
  });
}

}  // namespace xxt::tasks
