#include "services/referral/mail/imap_answers.h"

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

using More = absl::FunctionRef<absl::Status()>;

absl::Status TooLong() { return absl::UnavailableError("imap: answer too long"); }

absl::StatusOr<std::string> TakeLine(std::string* buffer, More more) {
  std::size_t end = 0;
  while ((end = buffer->find("\r\n")) == std::string::npos) XXT_RETURN_IF_ERROR(more());
  std::string line = buffer->substr(0, end);
  buffer->erase(0, end + 2);
  return line;
}

absl::StatusOr<std::string> TakeBytes(std::size_t count, std::string* buffer, More more) {
  while (buffer->size() < count) XXT_RETURN_IF_ERROR(more());
  std::string bytes = buffer->substr(0, count);
  buffer->erase(0, count);
  return bytes;
}

// The number in "{123}" at the end of a line; nullopt if there is none.
// Errors: UNAVAILABLE if what follows would be longer than any answer.
absl::StatusOr<std::optional<std::size_t>> LiteralSize(absl::string_view line) {
  const std::size_t open = line.rfind('{');
  if (open == absl::string_view::npos || line.back() != '}') return std::nullopt;
  std::uint64_t size = 0;
  if (!absl::SimpleAtoi(line.substr(open + 1, line.size() - open - 2), &size)) return std::nullopt;
  if (size > kMostImapBytes) return TooLong();
  return static_cast<std::size_t>(size);
}

// What follows `key`, written in any case; nullopt if the answer has no such word.
std::optional<absl::string_view> Behind(absl::string_view text, const std::string& key) {
  const std::size_t at = absl::AsciiStrToUpper(text).find(key);
  if (at == std::string::npos) return std::nullopt;
  return text.substr(at + key.size());
}

// Of a mail, or of mails; RFC 3501 has them in 32 bits. Nullopt for anything else.
std::optional<std::int64_t> NumberIn(absl::string_view word) {
  std::uint32_t number = 0;
  if (!absl::SimpleAtoi(word, &number)) return std::nullopt;
  return number;
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

absl::StatusOr<std::vector<ImapAnswer>> ReadImapAnswers(absl::string_view tag, std::string* buffer, More more) {
  const std::string tagged = absl::StrCat(tag, " ");
  std::vector<ImapAnswer> answers;
  std::size_t kept = 0;
  bool in_answer = false;  // a literal came, and the line goes on behind it
  for (;;) {
    XXT_ASSIGN_OR_RETURN(const std::string line, TakeLine(buffer, more));
    if (!in_answer && absl::StartsWith(line, tagged)) {
      if (absl::StartsWithIgnoreCase(line, absl::StrCat(tagged, "OK"))) return answers;
      return absl::FailedPreconditionError("imap: command refused");
    }
    if (!in_answer) answers.emplace_back();
    absl::StrAppend(&answers.back().text, line);
    XXT_ASSIGN_OR_RETURN(const std::optional<std::size_t> size, LiteralSize(line));
    in_answer = size.has_value();
    kept += sizeof(ImapAnswer) + line.size() + size.value_or(0);
    if (kept > kMostImapBytes) return TooLong();
    if (!in_answer) continue;
    XXT_ASSIGN_OR_RETURN(std::string literal, TakeBytes(*size, buffer, more));
    answers.back().literals.push_back(std::move(literal));
  }
}

absl::StatusOr<ImapMailbox> MailboxIn(const std::vector<ImapAnswer>& answers) {
  ImapMailbox mailbox;
  for (const ImapAnswer& answer : answers) {
    const std::vector<absl::string_view> words = absl::StrSplit(answer.text, ' ', absl::SkipEmpty());
    if (words.size() == 3 && absl::EqualsIgnoreCase(words[2], "EXISTS")) {
      const std::optional<std::int64_t> mails = NumberIn(words[1]);
      if (!mails.has_value()) return absl::UnavailableError("imap: no number of mails");
      mailbox.mails = *mails;
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (!absl::EqualsIgnoreCase(words[i], "[UIDVALIDITY")) continue;
      mailbox.uid_validity = NumberIn(absl::StripSuffix(words[i + 1], "]")).value_or(mailbox.uid_validity);
    }
  }
  if (mailbox.uid_validity == 0) return absl::UnavailableError("imap: no UIDVALIDITY");
  return mailbox;
}

std::vector<std::int64_t> UidsIn(const std::vector<ImapAnswer>& answers) {
  std::vector<std::int64_t> uids;
  for (const ImapAnswer& answer : answers) {
    if (!absl::StartsWithIgnoreCase(answer.text, "* SEARCH")) continue;
    for (const absl::string_view word : absl::StrSplit(answer.text, ' ', absl::SkipEmpty())) {
      const std::int64_t uid = NumberIn(word).value_or(0);
      if (uid > 0) uids.push_back(uid);
    }
  }
  return uids;
}

std::optional<ImapPart> PartIn(const std::vector<ImapAnswer>& answers, std::int64_t uid) {
  for (const ImapAnswer& answer : answers) {
    // Other FETCH answers are news of other mails' flags.
    if (UidIn(answer.text) != uid || !Behind(answer.text, "BODY[]").has_value()) continue;
    if (!answer.literals.empty()) return ImapPart{answer.literals.front(), ArriveTime(answer.text)};
    const std::optional<std::string> quoted = QuotedBehind(answer.text, "BODY[]");
    if (quoted.has_value()) return ImapPart{*quoted, ArriveTime(answer.text)};
    // NIL: it has the mail and gives nothing of it.
  }
  return std::nullopt;
}

}  // namespace xxt::referral
