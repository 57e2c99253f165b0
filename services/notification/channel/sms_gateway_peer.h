#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_GATEWAY_PEER_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_GATEWAY_PEER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/files/secret.h"
#include "services/notification/channel/gateway_answers.h"
#include "services/notification/channel/http_peer.h"

namespace xxt::notification {

// An SMS gateway over HTTP. Sends each message with an Idempotency-Key; the
// client_ref of a message is its key.
//
// Thread-safe. One message, one connection, one request: nothing is repeated
// here (http_peer.h).
class SmsGateway {
 public:
  struct Options {
    std::string url;                             // POST here, "https://…/v1/sms"
    std::string receipts_url;                    // GET here with ?after=N; empty: no receipts
    std::string query_url;                       // GET here with ?client_ref=KEY; empty: cannot be asked
    files::Secret token;                         // bearer token
    absl::Duration timeout = absl::Seconds(10);  // of a whole exchange
  };
  explicit SmsGateway(Options options);

  // Hands `text` for the number `to` over, once per `key`. Ends by `deadline`.
  //
  // What fails before the whole message has left is kRefusedForNow, what fails
  // behind that kUnknown; answers are read by ReadSendAnswer.
  //
  // A refusal is about this request. Where an earlier one with the same key may
  // have got through, it proves nothing.
  SendOutcome Send(const std::string& key, const std::string& to, const std::string& text, SteadyTime deadline);

  // What became of the message sent with `key`: kAccepted, kRefusedForGood, or
  // kRefusedForNow if the gateway does not have it.
  // Errors: FAILED_PRECONDITION (cannot be asked), UNAVAILABLE.
  absl::StatusOr<SendOutcome> Find(const std::string& key, SteadyTime deadline);

  // The first receipts after number `after`, at most `limit` even if
  // the gateway answers more. Of an answer above 1 MiB the receipts that came
  // in whole. Errors: FAILED_PRECONDITION (gives none), UNAVAILABLE.
  absl::StatusOr<ReceiptPage> ReceiptsAfter(std::int64_t after, int limit, SteadyTime deadline);

  // Name of the gateway in the inbox of receipts.
  const std::string& receipts_url() const { return options_.receipts_url; }

 private:
  // Runs one exchange, with the token.
  void Perform(HttpExchange& exchange, SteadyTime deadline);

  const Options options_;
  HttpClient http_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_GATEWAY_PEER_H_
