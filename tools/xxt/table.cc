#include "tools/xxt/table.h"

#include <utf8proc.h>

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace xxt::cli {
namespace {

constexpr std::size_t kGap = 2;
// A column is not cut below this, however narrow the terminal is.
constexpr std::size_t kNarrowest = 8;

// A character as people see it, and the columns it takes.
struct Grapheme {
  std::size_t begin;
  std::size_t end;
  std::size_t width;
};

std::vector<Grapheme> GraphemesOf(const std::string& text) {
  std::vector<Grapheme> graphemes;
  utf8proc_int32_t before = -1;
  utf8proc_int32_t state = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t read = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    const std::size_t length = read > 0 ? static_cast<std::size_t>(read) : 1;
    if (read <= 0) code = 0xFFFD;
    const auto width = static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code)));
    if (before < 0 || utf8proc_grapheme_break_stateful(before, code, &state)) {
      graphemes.push_back({at, at + length, width});
    } else {
      graphemes.back().end = at + length;
      graphemes.back().width = std::max(graphemes.back().width, width);
    }
    before = code;
    at += length;
  }
  return graphemes;
}

}  // namespace

std::size_t DisplayWidth(const std::string& text) {
  std::size_t width = 0;
  for (const Grapheme& grapheme : GraphemesOf(text)) width += grapheme.width;
  return width;
}

std::string CutToWidth(const std::string& text, std::size_t columns) {
  if (DisplayWidth(text) <= columns) return text;
  if (columns == 0) return "";
  std::size_t width = 1;  // of "…"
  std::size_t end = 0;
  for (const Grapheme& grapheme : GraphemesOf(text)) {
    if (width + grapheme.width > columns) break;
    width += grapheme.width;
    end = grapheme.end;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

void Table::AddRow(std::vector<std::string> row) {
  for (std::string& cell : row) {
    for (char& c : cell) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
  }
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::Widths(std::size_t count, std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < count; ++c) {
    std::size_t widest = DisplayWidth(columns_[c].head);
    for (const auto& row : rows_) widest = std::max(widest, DisplayWidth(row[c]));
    widths.push_back(widest);
  }
  const std::size_t gaps = count == 0 ? 0 : kGap * (count - 1);
  while (width != 0 && std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    std::size_t* widest = nullptr;
    for (std::size_t c = 0; c < count; ++c) {
      if (columns_[c].whole || columns_[c].number || widths[c] <= kNarrowest) continue;
      if (widest == nullptr || widths[c] > *widest) widest = &widths[c];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::Line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    const std::string cell = CutToWidth(cells[c], widths[c]);
    const std::string blanks(widths[c] - DisplayWidth(cell), ' ');
    if (c != 0) line.append(kGap, ' ');
    line += columns_[c].number ? blanks + cell : cell + blanks;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string Table::Render(std::size_t width, bool bold) const {
  const bool fits = Widths(columns_.size(), width) == Widths(columns_.size(), 0);
  const bool below = !fits && columns_.size() > 1 && columns_.back().whole;
  const std::vector<std::size_t> widths = Widths(below ? columns_.size() - 1 : columns_.size(), width);
  std::vector<std::string> heads;
  for (const TableColumn& column : columns_) heads.push_back(column.head);
  const std::string head = Line(heads, widths);
  std::string text = bold ? absl::StrCat("\x1b[1m", head, "\x1b[0m\n") : absl::StrCat(head, "\n");
  for (const auto& row : rows_) {
    absl::StrAppend(&text, Line(row, widths), "\n");
    if (below) absl::StrAppend(&text, std::string(kGap, ' '), row.back(), "\n");
  }
  return text;
}

}  // namespace xxt::cli
