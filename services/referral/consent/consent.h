#ifndef XXT_SERVICES_REFERRAL_CONSENT_CONSENT_H_
#define XXT_SERVICES_REFERRAL_CONSENT_CONSENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/withdrawal.pb.h"

// Consents that were taken back. What follows for what rests on them is in withdrawal/, below all of that.
namespace xxt::referral::consent {

namespace v1 = ::xixinting::referral::v1;

extern const store::Table<v1::Withdrawal> kWithdrawals;

// Whether something new may rest on `basis`, until this transaction ends: who takes it back meanwhile waits, and finds
// what was made. `at` is what callers call that: "referral". Errors: LAWFUL_BASIS_MISSING.
absl::Status CheckStands(Tx& tx, const v1::LawfulBasis& basis, absl::string_view at);

// The name of the withdrawal by which the consent that is recorded there was taken back; empty if it stands. From then
// on until this transaction ends nothing new comes to rest on it, and nobody else takes it back.
absl::StatusOr<std::string> LockAndFind(Tx& tx, const std::string& recorded_in);

// Whether `basis` is that consent.
bool RestsOn(const v1::LawfulBasis& basis, absl::string_view recorded_in);

}  // namespace xxt::referral::consent

#endif  // XXT_SERVICES_REFERRAL_CONSENT_CONSENT_H_
