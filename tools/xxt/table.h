#ifndef XXT_TOOLS_XXT_TABLE_H_
#define XXT_TOOLS_XXT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

// Text in columns, where a Chinese character takes two.
namespace xxt::cli {

// Columns that `text` (UTF-8) takes on a terminal. Control characters take none.
std::size_t DisplayWidth(const std::string& text);

// `text` if it fits into `columns`, else cut between graphemes to end in "…".
std::string CutToWidth(const std::string& text, std::size_t columns);

struct TableColumn {
  std::string head;
  bool number = false;  // aligned to the right
  bool whole = false;   // ids and times: never cut
};

// A table without lines: heads, then rows, two blanks between columns.
class Table {
 public:
  explicit Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // `row` has as many cells as there are columns. Line breaks become blanks.
  void AddRow(std::vector<std::string> row);

  // The table in at most `width` columns if cutting can do that; 0 means as
  // wide as it is. If the texts would be cut while the last column is whole,
  // that one goes on a line of its own below its row. With `bold`, heads are
  // bold by an escape sequence.
  std::string Render(std::size_t width, bool bold) const;

 private:
  // Of the first `count` columns.
  std::vector<std::size_t> Widths(std::size_t count, std::size_t width) const;
  std::string Line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TABLE_H_
