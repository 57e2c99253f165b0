#include "services/referral/mail/imap_peer.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace xxt::referral {
namespace {

constexpr std::size_t kFetchAtOnce = 1U << 20U;
// Of a mail, whole: a server that gives it drop by drop holds up the others.
constexpr absl::Duration kFetchWithin = absl::Minutes(1);

}  // namespace

absl::StatusOr<std::unique_ptr<ImapSession>> ImapSession::Open(const MailConfig& config,
                                                               std::function<bool()> stopping) {
  CURL* const curl = curl_easy_init();
  if (curl == nullptr) return absl::UnavailableError("imap: no handle");
  // Owns `curl` from here.
  std::unique_ptr<ImapSession> session(new ImapSession(curl, config, std::move(stopping)));
  curl_easy_setopt(curl, CURLOPT_URL, config.imap_url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(config.timeout)));
  curl_easy_setopt(curl, CURLOPT_USE_SSL, config.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
  if (!config.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, config.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERNAME, config.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, config.password.value().c_str());
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
  if (buffer_.size() + received > kMostImapBytes) return absl::UnavailableError("imap: answer too long");
  buffer_.append(bytes, received);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ImapAnswer>> ImapSession::Do(absl::string_view command, SteadyTime deadline) {
  if (stopping_()) return absl::CancelledError("stopping");
  deadline = std::min(deadline, SteadyTime::Now() + timeout_);
  // libcurl tags "A001" and on.
  const std::string tag = absl::StrCat("X", ++tag_);
  XXT_RETURN_IF_ERROR(SendAll(absl::StrCat(tag, " ", command, "\r\n"), deadline));
  return ReadImapAnswers(tag, &buffer_, [&] { return ReceiveMore(deadline); });
}

absl::StatusOr<std::int64_t> ImapSession::Examine() {
  XXT_ASSIGN_OR_RETURN(const std::vector<ImapAnswer> answers, Do("EXAMINE INBOX"));
  XXT_ASSIGN_OR_RETURN(const ImapMailbox mailbox, MailboxIn(answers));
  mails_ = mailbox.mails;
  return mailbox.uid_validity;
}

absl::StatusOr<std::vector<std::int64_t>> ImapSession::Search(absl::string_view criteria) {
  XXT_ASSIGN_OR_RETURN(const std::vector<ImapAnswer> answers, Do(absl::StrCat("UID SEARCH ", criteria)));
  return UidsIn(answers);
}

// The newest mails have the highest numbers and uids: a look ends at the first
// stretch of numbers that holds a mail it knows.
absl::StatusOr<std::vector<std::int64_t>> ImapSession::UidsAbove(std::int64_t last_uid) {
  std::vector<std::int64_t> uids;
  for (std::int64_t high = mails_; high > 0; high -= search_at_once_) {
    const std::int64_t low = std::max<std::int64_t>(1, high - search_at_once_ + 1);
    XXT_ASSIGN_OR_RETURN(std::vector<std::int64_t> found,
                         Search(absl::StrCat(low, ":", high, " UID ", last_uid + 1, ":*")));
    // "n:*" always matches the last mail, even one below n.
    std::erase_if(found, [last_uid](std::int64_t uid) { return uid <= last_uid; });
    uids.insert(uids.end(), found.begin(), found.end());
    if (static_cast<std::int64_t>(found.size()) < high - low + 1) break;
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

absl::StatusOr<std::int64_t> ImapSession::LastUid() {
  if (mails_ == 0) return 0;
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> uids, Search(absl::StrCat(mails_)));
  if (uids.empty()) return absl::UnavailableError("imap: the newest mail is gone just now");
  return uids.back();
}

absl::StatusOr<std::vector<std::int64_t>> ImapSession::UidsSince(absl::CivilDay day) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string since = absl::StrCat(" SINCE ", day.day(), "-", kMonths[day.month() - 1], "-", day.year());
  std::vector<std::int64_t> uids;
  for (std::int64_t low = 1; low <= mails_; low += search_at_once_) {
    const std::int64_t high = std::min(mails_, low + search_at_once_ - 1);
    XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> found, Search(absl::StrCat(low, ":", high, since)));
    uids.insert(uids.end(), found.begin(), found.end());
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

absl::StatusOr<ImapPart> ImapSession::FetchPart(std::int64_t uid, std::size_t offset, std::size_t size,
                                                SteadyTime deadline) {
  XXT_ASSIGN_OR_RETURN(
      const std::vector<ImapAnswer> answers,
      Do(absl::StrCat("UID FETCH ", uid, " (UID INTERNALDATE BODY.PEEK[]<", offset, ".", size, ">)"), deadline));
  std::optional<ImapPart> part = PartIn(answers, uid);
  if (part.has_value()) return *std::move(part);
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> there, Search(absl::StrCat("UID ", uid)));
  if (there.empty()) return absl::NotFoundError("imap: the mail is gone");
  return absl::FailedPreconditionError("imap: no content of a mail that is there");
}

absl::StatusOr<ImapSession::Fetched> ImapSession::Fetch(std::int64_t uid, std::size_t most_bytes) {
  Fetched fetched;
  const SteadyTime deadline = SteadyTime::Now() + kFetchWithin;
  while (!fetched.cut) {
    const std::size_t wanted = std::min(kFetchAtOnce, most_bytes - fetched.raw.size());
    XXT_ASSIGN_OR_RETURN(const ImapPart part, FetchPart(uid, fetched.raw.size(), wanted, deadline));
    if (fetched.raw.empty()) fetched.arrive_time = part.arrive_time;
    fetched.raw += part.bytes;
    if (part.bytes.size() < wanted) return fetched;
    fetched.cut = fetched.raw.size() >= most_bytes;
  }
  return fetched;
}

}  // namespace xxt::referral
