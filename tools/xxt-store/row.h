#ifndef XXT_TOOLS_XXT_STORE_ROW_H_
#define XXT_TOOLS_XXT_STORE_ROW_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "common/store/table.h"

// Rows as they are stored, of any table that the services declare. Errors of
// PostgreSQL are libpqxx's exceptions, here and in all that stands on it; the
// command line catches them.
namespace xxt::store_tool {

// The tables of a service that hold messages, by name: those whose schema is
// called like it.
std::vector<const store::TableBase*> TablesOf(absl::string_view service);
// One that holds messages: "promises" or "intake.promises"; null if there is none.
const store::TableBase* TableNamed(absl::string_view service, absl::string_view name);
// The one whose resources are named like `resource`; null if there is none.
const store::TableBase* TableOf(absl::string_view service, absl::string_view resource);

struct Row {
  std::vector<std::string> ids;  // parents first
  std::string name;              // of the resource, made of them
  // The derived columns, in the order of Compiled::columns, as PostgreSQL writes them.
  std::vector<std::optional<std::string>> columns;
  std::string version;  // empty if the table has none
  std::string message;
  std::optional<std::string> sealed;
  std::optional<std::string> search;  // what it is found by, if the table has that
  bool root_there = true;             // whether what it hangs on is there
  std::string key;                    // of its root, wrapped; empty if it was erased
  // Why PostgreSQL could not give the row; else empty. Then all but its name is missing.
  std::string refused;

  // Whether nothing personal is to be read: its root's key was erased, or there never is one.
  bool erased() const { return refused.empty() && root_there && key.empty(); }
};

// Nullopt if there is none.
std::optional<Row> ReadOne(pqxx::transaction_base& transaction, const store::TableBase& table,
                           const std::vector<std::string>& ids);

// Calls `page` with the rows behind `after` (ids; empty: all), some hundred at a
// time, in the order of their ids, which has what hangs together side by side.
// A page is a transaction of its own: however long it takes, no snapshot is
// held, and a row that is there all the time comes exactly once. A row whose
// values PostgreSQL cannot read hides no other.
void Walk(pqxx::connection_base& db, const store::TableBase& table, std::vector<std::string> after, int page_size,
          const std::function<void(const std::vector<Row>&)>& page);

// What Walk asks, with the ids of the last row of the page before as parameters.
std::string PageStatement(const store::TableBase& table, bool first, int page_size);

std::int64_t Count(pqxx::connection_base& db, const store::TableBase& table);

// The values as PostgreSQL parses them, in which form alone libpqxx 6 takes them.
std::vector<std::optional<std::string>> TextsOf(const std::vector<pg::Param>& values);

// Executes with the values for $1, $2, …
pqxx::result Execute(pqxx::transaction_base& transaction, const std::string& sql, const std::vector<pg::Param>& values);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_ROW_H_
