#ifndef XXT_COMMON_EVENTS_EVENTS_H_
#define XXT_COMMON_EVENTS_EVENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

// The ledger of what happened: append-only (by privilege), partitioned by
// month, read by watches in commit order.
//
// A position is (transaction id, row number). A reader sees only rows whose
// transaction id is below the xmin of its snapshot: every transaction that
// could still add a row before them has ended. So a reader that resumes after
// a position never misses a late committer. The price: the longest open
// transaction of the cluster (bounded, see pg/connection.cc) delays all readers.
namespace xxt::events {

// One fact, without personal data.
struct Event {
  std::string id;       // made by Append if empty
  std::string type;     // "case.created.v1"
  std::string subject;  // "cases/{uuid}"
  std::string hall;
  std::string actor;    // "staff/wang"
  std::string summary;  // one line, zh-CN
  absl::Time time;      // business time
};

// Queues the insert of `event`.
void Append(pg::Session& session, Event event);

// Where a watch stands. Text form is opaque to clients.
struct Position {
  std::uint64_t transaction = 0;
  std::int64_t row = 0;
  std::string ToToken() const;
  static absl::StatusOr<Position> FromToken(absl::string_view token);  // PAGE/RESUME errors: RESUME_TOKEN_EXPIRED
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Batch {
  std::vector<Event> events;  // in commit order
  Position next;              // resume here
};

// The position of now: a watch from here sees everything that commits later.
absl::StatusOr<Position> Current(pg::Session& session);

// Events after `from`, of `hall` and `subject` (empty: all), at most `limit`.
absl::StatusOr<Batch> ReadAfter(pg::Session& session, const Position& from, absl::string_view hall,
                                absl::string_view subject, int limit);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_EVENTS_H_
