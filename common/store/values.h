#ifndef XXT_COMMON_STORE_VALUES_H_
#define XXT_COMMON_STORE_VALUES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/paging/page_token.h"
#include "common/pg/result.h"
#include "common/pg/session.h"

// Fields of messages as values of columns, and columns as keys of pages.
namespace xxt::store {

// The way to a field: "next_action.due_time".
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;
// Empty if there is no such single field.
FieldPath PathTo(const google::protobuf::Descriptor& type, absl::string_view path);

// The type of the column that keeps the field; null if none can.
const char* SqlTypeOf(const google::protobuf::FieldDescriptor& field);

// What the column of the field keeps of `message`. A message field that is not
// set, or lies in one that is not, is `unset`; NULL if that is null.
pg::Param ValueOf(const google::protobuf::Message& message, const FieldPath& path, const char* unset);

// Columns of these types can be part of a page's key.
bool IsKey(absl::string_view sql_type);
paging::Part PartOf(absl::string_view sql_type);
std::string PartOf(absl::string_view sql_type, const pg::Row& row, int column);
// The part as a parameter again; `part` null: what comes before every row.
pg::Param KeyParam(absl::string_view sql_type, const std::string* part, bool descending);

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_VALUES_H_
