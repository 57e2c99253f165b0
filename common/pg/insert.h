#ifndef XXT_COMMON_PG_INSERT_H_
#define XXT_COMMON_PG_INSERT_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/pg/connection.h"
#include "common/pg/session.h"

namespace xxt::pg {

struct Column {
  const char* name;
  const char* type;
};

// An INSERT of one row with a value for each of `columns`. Rows that are
// committed together are sent as one statement, which costs PostgreSQL a fifth
// per row. Used like a Statement; a constant beside the function that runs it.
class Insert {
 public:
  // `suffix` follows the values: "ON CONFLICT DO NOTHING". `key`: those columns
  // that no two rows share, where a change whose row is stored already is a
  // repeat that must be refused (shared_commit.h).
  Insert(const char* name, const char* table, absl::Span<const Column> columns, const char* suffix = "",
         std::initializer_list<const char*> key = {});
  Insert(const Insert&) = delete;
  Insert& operator=(const Insert&) = delete;

  operator const Statement&() const { return one_; }  // NOLINT(google-explicit-constructor)

 private:
  const std::string one_sql_;
  const std::string many_name_;
  const std::string many_sql_;
  const std::string stored_name_;
  const std::string stored_sql_;
  const Statement many_;
  const Statement stored_;
  const Statement one_;
};

// The same statements, with the rows of equal inserts in one statement each.
// Rows move over nothing but rows of other tables.
std::vector<Connection::Pending> JoinRows(const std::vector<const Connection::Pending*>& statements);

// The question which of `rows` of one insert with a key are stored already: it
// returns their places, counting from 1.
Connection::Pending StoredAmong(const std::vector<const Connection::Pending*>& rows);

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_INSERT_H_
