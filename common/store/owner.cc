#include "common/store/owner.h"

#include <vector>

#include "common/status/macros.h"
#include "common/store/compiled.h"
#include "google/api/resource.pb.h"

namespace xxt::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Of roots with data keys that are called like `root`; null if there is none.
const TableBase* TableOf(absl::string_view root) {
  for (const TableBase* table : TableBase::All()) {
    const TableBase::Compiled& compiled = table->compiled();
    if (compiled.has_key && compiled.pattern.Ids(root).has_value()) return table;
  }
  return nullptr;
}

bool NamesAResource(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field.is_repeated() &&
         (field.name() == "name" || field.options().HasExtension(google::api::resource_reference));
}

std::string RootIn(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (NamesAResource(field)) {
    const std::string name = reflection.GetString(message, &field);
    const absl::string_view root = RootNameOf(name);
    return TableOf(root) == nullptr ? "" : std::string(root);
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return "";
  if (!field.is_repeated()) return RootOf(reflection.GetMessage(message, &field));
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (std::string root = RootOf(reflection.GetRepeatedMessage(message, &field, i)); !root.empty()) return root;
  }
  return "";
}

}  // namespace

std::string RootOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (std::string root = RootIn(message, *field); !root.empty()) return root;
  }
  return "";
}

absl::StatusOr<std::string> WrappedKeyOf(pg::Session& session, absl::string_view root) {
  const TableBase* table = TableOf(root);
  if (table == nullptr) return "";
  const TableBase::Compiled& compiled = table->compiled();
  const std::vector<std::string> ids = *compiled.pattern.Ids(root);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.RunParams(compiled.get, {ids.begin(), ids.end()}));
  return rows.empty() ? "" : rows[0].Bytes(1);
}

}  // namespace xxt::store
