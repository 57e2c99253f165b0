#include "common/store/compiled.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/identifiers/resource_name.h"
#include "common/seal/split.h"
#include "google/api/resource.pb.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const TableBase& RootOf(const TableBase& table) { return table.root() == nullptr ? table : *table.root(); }

bool HasColumn(const TableBase& table, absl::string_view name) {
  return std::any_of(table.spec().columns.begin(), table.spec().columns.end(),
                     [name](const Column& column) { return column.name == name; });
}

// Null if the type has no such single field.
const FieldDescriptor* Field(const Descriptor& type, const char* name, absl::string_view sql_type) {
  const FieldPath path = PathTo(type, name);
  const char* found = path.empty() ? nullptr : SqlTypeOf(*path.back());
  return found != nullptr && found == sql_type ? path.back() : nullptr;
}

std::string ShortName(const TableBase& table) {
  return std::string(absl::string_view(table.name()).substr(absl::string_view(table.name()).find('.') + 1));
}

// Whether something that rows are found by can be in a message of the type.
bool IsSearched(const Descriptor& type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.options().GetExtension(::xixinting::common::v1::search)) return true;
    if (field.message_type() != nullptr && IsSearched(*field.message_type(), seen)) return true;
  }
  return false;
}

// "t.case_id = $1 AND t.id = $2"
std::string Where(const std::vector<std::string>& ids) {
  int number = 0;
  return absl::StrJoin(ids, " AND ", [&number](std::string* out, const std::string& id) {
    absl::StrAppend(out, "t.", id, " = $", ++number);
  });
}

// Adds the ways to the fields `state`. `way` leads to `type`. Maps hold none, and a
// type is not looked for within itself.
void AddStates(const Descriptor& type, FieldPath way, std::vector<FieldPath>* states) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    way.push_back(field);
    if (field->type() == FieldDescriptor::TYPE_ENUM && !field->is_repeated() && field->name() == "state") {
      states->push_back(way);
    }
    const bool again = std::any_of(way.begin(), way.end(), [field](const FieldDescriptor* outer) {
      return outer->containing_type() == field->message_type();
    });
    if (field->message_type() != nullptr && !field->is_map() && !again) AddStates(*field->message_type(), way, states);
    way.pop_back();
  }
}

// "r.hall, r.key" of a root, or what stands for what it has not.
std::string HallAndKey(const TableBase& root, absl::string_view alias) {
  return absl::StrCat(HasColumn(root, "hall") ? absl::StrCat(alias, ".hall") : "''", ", ",
                      root.spec().keyless ? "NULL::bytea" : absl::StrCat(alias, ".key"));
}

}  // namespace

Pattern Pattern::Of(const Descriptor& type) {
  Pattern pattern;
  const auto& resource = type.options().GetExtension(google::api::resource);
  if (resource.pattern_size() == 0) return pattern;
  for (const absl::string_view part : absl::StrSplit(resource.pattern(0), '/')) {
    if (!absl::StartsWith(part, "{")) {
      pattern.collections.emplace_back(part);
    } else {
      pattern.columns.push_back(absl::StrCat(part.substr(1, part.size() - 2), "_id"));
    }
  }
  if (pattern.columns.size() != pattern.collections.size()) return {};
  pattern.columns.back() = "id";
  for (const std::string& collection : pattern.collections) {
    pattern.types.push_back(identifiers::HasCodes(collection) ? "text" : "uuid");
  }
  return pattern;
}

std::optional<std::vector<std::string>> Pattern::Ids(absl::string_view name, std::size_t levels) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 * levels) return std::nullopt;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < levels; ++i) {
    if (parts[2 * i] != collections[i] || !identifiers::IsIdIn(collections[i], parts[2 * i + 1])) return std::nullopt;
    ids.emplace_back(parts[2 * i + 1]);
  }
  return ids;
}

std::string Pattern::Name(const std::vector<std::string>& ids) const {
  std::string name;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    absl::StrAppend(&name, i == 0 ? "" : "/", collections[i], "/", ids[i]);
  }
  return name;
}

absl::string_view RootNameOf(absl::string_view name) { return name.substr(0, name.find('/', name.find('/') + 1)); }

Order Order::Of(absl::string_view text) {
  Order order;
  std::size_t descending = 0;
  for (absl::string_view part : absl::StrSplit(text, ", ")) {
    if (absl::ConsumeSuffix(&part, " DESC")) ++descending;
    order.columns.emplace_back(part);
  }
  order.descending = descending > 0;
  order.mixed = descending != 0 && descending != order.columns.size();
  return order;
}

TableBase::Compiled::Compiled(const TableBase& table)
    : pattern(Pattern::Of(table.type())),
      type_name(table.type().options().GetExtension(google::api::resource).type()),
      short_name(ShortName(table)),
      name_field(Field(table.type(), "name", "text")),
      etag_field(Field(table.type(), "etag", "text")),
      create_time_field(Field(table.type(), "create_time", "timestamptz")),
      update_time_field(Field(table.type(), "update_time", "timestamptz")),
      personal(seal::HasPersonal(table.type())),
      of_halls(HasColumn(RootOf(table), "hall")),
      has_key(table.root() == nullptr && !table.spec().keyless) {
  AddStates(table.type(), {}, &states);
  std::set<const Descriptor*> seen;
  searched = IsSearched(table.type(), &seen);
  for (const Column& column : table.spec().columns) {
    FieldPath path = PathTo(table.type(), column.field);
    const char* type = path.empty() ? nullptr : SqlTypeOf(*path.back());
    // Problems() tells of what is left out here.
    if (type != nullptr) columns.push_back({column.name, type, std::move(path), column.unset});
  }
  MakeInsert(table);
  MakeReads(table);
  MakeSaves(table);
  for (const ListSpec& list : table.spec().lists) MakeList(table, list);
}

std::string TableBase::Compiled::TypeOf(absl::string_view column) const {
  const auto id = std::find(pattern.columns.begin(), pattern.columns.end(), column);
  if (id != pattern.columns.end()) return pattern.types[static_cast<std::size_t>(id - pattern.columns.begin())];
  for (const DerivedColumn& derived : columns) {
    if (derived.name == column) return derived.type;
  }
  return "";
}

const TableBase::Compiled::List* TableBase::Compiled::Find(absl::string_view list) const {
  const auto found =
      std::find_if(lists.begin(), lists.end(), [list](const List& one) { return one.spec->name == list; });
  return found == lists.end() ? nullptr : &*found;
}

const char* TableBase::Compiled::Keep(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }

void TableBase::Compiled::MakeInsert(const TableBase& table) {
  std::vector<pg::Column> all;
  for (std::size_t i = 0; i < pattern.columns.size(); ++i) {
    all.push_back({pattern.columns[i].c_str(), pattern.types[i]});
  }
  for (const DerivedColumn& column : columns) all.push_back({column.name.c_str(), column.type.c_str()});
  if (etag_field != nullptr) all.push_back({"version", "bigint"});
  all.push_back({"message", "bytea"});
  all.push_back({"sealed", "bytea"});
  if (searched) all.push_back({"search", "bytea"});
  if (has_key) all.push_back({"key", "bytea"});
  insert = std::make_unique<pg::Insert>(Keep(absl::StrCat(short_name, ".insert")), table.name(), all);
}

void TableBase::Compiled::MakeReads(const TableBase& table) {
  const std::string where = Where(pattern.columns);
  const std::string from = absl::StrCat(" FROM ", table.name(), " AS t WHERE ", where);
  std::string get_sql;
  std::string load_sql;
  if (table.root() == nullptr) {
    get_sql = absl::StrCat("SELECT ", HallAndKey(table, "t"), ", t.message, t.sealed", from);
    load_sql = absl::StrCat(get_sql, " FOR UPDATE");
  } else {
    get_sql =
        absl::StrCat("SELECT ", HallAndKey(*table.root(), "r"), ", t.message, t.sealed FROM ", table.name(),
                     " AS t JOIN ", table.root()->name(), " AS r ON r.id = t.", pattern.columns[0], " WHERE ", where);
    load_sql = absl::StrCat("SELECT t.message, t.sealed", from);
  }
  get = {Keep(absl::StrCat(short_name, ".get")), Keep(std::move(get_sql))};
  load = {Keep(absl::StrCat(short_name, ".load")), Keep(std::move(load_sql))};
}

void TableBase::Compiled::MakeSaves(const TableBase& table) {
  std::size_t number = pattern.columns.size();
  std::vector<std::string> set;
  for (const DerivedColumn& column : columns) set.push_back(absl::StrCat(column.name, " = $", ++number));
  if (etag_field != nullptr) {
    // Of a row that changed meanwhile the new version is NULL, which the column
    // refuses: nothing is overwritten in silence, though nobody reads how many rows were touched.
    ++number;
    set.push_back(absl::StrCat("version = CASE version WHEN $", number, " THEN $", number, "::bigint + 1 END"));
  }
  set.push_back(absl::StrCat("message = $", ++number));
  const std::string head = absl::StrCat("UPDATE ", table.name(), " AS t SET ", absl::StrJoin(set, ", "));
  const std::string where = absl::StrCat(" WHERE ", Where(pattern.columns));
  save = {Keep(absl::StrCat(short_name, ".save")), Keep(absl::StrCat(head, where))};
  // What a row is found by is sealed, and changes with that alone.
  std::string sealed = absl::StrCat(", sealed = $", ++number);
  if (searched) absl::StrAppend(&sealed, ", search = $", ++number);
  save_sealed = {Keep(absl::StrCat(short_name, ".save_sealed")), Keep(absl::StrCat(head, sealed, where))};
}

void TableBase::Compiled::MakeList(const TableBase& table, const ListSpec& spec) {
  List list;
  list.spec = &spec;
  list.order = Order::Of(spec.order);
  list.of_root = spec.of == Of::kParent && table.root() != nullptr;
  for (const std::string& column : list.order.columns) {
    list.key_types.push_back(table.spec().serial != nullptr && column == table.spec().serial ? "bigint"
                                                                                             : TypeOf(column));
  }
  for (const char* column : spec.equal) list.parameters.push_back(absl::StrCat(column, " ", TypeOf(column)));
  if (spec.of == Of::kHalls) list.parameters.emplace_back("hall text");
  for (std::size_t i = 0; i < list.key_types.size(); ++i) {
    list.parameters.push_back(absl::StrCat(list.order.columns[i], " ", list.key_types[i]));
  }
  list.parameters.emplace_back("limit bigint");

  const bool halls = spec.of == Of::kHalls;
  list.statement = {Keep(absl::StrCat(short_name, ".", spec.name, halls ? ".hall" : "")),
                    Keep(PageOf(table, list, true))};
  if (halls) {
    list.all_halls = {Keep(absl::StrCat(short_name, ".", spec.name, ".all")), Keep(PageOf(table, list, false))};
  }
  lists.push_back(std::move(list));
}

std::string TableBase::Compiled::PageOf(const TableBase& table, const List& list, bool one_hall) const {
  int number = 0;
  std::vector<std::string> where;
  for (const char* column : list.spec->equal) where.push_back(absl::StrCat("t.", column, " = $", ++number));
  if (list.spec->of == Of::kHalls) where.push_back(one_hall ? absl::StrCat("t.hall = $", ++number) : "t.hall <> ''");
  for (const Fixed& fixed : list.spec->fixed) where.push_back(absl::StrCat("t.", fixed.column, " = ", fixed.value));
  std::vector<std::string> keys;
  std::vector<std::string> after;
  for (const std::string& column : list.order.columns) {
    keys.push_back(absl::StrCat("t.", column));
    after.push_back(absl::StrCat("$", ++number));
  }
  where.push_back(absl::StrCat("(", absl::StrJoin(keys, ", "), ") ", list.order.descending ? "<" : ">", " (",
                               absl::StrJoin(after, ", "), ")"));
  const std::string direction = list.order.descending ? " DESC" : "";
  const std::string page = absl::StrCat("SELECT t.", absl::StrJoin(pattern.columns, ", t."), ", t.message, ",
                                        list.of_root ? "t.sealed, " : "", absl::StrJoin(keys, ", "), " FROM ",
                                        table.name(), " AS t WHERE ", absl::StrJoin(where, " AND "), " ORDER BY ",
                                        absl::StrJoin(keys, direction + ", "), direction, " LIMIT $", ++number);
  if (!list.of_root) return page;
  // One row at least if the root is there, so that its hall and key come along.
  return absl::StrCat("SELECT ", HallAndKey(*table.root(), "r"), ", p.* FROM ", table.root()->name(),
                      " AS r LEFT JOIN LATERAL (", page, ") AS p ON true WHERE r.id = $1");
}

}  // namespace xxt::store
