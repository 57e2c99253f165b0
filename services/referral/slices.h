#ifndef XXT_SERVICES_REFERRAL_SLICES_H_
#define XXT_SERVICES_REFERRAL_SLICES_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/referral/body/contact_rules.h"
#include "services/referral/chase/patience.h"
#include "services/referral/mail/outgoing.h"
#include "services/referral/mail/settings.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/visit/visit_rules.h"

// The nouns of the referral service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here. A slice that
// exports nothing has no header of its own.
namespace xxt::referral {

namespace chase {
// What the chase stands on. All of it outlives the slice, as of the next.
struct Parts {
  pg::Pool& pool;
  const Intake& intake;
  const Patience& patience;
  const ContactPolicy& contacts;
};
}  // namespace chase
namespace mail {
struct Parts {
  pg::Pool& pool;
  const Settings& settings;
  Send send;
};
}  // namespace mail

edge::Slice BodySlice(const ContactPolicy& policy);  // body/
edge::Slice RuleNoteSlice();                         // rule_note/
edge::Slice ReferralSlice(const edge::Host& host);   // referrals/
// entry/: the ledger. Its RPCs are below the chase, which an entry may move.
edge::Slice CutOffSlice(const edge::Host& host, pg::Pool& pool, const Intake& intake);  // cut_off/
edge::Slice RouteSheetSlice();                                                          // route_sheet/
// consent/: what was taken back. What follows is below what rests on it: withdrawal/.
edge::Slice ChaseSlice(const edge::Host& host, const chase::Parts& parts);                        // chase/
edge::Slice MailSlice(const edge::Host& host, const mail::Parts& parts);                          // mail/
edge::Slice SearchSlice(const edge::Host& host, const Intake& intake);                            // search/
edge::Slice ParcelSlice();                                                                        // parcel/
edge::Slice AppointmentSlice(const Intake& intake);                                               // appointment/
edge::Slice VisitSlice(const edge::Host& host, const Intake& intake, const VisitPolicy& policy);  // visit/
edge::Slice WithdrawalSlice(const Intake& intake);                                                // withdrawal/

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_SLICES_H_
