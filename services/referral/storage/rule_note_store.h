#ifndef XXT_SERVICES_REFERRAL_STORAGE_RULE_NOTE_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_RULE_NOTE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/referral/domain/body.h"

// What is known of the rules of bodies.
namespace xxt::referral::rule_note_store {

// Queues the insert.
void Insert(pg::Session& session, const RuleNote& note);

// Errors: NOT_FOUND, also for a note of another body.
absl::StatusOr<RuleNote> Get(pg::Session& session, absl::string_view body_id, absl::string_view id);

struct Filter {
  std::string body_id;
  absl::CivilDay today;                   // only rules that hold on this day
  std::optional<absl::Time> before_time;  // keyset: (verify_time, id) before this
  std::string before_id;
  int limit = 50;
};
// Newest check first.
absl::StatusOr<std::vector<RuleNote>> List(pg::Session& session, const Filter& filter);

}  // namespace xxt::referral::rule_note_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_RULE_NOTE_STORE_H_
