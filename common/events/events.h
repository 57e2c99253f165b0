#ifndef XXT_COMMON_EVENTS_EVENTS_H_
#define XXT_COMMON_EVENTS_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

// The ledger of what happened: append-only (by privilege), partitioned by
// month, read by watches in commit order.
//
// A position is (transaction id, row number). A reader sees only rows whose
// transaction id is below the xmin of its snapshot: every transaction that
// could still add a row before them has ended. So a reader that resumes after
// a position never misses a late committer. The price: the longest open
// transaction of the cluster that has written (also a prepared one) delays all
// readers; common/service/ledger_alarm.h tells of it.
//
// Positions mean something in one history only: a restore or a promotion may
// lose the newest events and give their transaction ids to others. So a place
// names the history, and the event that it is behind, which must still be
// there. See decision 0020.
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

// Queues the wait until nobody else changes `subject`, which then is this
// transaction's until its end. To be queued before its row is locked, and
// before anything is written: one that waits for a row has its id before the
// row is free, and others may come first with a later id; what they did would
// be told after what this one did. Who waits for its turn has no id yet.
void QueueTurn(pg::Session& session, absl::string_view subject);

struct Position {
  std::uint64_t transaction = 0;
  std::int64_t row = 0;
  friend auto operator<=>(const Position&,
                          const Position&) = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 misreads it
};

// Where a reader stands: right behind an event, or at the beginning.
struct Place {
  std::string history;
  Position position;     // {} at the beginning
  std::string event_id;  // of the event there; empty at the beginning

  bool AtBeginning() const { return position == Position{} && event_id.empty(); }
  // Opaque to clients.
  std::string ToToken() const;
  // The place that a token spells, which may be in no ledger: see Find.
  static std::optional<Place> Parse(absl::string_view token);
};

// An event and where it stands.
struct Entry {
  Event event;
  Position position;
  absl::Duration age;  // since its transaction began, at the time of reading
};

struct Batch {
  std::vector<Entry> entries;  // in commit order
  Place next;                  // resume here
};

// Most entries of a batch. A batch with fewer has reached the end.
inline constexpr int kBatch = 500;

// Behind the last event that can be told now: who reads on from here sees all
// that is told later.
absl::StatusOr<Place> Latest(pg::Session& session);

// The place that `token` names; "0" is the beginning.
// Errors: RESUME_TOKEN_EXPIRED if it is not of this history, or its event is not kept any more.
absl::StatusOr<Place> Find(pg::Session& session, absl::string_view token);

// What comes after `from`, at most kBatch.
// Errors: RESUME_TOKEN_EXPIRED if this is not the history of `from` any more.
absl::StatusOr<Batch> ReadAfter(pg::Session& session, const Place& from);

// The same of one subject. A batch with fewer than kBatch entries ends where
// the whole ledger did.
absl::StatusOr<Batch> ReadSubjectAfter(pg::Session& session, const Place& from, absl::string_view subject);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_EVENTS_H_
