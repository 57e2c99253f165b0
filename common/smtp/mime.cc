#include "common/smtp/mime.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/macros.h"

namespace xxt::smtp {
namespace {

absl::Status CheckOneLine(absl::string_view header, absl::string_view value) {
  if (std::any_of(value.begin(), value.end(),
                  [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); })) {
    return absl::InvalidArgumentError(absl::StrCat(header, ": control character"));
  }
  return absl::OkStatus();
}

// Good enough to keep a header and an SMTP command whole; the mail server
// judges the rest.
absl::Status CheckAddress(absl::string_view header, absl::string_view address) {
  const std::size_t at = address.find('@');
  const bool plain = std::all_of(address.begin(), address.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return absl::ascii_isgraph(u) && c != '<' && c != '>' && c != ',' && c != ';' && c != '"' && c != '\\';
  });
  if (!plain || at == 0 || at == absl::string_view::npos || at + 1 == address.size() ||
      address.find('@', at + 1) != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(header, ": not an address"));
  }
  return absl::OkStatus();
}

bool IsAsciiText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

// Where to cut `text`: behind a whole character and, so that no padding stands
// in the middle (some readers stop there), after a multiple of three bytes.
std::size_t WordEnd(absl::string_view text) {
  constexpr std::size_t kMostBytes = 42;  // 56 in base64, 68 with "=?UTF-8?B?" and "?="
  if (text.size() <= kMostBytes) return text.size();
  const auto is_boundary = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U; };
  for (std::size_t end = kMostBytes; end > 3; end -= 3) {
    if (is_boundary(end)) return end;
  }
  std::size_t end = kMostBytes;
  while (end > 1 && !is_boundary(end)) --end;
  return end;
}

// RFC 2047: encoded words of whole characters, folded.
std::string EncodeWords(absl::string_view text) {
  if (IsAsciiText(text) && text.size() <= 60) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t end = WordEnd(text);
    absl::StrAppend(&out, out.empty() ? "" : "\r\n ", "=?UTF-8?B?", absl::Base64Escape(text.substr(0, end)), "?=");
    text.remove_prefix(end);
  }
  return out;
}

std::string Base64Lines(absl::string_view text) {
  constexpr std::size_t kColumns = 76;
  const std::string encoded = absl::Base64Escape(text);
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); i += kColumns) {
    absl::StrAppend(&out, encoded.substr(i, kColumns), "\r\n");
  }
  return out;
}

std::string DateOf(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0800", time, calendar::Shanghai());
}

}  // namespace

absl::StatusOr<std::string> WriteMime(const Mail& mail, absl::string_view from_address, absl::string_view from_name) {
  XXT_RETURN_IF_ERROR(CheckAddress("From", from_address));
  XXT_RETURN_IF_ERROR(CheckAddress("To", mail.to));
  XXT_RETURN_IF_ERROR(CheckAddress("Message-ID", mail.message_id));
  if (!mail.in_reply_to.empty()) XXT_RETURN_IF_ERROR(CheckAddress("In-Reply-To", mail.in_reply_to));
  XXT_RETURN_IF_ERROR(CheckOneLine("Subject", mail.subject));
  XXT_RETURN_IF_ERROR(CheckOneLine("From", from_name));
  std::string out;
  absl::StrAppend(&out, "Date: ", DateOf(mail.date), "\r\n");
  absl::StrAppend(&out, "From: ");
  // An encoded word needs no quoting; a plain name goes in quotes.
  if (!from_name.empty()) {
    const std::string name = IsAsciiText(from_name)
                                 ? absl::StrCat("\"", absl::StrReplaceAll(from_name, {{"\\", ""}, {"\"", ""}}), "\"")
                                 : EncodeWords(from_name);
    absl::StrAppend(&out, name, "\r\n ");
  }
  absl::StrAppend(&out, "<", from_address, ">\r\n");
  absl::StrAppend(&out, "To: <", mail.to, ">\r\n");
  absl::StrAppend(&out, "Subject: ", EncodeWords(mail.subject), "\r\n");
  absl::StrAppend(&out, "Message-ID: <", mail.message_id, ">\r\n");
  if (!mail.in_reply_to.empty()) {
    absl::StrAppend(&out, "In-Reply-To: <", mail.in_reply_to, ">\r\nReferences: <", mail.in_reply_to, ">\r\n");
  }
  absl::StrAppend(&out,
                  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n",
                  Base64Lines(absl::StrReplaceAll(mail.text, {{"\r\n", "\r\n"}, {"\n", "\r\n"}})));
  return out;
}

}  // namespace xxt::smtp
