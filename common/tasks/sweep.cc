#include "common/tasks/sweep.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/tasks/claim.h"

namespace xxt::tasks {
namespace {

constexpr absl::Duration kStoreDeadline = absl::Seconds(5);

// A task appears when the transaction that made it ends, and stands where that
// began: few take longer than the first, none takes longer than the other.
constexpr absl::Duration kUsualTransaction = absl::Seconds(5);
constexpr absl::Duration kLongestTransaction = absl::Seconds(60);

constexpr pg::Statement kFireTimers{"timer.fire", R"sql(
  WITH fired AS (
    DELETE FROM backbone.timer WHERE id = ANY (ARRAY(
      SELECT id FROM backbone.timer WHERE due >= $3 AND due <= $1 AND lane <> ''
       ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, lane, subject, payload, dedupe_key, due, create_time)
  INSERT INTO backbone.machine_task (id, kind, lane, subject, payload, dedupe_key, due, create_time)
  SELECT id, kind, lane, subject, payload, dedupe_key, due, create_time FROM fired
  ON CONFLICT (dedupe_key) DO NOTHING
  RETURNING id, kind, lane)sql"};

constexpr pg::Statement kNow{"task.now", "SELECT now()"};

// Along task_ready. What is held is in a worker's hands, or fresh in those of the
// process that made it: answered, too, so that the next round begins before it.
constexpr pg::Statement kSweep{"task.sweep", R"sql(
  SELECT id, crashes, fence, greatest(due, not_before),
         greatest(0, extract(epoch FROM now() - greatest(due, not_before)) * 1000)::bigint,
         state = 'running' AND lease_until >= now() OR state = 'pending' AND not_before > now() - $6::interval,
         coalesce(lease_until, not_before)
    FROM backbone.machine_task
   WHERE kind = $1 AND lane = $7 AND lane <> '' AND (greatest(due, not_before), id) > ($2, $3::uuid)
     AND greatest(due, not_before) <= greatest($4, now())
     AND due <= $4 AND not_before <= now() AND state <> 'dead'
   ORDER BY greatest(due, not_before), id LIMIT $5)sql"};

std::string Interval(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(duration)) + " milliseconds";
}

}  // namespace

absl::StatusOr<std::vector<DueTask>> TimerSweep::Fire(pg::Pool& pool, absl::Time business_now, int limit) {
  const absl::Time begin = look_.is_long() ? absl::InfinitePast() : seen_ - kUsualTransaction;
  const absl::StatusOr<std::vector<pg::Result>> results =
      pg::RunTogether(pool, SteadyTime::Now() + kStoreDeadline,
                      [&](pg::Session& session) { session.Queue(kFireTimers, business_now, limit, begin); });
  if (!results.ok()) return results.status();
  const pg::Result& rows = results->back();
  if (rows.size() < limit) {
    seen_ = business_now;
    look_.EndRound();
  }
  std::vector<DueTask> due;
  for (int i = 0; i < rows.size(); ++i) {
    due.push_back({rows[i].Text(0), rows[i].Text(1), rows[i].Text(2), 0, absl::ZeroDuration()});
  }
  if (!due.empty()) XXT_CRASH_POINT("tasks.after_timers");
  return due;
}

absl::StatusOr<std::vector<DueTask>> Sweep::Next(pg::Pool& pool, absl::Time business_now, int limit, bool all) {
  const absl::StatusOr<std::vector<pg::Result>> results =
      pg::RunTogether(pool, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) {
        session.Queue(kNow);
        session.Queue(kSweep, kind_, position_, position_id_, business_now, limit,
                      Interval(all ? absl::ZeroDuration() : redeliver_after_), lane_);
      });
  if (!results.ok()) return results.status();
  const pg::Result& rows = results->back();
  ForgetOldHandOuts();
  // What was not due yet by either clock lies past both.
  const absl::Duration longest = all || look_.is_long() ? kLongestTransaction : kUsualTransaction;
  oldest_ = std::min({oldest_, business_now, results->front()[0].Time(0) - longest});
  std::vector<DueTask> due;
  for (int i = 0; i < rows.size(); ++i) {
    const pg::Row row = rows[i];
    position_ = row.Time(3);
    position_id_ = row.Text(0);
    oldest_ = std::min(oldest_, position_);
    if (row.Bool(5)) continue;
    if (!handed_out_.try_emplace(absl::StrCat(position_id_, "/", row.Int(2)), SteadyTime::Now()).second) continue;
    due.push_back({position_id_, kind_, lane_, static_cast<int>(row.Int(1)), absl::Milliseconds(row.Int(4))});
    if (due.back().crashes >= kSuspectFrom) due.back().tried = row.Time(6);
  }
  std::stable_sort(due.begin(), due.end(), [](const DueTask& a, const DueTask& b) { return a.tried < b.tried; });
  at_end_ = rows.size() < limit;
  if (at_end_) {
    look_.EndRound();
    position_ = oldest_;
    position_id_ = kNoId;
    oldest_ = absl::InfiniteFuture();
  }
  if (!due.empty()) XXT_CRASH_POINT("tasks.before_hand_out");
  return due;
}

void Sweep::ForgetOldHandOuts() {
  const SteadyTime old = SteadyTime::Now() - redeliver_after_;
  for (auto it = handed_out_.begin(); it != handed_out_.end();) {
    it = it->second < old ? handed_out_.erase(it) : std::next(it);
  }
}

}  // namespace xxt::tasks
