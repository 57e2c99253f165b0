#ifndef XXT_SERVICES_REFERRAL_CHASE_DISCLOSURE_RULES_H_
#define XXT_SERVICES_REFERRAL_CHASE_DISCLOSURE_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/referral/chase/basis_rules.h"

// What may travel to a body besides the disclosed data: nothing.
namespace xxt::referral {

// Whether the value is what its kind says. Names and relations hold no long
// number; identity numbers have their check digit (or are of the fifteen digits
// that were given out until 1999); dates are dates that have been; telephones can
// be rung; the number of a paper holds nobody's identity or mobile number.
bool IsOfItsKind(const DisclosedField& field, absl::CivilDay today);

// Whether `text`, which the body reads, holds a number of seven digits and
// more (an identity, telephone or file number; spaces, dashes, dots and slashes
// inside do not hide it, a date is none) that is not, as a whole, a number of one
// of the `disclosed` values: what is disclosed never makes a part of it vanish.
bool HoldsLongNumber(absl::string_view text, const std::vector<DisclosedField>& disclosed);

// Whether it holds one of `names`, of two characters and more, that does not
// stand in one of the `disclosed` values. Spaces and dots do not hide it.
bool HoldsName(absl::string_view text, const std::vector<DisclosedField>& disclosed,
               const std::vector<std::string>& names);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CHASE_DISCLOSURE_RULES_H_
