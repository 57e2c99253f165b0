#ifndef XXT_SERVICES_REFERRAL_SLICES_H_
#define XXT_SERVICES_REFERRAL_SLICES_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/referral/referrals/intake_peer.h"

// The nouns of the referral service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here. A slice that
// exports nothing has no header of its own.
namespace xxt::referral {

edge::Slice BodySlice();                            // body/
edge::Slice RuleNoteSlice();                        // rule_note/
edge::Slice ReferralSlice(const edge::Host& host);  // referrals/
// entry/: the ledger. Its RPCs are below the chase, which an entry may move.
edge::Slice CutOffSlice(const edge::Host& host, pg::Pool& pool, const Intake& intake);  // cut_off/
edge::Slice RouteSheetSlice();                                                          // route_sheet/
// mail/: letters, and the files that came with mails; no slice yet.

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_SLICES_H_
