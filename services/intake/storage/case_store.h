#ifndef XXT_SERVICES_INTAKE_STORAGE_CASE_STORE_H_
#define XXT_SERVICES_INTAKE_STORAGE_CASE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/hall_scope.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

// Cases: one row each, with a version that counts its changes.
namespace xxt::intake::case_store {

// Queues the insert of a new case. `key` is its wrapped data key (common/seal),
// which seals what hangs on it.
void Insert(pg::Session& session, const Case& created, absl::string_view key);

// The case as it is. Errors: NOT_FOUND.
absl::StatusOr<Case> Load(pg::Session& session, absl::string_view id);

// The same with its key, locked until the end of the transaction.
absl::StatusOr<Case> LoadForUpdate(pg::Session& session, absl::string_view id);

// Queues the update of a case that this transaction loaded for update, and
// counts its version on.
void Save(pg::Session& session, Case& changed);

// Where a page ended.
struct Key {
  absl::Time time;  // the next action's, or the creation's
  std::string id;
};

struct Filter {
  identity::HallScope halls;      // of which halls
  std::string owner;              // empty: all
  std::string display_code;       // empty: all
  std::vector<CaseState> states;  // empty: all that are not closed
  bool newest_first = false;      // else by next action, closed ones last
  std::optional<Key> after;       // unset: from the start
  int limit = 50;
};

// Cases without personal data: neither parties nor summary.
absl::StatusOr<std::vector<Case>> List(pg::Session& session, const Filter& filter);

// The key of `found` in the order of `filter`.
Key KeyOf(const Filter& filter, const Case& found);

}  // namespace xxt::intake::case_store

#endif  // XXT_SERVICES_INTAKE_STORAGE_CASE_STORE_H_
