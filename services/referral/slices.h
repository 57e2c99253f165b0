#ifndef XXT_SERVICES_REFERRAL_SLICES_H_
#define XXT_SERVICES_REFERRAL_SLICES_H_

#include "common/edge/slice.h"

// The nouns of the referral service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here. A slice that
// exports nothing has no header of its own.
namespace xxt::referral {

edge::Slice BodySlice();      // body/
edge::Slice RuleNoteSlice();  // rule_note/
// chase/: what hangs on a referral needs this of it, until it is a slice.
// entry/: the ledger. Its RPCs are the referral's.
// mail/: the files that came with mails; no slice yet.
edge::Slice RouteSheetSlice();  // route_sheet/

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_SLICES_H_
