#ifndef XXT_SERVICES_REFERRAL_SEARCH_MOVES_H_
#define XXT_SERVICES_REFERRAL_SEARCH_MOVES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/referral/v1/search.pb.h"

// How a search goes on. Whoever calls has locked it, and saves it afterwards.
namespace xxt::referral::search {

namespace v1 = ::xixinting::referral::v1;

// Each is a root.
extern const store::Table<v1::Search> kSearches;

// To whom it belongs that nobody is left to be asked, and that two bodies say that they have it.
inline constexpr char kReturnedKind[] = "referral.search_returned";
inline constexpr char kTwoHoldKind[] = "referral.search_two_hold";

// What a candidate's referral has come to.
void Note(const v1::Referral& referral, v1::Candidate* candidate);

// Tells the body of `candidate`, which is being asked, that it need not look any more, for `reason`; the candidate is
// in `state` then. If it has spoken meanwhile, that counts.
absl::Status Stop(Tx& tx, v1::Candidate* candidate, absl::string_view reason, v1::Candidate::State state);

// Asks who is next, stops whom nobody needs, and tells people what they have to do.
absl::Status Move(Tx& tx, v1::Search* search);

// What people had to do about the search is nobody's work any more.
void DropWork(Tx& tx, const v1::Search& search);

}  // namespace xxt::referral::search

#endif  // XXT_SERVICES_REFERRAL_SEARCH_MOVES_H_
