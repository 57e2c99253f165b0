#include "common/tasks/task.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/insert.h"
#include "common/status/macros.h"
#include "common/tasks/claim.h"
#include "common/trace/context.h"

namespace xxt::tasks {
namespace {

const pg::Insert kInsert("task.insert", "backbone.machine_task",
                         {{"id", "uuid"},
                          {"kind", "text"},
                          {"lane", "text"},
                          {"subject", "text"},
                          {"payload", "jsonb"},
                          {"dedupe_key", "text"},
                          {"due", "timestamptz"},
                          {"traceparent", "text"}},
                         "ON CONFLICT (dedupe_key) DO NOTHING");

const pg::Insert kInsertDesk("desk_task.insert", "backbone.desk_task",
                             {{"id", "uuid"},
                              {"kind", "text"},
                              {"subject", "text"},
                              {"payload", "jsonb"},
                              {"dedupe_key", "text"},
                              {"due", "timestamptz"},
                              {"hall", "text"},
                              {"assignee", "text"},
                              {"summary", "text"}},
                             "ON CONFLICT (dedupe_key) DO NOTHING");

// A timer is for later; what is open under its key now is done first.
constexpr pg::Statement kInsertTimer{"timer.insert", R"sql(
  INSERT INTO backbone.timer (id, kind, lane, subject, payload, dedupe_key, due)
  SELECT $1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::text, $7::timestamptz
   WHERE NOT EXISTS (SELECT FROM backbone.machine_task WHERE dedupe_key = $6)
  ON CONFLICT (dedupe_key) DO NOTHING)sql"};

// One whose key nobody has had, as of what is being made: nothing is looked for.
const pg::Insert kInsertFirstTimer("timer.insert_first", "backbone.timer",
                                   {{"id", "uuid"},
                                    {"kind", "text"},
                                    {"lane", "text"},
                                    {"subject", "text"},
                                    {"payload", "jsonb"},
                                    {"dedupe_key", "text"},
                                    {"due", "timestamptz"}},
                                   "ON CONFLICT (dedupe_key) DO NOTHING");

// What is moved must be found by the sweep from where it is now: as new from
// now on, and as something that no commit tells of.
constexpr pg::Statement kReschedule{"task.reschedule", R"sql(
  UPDATE backbone.machine_task
     SET due = $2, not_before = greatest(not_before, now()), started_at = NULL,
         state = CASE state WHEN 'pending' THEN 'retry' ELSE state END
   WHERE dedupe_key = $1)sql"};
constexpr pg::Statement kRescheduleTimer{"timer.reschedule",
                                         "UPDATE backbone.timer SET due = $2 WHERE dedupe_key = $1"};
constexpr pg::Statement kRescheduleDesk{"desk_task.reschedule",
                                        "UPDATE backbone.desk_task SET due = $2 WHERE dedupe_key = $1"};

#define XXT_CANCEL(table, attempt, holder, which)                                                      \
  "WITH gone AS (DELETE FROM backbone." table " WHERE " which " RETURNING id, kind, subject, " attempt \
  " AS attempt, " holder                                                                               \
  " AS holder, create_time) "                                                                          \
  "INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time) "      \
  "SELECT id, kind, subject, 'cancelled', attempt, holder, create_time FROM gone"
#define XXT_BY_KEY "dedupe_key = $1"
#define XXT_BY_SUBJECT "kind = $1 AND subject = $2"

constexpr pg::Statement kCancel{"task.cancel", XXT_CANCEL("machine_task", "attempt", "holder", XXT_BY_KEY)};
constexpr pg::Statement kCancelTimer{"timer.cancel", XXT_CANCEL("timer", "0", "NULL::text", XXT_BY_KEY)};
constexpr pg::Statement kCancelDesk{"desk_task.cancel", XXT_CANCEL("desk_task", "attempt", "holder", XXT_BY_KEY)};
constexpr pg::Statement kCancelAll{"task.cancel_all", XXT_CANCEL("machine_task", "attempt", "holder", XXT_BY_SUBJECT)};
constexpr pg::Statement kCancelAllTimers{"timer.cancel_all", XXT_CANCEL("timer", "0", "NULL::text", XXT_BY_SUBJECT)};
constexpr pg::Statement kCancelAllDesk{"desk_task.cancel_all",
                                       XXT_CANCEL("desk_task", "attempt", "holder", XXT_BY_SUBJECT)};
#undef XXT_BY_SUBJECT
#undef XXT_BY_KEY
#undef XXT_CANCEL

// Of the root itself and of "root/…": '0' is what follows '/'.
constexpr pg::Statement kPassOn{"desk_task.pass_on", R"sql(
  UPDATE backbone.desk_task SET assignee = $3 WHERE subject >= $1 AND subject < $1 || '0' AND assignee = $2)sql"};

#define XXT_OPEN_OF(table) \
  "SELECT kind, subject FROM backbone." table " WHERE subject >= $1 AND subject < $1 || '0' AND NOT kind = ANY ($2)"
constexpr pg::Statement kOpenAbout{"task.open_about", XXT_OPEN_OF("machine_task") " UNION ALL " XXT_OPEN_OF(
                                                          "timer") " UNION ALL " XXT_OPEN_OF("desk_task") " LIMIT 20"};
#undef XXT_OPEN_OF

std::optional<std::string> OrNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

// Of what this thread is doing; null: nothing that has a trace.
std::optional<std::string> TraceParent() {
  return trace::Current().valid() ? std::optional<std::string>(trace::Format(trace::Current())) : std::nullopt;
}

}  // namespace

std::string Enqueue(pg::Session& session, NewTask task) {
  if (task.id.empty()) task.id = identifiers::NewUuid(absl::Now());
  if (task.payload.empty()) task.payload = "{}";
  if (task.dedupe_key.empty()) task.dedupe_key = task.id;
  if (task.lane == Lane::kDesk) {
    session.QueueLast(kInsertDesk, task.id, task.kind, task.subject, task.payload, task.dedupe_key,
                      task.due.at_once() ? pg::Param("now") : pg::Param(task.due.time()), OrNull(task.hall),
                      OrNull(task.assignee), OrNull(task.summary));
  } else if (!task.due.at_once()) {
    session.QueueLast(task.first ? static_cast<const pg::Statement&>(kInsertFirstTimer) : kInsertTimer, task.id,
                      task.kind, NameOf(task.lane), task.subject, task.payload, task.dedupe_key, task.due.time());
  } else {
    session.QueueLast(kInsert, task.id, task.kind, NameOf(task.lane), task.subject, task.payload, task.dedupe_key,
                      task.due.time(), TraceParent());
    session.Announce(absl::StrCat(task.kind, " ", NameOf(task.lane), " ", task.id));
  }
  return task.id;
}

// The timers first, as the sweep takes them: who has waited for one that is just
// being fired finds the task that has become of it.
void Reschedule(pg::Session& session, absl::string_view dedupe_key, absl::Time due) {
  for (const pg::Statement* statement : {&kRescheduleTimer, &kReschedule, &kRescheduleDesk}) {
    session.QueueLast(*statement, dedupe_key, due);
  }
}

void Cancel(pg::Session& session, absl::string_view dedupe_key) {
  for (const pg::Statement* statement : {&kCancelTimer, &kCancel, &kCancelDesk}) {
    session.QueueLast(*statement, dedupe_key);
  }
}

void CancelAll(pg::Session& session, absl::string_view kind, absl::string_view subject) {
  for (const pg::Statement* statement : {&kCancelAllTimers, &kCancelAll, &kCancelAllDesk}) {
    session.QueueLast(*statement, kind, subject);
  }
}

void PassOn(pg::Session& session, absl::string_view root, absl::string_view from, absl::string_view to) {
  session.QueueLast(kPassOn, root, from, to);
}

absl::StatusOr<std::vector<OpenTask>> OpenAbout(pg::Session& session, absl::string_view root,
                                                const std::vector<std::string>& other_than) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kOpenAbout, root, other_than));
  std::vector<OpenTask> open;
  for (int i = 0; i < rows.size(); ++i) open.push_back({rows[i].Text(0), rows[i].Text(1)});
  return open;
}

absl::string_view NameOf(Lane lane) {
  switch (lane) {
    case Lane::kDesk:
      return "desk";
    case Lane::kUrgent:
      return "urgent";
    case Lane::kNormal:
      return "normal";
    case Lane::kBulk:
      return "bulk";
  }
  return "normal";
}

}  // namespace xxt::tasks
