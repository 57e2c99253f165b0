#ifndef XXT_SERVICES_REFERRAL_CHASE_WORK_H_
#define XXT_SERVICES_REFERRAL_CHASE_WORK_H_

#include <vector>

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/referral/body/contact_rules.h"
#include "services/referral/chase/patience.h"
#include "services/referral/referrals/intake_peer.h"

// What is done for a chase besides what officers ask for. What is given must
// outlive the kinds.
namespace xxt::referral::chase {

// The machine: wakes at next_action_time.
tasks::MachineKind SilenceKind(const edge::Host& host, const ContactPolicy& contacts);
// The machine: tells the case. Once that counts a referral, the body is asked.
tasks::MachineKind ReportKind(const edge::Host& host, pg::Pool& pool, const Intake& intake,
                              const ContactPolicy& contacts);

// People: rings the body, reads its mail, decides over its silence and over a mail
// that went wrong. One without outcomes is settled by RecordReply.
std::vector<tasks::DeskKind> DeskKinds(const edge::Host& host, const Patience& patience, const ContactPolicy& contacts);

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_WORK_H_
