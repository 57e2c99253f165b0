#include "services/notification/channel/http_peer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>

namespace xxt::notification {
namespace {

constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr absl::Duration kConnectTimeout = absl::Seconds(3);
// Nobody is kept from being told for longer than this by a party's wish.
constexpr absl::Duration kLongestRetryAfter = absl::Minutes(15);

// libcurl wants to be told once per process, before any thread uses it.
void InitCurl() {
  static const CURLcode kOnce = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kOnce);
}

// Keeps the head of an answer that is too large; libcurl then ends with
// CURLE_WRITE_ERROR.
std::size_t AppendBody(char* data, std::size_t size, std::size_t count, void* body) {
  std::string& text = *static_cast<std::string*>(body);
  const std::size_t room = kLargestAnswer - text.size();
  text.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
}

}  // namespace

HttpClient::HttpClient() { InitCurl(); }

HttpClient::~HttpClient() {
  const MutexLock lock(mu_);
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* HttpClient::TakeHandle() {
  const MutexLock lock(mu_);
  if (idle_.empty()) return curl_easy_init();
  void* handle = idle_.back();
  idle_.pop_back();
  return handle;
}

void HttpClient::Perform(HttpExchange& exchange, absl::Duration timeout, SteadyTime deadline) {
  const absl::Duration left = std::min(deadline.left(), timeout);
  if (left < absl::Milliseconds(1)) return;
  void* curl = TakeHandle();
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : exchange.headers) headers = curl_slist_append(headers, header.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, exchange.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(left)));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(kConnectTimeout)));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &AppendBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange.answer);
  if (!exchange.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(exchange.body.size()));
    // libcurl itself sends a request again when a connection that was used
    // before breaks without an answer. Whether to send again is not its call.
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  }
  const CURLcode result = curl_easy_perform(curl);
  exchange.came = result == CURLE_OK;
  exchange.cut = result == CURLE_WRITE_ERROR;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.status);
  curl_off_t uploaded = 0;
  curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  exchange.sent_whole = uploaded >= static_cast<curl_off_t>(exchange.body.size());
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  exchange.retry_after = std::min(absl::Seconds(retry_after), kLongestRetryAfter);
  curl_slist_free_all(headers);
  curl_easy_reset(curl);  // keeps the connection
  const MutexLock lock(mu_);
  idle_.push_back(curl);
}

}  // namespace xxt::notification
