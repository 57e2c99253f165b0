#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/compiled.h"
#include "common/store/tx.h"

namespace xxt {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using store::Of;
using store::TableBase;

// Most rows of LoadAll.
constexpr int kMostLoaded = 1000;

absl::Status Internal(const TableBase& table, const TableBase::Compiled::List& list, absl::string_view what) {
  return errors::Internal(absl::StrCat(table.compiled().short_name, ".", list.spec->name, ".", what));
}

std::string TextOf(const Message& request, const char* name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  return request.GetReflection()->GetString(request, field);
}

// What the list's `equal` columns must be. Errors: RESOURCE_NOT_FOUND for a
// parent that is no name.
absl::StatusOr<std::vector<pg::Param>> Conditions(const TableBase& table, const TableBase::Compiled::List& list,
                                                  const Message& request) {
  const store::Pattern& pattern = table.compiled().pattern;
  const TableBase& root = table.root() == nullptr ? table : *table.root();
  std::vector<pg::Param> values;
  for (const char* column : list.spec->equal) {
    const auto id = std::find(pattern.columns.begin(), pattern.columns.end(), column);
    if (id != pattern.columns.end()) {
      const std::string parent = TextOf(request, "parent");
      const auto ids = pattern.ParentIds(parent);
      if (!ids.has_value()) return errors::NotFound(root.compiled().type_name, parent);
      values.emplace_back((*ids)[static_cast<std::size_t>(id - pattern.columns.begin())]);
      continue;
    }
    const store::FieldPath path = store::PathTo(*request.GetDescriptor(), column);
    const char* type = path.empty() ? nullptr : store::SqlTypeOf(*path.back());
    if (type == nullptr || type != table.compiled().TypeOf(column)) return Internal(table, list, column);
    values.push_back(store::ValueOf(request, path, nullptr));
  }
  return values;
}

// The rows of a page, and the message they go into.
class PageReader {
 public:
  // `of_root`: rows begin with the root's hall and key, and what is personal follows the message.
  PageReader(const TableBase& table, const std::vector<std::string>& key_types, bool of_root, const pg::Result& rows)
      : table_(table), key_types_(key_types), of_root_(of_root), rows_(rows) {}

  // At most `size` of them. `key` is the root's; null if nothing personal is read.
  absl::Status Read(const paging::Page& page, const store::RootKey* key, Message* response) const {
    const FieldDescriptor* next = response->GetDescriptor()->FindFieldByName("next_page_token");
    const FieldDescriptor* items = nullptr;
    for (int i = 0; i < response->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = response->GetDescriptor()->field(i);
      if (field->is_repeated() && field->message_type() == &table_.type()) items = field;
    }
    if (items == nullptr || next == nullptr) {
      return errors::Internal(absl::StrCat(table_.compiled().short_name, ".list.response"));
    }
    for (int row = 0; row < std::min(rows_.size(), page.size) && HasItem(row); ++row) {
      Message* item = response->GetReflection()->AddMessage(response, items);
      store::Unsealed unsealed;
      const bool read = key == nullptr ? store::ReadOpen(table_, NameOf(rows_[row]), rows_[row], message_at(), item)
                                       : ReadItem(rows_[row], *key, item, &unsealed);
      if (unsealed.damaged) seal::TakeOut(item, {});
      if (!read) item->GetReflection()->SetString(item, table_.compiled().name_field, NameOf(rows_[row]));
    }
    if (rows_.size() > page.size) {
      response->GetReflection()->SetString(response, next, paging::MakeToken(page.scope, KeyOf(rows_[page.size - 1])));
    }
    return absl::OkStatus();
  }

  // False: the root alone.
  bool HasItem(int row) const { return !rows_[row].IsNull(ids_at()); }

  // With what is personal. False if it cannot be read.
  bool ReadItem(const pg::Row& row, const store::RootKey& key, Message* item, store::Unsealed* unsealed) const {
    return store::ReadRow(table_, NameOf(row), key, row, message_at(), item, unsealed);
  }

 private:
  int ids_at() const { return of_root_ ? 2 : 0; }
  int message_at() const { return ids_at() + static_cast<int>(table_.compiled().pattern.columns.size()); }

  std::string NameOf(const pg::Row& row) const {
    std::vector<std::string> ids;
    for (int at = ids_at(); at < message_at(); ++at) ids.push_back(row.Text(at));
    return table_.compiled().pattern.Name(ids);
  }

  paging::Key KeyOf(const pg::Row& row) const {
    paging::Key key;
    int at = message_at() + (of_root_ ? 2 : 1);
    for (const std::string& type : key_types_) key.push_back(store::PartOf(type, row, at++));
    return key;
  }

  const TableBase& table_;
  const std::vector<std::string>& key_types_;
  const bool of_root_;
  const pg::Result& rows_;
};

// The caller's halls, or the one of them that the request says. Errors: OTHER_HALL.
absl::StatusOr<identity::HallScope> HallsOf(const identity::Caller& caller, const Message& request) {
  std::string hall = TextOf(request, "hall");
  if (hall.empty()) return caller.halls;
  if (!caller.halls.Covers(hall)) return errors::OtherHall(hall);
  return identity::HallScope::One(std::move(hall));
}

std::vector<paging::Part> PartsOf(const std::vector<std::string>& key_types) {
  std::vector<paging::Part> parts;
  for (const std::string& type : key_types) parts.push_back(store::PartOf(type));
  return parts;
}

void AddPage(const std::vector<std::string>& key_types, bool descending, const paging::Page& page,
             std::vector<pg::Param>* params) {
  for (std::size_t i = 0; i < key_types.size(); ++i) {
    const std::string* part = page.after.empty() ? nullptr : &page.after[i];
    params->push_back(store::KeyParam(key_types[i], part, descending));
  }
  params->emplace_back(page.size + 1);  // one more tells whether there is a next page
}

}  // namespace

absl::Status Tx::List(const TableBase& table, const char* name, const Message& request, Message* response) {
  const TableBase::Compiled::List* list = table.compiled().Find(name);
  if (list == nullptr) return errors::Internal(absl::StrCat(table.name(), ".", name));
  XXT_ASSIGN_OR_RETURN(const paging::Page page, PageOf(request, PartsOf(list->key_types)));
  XXT_ASSIGN_OR_RETURN(std::vector<pg::Param> params, Conditions(table, *list, request));
  const pg::Statement* statement = &list->statement;
  if (list->spec->of == Of::kHalls) {
    XXT_ASSIGN_OR_RETURN(const identity::HallScope halls, HallsOf(caller, request));
    if (halls.none()) return absl::OkStatus();
    if (halls.all()) statement = &list->all_halls;
    if (!halls.all()) params.emplace_back(halls.sql());
  }
  AddPage(list->key_types, list->order.descending, page, &params);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.RunParams(*statement, std::move(params)));
  const PageReader reader(table, list->key_types, list->of_root, rows);
  if (!list->of_root) return reader.Read(page, nullptr, response);

  const std::string root(store::RootNameOf(TextOf(request, "parent")));
  const TableBase::Compiled& root_table = table.root()->compiled();
  if (rows.empty()) return errors::NotFound(root_table.type_name, root);
  if (root_table.of_halls) XXT_RETURN_IF_ERROR(identity::CheckHall(caller, rows[0].View(0), root));
  const auto key = store::RootKey::Of(of_.keys, root, rows[0].Bytes(1));
  return reader.Read(page, &key, response);
}

absl::StatusOr<paging::Page> Tx::PageOf(const Message& request, const std::vector<paging::Part>& parts) const {
  return paging::ReadPage(of_.method, caller.halls, request, parts);
}

absl::Status Tx::List(const TableBase& table, OwnList list, const Message& request, Message* response) {
  XXT_ASSIGN_OR_RETURN(const paging::Page page, PageOf(request, PartsOf(list.key)));
  AddPage(list.key, list.descending, page, &list.first);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.RunParams(list.statement, std::move(list.first)));
  return PageReader(table, list.key, /*of_root=*/false, rows).Read(page, nullptr, response);
}

absl::Status Tx::LoadEach(const TableBase& table, const char* name, absl::string_view parent,
                          absl::FunctionRef<Message*()> add) {
  const TableBase::Compiled& compiled = table.compiled();
  const TableBase::Compiled::List* list = compiled.Find(name);
  if (list == nullptr || !list->of_root) return errors::Internal(absl::StrCat(table.name(), ".", name));
  if (of_.reads_only) return Internal(table, *list, "load_in_a_read");
  const store::RootKey* key = KeyOf(parent);
  if (key == nullptr) return Internal(table, *list, "root_not_locked");
  const auto ids = compiled.pattern.ParentIds(parent);
  if (!ids.has_value()) return errors::NotFound(table.root()->compiled().type_name, parent);
  // The parent is all that it is asked with.
  const std::vector<const char*>& equal = list->spec->equal;
  const std::vector<std::string>& columns = compiled.pattern.columns;
  if (!list->spec->fixed.empty() || !std::equal(equal.begin(), equal.end(), columns.begin(), columns.end() - 1)) {
    return Internal(table, *list, "asks_for_more");
  }
  std::vector<pg::Param> params(ids->begin(), ids->end());
  AddPage(list->key_types, list->order.descending, {.after = {}, .size = kMostLoaded, .scope = {}}, &params);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.RunParams(list->statement, std::move(params)));
  if (rows.size() > kMostLoaded) return Internal(table, *list, "too_many");
  const PageReader reader(table, list->key_types, /*of_root=*/true, rows);
  for (int row = 0; row < rows.size() && reader.HasItem(row); ++row) {
    Loaded loaded;
    Message* item = add();
    if (!reader.ReadItem(rows[row], *key, item, &loaded.unsealed)) return Internal(table, *list, "unreadable");
    if (loaded.unsealed.damaged && of_.must_open) return Internal(table, *list, "sealed");
    XXT_RETURN_IF_ERROR(Remember(table, *item, std::move(loaded)));
  }
  return absl::OkStatus();
}

}  // namespace xxt
