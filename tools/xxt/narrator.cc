#include "tools/xxt/narrator.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "tools/xxt/table.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

constexpr std::size_t kWidest = 100;
constexpr std::size_t kIndent = 7;  // under the text after "09:40  "

std::size_t CharacterLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

// What must stay together: a Chinese character, or a word.
std::vector<std::string> PiecesOf(const std::string& text) {
  std::vector<std::string> pieces;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = CharacterLength(static_cast<unsigned char>(text[at]));
    const bool word = length == 1 && text[at] != ' ';
    if (word && in_word) {
      pieces.back() += text[at];
    } else {
      pieces.push_back(text.substr(at, length));
    }
    in_word = word;
    at += length;
  }
  return pieces;
}

bool MayNotBegin(const std::string& piece) {
  static constexpr const char* kClosing[] = {"，", "。", "；", "：", "、", "？", "！",
                                             "）", "」", "』", "”",  "》", "…"};
  return std::find(std::begin(kClosing), std::end(kClosing), piece) != std::end(kClosing);
}

}  // namespace

std::vector<std::string> WrapToWidth(const std::string& text, std::size_t columns) {
  std::vector<std::string> lines;
  for (const std::string& paragraph : std::vector<std::string>(absl::StrSplit(text, '\n', absl::SkipWhitespace()))) {
    lines.emplace_back();
    for (const std::string& piece : PiecesOf(paragraph)) {
      const bool full = DisplayWidth(lines.back()) + DisplayWidth(piece) > columns;
      if (full && !lines.back().empty() && !MayNotBegin(piece)) lines.emplace_back();
      if (!(lines.back().empty() && piece == " ")) lines.back() += piece;
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

std::string Narrator::Bold(const std::string& text) const {
  return session_.settings().style.color ? absl::StrCat("\x1b[1m", text, "\x1b[0m") : text;
}

void Narrator::Title(const std::string& desc) const {
  if (on_) std::cout << Bold(desc) << "\n" << std::flush;
}

std::string Narrator::WhoActs(const Json& step, const Json& words) const {
  if (const std::string who = words.value("who", ""); !who.empty()) return who;
  const std::string as = step.value("as", "");
  if (as.empty()) return "";
  const absl::StatusOr<Person> person = context_.FindPerson(as);
  return person.ok() ? person->display_name : as;
}

void Narrator::Say(const Json& step, const Json& words, absl::Time now) {
  std::string said = words.value("say", "");
  if (!on_ || said.empty()) return;
  const std::string moment = ToChinese(now);  // "11月23日 周一 09:40"
  const std::size_t clock = moment.rfind(' ');
  if (const absl::CivilDay today = calendar::ToCivilDay(now); today != day_) {
    const std::string year = today.year() == day_.year() ? "" : absl::StrCat(today.year(), "年");
    day_ = today;
    std::cout << "\n" << Bold(absl::StrCat("── ", year, moment.substr(0, clock), " ──")) << "\n";
  }
  if (const std::string who = WhoActs(step, words); !who.empty()) said = absl::StrCat(who, "：", said);
  const std::size_t width = session_.settings().style.width;
  const std::size_t columns = (width == 0 ? kWidest : std::min(width, kWidest)) - kIndent;
  std::string lead = absl::StrCat(moment.substr(clock + 1), "  ");
  for (const std::string& line : WrapToWidth(said, columns)) {
    std::cout << lead << line << "\n";
    lead = std::string(kIndent, ' ');
  }
  std::cout.flush();
}

void Narrator::Show(const std::string& what, const StepResult& result) const {
  if (!on_) return;
  std::string text = result.list_table;
  if (what != "table") {
    const Json value = ValueAt(result.response, what);
    text = value.is_string() ? value.get<std::string>() : ToYaml(value);
  }
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) std::cout << std::string(kIndent, ' ') << "│ " << line << "\n";
  std::cout.flush();
}

}  // namespace xxt::cli
