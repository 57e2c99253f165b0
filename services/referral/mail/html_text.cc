#include "services/referral/mail/html_text.h"

#include <glib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace xxt::referral {
namespace {

constexpr std::size_t kLongestEntity = 11;  // "&" to ";"

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
      const std::size_t length = html.substr(i, kLongestEntity).find(';');
      if (length == absl::string_view::npos) {
        text.push_back(html[i++]);
      } else {
        text += Entity(html.substr(i + 1, length - 1));
        i += length + 1;
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

}  // namespace xxt::referral
