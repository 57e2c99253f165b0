#include "services/referral/peers/imap_session.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace xxt::referral {
namespace {

// No answer to our commands is longer, mails included.
constexpr std::size_t kMostBuffered = 8U << 20U;

// The number in "{123}" at the end of a line; nullopt if there is none.
std::optional<std::size_t> LiteralSize(absl::string_view line) {
  const std::size_t open = line.rfind('{');
  if (open == absl::string_view::npos || line.empty() || line.back() != '}') return std::nullopt;
  std::uint64_t size = 0;
  if (!absl::SimpleAtoi(line.substr(open + 1, line.size() - open - 2), &size) || size > kMostBuffered) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(size);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImapSession>> ImapSession::Open(const MailConfig& config) {
  CURL* const curl = curl_easy_init();
  if (curl == nullptr) return absl::UnavailableError("imap: no handle");
  // Owns `curl` from here.
  std::unique_ptr<ImapSession> session(new ImapSession(curl, config.timeout));
  curl_easy_setopt(curl, CURLOPT_URL, config.imap_url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(config.timeout)));
  curl_easy_setopt(curl, CURLOPT_USE_SSL, config.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
  if (!config.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, config.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERNAME, config.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, config.password.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_LOGIN_DENIED) return absl::UnauthenticatedError("imap: login denied");
  if (code != CURLE_OK) return absl::UnavailableError(absl::StrCat("imap: ", curl_easy_strerror(code)));
  return session;
}

ImapSession::~ImapSession() { curl_easy_cleanup(curl_); }

absl::Status ImapSession::WaitFor(short events, SteadyTime deadline) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket);
  const absl::Duration left = deadline.left();
  if (socket == CURL_SOCKET_BAD || left <= absl::ZeroDuration())
    return absl::UnavailableError("imap: no answer in time");
  pollfd waiting{socket, events, 0};
  poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(1, absl::ToInt64Milliseconds(left))));
  return absl::OkStatus();
}

absl::Status ImapSession::SendAll(absl::string_view text, SteadyTime deadline) {
  while (!text.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(curl_, text.data(), text.size(), &sent);
    if (code == CURLE_AGAIN) {
      XXT_RETURN_IF_ERROR(WaitFor(POLLOUT, deadline));
      continue;
    }
    if (code != CURLE_OK) return absl::UnavailableError("imap: connection lost");
    text.remove_prefix(sent);
  }
  return absl::OkStatus();
}

absl::Status ImapSession::ReceiveMore(SteadyTime deadline) {
  char bytes[16384];
  std::size_t received = 0;
  for (;;) {
    const CURLcode code = curl_easy_recv(curl_, bytes, sizeof bytes, &received);
    if (code == CURLE_AGAIN) {
      XXT_RETURN_IF_ERROR(WaitFor(POLLIN, deadline));
      continue;
    }
    if (code != CURLE_OK || received == 0) return absl::UnavailableError("imap: connection lost");
    break;
  }
  if (buffer_.size() + received > kMostBuffered) return absl::UnavailableError("imap: answer too long");
  buffer_.append(bytes, received);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ImapSession::ReadLine(SteadyTime deadline) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) XXT_RETURN_IF_ERROR(ReceiveMore(deadline));
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

absl::StatusOr<std::string> ImapSession::ReadBytes(std::size_t count, SteadyTime deadline) {
  while (buffer_.size() < count) XXT_RETURN_IF_ERROR(ReceiveMore(deadline));
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

absl::StatusOr<ImapSession::Response> ImapSession::Do(absl::string_view command) {
  const SteadyTime deadline = SteadyTime::Now() + timeout_;
  // libcurl tags "A001" and on.
  const std::string tag = absl::StrCat("X", ++tag_);
  XXT_RETURN_IF_ERROR(SendAll(absl::StrCat(tag, " ", command, "\r\n"), deadline));
  Response response;
  for (;;) {
    XXT_ASSIGN_OR_RETURN(std::string line, ReadLine(deadline));
    if (absl::StartsWith(line, tag + " ")) {
      if (absl::StartsWithIgnoreCase(line, tag + " OK")) return response;
      return absl::UnavailableError("imap: command refused");
    }
    if (const std::optional<std::size_t> size = LiteralSize(line)) {
      XXT_ASSIGN_OR_RETURN(std::string literal, ReadBytes(*size, deadline));
      response.literals.push_back(std::move(literal));
    }
    response.lines.push_back(std::move(line));
  }
}

absl::StatusOr<std::int64_t> ImapSession::Examine() {
  constexpr absl::string_view kKey = "[UIDVALIDITY ";
  XXT_ASSIGN_OR_RETURN(const Response response, Do("EXAMINE INBOX"));
  for (const std::string& line : response.lines) {
    const std::size_t at = line.find(kKey.data(), 0, kKey.size());
    if (at == std::string::npos) continue;
    const std::size_t from = at + kKey.size();
    std::int64_t validity = 0;
    if (absl::SimpleAtoi(line.substr(from, line.find(']', from) - from), &validity)) return validity;
  }
  return absl::UnavailableError("imap: no UIDVALIDITY");
}

absl::StatusOr<std::vector<std::int64_t>> ImapSession::NewUids(std::int64_t last_uid) {
  XXT_ASSIGN_OR_RETURN(const Response response, Do(absl::StrCat("UID SEARCH UID ", last_uid + 1, ":*")));
  std::vector<std::int64_t> uids;
  for (const std::string& line : response.lines) {
    if (!absl::StartsWithIgnoreCase(line, "* SEARCH")) continue;
    for (const absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      std::int64_t uid = 0;
      // "n:*" always matches the last mail, even one below n.
      if (absl::SimpleAtoi(word, &uid) && uid > last_uid) uids.push_back(uid);
    }
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

absl::StatusOr<std::optional<std::string>> ImapSession::Fetch(std::int64_t uid, std::int64_t most_bytes) {
  XXT_ASSIGN_OR_RETURN(Response response,
                       Do(absl::StrCat("UID FETCH ", uid, " (UID BODY.PEEK[]<0.", most_bytes, ">)")));
  if (response.literals.empty()) return std::nullopt;
  return std::move(response.literals.front());
}

}  // namespace xxt::referral
