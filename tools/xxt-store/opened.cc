#include "tools/xxt-store/opened.h"

#include <google/protobuf/dynamic_message.h>

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/store/compiled.h"
#include "common/store/row.h"

namespace xxt::store_tool {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using store::TableBase;

constexpr char kMask[] = "***";

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// Puts what is in the blob back.
Blob OpenBlob(const Row& row, const seal::Keyring* keys, Opened* opened, Message* message) {
  if (!row.sealed.has_value()) return Blob::kNone;
  if (keys == nullptr) return Blob::kClosed;
  if (row.erased()) return Blob::kErased;
  if (!opened->key.has_value()) return Blob::kDamaged;  // told already
  const std::optional<std::string> text = opened->key->Open(row.name, *row.sealed);
  absl::StatusOr<std::vector<seal::Leaf>> leaves = seal::Decode(text.value_or(""));
  if (!text.has_value() || !leaves.ok()) {
    opened->faults.push_back(
        {"密文（sealed）打不开：已损坏，或属于另一条", "sealed does not open: it is damaged, or of another row"});
    return Blob::kDamaged;
  }
  seal::PutBack(*leaves, message);
  opened->sealed = *std::move(leaves);
  return Blob::kOpened;
}

// As PostgreSQL writes it: a time has no zeros at the end of its fraction.
std::optional<std::string> Canonical(absl::string_view type, const pg::Param& value) {
  std::optional<std::string> text = value.AsText();
  if (!text.has_value() || type != "timestamptz" || text->find('.') == std::string::npos) return text;
  absl::string_view moment = absl::StripSuffix(*text, "+00");
  while (absl::ConsumeSuffix(&moment, "0")) {
  }
  return absl::StrCat(absl::StripSuffix(moment, "."), "+00");
}

}  // namespace

std::optional<seal::DataKey> KeyOf(const Row& row, const seal::Keyring& keys, std::vector<Text>* faults) {
  const std::optional<std::uint32_t> id = seal::Keyring::IdOf(row.key);
  if (!id.has_value()) {
    faults->push_back({"密钥列不是本版本认识的形式", "key is no wrapped key of a form that this version knows"});
    return std::nullopt;
  }
  if (!keys.Knows(*id)) {
    faults->push_back({absl::StrCat("密钥由 ", *id, " 号主密钥包裹，密钥文件里没有"),
                       absl::StrCat("key was wrapped by key ", *id, ", which the key file lacks")});
    return std::nullopt;
  }
  std::optional<seal::DataKey> key = keys.Unwrap(store::RootNameOf(row.name), row.key);
  if (!key.has_value()) {
    faults->push_back({"密钥解不开：已损坏，或属于另一条", "key does not unwrap: it is damaged, or of another root"});
  }
  return key;
}

Opened Open(const TableBase& table, const Row& row, const seal::Keyring* keys) {
  const TableBase::Compiled& compiled = table.compiled();
  Opened opened;
  if (!row.refused.empty()) {
    opened.faults.push_back({absl::StrCat("数据库读不出这一行：", row.refused),
                             absl::StrCat("PostgreSQL cannot read the row: ", row.refused)});
    return opened;
  }
  const std::string root(store::RootNameOf(row.name));
  if (!row.root_there) opened.faults.push_back({absl::StrCat(root, " 不存在"), absl::StrCat(root, " is not there")});
  std::vector<Text> of_key;
  if (keys != nullptr && !row.key.empty()) opened.key = KeyOf(row, *keys, &of_key);
  // Of what hangs on a root only where it matters: the root tells of its key itself.
  if (table.root() == nullptr || row.sealed.has_value()) {
    opened.faults.insert(opened.faults.end(), of_key.begin(), of_key.end());
  }
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&table.type())->New());
  if (!message->ParseFromString(row.message)) {
    opened.faults.push_back({"内容（message）读不出来", "message cannot be read"});
    return opened;
  }
  if (TextOf(*message, compiled.name_field) != row.name) {
    opened.faults.push_back({"内容（message）是另一条的", "message is of another name"});
    return opened;
  }
  if (TextOf(*message, compiled.etag_field) != row.version) {
    opened.faults.push_back({absl::StrCat("version 列是 ", row.version, "，与内容的 etag 不同"),
                             absl::StrCat("column version is ", row.version, ", the message's etag differs")});
  }
  opened.bare = seal::TakeOut(message.get(), {});
  if (!row.erased()) seal::PutBack(opened.bare, message.get());
  opened.blob = OpenBlob(row, keys, &opened, message.get());
  const bool whole = opened.blob != Blob::kClosed && opened.blob != Blob::kDamaged;
  opened.search = compiled.searched && keys != nullptr && whole ? store::SearchOf(*keys, *message) : row.search;
  opened.message = std::move(message);
  return opened;
}

std::vector<pg::Param> Derive(const TableBase& table, const Message& message) {
  std::vector<pg::Param> values;
  for (const auto& column : table.compiled().columns) {
    values.push_back(store::ValueOf(message, column.path, column.unset));
  }
  return values;
}

std::vector<Text> ColumnFaults(const TableBase& table, const Row& row, const Opened& opened) {
  const auto& columns = table.compiled().columns;
  const std::vector<pg::Param> derived = Derive(table, *opened.message);
  std::vector<Text> faults;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::optional<std::string> wanted = Canonical(columns[i].type, derived[i]);
    if (row.columns[i] == wanted) continue;
    const std::string is = row.columns[i].value_or("NULL");
    const std::string says = wanted.value_or("NULL");
    faults.push_back({absl::StrCat(columns[i].name, " 列是 ", is, "，内容说 ", says),
                      absl::StrCat("column ", columns[i].name, " is ", is, ", the message says ", says)});
  }
  if (row.search != opened.search) {
    faults.push_back({"search 列与内容不符，或是用别的 search 密钥算的",
                      "column search is not of what is sealed, or of another search key"});
  }
  return faults;
}

void Mask(Opened* opened) {
  std::vector<seal::Leaf> leaves = seal::TakeOut(opened->message.get(), opened->sealed);
  for (seal::Leaf& leaf : leaves) leaf.text = kMask;
  seal::PutBack(leaves, opened->message.get());
}

}  // namespace xxt::store_tool
