#ifndef XXT_SERVICES_INTAKE_SLICES_H_
#define XXT_SERVICES_INTAKE_SLICES_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/intake/cases/notification_peer.h"
#include "services/intake/cases/open.h"

// The nouns of the intake service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here. A slice that
// exports nothing has no header of its own.
namespace xxt::intake {

namespace cases {
// What the cases stand on. All of it outlives the slice.
struct Parts {
  Opening opening;
  pg::Pool& pool;
  Notification& notification;
};
}  // namespace cases

edge::Slice HallSlice();                                                    // hall/
edge::Slice ShiftSlice(hall::DutyCache& duties);                            // hall/
edge::Slice CaseSlice(const edge::Host& host, const cases::Parts& parts);   // cases/
edge::Slice HandoverSlice();                                                // cases/
edge::Slice ShiftHandoverSlice();                                           // cases/
edge::Slice DifficultySlice();                                              // cases/
edge::Slice PeopleSlice();                                                  // people/
edge::Slice FactSlice();                                                    // people/
edge::Slice ContactSlice();                                                 // contact/
edge::Slice QuestionSlice();                                                // contact/
edge::Slice KinScopeSlice();                                                // contact/
edge::Slice DeskSlice(const edge::Host& host, const Policy& policy);        // desk/
edge::Slice PaperSlice();                                                   // paper/
edge::Slice PacketSlice();                                                  // paper/
edge::Slice BenefitSlice();                                                 // benefit/
edge::Slice EntitlementSlice();                                             // benefit/
edge::Slice PolicySlice(const edge::Host& host);                            // policy/
edge::Slice PolicyConsentSlice(const Policy& limits);                       // policy/
edge::Slice PolicyHitSlice(const edge::Host& host, const Policy& limits);   // policy/
edge::Slice MandateSlice(const edge::Host& host);                           // acting/
edge::Slice LifeEventSlice(const Policy& limits);                           // acting/
edge::Slice PromiseSlice(const edge::Host& host, const Policy& policy);     // promise/
edge::Slice TermSlice(const edge::Host& host, const Policy& policy);        // term/
edge::Slice VerdictSlice();                                                 // jurisdiction/
edge::Slice ConsultationSlice();                                            // jurisdiction/
edge::Slice EscalationSlice(const edge::Host& host, const Policy& policy);  // jurisdiction/
edge::Slice PlanSlice(const edge::Host& host);                              // plan/
edge::Slice PraiseSlice();                                                  // praise/
edge::Slice AftercareSlice(const edge::Host& host, const Policy& policy);   // aftercare/
edge::Slice FeedSlice();                                                    // feed/
edge::Slice FollowUpSlice(const edge::Host& host, const Policy& policy);    // closing/
edge::Slice DisputeSlice(const edge::Host& host, const Policy& policy);     // closing/
edge::Slice ClosingSlice(const Policy& policy);                             // closing/
edge::Slice ProgressSlice();                                                // progress/
edge::Slice FilingSlice(const cases::Opening& opening);                     // filing/
edge::Slice ReportSlice();                                                  // report/

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_SLICES_H_
