#include "common/store/row.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/log/log.h"
#include "common/store/compiled.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Tell(const TableBase& table, absl::string_view name, const char* what) {
  table.CountUnreadable();
  log::Error("store.unreadable_row", {{"table", table.name()}, {"row", name}, {"what", what}});
}

// The open part: what was not personal when it was written.
bool Parse(const TableBase& table, absl::string_view name, const pg::Row& row, int at,
           google::protobuf::Message* message) {
  const auto* name_field = table.compiled().name_field;
  if (message->ParseFromString(row.Bytes(at)) && message->GetReflection()->GetString(*message, name_field) == name) {
    return true;
  }
  message->Clear();
  Tell(table, name, "message");
  return false;
}

// Whether the field that `way` leads to from its part `at` on has a value without a name, in any of those it leads to.
bool IsUnnamed(const google::protobuf::Message& message, const FieldPath& way, std::size_t at) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const google::protobuf::FieldDescriptor* field = way[at];
  if (at + 1 == way.size()) {
    return field->enum_type()->FindValueByNumber(reflection.GetEnumValue(message, field)) == nullptr;
  }
  if (!field->is_repeated()) {
    return reflection.HasField(message, field) && IsUnnamed(reflection.GetMessage(message, field), way, at + 1);
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    if (IsUnnamed(reflection.GetRepeatedMessage(message, field, i), way, at + 1)) return true;
  }
  return false;
}

// Each once, and always in the same order.
void AddHashes(const seal::Keyring& keys, const Message& message, std::set<std::string>* hashes) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(::xixinting::common::v1::search)) {
      const std::string text = reflection.GetString(message, field);
      if (!text.empty()) hashes->insert(keys.SearchHash(field->full_name(), text));
    }
    if (field->message_type() == nullptr || field->is_map()) continue;
    if (!field->is_repeated()) AddHashes(keys, reflection.GetMessage(message, field), hashes);
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
      AddHashes(keys, reflection.GetRepeatedMessage(message, field, i), hashes);
    }
  }
}

}  // namespace

RootKey RootKey::Of(const seal::Keyring& keys, absl::string_view root, absl::string_view wrapped) {
  RootKey key;
  key.erased_ = wrapped.empty();
  if (!key.erased_) key.key_ = keys.Unwrap(root, wrapped);
  return key;
}

bool ReadOpen(const TableBase& table, absl::string_view name, const pg::Row& row, int at,
              google::protobuf::Message* message) {
  if (!Parse(table, name, row, at, message)) return false;
  // What became personal since the row was written.
  seal::TakeOut(message, {});
  return true;
}

bool ReadRow(const TableBase& table, absl::string_view name, const RootKey& key, const pg::Row& row, int at,
             google::protobuf::Message* message, Unsealed* unsealed) {
  *unsealed = {};
  if (!Parse(table, name, row, at, message)) return false;
  if (key.erased()) {
    // With the key went what stands open here since before it was personal.
    seal::TakeOut(message, {});
    return true;
  }
  if (row.IsNull(at + 1)) return true;
  const std::optional<std::string> text =
      key.key() == nullptr ? std::nullopt : key.key()->Open(name, row.Bytes(at + 1));
  absl::StatusOr<std::vector<seal::Leaf>> leaves = seal::Decode(text.value_or(""));
  if (!text.has_value() || !leaves.ok()) {
    unsealed->damaged = true;
    Tell(table, name, key.key() == nullptr ? "key" : "sealed");
    return true;
  }
  seal::PutBack(*leaves, message);
  unsealed->leaves = *std::move(leaves);
  return true;
}

bool IsInNewerState(const TableBase& table, const google::protobuf::Message& message) {
  const std::vector<FieldPath>& states = table.compiled().states;
  return std::any_of(states.begin(), states.end(), [&](const FieldPath& way) { return IsUnnamed(message, way, 0); });
}

Written WriteRow(const std::vector<seal::Leaf>& before, google::protobuf::Message* message) {
  Written written;
  written.leaves = seal::TakeOut(message, before);
  written.message = message->SerializeAsString();
  seal::PutBack(written.leaves, message);
  return written;
}

std::optional<std::string> SearchOf(const seal::Keyring& keys, const Message& message) {
  std::set<std::string> hashes;
  AddHashes(keys, message, &hashes);
  if (hashes.empty()) return std::nullopt;
  return absl::StrJoin(hashes, "");
}

}  // namespace xxt::store
