#ifndef XXT_COMMON_PG_RESULT_H_
#define XXT_COMMON_PG_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct pg_result;

namespace xxt::pg {

// One row of a Result; valid as long as the Result. Columns count from 0.
// Reading a NULL gives the empty value of the type; ask IsNull where it
// matters. A column that does not hold the type asked for is a programming
// error and aborts.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  bool IsNull(int column) const;
  absl::string_view View(int column) const;
  std::string Text(int column) const { return std::string(View(column)); }
  std::int64_t Int(int column) const;
  bool Bool(int column) const;
  // timestamptz. NULL is InfinitePast.
  absl::Time Time(int column) const;
  // bytea; not to be read as text.
  std::string Bytes(int column) const;

 private:
  const pg_result* result_;
  int row_;
};

// The rows of one statement. Movable; owns them.
class Result {
 public:
  Result() = default;
  explicit Result(pg_result* owned);

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return Row(result_.get(), row); }

 private:
  struct Free {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Free> result_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_RESULT_H_
