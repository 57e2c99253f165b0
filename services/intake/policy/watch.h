#ifndef XXT_SERVICES_INTAKE_POLICY_WATCH_H_
#define XXT_SERVICES_INTAKE_POLICY_WATCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "xixinting/intake/v1/policy.pb.h"
#include "xixinting/intake/v1/policy_consent.pb.h"

// Policies, who consents to be matched with them, and what was found.
namespace xxt::intake::policy {

// Nothing in a policy is personal.
extern const store::Table<v1::Policy> kPolicies;
// Lists "of_case", the last one first; "given", of halls.
extern const store::Table<v1::PolicyConsent> kConsents;

// Whether its rule may be relied on: neither replaced, repealed nor run out.
bool Stands(const v1::Policy& policy, absl::CivilDay day);
// All that stand on `day`.
absl::StatusOr<std::vector<v1::Policy>> ReadStanding(Tx& tx, absl::CivilDay day);

// The consent by which the household of `about`, which this transaction has locked, may be matched now; without a name
// if there is none.
absl::StatusOr<v1::PolicyConsent> CountingConsent(Tx& tx, const v1::Case& about);

// Queues a look at the household of `consent` at `when`: what does not stand any more is void, and what fits and has no
// hit yet gets one. Looking again finds nothing new, so that any number of looks is as one.
void LookAt(Tx& tx, const std::string& consent, absl::Time when);

// Makes void whatever nobody has decided in `about`, which this transaction has locked, and does not stand any more:
// the consent ended, whom it is about died, or the policy. What became void and stands after all waits for a person
// again, for as many working days as `limits` say.
absl::Status ReviewAll(const Policy& limits, Tx& tx, const v1::Case& about);

}  // namespace xxt::intake::policy

#endif  // XXT_SERVICES_INTAKE_POLICY_WATCH_H_
