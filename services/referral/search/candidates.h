#ifndef XXT_SERVICES_REFERRAL_SEARCH_CANDIDATES_H_
#define XXT_SERVICES_REFERRAL_SEARCH_CANDIDATES_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/search.pb.h"

// Who may hold what is sought, and in which order they are asked.
namespace xxt::referral::search {

namespace v1 = ::xixinting::referral::v1;

// As many as a search may have.
inline constexpr std::size_t kMostCandidates = 30;

// Adds to `search` who may hold its document, likeliest first: whom its hints name, whom the directory says keeps it,
// and who has had it. Errors: RESOURCE_NOT_FOUND (a hint).
absl::Status Propose(Tx& tx, v1::Search* search);

// The candidate of this body; null if it is none.
v1::Candidate* FindCandidate(v1::Search* search, absl::string_view body);

// Whether the body is being asked, or has said whether it has it, as one that was merged into it since. Where that one
// was of no help the body is asked under the name that is right now.
absl::StatusOr<bool> IsAskedAsMerged(Tx& tx, const v1::Search& search, const v1::Body& body);

// Puts those who wait into the order of the request, adds who is new, and lets those wait anew who were left out or
// were of no help. Errors: RESOURCE_NOT_FOUND, FIELD_INVALID.
absl::Status Arrange(Tx& tx, const v1::ArrangeCandidatesRequest& request, v1::Search* search);

}  // namespace xxt::referral::search

#endif  // XXT_SERVICES_REFERRAL_SEARCH_CANDIDATES_H_
