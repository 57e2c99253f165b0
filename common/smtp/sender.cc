#include "common/smtp/sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"

namespace xxt::smtp {
namespace {

struct CurlFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// The message on its way out. Once libcurl has asked for more after the last
// byte it ends the mail, and the server may have taken it.
struct Upload {
  std::string message;
  std::size_t sent = 0;
  bool ended = false;
};

std::size_t ReadMore(char* buffer, std::size_t size, std::size_t count, void* data) {
  auto* upload = static_cast<Upload*>(data);
  const std::size_t take = std::min(size * count, upload->message.size() - upload->sent);
  if (take == 0) {
    upload->ended = true;
    return 0;
  }
  upload->message.copy(buffer, take, upload->sent);
  upload->sent += take;
  return take;
}

// `reply` is the last SMTP reply; 354 asked for the message.
Outcome Judge(CURLcode code, long reply, const Upload& upload) {
  if (code == CURLE_OK) return Outcome::kAccepted;
  // Our credentials are at fault, not this mail (RFC 4954).
  const bool login = code == CURLE_LOGIN_DENIED || reply == 530 || reply == 534 || reply == 535;
  if (login) return Outcome::kRefusedForNow;
  const bool permanent = reply >= 500 && reply <= 599;
  const bool transient = reply >= 400 && reply <= 499;
  if (permanent) return Outcome::kRefusedForGood;
  if (transient || !upload.ended) return Outcome::kRefusedForNow;
  return Outcome::kUnknown;
}

}  // namespace

Outcome Sender::Send(const Mail& mail, SteadyTime deadline) const {
  absl::StatusOr<std::string> message = WriteMime(mail, server_.address, server_.display_name);
  if (!message.ok()) {
    log::Error("mail.malformed", {{"message_id", mail.message_id}, {"status", message.status()}});
    return Outcome::kRefusedForGood;
  }
  const absl::Duration left = std::min(deadline.left(), server_.timeout);
  if (left <= absl::ZeroDuration()) return Outcome::kRefusedForNow;
  const std::unique_ptr<CURL, CurlFree> handle(curl_easy_init());
  const std::unique_ptr<curl_slist, ListFree> to(curl_slist_append(nullptr, absl::StrCat("<", mail.to, ">").c_str()));
  if (handle == nullptr || to == nullptr) return Outcome::kRefusedForNow;
  Upload upload{*std::move(message)};
  CURL* const curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, server_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(left)));
  curl_easy_setopt(curl, CURLOPT_USE_SSL, server_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
  if (!server_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, server_.ca_file.c_str());
  if (!server_.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server_.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, server_.password.value().c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, absl::StrCat("<", server_.address, ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to.get());
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, ReadMore);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  const CURLcode code = curl_easy_perform(curl);
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  const Outcome outcome = Judge(code, reply, upload);
  log::Info("mail.sent", {{"message_id", mail.message_id},
                          {"curl", static_cast<int>(code)},
                          {"reply", static_cast<int>(reply)},
                          {"outcome", static_cast<int>(outcome)}});
  return outcome;
}

}  // namespace xxt::smtp
