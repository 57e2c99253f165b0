#include "common/pg/insert.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace xxt::pg {
namespace {

using Pending = Connection::Pending;

std::string Head(const char* table, absl::Span<const Column> columns) {
  const auto name = [](std::string* out, const Column& column) { out->append(column.name); };
  return absl::StrCat("INSERT INTO ", table, " (", absl::StrJoin(columns, ", ", name), ")");
}

// "$1::uuid[], $2::text[]"
std::string Places(absl::Span<const Column> columns, const char* array) {
  std::string places;
  int number = 0;
  for (const Column& column : columns) {
    absl::StrAppend(&places, number == 0 ? "" : ", ", "$", number + 1, "::", column.type, array);
    ++number;
  }
  return places;
}

// `statement` with an array of each column of `rows`.
Pending Arrays(const Statement& statement, const std::vector<const Pending*>& rows) {
  Pending joined{&statement, {}};
  for (std::size_t column = 0; column < rows[0]->params.size(); ++column) {
    std::vector<const Param*> values;
    values.reserve(rows.size());
    for (const Pending* row : rows) values.push_back(&row->params[column]);
    joined.params.push_back(Param::Array(values));
  }
  return joined;
}

// The rows of one insert as one statement.
Pending Join(const std::vector<const Pending*>& rows) {
  return rows.size() == 1 ? *rows[0] : Arrays(*rows[0]->statement->for_many, rows);
}

std::string Stored(const char* table, absl::Span<const Column> columns, std::initializer_list<const char*> key) {
  const auto name = [](std::string* out, const Column& column) { out->append(column.name); };
  const auto same = [](std::string* out, const char* column) { absl::StrAppend(out, "t.", column, " = g.", column); };
  return absl::StrCat("SELECT g.place FROM unnest(", Places(columns, "[]"), ") WITH ORDINALITY AS g (",
                      absl::StrJoin(columns, ", ", name), ", place) JOIN ", table, " AS t ON ",
                      absl::StrJoin(key, " AND ", same));
}

}  // namespace

Insert::Insert(const char* name, const char* table, absl::Span<const Column> columns, const char* suffix,
               std::initializer_list<const char*> key)
    : one_sql_(absl::StrCat(Head(table, columns), " VALUES (", Places(columns, ""), ") ", suffix)),
      many_name_(absl::StrCat(name, ".many")),
      many_sql_(absl::StrCat(Head(table, columns), " SELECT * FROM unnest(", Places(columns, "[]"), ") ", suffix)),
      stored_name_(absl::StrCat(name, ".stored")),
      stored_sql_(Stored(table, columns, key)),
      many_{many_name_.c_str(), many_sql_.c_str()},
      stored_{stored_name_.c_str(), stored_sql_.c_str()},
      one_{name, one_sql_.c_str(), &many_, key.size() == 0 ? nullptr : &stored_} {}

Pending StoredAmong(const std::vector<const Pending*>& rows) { return Arrays(*rows[0]->statement->stored, rows); }

std::vector<Pending> JoinRows(const std::vector<const Pending*>& statements) {
  std::vector<Pending> joined;
  std::vector<std::vector<const Pending*>> run;  // of inserts, by statement
  const auto end_run = [&] {
    for (const std::vector<const Pending*>& rows : run) joined.push_back(Join(rows));
    run.clear();
  };
  for (const Pending* statement : statements) {
    if (statement->statement->for_many == nullptr) {
      end_run();
      joined.push_back(*statement);
      continue;
    }
    const auto same = std::find_if(run.begin(), run.end(), [statement](const std::vector<const Pending*>& rows) {
      return rows[0]->statement == statement->statement;
    });
    if (same == run.end()) {
      run.push_back({statement});
    } else {
      same->push_back(statement);
    }
  }
  end_run();
  return joined;
}

}  // namespace xxt::pg
