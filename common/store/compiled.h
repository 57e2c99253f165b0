#ifndef XXT_COMMON_STORE_COMPILED_H_
#define XXT_COMMON_STORE_COMPILED_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/pg/insert.h"
#include "common/pg/session.h"
#include "common/store/table.h"
#include "common/store/values.h"

namespace xxt::store {

// The collections and ids of a resource's names, "cases/{case}/promises/{promise}".
struct Pattern {
  std::vector<std::string> collections;  // "cases", "promises"
  std::vector<std::string> columns;      // "case_id", "id"
  std::vector<const char*> types;        // of the columns: "uuid", or "text" where ids are codes

  // Empty if the type says none.
  static Pattern Of(const google::protobuf::Descriptor& type);
  // The ids of a name of this pattern, or of its parent's; nullopt if it is none.
  std::optional<std::vector<std::string>> Ids(absl::string_view name) const { return Ids(name, columns.size()); }
  std::optional<std::vector<std::string>> ParentIds(absl::string_view name) const {
    return Ids(name, columns.size() - 1);
  }
  std::string Name(const std::vector<std::string>& ids) const;

 private:
  std::optional<std::vector<std::string>> Ids(absl::string_view name, std::size_t levels) const;
};

// "due_time, id", "create_time DESC, id DESC".
struct Order {
  std::vector<std::string> columns;
  bool descending = false;
  bool mixed = false;  // a mistake: no single comparison continues it

  static Order Of(absl::string_view text);
};

// What is made of a TableSpec once. Statements point into `texts`.
struct TableBase::Compiled {
  struct DerivedColumn {
    std::string name;
    std::string type;
    FieldPath path;
    const char* unset;
  };
  struct List {
    const ListSpec* spec = nullptr;
    Order order;
    std::vector<std::string> key_types;   // of the columns of `order`
    std::vector<std::string> parameters;  // of `statement`: "state smallint"
    pg::Statement statement{};            // kHalls: of one hall
    pg::Statement all_halls{};            // kHalls only: the same without the hall
    bool of_root = false;                 // of the children of one root: with its hall and key, and what is personal
  };

  explicit Compiled(const TableBase& table);

  // "uuid" of an id, and so on; empty if there is no such column.
  std::string TypeOf(absl::string_view column) const;
  const List* Find(absl::string_view list) const;

  Pattern pattern;
  std::string type_name;   // "intake.xixinting/Promise"
  std::string short_name;  // "promises"
  std::vector<DerivedColumn> columns;
  const google::protobuf::FieldDescriptor* name_field;
  const google::protobuf::FieldDescriptor* etag_field;  // null if it has none, as the next two
  const google::protobuf::FieldDescriptor* create_time_field;
  const google::protobuf::FieldDescriptor* update_time_field;
  std::vector<FieldPath> states;  // the enums called so, of the message and of those in it: "deliveries.state"
  bool personal;                  // something is, at some depth
  bool searched = false;          // the row is found by something: column `search`
  bool of_halls;                  // its root has a hall
  bool has_key;                   // a root with a data key

  // Parameters are the ids, then what each says.
  std::unique_ptr<pg::Insert> insert;  // columns, version, message, sealed, search, key
  pg::Statement get{};                 // → hall, key, message, sealed
  pg::Statement load{};                // → message, sealed; of a root: hall, key, message, sealed, locked
  pg::Statement save{};                // columns, version before, message
  pg::Statement save_sealed{};         // columns, version before, message, sealed, search
  std::vector<List> lists;             // → hall and key (of_root), ids, message, sealed (of_root), key columns

 private:
  const char* Keep(std::string text);
  void MakeInsert(const TableBase& table);
  void MakeReads(const TableBase& table);
  void MakeSaves(const TableBase& table);
  void MakeList(const TableBase& table, const ListSpec& spec);
  std::string PageOf(const TableBase& table, const List& list, bool one_hall) const;

  std::deque<std::string> texts_;
};

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_COMPILED_H_
