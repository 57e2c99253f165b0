#ifndef XXT_COMMON_TASKS_DESK_H_
#define XXT_COMMON_TASKS_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/hall_scope.h"
#include "common/pg/session.h"
#include "common/tasks/task.h"

// People's tasks: the same rows, lease and fence as the machine's, taken and
// settled through TaskService. All functions run in the caller's transaction.
namespace xxt::tasks {

// How long a person holds a task before it is anybody's again.
inline constexpr absl::Duration kDeskLease = absl::Hours(1);

// A task as the work list shows it.
struct ListedTask {
  Task task;
  std::string state;  // "pending", "running", "retry", "dead"; "settled" of one just completed
  absl::Time next_action_time;
  std::string holder;
  absl::Time lease_until;
  std::string last_error;
};

struct DeskLease {
  ListedTask task;
  std::string token;  // proof of the lease
  absl::Time expire_time;
};

// The open task `id` of those that ListTasks would list; `machines_too`: not only
// people's. Errors: NOT_FOUND, OTHER_HALL.
absl::StatusOr<ListedTask> GetTask(pg::Session& session, absl::string_view id, const identity::HallScope& halls,
                                   bool machines_too);

// Gives the desk task `id` to `staff`, who may take those of `halls`.
// Errors: NOT_FOUND, OTHER_HALL, STATE_FORBIDS (held by another, or not due).
absl::StatusOr<DeskLease> LeaseTask(pg::Session& session, absl::string_view id, absl::string_view staff,
                                    const identity::HallScope& halls, absl::Time now);

// Gives back the task that `staff` holds. Errors: LEASE_LOST, OTHER_HALL.
absl::StatusOr<ListedTask> ReleaseTask(pg::Session& session, absl::string_view id, absl::string_view token,
                                       absl::string_view staff, const identity::HallScope& halls);

// Settles the task that completion.staff holds, running its kind's `complete`.
// Errors: LEASE_LOST, OTHER_HALL, FIELD_INVALID (outcome not of the kind),
// STATE_FORBIDS (another call settles it), those of `complete`.
absl::StatusOr<ListedTask> CompleteTask(pg::Session& session, const std::vector<DeskKind>& kinds, absl::string_view id,
                                        absl::string_view token, const identity::HallScope& halls,
                                        const Completion& completion);

// Puts a dead task back to pending, as if it had not been tried: its pauses begin
// anew. Errors: NOT_FOUND, STATE_FORBIDS.
absl::StatusOr<ListedTask> RequeueTask(pg::Session& session, absl::string_view id);

struct TaskFilter {
  identity::HallScope halls;  // desk tasks of these; the machine's are of none and go with all
  std::string lane;           // empty: all
  std::string subject;        // empty: all
  bool include_future = false;
  absl::Time now;  // business time
  int limit = 50;
  absl::Time after_time = absl::InfinitePast();  // keyset: (next_action_time, id) after this
  std::string after_id;
};
absl::StatusOr<std::vector<ListedTask>> ListTasks(pg::Session& session, const TaskFilter& filter);

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_DESK_H_
