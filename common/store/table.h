#ifndef XXT_COMMON_STORE_TABLE_H_
#define XXT_COMMON_STORE_TABLE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

// A table that holds the messages of one type, one row each. The message is
// the state: its bytes are in the column `message`, what is personal in it
// apart in `sealed` (common/seal). Every other column is derived from the
// message when the row is written, serves to find, sort and constrain, and is
// read back only as the key of a page.
//
//   const store::Table<v1::Promise> kPromises("intake.promises", &kCases, {
//       .columns = {"hall", "state", "due_time"},
//       .lists = {{"of_case", {"case_id"}, "due_time, id"},
//                 {"broken", {}, "due_time, id", store::Of::kHalls, {{"state", v1::Promise::STATE_BROKEN}}}}});
//
// Columns that every table has, by the resource's pattern
// "cases/{case}/promises/{promise}":
//   id uuid                         the own id; `case_id uuid`: the parent's; text
//                                   where ids are codes (identifiers/resource_name.h)
//   message bytea, sealed bytea     sealed is NULL where nothing is personal
//   version bigint NOT NULL         if the message has an etag: the etag as a number
//   search bytea                    if something is marked `search`: the hashes of all that is
//                                   (seal::Keyring::SearchHash), side by side, 16 bytes each.
//                                   They must go with the key: see to it where the column is made
//   key bytea                       of a root: its data key, wrapped; NULL: erased
// Types of the others follow from the fields: string text, enum smallint (its
// number: a value of a newer version has no name here), bool boolean, integers
// bigint, Timestamp timestamptz, Date date.
//
// Rows are read and written by Tx (tx.h).
namespace xxt::store {

// The root that a name lies under, or is: "cases/1" of "cases/1/promises/2".
absl::string_view RootNameOf(absl::string_view name);

// Of whose rows a list is.
enum class Of {
  kParent,  // of the one resource that the request names: shows what is personal. Of a root: of anybody
  kHalls,   // of the caller's halls: two statements, `hall = $n` and `hall <> ''` (decision 0012)
};

struct Column {
  const char* name;
  const char* field;  // path in the message, "next_action.due_time"; as `name` if null
  const char* unset;  // what an unset message field is stored as: "infinity"; null: NULL

  Column(const char* n, const char* f = nullptr, const char* u = nullptr)  // NOLINT(google-explicit-constructor)
      : name(n), field(f == nullptr ? n : f), unset(u) {}
};

// A column that equals a constant in every row of a list.
struct Fixed {
  const char* column;
  int value;
};

// One way to ask: equality conditions, one order, one index that fits. That it
// walks one is judged by tests/plans, which asks Statements() below.
struct ListSpec {
  const char* name;                // the statement is "<table>.<name>"
  std::vector<const char*> equal;  // columns; the request has a field of that name, ids are those of its `parent`
  const char* order;               // "due_time, id", "create_time DESC, id DESC"; ends with what makes it unique
  Of of = Of::kParent;
  std::vector<Fixed> fixed = {};
};

struct TableSpec {
  std::vector<Column> columns = {};
  std::vector<ListSpec> lists = {};
  bool append_only = false;      // no UPDATE is made; the role may not either
  const char* serial = nullptr;  // bigint that the database counts: the order of writing, under the root's lock
  bool keyless = false;          // a root with nothing personal, in itself or below
};

// What is said once of a table, and the statements made of it with the first
// use: not in the constructor, which runs before main, where a mistake could
// only abort, and which nothing promises that descriptors' options are
// registered before. A constant at namespace scope.
class TableBase {
 public:
  TableBase(const google::protobuf::Descriptor* (*descriptor)(), const char* name, const TableBase* root,
            TableSpec spec);
  TableBase(const TableBase&) = delete;
  TableBase& operator=(const TableBase&) = delete;
  ~TableBase();

  const char* name() const { return name_; }  // "intake.promises"
  const google::protobuf::Descriptor& type() const { return *type_(); }
  // Whose key seals the rows, whose hall they are of and whose lock is theirs;
  // null: the table is a root itself.
  const TableBase* root() const { return root_; }
  const TableSpec& spec() const { return spec_; }

  // The name of a new resource: its id sorts behind those made before.
  std::string NewName(absl::string_view parent, absl::Time now) const;

  // How often a row could not be read, or its blob not opened, since the
  // program started: the counter xixinting_store_unreadable_rows_total{table}.
  std::int64_t unreadable() const { return unreadable_.load(std::memory_order_relaxed); }

  // Of this program.
  static std::vector<const TableBase*> All();
  // Everything that is inconsistent in the tables of this program: a column
  // without a field, a list without an order that is unique, a column that
  // would show what is personal. Main asks before it serves.
  static std::vector<std::string> Problems();
  // Every statement of every table, with the column and type of each
  // parameter: for tests/plans.
  struct Described {
    const pg::Statement* statement;
    std::vector<std::string> parameters;  // "hall text"
  };
  static std::vector<Described> Statements();

  // For tx.cc and its helpers (compiled.h).
  struct Compiled;
  const Compiled& compiled() const;
  void CountUnreadable() const { unreadable_.fetch_add(1, std::memory_order_relaxed); }

 private:
  const google::protobuf::Descriptor* (*const type_)();
  const char* const name_;
  const TableBase* const root_;
  const TableSpec spec_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<const Compiled> compiled_;
  mutable std::atomic<std::int64_t> unreadable_{0};
};

template <typename M>
class Table : public TableBase {
  static_assert(std::is_base_of_v<google::protobuf::Message, M>);

 public:
  // A root: each row has a key of its own.
  Table(const char* name, TableSpec spec) : TableBase(&M::descriptor, name, nullptr, std::move(spec)) {}
  // What hangs on a root and is sealed with its key.
  Table(const char* name, const TableBase* root, TableSpec spec)
      : TableBase(&M::descriptor, name, root, std::move(spec)) {}
};

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_TABLE_H_
