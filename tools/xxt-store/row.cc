#include "tools/xxt-store/row.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/store/compiled.h"

namespace xxt::store_tool {
namespace {

using store::TableBase;

// "t.case_id, t.id"
std::string Ids(const TableBase& table) {
  return absl::StrCat("t.", absl::StrJoin(table.compiled().pattern.columns, ", t."));
}

// "$1::uuid, $2::uuid"
std::string Parameters(const TableBase& table) {
  std::vector<std::string> all;
  for (const char* type : table.compiled().pattern.types) all.push_back(absl::StrCat("$", all.size() + 1, "::", type));
  return absl::StrJoin(all, ", ");
}

// What RowOf reads.
std::string Select(const TableBase& table) {
  const TableBase::Compiled& compiled = table.compiled();
  std::string sql = absl::StrCat("SELECT ", Ids(table));
  for (const auto& column : compiled.columns) absl::StrAppend(&sql, ", t.", column.name);
  absl::StrAppend(&sql, compiled.etag_field == nullptr ? ", NULL" : ", t.version", ", t.message, t.sealed",
                  compiled.searched ? ", t.search" : ", NULL");
  const TableBase* root = table.root();
  if (root == nullptr) {
    return absl::StrCat(sql, ", true, ", table.spec().keyless ? "NULL" : "t.key", " FROM ", table.name(), " AS t");
  }
  return absl::StrCat(sql, ", r.id IS NOT NULL, ", root->spec().keyless ? "NULL" : "r.key", " FROM ", table.name(),
                      " AS t LEFT JOIN ", root->name(), " AS r ON r.id = t.", compiled.pattern.columns[0]);
}

// Goes through the columns of a row from left to right.
class Columns {
 public:
  Columns(pqxx::transaction_base& transaction, const pqxx::row& row) : transaction_(transaction), row_(row) {}

  std::optional<std::string> Text() {
    const pqxx::field field = row_[at_++];
    return field.is_null() ? std::nullopt : std::make_optional<std::string>(field.c_str());
  }
  std::optional<std::string> Bytes() {
    const pqxx::field field = row_[at_++];
    return field.is_null() ? std::nullopt : std::make_optional(transaction_.unesc_raw(field.c_str()));
  }

 private:
  pqxx::transaction_base& transaction_;
  const pqxx::row& row_;
  pqxx::row::size_type at_ = 0;
};

Row RowOf(const TableBase& table, pqxx::transaction_base& transaction, const pqxx::row& from) {
  const TableBase::Compiled& compiled = table.compiled();
  Columns columns(transaction, from);
  Row row;
  for (std::size_t i = 0; i < compiled.pattern.columns.size(); ++i) row.ids.push_back(columns.Text().value_or(""));
  row.name = compiled.pattern.Name(row.ids);
  for (std::size_t i = 0; i < compiled.columns.size(); ++i) row.columns.push_back(columns.Text());
  row.version = columns.Text().value_or("");
  row.message = columns.Bytes().value_or("");
  row.sealed = columns.Bytes();
  row.search = columns.Bytes();
  row.root_there = columns.Text() == "t";
  row.key = columns.Bytes().value_or("");
  return row;
}

// How a page goes on: what it begins behind, its order, and "LIMIT ".
std::string Behind(const TableBase& table, bool first) {
  const std::string ids = Ids(table);
  const std::string where = first ? "" : absl::StrCat(" WHERE (", ids, ") > (", Parameters(table), ")");
  return absl::StrCat(where, " ORDER BY ", ids, " LIMIT ");
}

// A page row by row: one that cannot be read is its name and the reason.
std::vector<Row> ReadOneByOne(pqxx::connection_base& db, const TableBase& table, const std::vector<std::string>& after,
                              int page_size) {
  std::vector<std::vector<std::string>> ids;
  {
    pqxx::read_transaction transaction(db);
    const std::string sql =
        absl::StrCat("SELECT ", Ids(table), " FROM ", table.name(), " AS t", Behind(table, after.empty()), page_size);
    for (const pqxx::row& one : transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(after))) {
      std::vector<std::string>& of_row = ids.emplace_back();
      for (const pqxx::field& field : one) of_row.emplace_back(field.c_str());
    }
  }
  std::vector<Row> rows;
  for (const std::vector<std::string>& one : ids) {
    try {
      pqxx::read_transaction transaction(db);
      if (std::optional<Row> row = ReadOne(transaction, table, one)) rows.push_back(*std::move(row));
    } catch (const pqxx::sql_error& error) {
      Row& row = rows.emplace_back();
      row.ids = one;
      row.name = table.compiled().pattern.Name(one);
      row.refused = std::string(absl::StripTrailingAsciiWhitespace(error.what()));
    }
  }
  return rows;
}

std::vector<Row> ReadPage(pqxx::connection_base& db, const TableBase& table, const std::vector<std::string>& after,
                          int page_size) {
  try {
    pqxx::read_transaction transaction(db);
    std::vector<Row> rows;
    for (const pqxx::row& one : transaction.exec_params(PageStatement(table, after.empty(), page_size),
                                                        pqxx::prepare::make_dynamic_params(after))) {
      rows.push_back(RowOf(table, transaction, one));
    }
    return rows;
  } catch (const pqxx::sql_error&) {
    return ReadOneByOne(db, table, after, page_size);
  }
}

}  // namespace

std::vector<const TableBase*> TablesOf(absl::string_view service) {
  std::vector<const TableBase*> tables;
  for (const TableBase* table : TableBase::All()) {
    if (absl::StartsWith(table->name(), absl::StrCat(service, "."))) tables.push_back(table);
  }
  std::sort(tables.begin(), tables.end(), [](const TableBase* a, const TableBase* b) {
    return absl::string_view(a->name()) < absl::string_view(b->name());
  });
  return tables;
}

const TableBase* TableNamed(absl::string_view service, absl::string_view name) {
  absl::ConsumePrefix(&name, absl::StrCat(service, "."));
  for (const TableBase* table : TablesOf(service)) {
    if (table->compiled().short_name == name) return table;
  }
  return nullptr;
}

const TableBase* TableOf(absl::string_view service, absl::string_view resource) {
  for (const TableBase* table : TablesOf(service)) {
    if (table->compiled().pattern.Ids(resource).has_value()) return table;
  }
  return nullptr;
}

std::optional<Row> ReadOne(pqxx::transaction_base& transaction, const TableBase& table,
                           const std::vector<std::string>& ids) {
  const pqxx::result found =
      transaction.exec_params(absl::StrCat(Select(table), " WHERE (", Ids(table), ") = (", Parameters(table), ")"),
                              pqxx::prepare::make_dynamic_params(ids));
  if (found.empty()) return std::nullopt;
  return RowOf(table, transaction, found[0]);
}

std::string PageStatement(const TableBase& table, bool first, int page_size) {
  return absl::StrCat(Select(table), Behind(table, first), page_size);
}

void Walk(pqxx::connection_base& db, const TableBase& table, std::vector<std::string> after, int page_size,
          const std::function<void(const std::vector<Row>&)>& page) {
  while (true) {
    const std::vector<Row> rows = ReadPage(db, table, after, page_size);
    if (rows.empty()) return;
    page(rows);
    after = rows.back().ids;
  }
}

std::vector<std::optional<std::string>> TextsOf(const std::vector<pg::Param>& values) {
  std::vector<std::optional<std::string>> texts;
  texts.reserve(values.size());
  for (const pg::Param& value : values) texts.push_back(value.AsText());
  return texts;
}

pqxx::result Execute(pqxx::transaction_base& transaction, const std::string& sql,
                     const std::vector<pg::Param>& values) {
  const std::vector<std::optional<std::string>> texts = TextsOf(values);
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::optional<std::string>& text : texts) pointers.push_back(text.has_value() ? text->c_str() : nullptr);
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(pointers));
}

std::int64_t Count(pqxx::connection_base& db, const TableBase& table) {
  pqxx::read_transaction transaction(db);
  return transaction.exec1(absl::StrCat("SELECT count(*) FROM ", table.name()))[0].as<std::int64_t>();
}

}  // namespace xxt::store_tool
