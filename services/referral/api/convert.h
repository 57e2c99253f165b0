#ifndef XXT_SERVICES_REFERRAL_API_CONVERT_H_
#define XXT_SERVICES_REFERRAL_API_CONVERT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/referral/domain/mail.h"
#include "services/referral/domain/referral.h"
#include "xixinting/referral/v1/referral.pb.h"

// Protos ⇄ domain. From protos: requests that the edge has found well-formed.
namespace xxt::referral {

namespace v1 = ::xixinting::referral::v1;

void ToProto(const Referral& referral, v1::Referral* proto);
// As lists answer it.
void ToListProto(const Referral& referral, v1::Referral* proto);
void ToProto(const UnmatchedMail& mail, v1::UnmatchedMail* proto);

// Errors: FIELD_INVALID for what annotations cannot say.
absl::StatusOr<Referral> FromProto(const v1::Referral& proto);

// The id in a name like "referrals/{uuid}". Errors: FIELD_INVALID of `field`.
absl::StatusOr<std::string> ParseId(absl::string_view name, absl::string_view collection, absl::string_view field);

// The body's id in "bodies/{id}", whose pattern the edge has checked.
std::string BodyIdOf(absl::string_view name);

// The two ids of "bodies/{id}/ruleNotes/{uuid}". Errors: FIELD_INVALID of `field`.
struct RuleNoteIds {
  std::string body_id;
  std::string id;
};
absl::StatusOr<RuleNoteIds> ParseRuleNote(absl::string_view name, absl::string_view field);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_CONVERT_H_
