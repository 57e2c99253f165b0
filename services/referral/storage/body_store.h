#ifndef XXT_SERVICES_REFERRAL_STORAGE_BODY_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_BODY_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/pg/session.h"
#include "services/referral/domain/body.h"

// The directory of bodies, and the rules known of them.
namespace xxt::referral::body_store {

// Errors: NOT_FOUND.
absl::StatusOr<Body> Get(pg::Session& session, absl::string_view id);

struct Filter {
  std::string query;             // part of the title or of a document held; empty: all
  std::optional<BodyKind> kind;  // unset: all
  std::string after_title;       // keyset: (title, id) after this
  std::string after_id;
  int limit = 50;
};
absl::StatusOr<std::vector<Body>> List(pg::Session& session, const Filter& filter);

// Queues the insert.
void InsertRuleNote(pg::Session& session, const RuleNote& note);

// Errors: NOT_FOUND, also for a note of another body.
absl::StatusOr<RuleNote> GetRuleNote(pg::Session& session, absl::string_view body_id, absl::string_view id);

struct RuleNoteFilter {
  std::string body_id;
  absl::CivilDay today;                   // only rules that hold on this day
  std::optional<absl::Time> before_time;  // keyset: (verify_time, id) before this
  std::string before_id;
  int limit = 50;
};
// Newest check first.
absl::StatusOr<std::vector<RuleNote>> ListRuleNotes(pg::Session& session, const RuleNoteFilter& filter);

}  // namespace xxt::referral::body_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_BODY_STORE_H_
