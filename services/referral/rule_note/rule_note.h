#ifndef XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_
#define XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "xixinting/referral/v1/rule_note.pb.h"

// What is known of the rules of bodies.
namespace xxt::referral::rule_note {

namespace v1 = ::xixinting::referral::v1;

// The note called `name` as the machine needs it: without its words, for which
// one needs the body's key. Errors: RESOURCE_NOT_FOUND, also for a name that is none.
absl::StatusOr<v1::RuleNote> Find(pg::Session& session, absl::string_view name);

}  // namespace xxt::referral::rule_note

#endif  // XXT_SERVICES_REFERRAL_RULE_NOTE_RULE_NOTE_H_
