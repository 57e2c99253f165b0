#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_GATEWAY_ANSWERS_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_GATEWAY_ANSWERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/notification/message/delivery_rules.h"

// What an SMS gateway answers over HTTP, read. Pure; no bytes make these throw.
// Of the gateway's own words short codes and its number for the message get
// through, the latter as text without control characters, 100 bytes at most.
namespace xxt::notification {

// What came of handing a text message to the gateway.
struct SendOutcome {
  enum class Kind {
    kAccepted,        // it has it
    kRefusedForGood,  // it will never take it
    kRefusedForNow,   // it certainly does not have it; later it may take it
    kAtIt,            // it may have it, and is at it
    kUnknown,         // the answer was lost after the message had left: it may have it
  };
  Kind kind = Kind::kUnknown;
  FailureKind failure = FailureKind::kNone;
  std::string reference;       // the gateway's number, for kAccepted
  std::string detail;          // why, in words for officers, without personal data
  absl::Duration retry_after;  // what the gateway asks for; zero: nothing
  bool reached = true;         // false, with kRefusedForNow: no request got through, or none would
};

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

// The answer to a message that was sent, with its HTTP status and what it asks
// for in Retry-After.
//
// 429 and 503 are kRefusedForNow, and so is what a new configuration may cure
// (401, 403, 404 and the like). Other 4xx are kRefusedForGood, but for 409, which
// is kAtIt. A 2xx is kAccepted with an id and no other status than "accepted" or
// "queued"; with "rejected" or "failed" it is kRefusedForGood. Any other answer,
// among them 500, 502 and 504 which a proxy may give for a message that went
// through, is kUnknown.
SendOutcome ReadSendAnswer(long status, const std::string& body, absl::Duration retry_after);

// The answer to what became of the message sent with `key`: kAccepted,
// kRefusedForGood, or kRefusedForNow if the gateway does not have it.
// Errors: UNAVAILABLE if it is no such answer.
absl::StatusOr<SendOutcome> ReadFindAnswer(const std::string& body, const std::string& key);

// The first receipts after number `after`, at most `limit`, of an answer that
// may have been cut off. Errors: UNAVAILABLE if it is no answer about receipts,
// or none of them has a number.
absl::StatusOr<ReceiptPage> ReadReceipts(const std::string& body, std::int64_t after, int limit);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_GATEWAY_ANSWERS_H_
