#ifndef XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_
#define XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace xxt::notification {

// What the gateway says became of a text message.
struct Receipt {
  // What it means for us; the gateway has more words for it.
  enum class State { kDelivered, kFailed, kUndecided };
  std::int64_t seq = 0;     // ascending; counted from 1 again only if the gateway lost its own
  std::string delivery_id;  // UUID; empty if it is not one of ours
  std::string reference;    // the gateway's number for the message; may be empty
  State state = State::kUndecided;
  std::string word;    // the gateway's for the state, "EXPIRED"
  std::string detail;  // why it failed, in words for officers
};

// What one answer of the gateway told, ascending.
struct ReceiptPage {
  std::vector<Receipt> receipts;
  bool cut = false;  // it did not come in whole: there is more behind
};

// True if both are the same saying of the gateway.
inline bool IsSame(const Receipt& one, const Receipt& other) {
  return one.seq == other.seq && one.reference == other.reference && one.delivery_id == other.delivery_id;
}

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_DOMAIN_RECEIPT_H_
