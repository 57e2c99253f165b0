#ifndef XXT_SERVICES_REFERRAL_REFERRALS_REFERRALS_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_REFERRALS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "xixinting/referral/v1/referral.pb.h"

namespace xxt::referral {
namespace v1 = ::xixinting::referral::v1;
}

// Referrals, and what the nouns that hang on one need of it: who changes
// something within a referral locks it first.
namespace xxt::referral::referrals {

// The root of all that belongs to a referral.
extern const store::Table<v1::Referral> kReferrals;

// The referral that `name` names or lies under, locked for this transaction.
// `etag` may be empty: not checked. Errors: RESOURCE_NOT_FOUND, OTHER_HALL,
// ETAG_MISMATCH; INTERNAL for one without a state, which would count as open.
absl::StatusOr<v1::Referral> Lock(Tx& tx, absl::string_view name, absl::string_view etag = "");
// The same for what needs one that has not ended. Errors: STATE_FORBIDS, too.
absl::StatusOr<v1::Referral> LockOpen(Tx& tx, absl::string_view name, absl::string_view etag = "");

// STATE_FORBIDS if the referral has ended.
absl::Status CheckOpen(const v1::Referral& referral);

// ListReferrals: of the caller's halls, without people and free words.
// Errors: PAGE_TOKEN_INVALID.
absl::Status List(Tx& tx, const v1::ListReferralsRequest& request, v1::ListReferralsResponse& response);

// The name of the referral with this answer code; nullopt if there is none.
absl::StatusOr<std::optional<std::string>> FindByAnswerCode(pg::Session& session, absl::string_view code);

// Whether what people plan lies ahead, and within a year: nobody looks at it before its time. `field` names it.
// Errors: FIELD_INVALID.
absl::Status CheckPlanned(absl::Time time, absl::Time now, const char* field);

bool HasEnded(const v1::Referral& referral);

// What a state is called for people, as the proto says; empty for one that it does not know.
absl::string_view WordFor(v1::Referral::State state);

// The last id of a name: of a referral "referrals/{id}", of a mail the entry's.
std::string IdOf(absl::string_view name);

}  // namespace xxt::referral::referrals

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_REFERRALS_H_
