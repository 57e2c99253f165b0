#include "common/store/row.h"

#include <utility>

#include "common/log/log.h"
#include "common/store/compiled.h"

namespace xxt::store {
namespace {

void Tell(const TableBase& table, absl::string_view name, const char* what) {
  table.CountUnreadable();
  log::Error("store.unreadable_row", {{"table", table.name()}, {"row", name}, {"what", what}});
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
  const auto* name_field = table.compiled().name_field;
  if (message->ParseFromString(row.Bytes(at)) && message->GetReflection()->GetString(*message, name_field) == name) {
    return true;
  }
  message->Clear();
  Tell(table, name, "message");
  return false;
}

bool ReadRow(const TableBase& table, absl::string_view name, const RootKey& key, const pg::Row& row, int at,
             google::protobuf::Message* message, Unsealed* unsealed) {
  *unsealed = {};
  if (!ReadOpen(table, name, row, at, message)) return false;
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

Written WriteRow(const std::vector<seal::Leaf>& before, google::protobuf::Message* message) {
  Written written;
  written.leaves = seal::TakeOut(message, before);
  written.message = message->SerializeAsString();
  seal::PutBack(written.leaves, message);
  return written;
}

}  // namespace xxt::store
