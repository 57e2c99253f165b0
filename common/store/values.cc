#include "common/store/values.h"

#include <google/protobuf/timestamp.pb.h>

#include <limits>
#include <optional>

#include "absl/strings/str_split.h"
#include "common/rpc/timestamp.h"
#include "google/type/date.pb.h"

namespace xxt::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

bool IsTimestamp(const Descriptor& type) { return type.full_name() == "google.protobuf.Timestamp"; }
bool IsDate(const Descriptor& type) { return type.full_name() == "google.type.Date"; }

pg::Param TimeOrDay(const Message& message) {
  if (IsDate(*message.GetDescriptor())) return rpc::FromProto(static_cast<const google::type::Date&>(message));
  return rpc::FromProto(static_cast<const google::protobuf::Timestamp&>(message));
}

}  // namespace

FieldPath PathTo(const Descriptor& type, absl::string_view path) {
  FieldPath fields;
  const Descriptor* owner = &type;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    if (owner == nullptr) return {};
    const FieldDescriptor* field = owner->FindFieldByName(std::string(part));
    if (field == nullptr || field->is_repeated()) return {};
    fields.push_back(field);
    owner = field->message_type();
  }
  return fields;
}

const char* SqlTypeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "bytea" : "text";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "smallint";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "boolean";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "bigint";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsTimestamp(*field.message_type())) return "timestamptz";
      return IsDate(*field.message_type()) ? "date" : nullptr;
    default:
      return nullptr;
  }
}

pg::Param ValueOf(const Message& message, const FieldPath& path, const char* unset) {
  const Message* owner = &message;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) owner = &owner->GetReflection()->GetMessage(*owner, path[i]);
  const FieldDescriptor* field = path.back();
  const Reflection& reflection = *owner->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = reflection.GetString(*owner, field);
      return field->type() == FieldDescriptor::TYPE_BYTES ? pg::Param::Bytes(text) : pg::Param(std::move(text));
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnumValue(*owner, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(*owner, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(*owner, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::int64_t{reflection.GetInt64(*owner, field)};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (reflection.HasField(*owner, field)) return TimeOrDay(reflection.GetMessage(*owner, field));
      return unset == nullptr ? pg::Param(std::nullopt) : pg::Param(unset);
    default:
      return std::nullopt;
  }
}

bool IsKey(absl::string_view sql_type) {
  return sql_type == "uuid" || sql_type == "text" || sql_type == "bigint" || sql_type == "timestamptz";
}

paging::Part PartOf(absl::string_view sql_type) {
  if (sql_type == "uuid") return paging::Part::kUuid;
  if (sql_type == "bigint") return paging::Part::kNumber;
  return sql_type == "timestamptz" ? paging::Part::kTime : paging::Part::kText;
}

std::string PartOf(absl::string_view sql_type, const pg::Row& row, int column) {
  return sql_type == "timestamptz" ? paging::PartOf(row.Time(column)) : row.Text(column);
}

pg::Param KeyParam(absl::string_view sql_type, const std::string* part, bool descending) {
  if (sql_type == "timestamptz") {
    if (part != nullptr) return paging::TimeOf(*part);
    return descending ? absl::InfiniteFuture() : absl::InfinitePast();
  }
  if (part != nullptr) return *part;
  if (sql_type == "uuid") return descending ? kLastId : kFirstId;
  if (sql_type == "text") return "";  // never descending: no text comes after all others
  using Limits = std::numeric_limits<std::int64_t>;
  return descending ? Limits::max() : Limits::min();
}

}  // namespace xxt::store
