#ifndef XXT_COMMON_SMTP_SENDER_H_
#define XXT_COMMON_SMTP_SENDER_H_

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/files/secret.h"
#include "common/smtp/mime.h"

namespace xxt::smtp {

// What a mail server said to a mail.
enum class Outcome {
  kAccepted,
  kRefusedForGood,  // it will never take this one
  kRefusedForNow,   // certainly not sent; try later
  kUnknown,         // perhaps sent, perhaps not: never tried again unaided
};

// Where mail goes out, and from whom.
struct Server {
  std::string url;          // smtp:// or smtps://
  bool require_tls = true;  // smtp:// must switch to TLS
  std::string ca_file;      // empty: the system's
  std::string user;         // empty: no authentication
  files::Secret password;
  std::string address;                         // From
  std::string display_name;                    // beside From
  absl::Duration timeout = absl::Seconds(10);  // of a whole exchange
};

// Hands mail to the mail server. Thread-safe: each call has a connection of
// its own. libcurl must have been initialised.
class Sender {
 public:
  explicit Sender(Server server) : server_(std::move(server)) {}

  // Sends `mail` and tells what is known of it. kUnknown exactly if the whole
  // mail went out and no reply to it came back. Wrong credentials and a server
  // that cannot be reached are kRefusedForNow.
  Outcome Send(const Mail& mail, SteadyTime deadline) const;

 private:
  const Server server_;
};

}  // namespace xxt::smtp

#endif  // XXT_COMMON_SMTP_SENDER_H_
