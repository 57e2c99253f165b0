#ifndef XXT_SERVICES_INTAKE_API_CONVERT_H_
#define XXT_SERVICES_INTAKE_API_CONVERT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/intake/app/create_case.h"
#include "services/intake/app/reports.h"
#include "services/intake/domain/case.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/case_service.pb.h"

// Protos ⇄ domain. Requests have passed the edge: required fields are there,
// texts fit, enums are known. Here is what annotations cannot say.
namespace xxt::intake::api {

namespace v1 = ::xixinting::intake::v1;

// What a client may say of a new case, numbers checked and normalised.
// Errors: FIELD_INVALID, all at once: a number that fails its check, both
// numbers on one party, not exactly one applicant, somebody dead who is no
// subject.
absl::StatusOr<Case> FromProto(const v1::Case& proto, absl::Time now);

HandOff FromProto(const v1::HandOff& proto);
CasePaper FromProto(const v1::Paper& proto);
Closure FromProto(const v1::Closure& proto);
std::vector<CaseState> FromProto(const google::protobuf::RepeatedField<int>& states);
ReferralReport FromProto(const v1::ReportReferralRequest& proto);
app::MessageReport FromProto(const v1::ReportMessageRequest& proto);
// Errors: FIELD_INVALID (a number that fails its check).
absl::StatusOr<PartyFields> FromProto(const v1::CorrectPartyRequest& proto, absl::Time now);

// FULL has the people and all free words, which may be about them; identity
// numbers are masked in any view.
enum class View { kBasic, kFull };
void ToProto(const Case& found, View view, v1::Case* proto);
void ToProto(const app::Ticket& ticket, v1::Ticket* proto);

}  // namespace xxt::intake::api

#endif  // XXT_SERVICES_INTAKE_API_CONVERT_H_
