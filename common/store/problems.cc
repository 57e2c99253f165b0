#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/seal/split.h"
#include "common/store/compiled.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(::xixinting::common::v1::personal) !=
         ::xixinting::common::v1::PERSONAL_UNSPECIFIED;
}

// The judge of one table.
class Judge {
 public:
  Judge(const TableBase& table, std::vector<std::string>* problems)
      : table_(table), compiled_(table.compiled()), problems_(*problems) {}

  void All() {
    if (compiled_.pattern.columns.empty() || compiled_.name_field == nullptr) {
      return Say("its type is no resource with a pattern and a name");
    }
    Root();
    std::set<const Descriptor*> seen;
    Personal(table_.type(), &seen);
    for (const Column& column : table_.spec().columns) OneColumn(column);
    std::set<std::string> names;
    for (const auto& list : compiled_.lists) {
      if (!names.insert(list.spec->name).second) Say(absl::StrCat("two lists are called ", list.spec->name));
      OneList(list);
    }
  }

 private:
  void Say(absl::string_view what) { problems_.push_back(absl::StrCat(table_.name(), ": ", what)); }

  void Root() {
    const std::vector<std::string>& own = compiled_.pattern.collections;
    if (table_.root() == nullptr) {
      if (own.size() != 1) Say("a root's names have one id");
      if (table_.spec().keyless && compiled_.personal) Say("has something personal and no key");
      return;
    }
    const std::vector<std::string>& roots = table_.root()->compiled().pattern.collections;
    if (table_.root()->root() != nullptr) Say("its root hangs on another");
    if (own.size() < 2 || roots.empty() || own[0] != roots[0]) Say("its names do not lie under its root's");
    if (table_.root()->spec().keyless && compiled_.personal) Say("has something personal under a root without a key");
  }

  // Only texts can be taken out, and only where a path leads.
  void Personal(const Descriptor& type, std::set<const Descriptor*>* seen) {
    if (!seen->insert(&type).second) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsPersonal(field) && field.type() != FieldDescriptor::TYPE_STRING)
        Say(field.full_name() + " is personal and no text");
      if (field.options().GetExtension(::xixinting::common::v1::search) && (!IsPersonal(field) || field.is_repeated()))
        Say(field.full_name() + " is searched by and no single personal text");
      if (field.message_type() == nullptr) continue;
      if (field.is_map() && seal::HasPersonal(*field.message_type()))
        Say(field.full_name() + " is a map of what is personal");
      Personal(*field.message_type(), seen);
    }
  }

  void OneColumn(const Column& column) {
    const FieldPath path = PathTo(table_.type(), column.field);
    if (path.empty()) return Say(absl::StrCat("has no single field ", column.field));
    if (SqlTypeOf(*path.back()) == nullptr) Say(absl::StrCat("no column can hold ", column.field));
    if (IsPersonal(*path.back())) Say(absl::StrCat(column.field, " is personal and would stand open in a column"));
    for (const char* taken : {"message", "sealed", "search", "version", "key"}) {
      if (absl::string_view(column.name) == taken) Say(absl::StrCat(taken, " is a column of the store's own"));
    }
    const std::vector<std::string>& ids = compiled_.pattern.columns;
    if (std::find(ids.begin(), ids.end(), column.name) != ids.end()) Say(absl::StrCat(column.name, " is an id"));
  }

  void OneList(const TableBase::Compiled::List& list) {
    const ListSpec& spec = *list.spec;
    for (const char* column : spec.equal) {
      if (compiled_.TypeOf(column).empty()) Say(absl::StrCat(spec.name, ": there is no column ", column));
    }
    for (const Fixed& fixed : spec.fixed) {
      const std::string type = compiled_.TypeOf(fixed.column);
      if (type != "smallint" && type != "bigint") Say(absl::StrCat(spec.name, ": no number is ", fixed.column));
    }
    if (spec.of == Of::kHalls && compiled_.TypeOf("hall") != "text")
      Say(absl::StrCat(spec.name, ": there is no column hall"));
    if (list.of_root && (spec.equal.empty() || spec.equal[0] != compiled_.pattern.columns[0])) {
      Say(absl::StrCat(spec.name, ": its first condition is not ", compiled_.pattern.columns[0]));
    }
    OneOrder(list);
  }

  void OneOrder(const TableBase::Compiled::List& list) {
    const char* const name = list.spec->name;
    if (list.order.mixed) Say(absl::StrCat(name, ": its order goes up and down"));
    for (std::size_t i = 0; i < list.key_types.size(); ++i) {
      if (!IsKey(list.key_types[i])) Say(absl::StrCat(name, ": nothing is sorted by ", list.order.columns[i]));
      if (list.key_types[i] == "text" && list.order.descending) Say(absl::StrCat(name, ": no text goes down"));
    }
    const std::string& last = list.order.columns.back();
    if (last != "id" && (table_.spec().serial == nullptr || last != table_.spec().serial)) {
      Say(absl::StrCat(name, ": its order is not unique"));
    }
  }

  const TableBase& table_;
  const TableBase::Compiled& compiled_;
  std::vector<std::string>& problems_;
};

}  // namespace

std::vector<std::string> TableBase::Problems() {
  std::vector<std::string> problems;
  std::set<std::string> names;
  for (const TableBase* table : All()) {
    if (!names.insert(table->name()).second) problems.push_back(absl::StrCat(table->name(), ": there are two"));
    Judge(*table, &problems).All();
  }
  return problems;
}

}  // namespace xxt::store
