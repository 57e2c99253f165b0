#include "common/tasks/task.h"

#include <optional>

#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/insert.h"

namespace xxt::tasks {
namespace {

const pg::Insert kInsert("task.insert", "backbone.task",
                         {{"id", "uuid"},
                          {"kind", "text"},
                          {"lane", "text"},
                          {"subject", "text"},
                          {"payload", "jsonb"},
                          {"dedupe_key", "text"},
                          {"due", "timestamptz"},
                          {"hall", "text"},
                          {"assignee", "text"},
                          {"summary", "text"}},
                         "ON CONFLICT (dedupe_key) DO NOTHING");

constexpr pg::Statement kReschedule{"task.reschedule", R"sql(
  UPDATE backbone.task SET due = $2, enqueued_at = NULL WHERE dedupe_key = $1)sql"};

constexpr pg::Statement kCancel{"task.cancel", R"sql(
  WITH gone AS (DELETE FROM backbone.task WHERE dedupe_key = $1
                RETURNING id, kind, subject, attempt, holder, create_time)
  INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
  SELECT id, kind, subject, 'cancelled', attempt, holder, create_time FROM gone)sql"};

constexpr pg::Statement kCancelAll{"task.cancel_all", R"sql(
  WITH gone AS (DELETE FROM backbone.task WHERE kind = $1 AND subject = $2
                RETURNING id, kind, subject, attempt, holder, create_time)
  INSERT INTO backbone.task_settled (id, kind, subject, outcome, attempt, holder, create_time)
  SELECT id, kind, subject, 'cancelled', attempt, holder, create_time FROM gone)sql"};

const char* LaneName(Lane lane) {
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

std::optional<std::string> OrNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

std::string Enqueue(pg::Session& session, NewTask task) {
  if (task.id.empty()) task.id = identifiers::NewUuid(absl::Now());
  if (task.payload.empty()) task.payload = "{}";
  if (task.dedupe_key.empty()) task.dedupe_key = task.id;
  session.QueueLast(kInsert, task.id, task.kind, LaneName(task.lane), task.subject, task.payload, task.dedupe_key,
                    task.due, OrNull(task.hall), OrNull(task.assignee), OrNull(task.summary));
  return task.id;
}

void Reschedule(pg::Session& session, absl::string_view dedupe_key, absl::Time due) {
  session.QueueLast(kReschedule, dedupe_key, due);
}

void Cancel(pg::Session& session, absl::string_view dedupe_key) { session.QueueLast(kCancel, dedupe_key); }

void CancelAll(pg::Session& session, absl::string_view kind, absl::string_view subject) {
  session.QueueLast(kCancelAll, kind, subject);
}

}  // namespace xxt::tasks
