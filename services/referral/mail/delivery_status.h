#ifndef XXT_SERVICES_REFERRAL_MAIL_DELIVERY_STATUS_H_
#define XXT_SERVICES_REFERRAL_MAIL_DELIVERY_STATUS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral {

// Reads the part message/delivery-status of a report (RFC 3464): the first
// recipient that failed for good, else the first that was not reached. nullopt
// if all were.
std::optional<Bounce> ReadDeliveryStatus(absl::string_view text);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_DELIVERY_STATUS_H_
