#ifndef XXT_SERVICES_REFERRAL_MAIL_OUTGOING_H_
#define XXT_SERVICES_REFERRAL_MAIL_OUTGOING_H_

#include <functional>

#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/referral/mail/settings.h"
#include "services/referral/mail/wire.h"

// Mails that go out: each once, whatever is lost on the way.
namespace xxt::referral::mail {

// Sends a mail; returns at the latest at `deadline`.
using Send = std::function<SendOutcome(const OutboundMail& mail, SteadyTime deadline)>;

// The machine's kind. What is given must outlive it.
tasks::MachineKind SendKind(const edge::Host& host, pg::Pool& pool, const Settings& settings, Send send);

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_OUTGOING_H_
