#ifndef XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_
#define XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/referral/domain/body.h"

// What is known of the rules of bodies.
namespace xxt::referral::rule_note {

// What the layers that are no slices yet need of a note. Errors: RESOURCE_NOT_FOUND,
// also for a note of another body.
absl::StatusOr<RuleNote> Find(pg::Session& session, absl::string_view body_id, absl::string_view id);

}  // namespace xxt::referral::rule_note

#endif  // XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_
