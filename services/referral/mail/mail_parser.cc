#include "services/referral/mail/mail_parser.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/text/cut.h"
#include "services/referral/mail/delivery_status.h"
#include "services/referral/mail/html_text.h"

namespace xxt::referral {
namespace {

constexpr std::size_t kMostTextBytes = 60000;  // some 20,000 Chinese characters
constexpr std::size_t kMostHeaderBytes = 1000;
constexpr std::size_t kMostRawHeaderBytes = 16 * kMostHeaderBytes;
constexpr std::size_t kMostAddressBytes = 4096;
constexpr std::size_t kMostParts = 10000;    // lines that may begin one
constexpr std::size_t kMostFields = 100000;  // lines that may be one
constexpr std::size_t kMostEmbedded = 10;    // mails in a mail of which something is kept
constexpr std::size_t kMostThreadIds = 20;
constexpr int kMostDepth = 10;  // of parts within parts

struct Unref {
  void operator()(void* object) const {
    if (object != nullptr) g_object_unref(object);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

struct GFree {
  void operator()(void* memory) const { g_free(memory); }
};

// The name of the field that begins with `line`; empty if none does.
absl::string_view FieldName(absl::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return "";
  const absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, colon));
  return name.find(' ') == absl::string_view::npos ? name : "";
}

bool IsOfAddresses(absl::string_view field) {
  for (const char* name : {"from", "sender", "reply-to", "to", "cc", "bcc"}) {
    if (absl::EqualsIgnoreCase(field, name)) return true;
  }
  return false;
}

// What GMime can bear. It reads groups of addresses by calling itself for each:
// "From: a:a:a:…" of 100 kB would end the process; so only the beginning of each
// field of addresses stays. It keeps hundreds of bytes for each part and field,
// however small: where there are too many, the mail ends, and is `cut`.
std::string Bounded(absl::string_view raw, bool* cut) {
  std::string kept;
  kept.reserve(raw.size());
  std::size_t parts = 0;
  std::size_t fields = 0;
  std::size_t room = raw.size();  // left to the field that the line belongs to
  while (!raw.empty()) {
    const absl::string_view line = raw.substr(0, std::min(raw.find('\n'), raw.size() - 1) + 1);
    if (absl::StartsWith(line, "--")) ++parts;
    if (line.front() != ' ' && line.front() != '\t') {
      const absl::string_view field = FieldName(line);
      if (!field.empty()) ++fields;
      room = IsOfAddresses(field) ? kMostAddressBytes : raw.size();
    }
    if (parts > kMostParts || fields > kMostFields) {
      *cut = true;
      break;
    }
    const bool too_long = line.size() > room;
    if (room > 0) absl::StrAppend(&kept, line.substr(0, room), too_long ? "\n" : "");
    room = too_long ? 0 : room - line.size();
    raw.remove_prefix(line.size());
  }
  return kept;
}

// Options that read undeclared bytes as UTF-8 or else GB 18030.
GMimeParserOptions* Options() {
  static GMimeParserOptions* const options = [] {
    g_mime_init();
    GMimeParserOptions* made = g_mime_parser_options_new();
    const char* charsets[] = {"utf-8", "gb18030", nullptr};
    g_mime_parser_options_set_fallback_charsets(made, charsets);
    return made;
  }();
  return options;
}

bool IsUtf8(const std::string& bytes) {
  return g_utf8_validate(bytes.data(), static_cast<gssize>(bytes.size()), nullptr) != 0;
}

// Without what PostgreSQL or a person's screen cannot take, and not longer
// than `most` bytes.
std::string Clean(std::string text, std::size_t most, absl::string_view cut_mark) {
  text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
  if (!IsUtf8(text)) {
    const std::unique_ptr<char, GFree> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    text = valid.get();
  }
  text.erase(std::remove_if(
                 text.begin(), text.end(),
                 [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\t'; }),
             text.end());
  if (text.size() <= most) return text;
  return absl::StrCat(text::CutAt(most, text), cut_mark);
}

std::string OneLine(const char* text) {
  if (text == nullptr) return "";
  return Clean(
      absl::StrReplaceAll(
          text, {{"\r\n ", " "}, {"\r\n\t", " "}, {"\n ", " "}, {"\n\t", " "}, {"\r", " "}, {"\n", " "}, {"\t", " "}}),
      kMostHeaderBytes, "…");
}

// `bytes` of `charset` in UTF-8. Chinese programs write "gb2312" and send GBK.
std::string ToUtf8(std::string bytes, const char* charset) {
  std::string name = charset == nullptr ? "" : absl::AsciiStrToLower(charset);
  if (name == "gb2312" || name == "gbk" || name == "gb_2312-80" || name == "cp936") name = "gb18030";
  const bool undeclared = name.empty() || name == "us-ascii" || name == "utf-8" || name == "utf8";
  if (undeclared) bytes.erase(std::remove(bytes.begin(), bytes.end(), '\0'), bytes.end());
  if (undeclared && IsUtf8(bytes)) return bytes;
  if (undeclared) name = "gb18030";
  gsize written = 0;
  const std::unique_ptr<char, GFree> converted(g_convert_with_fallback(
      bytes.data(), static_cast<gssize>(bytes.size()), "utf-8", name.c_str(), "?", nullptr, &written, nullptr));
  return converted == nullptr ? bytes : std::string(converted.get(), written);
}

// What a part holds, decoded.
std::string BytesOf(GMimePart* part) {
  GMimeDataWrapper* const content = g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, memory.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

std::string TextIn(GMimePart* part) {
  return ToUtf8(BytesOf(part), g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset"));
}

std::string HeaderOf(GMimeMessage* message, const char* name) {
  return OneLine(g_mime_object_get_header(GMIME_OBJECT(message), name));
}

// The subject. GMime joins neighbouring encoded words before it decodes them,
// and stops at base64 padding in the middle; most programs write such padding.
// A word that ends in padding is therefore kept apart from the next.
std::string SubjectOf(GMimeMessage* message) {
  GMimeHeader* const header =
      g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), "Subject");
  if (header == nullptr || g_mime_header_get_raw_value(header) == nullptr) return "";
  const absl::string_view raw = g_mime_header_get_raw_value(header);
  std::string rest(absl::StripAsciiWhitespace(raw.substr(0, kMostRawHeaderBytes)));
  std::string subject;
  while (!rest.empty()) {
    const std::size_t padded = rest.find("=?=");
    const std::size_t end = padded == std::string::npos ? rest.size() : padded + 3;
    const std::string part = rest.substr(0, end);
    const std::unique_ptr<char, GFree> decoded(g_mime_utils_header_decode_text(Options(), part.c_str()));
    subject += decoded.get();
    // White space between two encoded words means nothing (RFC 2047, 6.2).
    const std::size_t next = rest.find_first_not_of(" \t\r\n", end);
    const bool joined = next != std::string::npos && rest.compare(next, 2, "=?") == 0;
    rest.erase(0, joined ? next : end);
  }
  return OneLine(subject.c_str());
}

// Message-IDs in a header, from the last to the first.
void AddIds(const std::string& header, std::vector<std::string>* ids) {
  if (header.empty()) return;
  GMimeReferences* const references = g_mime_references_parse(Options(), header.c_str());
  for (int i = g_mime_references_length(references) - 1; i >= 0 && ids->size() < kMostThreadIds; --i) {
    ids->push_back(OneLine(g_mime_references_get_message_id(references, i)));
  }
  g_mime_references_free(references);
}

std::string SenderOf(GMimeMessage* message) {
  InternetAddressList* const from = g_mime_message_get_from(message);
  if (from == nullptr || internet_address_list_length(from) == 0) return "";
  InternetAddress* const first = internet_address_list_get_address(from, 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(first)) return "";
  return OneLine(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first)));
}

// RFC 3834, and bounces (RFC 3464).
bool IsAutomatic(GMimeMessage* message) {
  const std::string auto_submitted = absl::AsciiStrToLower(HeaderOf(message, "Auto-Submitted"));
  if (!auto_submitted.empty() && !absl::StartsWith(auto_submitted, "no")) return true;
  if (HeaderOf(message, "Return-Path") == "<>") return true;
  GMimeObject* const body = g_mime_message_get_mime_part(message);
  GMimeContentType* const type = body == nullptr ? nullptr : g_mime_object_get_content_type(body);
  return type != nullptr && g_mime_content_type_is_type(type, "multipart", "report") != 0;
}

// What is gathered of a message on the way through its parts.
struct Gathered {
  std::string plain;
  std::string html;          // its words, where they may say the same as `plain`
  bool alternative = false;  // inside multipart/alternative
  std::vector<AttachedFile> files;
  std::size_t kept_bytes = 0;
  std::size_t unlisted = 0;      // files beyond those that are listed
  std::vector<std::string> ids;  // of embedded mails
  std::vector<std::string> subjects;
  std::optional<Bounce> bounce;

  // HTML only where no plain text is.
  const std::string& text() const { return absl::StripAsciiWhitespace(plain).empty() ? html : plain; }
};

void AddSome(std::string one, std::vector<std::string>* to) {
  if (!one.empty() && to->size() < kMostEmbedded) to->push_back(std::move(one));
}

void AddText(absl::string_view text, std::string* to) {
  if (!to->empty() && to->back() != '\n') to->push_back('\n');
  absl::StrAppend(to, text);
}

void AddFile(GMimePart* part, Gathered* to) {
  if (to->files.size() >= kMostFiles) {
    ++to->unlisted;
    return;
  }
  AttachedFile file;
  const std::string name = OneLine(g_mime_part_get_filename(part));
  file.about.file_name = name.substr(name.find_last_of("/\\") + 1);
  const std::unique_ptr<char, GFree> type(
      g_mime_content_type_get_mime_type(g_mime_object_get_content_type(GMIME_OBJECT(part))));
  file.about.media_type = OneLine(type.get());
  file.content = BytesOf(part);
  file.about.size = static_cast<std::int64_t>(file.content.size());
  const std::unique_ptr<char, GFree> sum(g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(file.content.data()), file.content.size()));
  file.about.sha256 = sum.get();
  JudgeFile(to->kept_bytes, &file);
  to->kept_bytes += file.content.size();
  to->files.push_back(std::move(file));
}

bool IsText(GMimeContentType* type) {
  return g_mime_content_type_is_type(type, "text", "*") != 0 || g_mime_content_type_is_type(type, "message", "*") != 0;
}

void GatherPart(GMimePart* part, Gathered* to) {
  GMimeContentType* const type = g_mime_object_get_content_type(GMIME_OBJECT(part));
  if (g_mime_content_type_is_type(type, "message", "delivery-status") != 0) {
    to->bounce = ReadDeliveryStatus(TextIn(part));
    if (to->bounce.has_value()) to->bounce->recipient = OneLine(to->bounce->recipient.c_str());
  } else if (g_mime_content_type_is_type(type, "text", "rfc822-headers") != 0) {
    // The headers alone: what claims to follow them may be headers again, and again.
    const std::string text = absl::StrReplaceAll(TextIn(part), {{"\r\n", "\n"}});
    const InboundMail headers = ParseMail(absl::StrCat(text.substr(0, text.find("\n\n")), "\n\n"), false);
    AddSome(headers.message_id, &to->ids);
    AddSome(headers.subject, &to->subjects);
  } else if (g_mime_part_is_attachment(part) != 0 || g_mime_part_get_filename(part) != nullptr || !IsText(type)) {
    AddFile(part, to);
  } else if (g_mime_content_type_is_type(type, "text", "html") != 0) {
    AddText(TextOfHtml(TextIn(part)), to->alternative ? &to->html : &to->plain);
  } else {
    AddText(TextIn(part), &to->plain);
  }
}

void Gather(GMimeObject* object, int depth, Gathered* to);

// Gathers what is inside `object` and adds all of it but its words, which it returns.
std::string GatherInside(GMimeObject* object, bool alternative, int depth, Gathered* to) {
  Gathered inner = std::move(*to);
  const std::string outer_plain = std::exchange(inner.plain, "");
  const std::string outer_html = std::exchange(inner.html, "");
  const bool outer_alternative = std::exchange(inner.alternative, alternative);
  Gather(object, depth, &inner);
  std::string words = inner.text();
  *to = std::move(inner);
  to->plain = outer_plain;
  to->html = outer_html;
  to->alternative = outer_alternative;
  return words;
}

// Of a mail in the mail: who wrote what, and its files. Of what a bounce
// returns only the id counts.
void GatherMessage(GMimeMessage* message, int depth, Gathered* to) {
  if (message == nullptr) return;
  AddSome(OneLine(g_mime_message_get_message_id(message)), &to->ids);
  const std::string subject = SubjectOf(message);
  AddSome(subject, &to->subjects);
  if (to->bounce.has_value()) return;
  const std::string words = GatherInside(g_mime_message_get_mime_part(message), false, depth + 1, to);
  AddText(absl::StrCat("\n—— 所附邮件 ——\n发件人：", SenderOf(message), "\n主题：", subject, "\n\n", words),
          &to->plain);
}

void Gather(GMimeObject* object, int depth, Gathered* to) {
  if (object == nullptr || depth > kMostDepth) return;
  if (GMIME_IS_MULTIPART(object)) {
    const bool alternative =
        g_mime_content_type_is_type(g_mime_object_get_content_type(object), "multipart", "alternative") != 0;
    if (alternative && !to->alternative) {
      AddText(GatherInside(object, true, depth + 1, to), &to->plain);
      return;
    }
    GMimeMultipart* const parts = GMIME_MULTIPART(object);
    for (int i = 0; i < g_mime_multipart_get_count(parts); ++i) {
      Gather(g_mime_multipart_get_part(parts, i), depth + 1, to);
    }
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    GatherMessage(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), depth, to);
  } else if (GMIME_IS_PART(object)) {
    GatherPart(GMIME_PART(object), to);
  }
}

// Exim says it in a header of a plain mail.
std::optional<Bounce> BounceInHeaders(GMimeMessage* message) {
  const std::string failed = HeaderOf(message, "X-Failed-Recipients");
  if (failed.empty()) return std::nullopt;
  return Bounce{failed.substr(0, failed.find(',')), "5.0.0", true};
}

}  // namespace

InboundMail ParseMail(const std::string& raw, bool cut) {
  InboundMail mail;
  GMimeParserOptions* const options = Options();
  const std::string bounded = Bounded(raw, &cut);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bounded.data(), bounded.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options));
  if (message == nullptr) {
    mail.text = "（这封来信无法解析，请在邮箱中查看原件）";
    return mail;
  }
  Gathered gathered;
  gathered.bounce = BounceInHeaders(message.get());
  Gather(g_mime_message_get_mime_part(message.get()), 0, &gathered);
  mail.message_id = OneLine(g_mime_message_get_message_id(message.get()));
  mail.thread = std::move(gathered.ids);
  AddIds(HeaderOf(message.get(), "In-Reply-To"), &mail.thread);
  AddIds(HeaderOf(message.get(), "References"), &mail.thread);
  mail.from_address = SenderOf(message.get());
  mail.subject = SubjectOf(message.get());
  mail.embedded_subjects = std::move(gathered.subjects);
  mail.text = Clean(gathered.text(), kMostTextBytes, "\n（正文过长，以下省略）");
  if (cut) absl::StrAppend(&mail.text, "\n（这封来信过大，只读取了前面的部分，请在邮箱中查看原件）");
  if (gathered.unlisted > 0)
    absl::StrAppend(&mail.text, "\n（另有", gathered.unlisted, "个附件未列出，请在邮箱中查看原件）");
  mail.files = std::move(gathered.files);
  mail.bounce = std::move(gathered.bounce);
  mail.automatic = IsAutomatic(message.get()) || mail.bounce.has_value();
  return mail;
}

}  // namespace xxt::referral
