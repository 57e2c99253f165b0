#ifndef XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_
#define XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_

#include <cstdint>
#include <string>

namespace xxt::notification {

// What the gateway says became of a text message.
struct Receipt {
  std::int64_t seq = 0;     // ascending, without reuse
  std::string delivery_id;  // UUID; empty if it is not one of ours
  bool delivered = false;   // else it failed for good
  std::string detail;       // the gateway's word for why, "absent_subscriber"
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_
