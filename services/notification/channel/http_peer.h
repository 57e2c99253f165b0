#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_HTTP_PEER_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_HTTP_PEER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"

namespace xxt::notification {

// One request over HTTP, and what came of it.
struct HttpExchange {
  std::string url;
  std::string body;  // POST if not empty
  std::vector<std::string> headers;

  bool came = false;  // an answer, whole
  bool cut = false;   // it is above 1 MiB: `answer` is its head
  long status = 0;
  std::string answer;
  bool sent_whole = false;     // the whole request has left
  absl::Duration retry_after;  // what the answer asks for, a quarter of an hour at most
};

// Speaks HTTP with parties outside. Thread-safe. One exchange, one request: nothing
// is repeated here. Follows no redirects; uses no proxy from the environment.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Ends after `timeout`, and by `deadline`.
  void Perform(HttpExchange& exchange, absl::Duration timeout, SteadyTime deadline);

 private:
  void* TakeHandle();

  Mutex mu_;
  std::vector<void*> idle_ XXT_GUARDED_BY(mu_);
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_HTTP_PEER_H_
