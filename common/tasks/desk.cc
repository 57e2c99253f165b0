#include "common/tasks/desk.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::tasks {
namespace {

constexpr absl::string_view kResourceType = "xixinting/Task";

// Columns of a ListedTask, in the order ReadListed takes them; of backbone.task.
#define XXT_TASK_COLUMNS                                                                                       \
  "id, kind, lane, subject, payload, coalesce(hall, ''), coalesce(assignee, ''), coalesce(summary, ''), due, " \
  "create_time, fence, attempt, state, next_action_time, coalesce(holder, ''), lease_until, "                  \
  "coalesce(last_error, ''), coalesce(lease_until > now(), false)"

constexpr pg::Statement kGet{"desk_task.get",
                             "SELECT " XXT_TASK_COLUMNS " FROM backbone.task WHERE shelf = 'desk_task' AND id = $1"};

constexpr pg::Statement kLock{"desk_task.lock", "SELECT FROM backbone.desk_task WHERE id = $1 FOR UPDATE"};

constexpr pg::Statement kGetAny{"task.get", "SELECT " XXT_TASK_COLUMNS " FROM backbone.task WHERE id = $1"};

constexpr pg::Statement kLockMachine{"task.lock", "SELECT FROM backbone.machine_task WHERE id = $1 FOR UPDATE"};

constexpr pg::Statement kLease{"desk_task.lease", R"sql(
  WITH kept AS (
    UPDATE backbone.desk_task
       SET state = 'running', holder = $2, lease_until = now() + $3::interval,
           fence = fence + CASE WHEN $4 THEN 0 ELSE 1 END, attempt = attempt + CASE WHEN $4 THEN 0 ELSE 1 END
     WHERE id = $1 RETURNING id, fence, holder, lease_until, attempt),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, holder)
    SELECT id, fence, 'started', holder FROM kept WHERE NOT $4)
  SELECT fence, lease_until, attempt FROM kept)sql"};

constexpr pg::Statement kRelease{"desk_task.release", R"sql(
  WITH kept AS (
    UPDATE backbone.desk_task SET state = 'pending', holder = NULL, lease_until = NULL WHERE id = $1
    RETURNING id, fence)
  INSERT INTO backbone.attempt (task_id, fence, outcome) SELECT id, fence, 'given_back' FROM kept)sql"};

// Only while the lease that was read is still good.
constexpr pg::Statement kComplete{"desk_task.complete", R"sql(
  WITH gone AS (DELETE FROM backbone.desk_task
                 WHERE id = $1 AND fence = $3 AND state = 'running' AND lease_until > now()
                RETURNING id, kind, subject, attempt, holder, create_time, fence),
  kept AS (
    INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
    SELECT id, kind, subject, $2, attempt, holder, create_time FROM gone),
  noted AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome, detail, holder)
    SELECT id, fence, 'done', $2, holder FROM gone)
  SELECT count(*) FROM gone)sql"};

// Whoever requeues a task takes it that what it died of is mended: its crashes
// count no more, and its attempts, which would lengthen the pauses, are counted
// from one on. What an attempt may have done outside is noted with its kind, not
// here, and stays.
constexpr pg::Statement kRequeue{"task.requeue", R"sql(
  WITH forgiven AS (
    INSERT INTO backbone.attempt (task_id, fence, outcome)
    SELECT task_id, fence, 'requeued' FROM backbone.attempt AS a
     WHERE task_id = $1 AND outcome = 'started' AND NOT EXISTS (
       SELECT FROM backbone.attempt AS o
        WHERE o.task_id = $1 AND o.fence = a.fence AND o.outcome NOT IN ('started', 'dead')))
  UPDATE backbone.machine_task
     SET state = 'retry', not_before = now(), attempt = 0, crashes = 0, started_at = NULL
   WHERE id = $1)sql"};

// One statement per way to ask, each along an index. A page: what comes after
// ($4, $5), and unless the future is asked for ($2), what is due by $3. What may
// be many is read from its own table: backbone.task would sort all of it.
#define XXT_PAGE_BY(place)                                                                                  \
  "AND (" place                                                                                             \
  ", id) > ($4, $5::uuid) AND due <= CASE WHEN $2 THEN 'infinity'::timestamptz ELSE $3 END ORDER BY " place \
  ", id LIMIT $6"
#define XXT_PAGE XXT_PAGE_BY("next_action_time")
#define XXT_SELECT_DESK                                                                                            \
  "SELECT id, kind, 'desk', subject, payload, coalesce(hall, ''), coalesce(assignee, ''), coalesce(summary, ''), " \
  "due, "                                                                                                          \
  "create_time, fence, attempt, state, due, coalesce(holder, ''), lease_until, '', coalesce(lease_until > now(), " \
  "false) "                                                                                                        \
  "FROM backbone.desk_task WHERE "

constexpr pg::Statement kListOfHall{"desk_task.list_of_hall", XXT_SELECT_DESK "hall = $1 " XXT_PAGE_BY("due")};
constexpr pg::Statement kListDesk{"desk_task.list", XXT_SELECT_DESK "kind <> '' AND $1 = '' " XXT_PAGE_BY("due")};
// A resource has few tasks.
constexpr pg::Statement kListOfSubject{"task.list_of_subject",
                                       "SELECT " XXT_TASK_COLUMNS
                                       " FROM backbone.task WHERE subject = $1 AND coalesce($7 = hall, $7 IS NULL) "
                                       "AND ($8 = '' OR lane = $8) " XXT_PAGE};
// A page of each queue, along machine_task_ready, merged. Dead tasks have no next
// try and no place there: those are read, for they are few.
#define XXT_OF_QUEUE(place)                                                                                       \
  "(SELECT id, kind, lane, subject, payload, '', '', '', due, create_time, fence, attempt, state, " place         \
  " AS place, coalesce(holder, ''), lease_until, coalesce(last_error, ''), coalesce(lease_until > now(), false) " \
  "FROM backbone.machine_task AS m WHERE kind = q.kind AND lane = q.lane AND lane <> '' "
constexpr pg::Statement kListMachine{
    "task.list_machine",
    "WITH RECURSIVE queue AS ("
    "(SELECT kind, lane FROM backbone.machine_task WHERE lane <> '' ORDER BY kind, lane LIMIT 1) UNION ALL "
    "SELECT n.kind, n.lane FROM queue AS q CROSS JOIN LATERAL (SELECT kind, lane FROM backbone.machine_task "
    "WHERE (kind, lane) > (q.kind, q.lane) AND lane <> '' ORDER BY kind, lane LIMIT 1) AS n) "
    "SELECT t.* FROM queue AS q CROSS JOIN LATERAL (" XXT_OF_QUEUE("greatest(due, not_before)")
    "AND greatest(due, not_before) < 'infinity' " XXT_PAGE_BY("greatest(due, not_before)") ") UNION ALL "
    XXT_OF_QUEUE("greatest(due, create_time)")
    "AND greatest(due, not_before) = 'infinity' " XXT_PAGE_BY("greatest(due, create_time)") ")) AS t "
    "WHERE $1 = '' OR q.lane = $1 ORDER BY place, id LIMIT $6"};
#undef XXT_OF_QUEUE
// Of timers there may be many, and few of one lane. A list of one does not say
// `lane <> ''`, as those of a hall do not say `kind <> ''`.
#define XXT_SELECT_TIMERS                                                         \
  "SELECT id, kind, lane, subject, payload, '', '', '', due, create_time, 0, 0, " \
  "'pending', due, '', NULL::timestamptz, '', false FROM backbone.timer WHERE "
constexpr pg::Statement kListTimers{"timer.list", XXT_SELECT_TIMERS "lane <> '' AND $1 = '' " XXT_PAGE_BY("due")};
constexpr pg::Statement kListTimersOfLane{"timer.list_of_lane",
                                          XXT_SELECT_TIMERS "kind <> '' AND lane = $1 " XXT_PAGE_BY("due")};
#undef XXT_SELECT_TIMERS
#undef XXT_SELECT_DESK
#undef XXT_PAGE
#undef XXT_PAGE_BY

std::string Name(absl::string_view id) { return absl::StrCat("tasks/", id); }

Lane LaneOf(absl::string_view name) {
  if (name == "desk") return Lane::kDesk;
  if (name == "urgent") return Lane::kUrgent;
  return name == "bulk" ? Lane::kBulk : Lane::kNormal;
}

// A row of XXT_TASK_COLUMNS. `live`: the lease has not run out.
ListedTask ReadListed(const pg::Row& row, bool* live) {
  ListedTask listed;
  Task& task = listed.task;
  task.id = row.Text(0);
  task.kind = row.Text(1);
  task.lane = LaneOf(row.View(2));
  task.subject = row.Text(3);
  task.payload = row.Text(4);
  task.hall = row.Text(5);
  task.assignee = row.Text(6);
  task.summary = row.Text(7);
  task.due = row.Time(8);
  task.create_time = row.Time(9);
  task.fence = row.Int(10);
  task.attempt = static_cast<int>(row.Int(11));
  listed.state = row.Text(12);
  listed.next_action_time = row.Time(13);
  listed.holder = row.Text(14);
  listed.lease_until = row.Time(15);
  listed.last_error = row.Text(16);
  if (live != nullptr) *live = row.Bool(17);
  return listed;
}

std::string TokenOf(const Task& task, absl::string_view holder) { return absl::StrCat(task.fence, ".", holder); }

// Reads the task and checks that `token` is the live lease of `staff`, who may
// still act for its hall.
absl::StatusOr<ListedTask> ReadLeased(pg::Session& session, absl::string_view id, absl::string_view token,
                                      absl::string_view staff, const identity::HallScope& halls) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, id));
  if (rows.empty()) return errors::LeaseLost(Name(id));
  bool live = false;
  ListedTask listed = ReadListed(rows[0], &live);
  if (!halls.Covers(listed.task.hall)) return errors::OtherHall(Name(id));
  if (listed.state != "running" || !live || listed.holder != staff || TokenOf(listed.task, staff) != token) {
    return errors::LeaseLost(Name(id));
  }
  return listed;
}

}  // namespace

absl::StatusOr<ListedTask> GetTask(pg::Session& session, absl::string_view id, const identity::HallScope& halls,
                                   bool machines_too) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(machines_too ? kGetAny : kGet, id));
  if (rows.empty()) return errors::NotFound(kResourceType, Name(id));
  ListedTask listed = ReadListed(rows[0], nullptr);
  if (!halls.Covers(listed.task.hall)) return errors::OtherHall(Name(id));
  return listed;
}

absl::StatusOr<DeskLease> LeaseTask(pg::Session& session, absl::string_view id, absl::string_view staff,
                                    const identity::HallScope& halls, absl::Time now) {
  session.Queue(kLock, id);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, id));
  if (rows.empty()) return errors::NotFound(kResourceType, Name(id));
  bool live = false;
  ListedTask listed = ReadListed(rows[0], &live);
  if (!halls.Covers(listed.task.hall)) return errors::OtherHall(Name(id));
  const bool mine = live && listed.holder == staff;
  if (live && !mine) return errors::StateForbids(Name(id), "同事正在办理这项任务", "a colleague holds the task");
  if (listed.task.due > now) {
    return errors::StateForbids(Name(id), "这项任务还没到办理时间", "the task's time has not come");
  }
  XXT_ASSIGN_OR_RETURN(
      const pg::Result leased,
      session.Run(kLease, id, staff, absl::StrCat(absl::ToInt64Seconds(kDeskLease), " seconds"), mine));
  XXT_CRASH_POINT("tasks.desk_leased");
  listed.task.fence = leased[0].Int(0);
  listed.lease_until = leased[0].Time(1);
  listed.task.attempt = static_cast<int>(leased[0].Int(2));
  listed.state = "running";
  listed.holder = std::string(staff);
  DeskLease lease{listed, TokenOf(listed.task, staff), listed.lease_until};
  return lease;
}

absl::StatusOr<ListedTask> ReleaseTask(pg::Session& session, absl::string_view id, absl::string_view token,
                                       absl::string_view staff, const identity::HallScope& halls) {
  session.Queue(kLock, id);
  XXT_ASSIGN_OR_RETURN(ListedTask listed, ReadLeased(session, id, token, staff, halls));
  session.Queue(kRelease, id);
  listed.state = "pending";
  listed.holder.clear();
  listed.lease_until = absl::InfinitePast();
  return listed;
}

absl::StatusOr<ListedTask> CompleteTask(pg::Session& session, const std::vector<DeskKind>& kinds, absl::string_view id,
                                        absl::string_view token, const identity::HallScope& halls,
                                        const Completion& completion) {
  XXT_ASSIGN_OR_RETURN(ListedTask listed, ReadLeased(session, id, token, completion.staff, halls));
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const DeskKind& item) { return item.name == listed.task.kind; });
  if (kind != kinds.end() && kind->outcomes.empty()) {
    XXT_RETURN_IF_ERROR(kind->complete(session, listed.task, completion));  // says what settles it
  }
  if (kind == kinds.end() ||
      std::find(kind->outcomes.begin(), kind->outcomes.end(), completion.outcome) == kind->outcomes.end()) {
    const std::string allowed = kind == kinds.end() ? "" : absl::StrJoin(kind->outcomes, ", ");
    return errors::FieldInvalid("outcome", absl::StrCat("这项任务的结果只能是：", allowed),
                                absl::StrCat("outcomes of this task are: ", allowed));
  }
  // `complete` locks what the task is about, and so comes before the row; the
  // tasks it makes come after it, and may have its dedupe key.
  XXT_RETURN_IF_ERROR(kind->complete(session, listed.task, completion));
  XXT_CRASH_POINT("tasks.desk_moved");
  XXT_ASSIGN_OR_RETURN(const pg::Result gone, session.Run(kComplete, id, completion.outcome, listed.task.fence));
  if (gone[0].Int(0) == 0) return errors::LeaseLost(Name(id));
  listed.state = "settled";
  return listed;
}

absl::StatusOr<ListedTask> RequeueTask(pg::Session& session, absl::string_view id) {
  session.Queue(kLockMachine, id);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGetAny, id));
  if (rows.empty()) return errors::NotFound(kResourceType, Name(id));
  ListedTask listed = ReadListed(rows[0], nullptr);
  if (listed.state != "dead") return errors::StateForbids(Name(id), "只有停办的任务可以重启", "the task is not dead");
  session.Queue(kRequeue, id);
  listed.state = "pending";
  listed.task.attempt = 0;
  return listed;
}

absl::StatusOr<std::vector<ListedTask>> ListTasks(pg::Session& session, const TaskFilter& filter) {
  if (filter.halls.none()) return std::vector<ListedTask>();
  const std::optional<std::string> hall = filter.halls.sql();
  const std::string after_id = filter.after_id.empty() ? "00000000-0000-0000-0000-000000000000" : filter.after_id;
  std::vector<ListedTask> tasks;
  const auto run = [&](const pg::Statement& statement, const std::string& what, const auto&... more) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(statement, what, filter.include_future, filter.now,
                                                            filter.after_time, after_id, filter.limit, more...));
    for (int i = 0; i < rows.size(); ++i) tasks.push_back(ReadListed(rows[i], nullptr));
    return absl::OkStatus();
  };
  if (!filter.subject.empty()) {
    XXT_RETURN_IF_ERROR(run(kListOfSubject, filter.subject, hall, filter.lane));
    return tasks;
  }
  if (filter.lane.empty() || filter.lane == "desk") {
    XXT_RETURN_IF_ERROR(run(hall.has_value() ? kListOfHall : kListDesk, hall.value_or("")));
  }
  if (filter.lane != "desk" && filter.halls.all()) {
    XXT_RETURN_IF_ERROR(run(kListMachine, filter.lane));
    XXT_RETURN_IF_ERROR(run(filter.lane.empty() ? kListTimers : kListTimersOfLane, filter.lane));
  }
  std::sort(tasks.begin(), tasks.end(), [](const ListedTask& a, const ListedTask& b) {
    return std::tie(a.next_action_time, a.task.id) < std::tie(b.next_action_time, b.task.id);
  });
  if (tasks.size() > static_cast<std::size_t>(filter.limit)) tasks.resize(static_cast<std::size_t>(filter.limit));
  return tasks;
}

}  // namespace xxt::tasks
