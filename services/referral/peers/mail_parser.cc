#include "services/referral/peers/mail_parser.h"

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
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace xxt::referral {
namespace {

constexpr std::size_t kMostTextBytes = 60000;  // some 20,000 Chinese characters
constexpr std::size_t kMostHeaderBytes = 1000;
constexpr std::size_t kMostThreadIds = 20;

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
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return absl::StrCat(text.substr(0, end), cut_mark);
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

std::string ContentOf(GMimePart* part) {
  GMimeDataWrapper* const content = g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, memory.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  std::string raw(reinterpret_cast<const char*>(bytes->data), bytes->len);
  return ToUtf8(std::move(raw), g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset"));
}

// The first plain text and the first HTML text that are no attachments.
struct Texts {
  std::optional<std::string> plain;
  std::optional<std::string> html;
};

void Collect(GMimeObject*, GMimeObject* object, gpointer data) {
  auto* texts = static_cast<Texts*>(data);
  if (!GMIME_IS_PART(object) || g_mime_part_is_attachment(GMIME_PART(object)) != 0) return;
  GMimeContentType* const type = g_mime_object_get_content_type(object);
  if (g_mime_content_type_is_type(type, "text", "html") != 0) {
    if (!texts->html.has_value()) texts->html = ContentOf(GMIME_PART(object));
  } else if (g_mime_content_type_is_type(type, "text", "*") != 0) {
    if (!texts->plain.has_value()) texts->plain = ContentOf(GMIME_PART(object));
  }
}

std::string TextOf(GMimeMessage* message) {
  Texts texts;
  g_mime_message_foreach(message, Collect, &texts);
  std::string text;
  if (texts.plain.has_value()) {
    text = *std::move(texts.plain);
  } else if (texts.html.has_value()) {
    text = TextOfHtml(*texts.html);
  }
  return Clean(std::move(text), kMostTextBytes, "\n（正文过长，以下省略）");
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
  std::string rest(absl::StripAsciiWhitespace(g_mime_header_get_raw_value(header)));
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

// The character that "&name;" stands for, as far as mail programs use them.
std::string Entity(absl::string_view name) {
  if (name == "amp") return "&";
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "quot") return "\"";
  if (name == "nbsp") return " ";
  std::uint32_t code = 0;
  const bool hex = absl::StartsWithIgnoreCase(name, "#x");
  const bool number = hex ? absl::SimpleHexAtoi(name.substr(2), &code)
                          : absl::StartsWith(name, "#") && absl::SimpleAtoi(name.substr(1), &code);
  if (!number || code == 0 || g_unichar_validate(code) == 0) return absl::StrCat("&", name, ";");
  char utf8[6];
  return std::string(utf8, static_cast<std::size_t>(g_unichar_to_utf8(code, utf8)));
}

// The name of a tag, "br" of "<br/>" or "p" of "</p>".
std::string TagName(absl::string_view tag) {
  if (absl::StartsWith(tag, "/")) tag.remove_prefix(1);
  std::size_t end = 0;
  while (end < tag.size() && absl::ascii_isalnum(static_cast<unsigned char>(tag[end]))) ++end;
  return absl::AsciiStrToLower(tag.substr(0, end));
}

// Skips to behind "</name>".
std::size_t SkipElement(absl::string_view lower, std::size_t from, absl::string_view name) {
  const std::size_t close = lower.find(absl::StrCat("</", name), from);
  if (close == absl::string_view::npos) return lower.size();
  const std::size_t end = lower.find('>', close);
  return end == absl::string_view::npos ? lower.size() : end + 1;
}

}  // namespace

std::string TextOfHtml(absl::string_view html) {
  constexpr absl::string_view kBlocks[] = {"br", "p", "div", "tr", "li", "table", "blockquote", "h1", "h2", "h3"};
  const std::string lower = absl::AsciiStrToLower(html);
  std::string text;
  std::size_t i = 0;
  while (i < html.size()) {
    if (html[i] == '<') {
      const std::size_t end = html.find('>', i);
      if (end == absl::string_view::npos) break;
      const std::string name = TagName(html.substr(i + 1, end - i - 1));
      const bool block = std::find(std::begin(kBlocks), std::end(kBlocks), name) != std::end(kBlocks);
      if (block && !text.empty() && text.back() != '\n') text.push_back('\n');
      const bool hidden = (name == "script" || name == "style" || name == "title") && html[i + 1] != '/';
      i = hidden ? SkipElement(lower, end, name) : end + 1;
    } else if (html[i] == '&') {
      const std::size_t end = html.find(';', i);
      if (end == absl::string_view::npos || end - i > 10) {
        text.push_back(html[i++]);
      } else {
        text += Entity(html.substr(i + 1, end - i - 1));
        i = end + 1;
      }
    } else {
      const bool space = absl::ascii_isspace(static_cast<unsigned char>(html[i]));
      const bool repeated = space && (text.empty() || text.back() == ' ' || text.back() == '\n');
      if (!repeated) text.push_back(space ? ' ' : html[i]);
      ++i;
    }
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

InboundMail ParseMail(const std::string& raw) {
  InboundMail mail;
  GMimeParserOptions* const options = Options();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options));
  if (message == nullptr) {
    mail.text = "（这封来信无法解析，请在邮箱中查看原件）";
    return mail;
  }
  mail.message_id = OneLine(g_mime_message_get_message_id(message.get()));
  AddIds(HeaderOf(message.get(), "In-Reply-To"), &mail.thread);
  AddIds(HeaderOf(message.get(), "References"), &mail.thread);
  mail.from_address = SenderOf(message.get());
  mail.subject = SubjectOf(message.get());
  mail.text = TextOf(message.get());
  mail.automatic = IsAutomatic(message.get());
  return mail;
}

}  // namespace xxt::referral
