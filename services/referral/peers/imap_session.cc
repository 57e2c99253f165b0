#include "services/referral/peers/imap_session.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace xxt::referral {
namespace {

// No answer to our commands is longer.
constexpr std::size_t kMostBuffered = 4U << 20U;
constexpr std::size_t kFetchAtOnce = 1U << 20U;

// The number in "{123}" at the end of a line; nullopt if there is none.
// Errors: UNAVAILABLE if what follows would be longer than any answer.
absl::StatusOr<std::optional<std::size_t>> LiteralSize(absl::string_view line) {
  const std::size_t open = line.rfind('{');
  if (open == absl::string_view::npos || line.back() != '}') return std::nullopt;
  std::uint64_t size = 0;
  if (!absl::SimpleAtoi(line.substr(open + 1, line.size() - open - 2), &size)) return std::nullopt;
  if (size > kMostBuffered) return absl::UnavailableError("imap: answer too long");
  return static_cast<std::size_t>(size);
}

// What follows `key`, written in any case; nullopt if the answer has no such word.
std::optional<absl::string_view> Behind(absl::string_view text, const std::string& key) {
  const std::size_t at = absl::AsciiStrToUpper(text).find(key);
  if (at == std::string::npos) return std::nullopt;
  return text.substr(at + key.size());
}

// -1 if the answer does not say.
std::int64_t UidIn(absl::string_view text) {
  std::optional<absl::string_view> rest = Behind(text, "(UID ");
  if (!rest.has_value()) rest = Behind(text, " UID ");
  std::int64_t uid = -1;
  const bool told = rest.has_value() && absl::SimpleAtoi(rest->substr(0, rest->find_first_not_of("0123456789")), &uid);
  return told ? uid : -1;
}

// The quoted string that is the value of `key`; nullopt if it has another.
std::optional<std::string> QuotedBehind(absl::string_view text, const std::string& key) {
  const std::optional<absl::string_view> rest = Behind(text, key);
  if (!rest.has_value()) return std::nullopt;
  std::size_t i = rest->find(' ');
  if (i == absl::string_view::npos || i + 1 >= rest->size() || (*rest)[++i] != '"') return std::nullopt;
  std::string quoted;
  for (++i; i < rest->size() && (*rest)[i] != '"'; ++i) {
    if ((*rest)[i] == '\\' && i + 1 < rest->size()) ++i;
    quoted.push_back((*rest)[i]);
  }
  return quoted;
}

absl::Time ArriveTime(absl::string_view text) {
  const std::optional<std::string> date = QuotedBehind(text, "INTERNALDATE");
  absl::Time time;
  std::string error;
  const bool told =
      date.has_value() && absl::ParseTime("%d-%b-%Y %H:%M:%S %z", absl::StripAsciiWhitespace(*date), &time, &error);
  return told ? time : absl::InfiniteFuture();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImapSession>> ImapSession::Open(const MailConfig& config) {
  CURL* const curl = curl_easy_init();
  if (curl == nullptr) return absl::UnavailableError("imap: no handle");
  // Owns `curl` from here.
  std::unique_ptr<ImapSession> session(new ImapSession(curl, config.timeout, config.search_at_once));
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

absl::StatusOr<std::vector<ImapSession::Untagged>> ImapSession::Do(absl::string_view command) {
  const SteadyTime deadline = SteadyTime::Now() + timeout_;
  // libcurl tags "A001" and on.
  const std::string tag = absl::StrCat("X", ++tag_);
  XXT_RETURN_IF_ERROR(SendAll(absl::StrCat(tag, " ", command, "\r\n"), deadline));
  std::vector<Untagged> answers;
  bool in_answer = false;  // a literal came, and the line goes on behind it
  for (;;) {
    XXT_ASSIGN_OR_RETURN(const std::string line, ReadLine(deadline));
    if (!in_answer && absl::StartsWith(line, tag + " ")) {
      if (absl::StartsWithIgnoreCase(line, tag + " OK")) return answers;
      return absl::FailedPreconditionError("imap: command refused");
    }
    if (!in_answer) answers.emplace_back();
    absl::StrAppend(&answers.back().text, line);
    XXT_ASSIGN_OR_RETURN(const std::optional<std::size_t> size, LiteralSize(line));
    in_answer = size.has_value();
    if (!in_answer) continue;
    XXT_ASSIGN_OR_RETURN(std::string literal, ReadBytes(*size, deadline));
    answers.back().literals.push_back(std::move(literal));
  }
}

absl::StatusOr<std::int64_t> ImapSession::Examine() {
  XXT_ASSIGN_OR_RETURN(const std::vector<Untagged> answers, Do("EXAMINE INBOX"));
  std::int64_t validity = 0;
  for (const Untagged& answer : answers) {
    const std::vector<absl::string_view> words = absl::StrSplit(answer.text, ' ', absl::SkipEmpty());
    if (words.size() == 3 && absl::EqualsIgnoreCase(words[2], "EXISTS") && !absl::SimpleAtoi(words[1], &mails_)) {
      return absl::UnavailableError("imap: no number of mails");
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (!absl::EqualsIgnoreCase(words[i], "[UIDVALIDITY")) continue;
      if (absl::SimpleAtoi(absl::StripSuffix(words[i + 1], "]"), &validity)) break;
    }
  }
  if (validity == 0) return absl::UnavailableError("imap: no UIDVALIDITY");
  return validity;
}

absl::StatusOr<std::vector<std::int64_t>> ImapSession::Search(absl::string_view criteria) {
  XXT_ASSIGN_OR_RETURN(const std::vector<Untagged> answers, Do(absl::StrCat("UID SEARCH ", criteria)));
  std::vector<std::int64_t> uids;
  for (const Untagged& answer : answers) {
    if (!absl::StartsWithIgnoreCase(answer.text, "* SEARCH")) continue;
    for (const absl::string_view word : absl::StrSplit(answer.text, ' ', absl::SkipEmpty())) {
      std::int64_t uid = 0;
      if (absl::SimpleAtoi(word, &uid)) uids.push_back(uid);
    }
  }
  return uids;
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

absl::StatusOr<ImapSession::Untagged> ImapSession::FetchPart(std::int64_t uid, std::size_t offset, std::size_t size) {
  XXT_ASSIGN_OR_RETURN(std::vector<Untagged> answers,
                       Do(absl::StrCat("UID FETCH ", uid, " (UID INTERNALDATE BODY.PEEK[]<", offset, ".", size, ">)")));
  for (Untagged& answer : answers) {
    // Other FETCH answers are news of other mails' flags.
    if (UidIn(answer.text) != uid || !Behind(answer.text, "BODY[]").has_value()) continue;
    if (answer.literals.empty()) {
      const std::optional<std::string> quoted = QuotedBehind(answer.text, "BODY[]");
      if (!quoted.has_value()) continue;  // NIL: it has the mail and gives nothing of it
      answer.literals.push_back(*quoted);
    }
    return std::move(answer);
  }
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> there, Search(absl::StrCat("UID ", uid)));
  if (there.empty()) return absl::NotFoundError("imap: the mail is gone");
  return absl::FailedPreconditionError("imap: no content of a mail that is there");
}

absl::StatusOr<ImapSession::Fetched> ImapSession::Fetch(std::int64_t uid, std::size_t most_bytes) {
  Fetched fetched;
  while (!fetched.cut) {
    const std::size_t wanted = std::min(kFetchAtOnce, most_bytes - fetched.raw.size());
    XXT_ASSIGN_OR_RETURN(const Untagged part, FetchPart(uid, fetched.raw.size(), wanted));
    if (fetched.raw.empty()) fetched.arrive_time = ArriveTime(part.text);
    fetched.raw += part.literals.front();
    if (part.literals.front().size() < wanted) return fetched;
    fetched.cut = fetched.raw.size() >= most_bytes;
  }
  return fetched;
}

}  // namespace xxt::referral
