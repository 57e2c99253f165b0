#include "common/store/tx.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/events/events.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/compiled.h"
#include "common/store/owner.h"

namespace xxt {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using store::TableBase;

// Most bytes of a message, what is personal included.
constexpr std::size_t kMost = std::size_t{1} << 20;
// As often as a service looks at its keys.
constexpr absl::Duration kAskAgain = absl::Seconds(1);

absl::Status Internal(const TableBase& table, absl::string_view what) {
  return errors::Internal(absl::StrCat(table.compiled().short_name, ".", what));
}

absl::Status NewerState(const TableBase& table) {
  return errors::NewerState(absl::StrCat(table.compiled().short_name, ".state"));
}

std::string NameOf(const TableBase& table, const Message& message) {
  return message.GetReflection()->GetString(message, table.compiled().name_field);
}

std::string EtagOf(const TableBase& table, const Message& message) {
  const FieldDescriptor* field = table.compiled().etag_field;
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

void SetEtag(const TableBase& table, std::int64_t version, Message* message) {
  const FieldDescriptor* field = table.compiled().etag_field;
  if (field != nullptr) message->GetReflection()->SetString(message, field, absl::StrCat(version));
}

void SetTime(const FieldDescriptor* field, absl::Time time, Message* message) {
  if (field == nullptr) return;
  rpc::ToProto(time,
               static_cast<google::protobuf::Timestamp*>(message->GetReflection()->MutableMessage(message, field)));
}

// The ids and columns, with which the parameters of every change begin.
std::vector<pg::Param> Values(const TableBase::Compiled& compiled, const std::vector<std::string>& ids,
                              const Message& message) {
  std::vector<pg::Param> values(ids.begin(), ids.end());
  for (const auto& column : compiled.columns) {
    values.push_back(store::ValueOf(message, column.path, column.unset));
  }
  return values;
}

pg::Param BytesOrNull(const std::optional<std::string>& bytes) {
  return bytes.has_value() ? pg::Param::Bytes(*bytes) : pg::Param(std::nullopt);
}

}  // namespace

absl::StatusOr<pg::Result> Tx::Find(const TableBase& table, absl::string_view name) {
  const TableBase::Compiled& compiled = table.compiled();
  const auto ids = compiled.pattern.Ids(name);
  if (!ids.has_value()) return errors::NotFound(compiled.type_name, name);
  absl::StatusOr<pg::Result> rows = session.RunParams(compiled.get, {ids->begin(), ids->end()});
  if (!rows.ok()) return rows;
  if (rows->empty()) return errors::NotFound(compiled.type_name, name);
  if (compiled.of_halls) XXT_RETURN_IF_ERROR(identity::CheckHall(caller, (*rows)[0].View(0), name));
  return rows;
}

absl::StatusOr<std::string> Tx::HallOf(const TableBase& table, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, Find(table, name));
  return rows[0].Text(0);
}

absl::Status Tx::Get(const TableBase& table, absl::string_view name, Message* found) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, Find(table, name));
  const auto key = store::RootKey::Of(of_.keys, store::RootNameOf(name), rows[0].Bytes(1));
  store::Unsealed unsealed;
  XXT_RETURN_IF_ERROR(ReadRow(table, name, key, rows[0], 2, found, &unsealed));
  if (unsealed.damaged) seal::TakeOut(found, {});
  return absl::OkStatus();
}

absl::Status Tx::Load(const TableBase& table, absl::string_view name, absl::string_view etag, Message* found) {
  const TableBase::Compiled& compiled = table.compiled();
  const auto ids = compiled.pattern.Ids(name);
  if (!ids.has_value()) return errors::NotFound(compiled.type_name, name);
  if (of_.reads_only) return Internal(table, "load_in_a_read");
  const bool is_root = table.root() == nullptr;
  if (!is_root && KeyOf(name) == nullptr) return Internal(table, "root_not_locked");
  if (is_root) events::QueueTurn(session, name);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.RunParams(compiled.load, {ids->begin(), ids->end()}));
  if (rows.empty()) return errors::NotFound(compiled.type_name, name);
  if (is_root) {
    if (compiled.of_halls) XXT_RETURN_IF_ERROR(identity::CheckHall(caller, rows[0].View(0), name));
    Locked(name, rows[0].Bytes(1));
  }
  Loaded loaded;
  XXT_RETURN_IF_ERROR(ReadRow(table, name, *KeyOf(name), rows[0], is_root ? 2 : 0, found, &loaded.unsealed));
  if (!etag.empty() && etag != EtagOf(table, *found)) return errors::EtagMismatch(name);
  return Remember(table, *found, std::move(loaded));
}

absl::Status Tx::ReadRow(const TableBase& table, absl::string_view name, const store::RootKey& key, const pg::Row& row,
                         int at, Message* found, store::Unsealed* unsealed) const {
  if (!store::ReadRow(table, name, key, row, at, found, unsealed)) return Internal(table, "unreadable");
  if (!of_.must_open) return absl::OkStatus();
  if (store::IsInNewerState(table, *found)) return NewerState(table);
  return unsealed->damaged ? Internal(table, "sealed") : absl::OkStatus();
}

absl::Status Tx::Remember(const TableBase& table, const Message& found, Loaded loaded) {
  if (store::IsInNewerState(table, found)) return NewerState(table);
  const bool counted = table.compiled().etag_field != nullptr;
  if (counted && !absl::SimpleAtoi(EtagOf(table, found), &loaded.version)) return Internal(table, "etag");
  loaded_.insert_or_assign(NameOf(table, found), std::move(loaded));
  return absl::OkStatus();
}

bool Tx::IsErased(absl::string_view name) const {
  const store::RootKey* key = KeyOf(name);
  return key != nullptr && key->erased();
}

absl::StatusOr<store::RootKey> Tx::FindKey(absl::string_view root) {
  if (const store::RootKey* known = KeyOf(root); known != nullptr) return *known;
  XXT_ASSIGN_OR_RETURN(const std::string wrapped, store::WrappedKeyOf(session, root));
  return store::RootKey::Of(of_.keys, root, wrapped);
}

void Tx::Insert(const TableBase& table, Message& made) {
  const TableBase::Compiled& compiled = table.compiled();
  const std::string name = NameOf(table, made);
  const auto ids = compiled.pattern.Ids(name);
  if (!ids.has_value()) return Fail(Internal(table, "name"));
  std::optional<std::string> wrapped;
  if (compiled.has_key) {
    wrapped = MakeKey(name);
  } else if (table.root() == nullptr) {
    Locked(name, "");
  }
  const store::RootKey* key = KeyOf(name);
  if (key == nullptr) return Fail(Internal(table, "root_not_locked"));

  SetTime(compiled.create_time_field, now, &made);
  SetTime(compiled.update_time_field, now, &made);
  SetEtag(table, 1, &made);
  store::Written written = store::WriteRow({}, &made);
  if (!MayChange(table, written)) return;
  std::optional<std::string> sealed;
  if (!written.leaves.empty()) {
    sealed = Seal(table, name, *key, written.leaves);
    if (!sealed.has_value()) return;
  }

  std::vector<pg::Param> values = Values(compiled, *ids, made);
  if (compiled.etag_field != nullptr) values.emplace_back(1);
  values.push_back(pg::Param::Bytes(written.message));
  values.push_back(BytesOrNull(sealed));
  if (compiled.searched) values.push_back(BytesOrNull(store::SearchOf(of_.keys, made)));
  if (compiled.has_key) values.push_back(BytesOrNull(wrapped));
  session.QueueParams(*compiled.insert, std::move(values));
  loaded_.insert_or_assign(name, Loaded{1, {std::move(written.leaves), false}});
}

void Tx::Save(const TableBase& table, Message& changed) {
  const TableBase::Compiled& compiled = table.compiled();
  const std::string name = NameOf(table, changed);
  const auto found = loaded_.find(name);
  if (found == loaded_.end()) return Fail(Internal(table, "save_without_load"));
  if (table.spec().append_only) return Fail(Internal(table, "append_only"));
  Loaded& loaded = found->second;
  SetTime(compiled.update_time_field, now, &changed);
  SetEtag(table, loaded.version + 1, &changed);
  store::Written written = store::WriteRow(loaded.unsealed.leaves, &changed);
  if (!MayChange(table, written)) return;

  const bool same = written.leaves == loaded.unsealed.leaves;
  std::optional<std::string> sealed;
  if (!same && !written.leaves.empty()) {
    if (loaded.unsealed.damaged) return Fail(Internal(table, "sealed"));
    sealed = Seal(table, name, *KeyOf(name), written.leaves);
    if (!sealed.has_value()) return;
  }
  std::vector<pg::Param> values = Values(compiled, *compiled.pattern.Ids(name), changed);
  if (compiled.etag_field != nullptr) values.emplace_back(loaded.version);
  values.push_back(pg::Param::Bytes(written.message));
  if (!same) values.push_back(BytesOrNull(sealed));
  if (!same && compiled.searched) values.push_back(BytesOrNull(store::SearchOf(of_.keys, changed)));
  session.QueueParams(same ? compiled.save : compiled.save_sealed, std::move(values));
  ++loaded.version;
  loaded.unsealed.leaves = std::move(written.leaves);
}

void Tx::Locked(absl::string_view root, absl::string_view wrapped_key) {
  keys_.insert_or_assign(std::string(root), store::RootKey::Of(of_.keys, root, wrapped_key));
}

std::string Tx::MakeKey(absl::string_view root) {
  seal::Keyring::Made made = of_.keys.Make(root);
  keys_.insert_or_assign(std::string(root), store::RootKey(made.key));
  return std::move(made.wrapped);
}

const store::RootKey* Tx::KeyOf(absl::string_view name) const {
  const auto found = keys_.find(store::RootNameOf(name));
  return found == keys_.end() ? nullptr : &found->second;
}

std::optional<std::string> Tx::Seal(const TableBase& table, absl::string_view name, const store::RootKey& key,
                                    const std::vector<seal::Leaf>& leaves) {
  if (key.key() != nullptr) return key.key()->Seal(name, seal::Encode(leaves));
  Fail(key.erased() ? errors::PersonalDataErased(store::RootNameOf(name)) : Internal(table, "key"));
  return std::nullopt;
}

bool Tx::MayChange(const TableBase& table, const store::Written& written) {
  if (of_.reads_only) Fail(Internal(table, "change_in_a_read"));
  std::size_t size = written.message.size();
  for (const seal::Leaf& leaf : written.leaves) size += leaf.text.size();
  if (size > kMost) Fail(Internal(table, "too_big"));
  return failure_.ok();
}

void Tx::Fail(absl::Status why) {
  if (failure_.ok()) failure_ = std::move(why);
}

void Tx::TellOf(absl::string_view subject, absl::string_view hall, absl::string_view type, absl::string_view summary) {
  if (of_.reads_only) return Fail(errors::Internal("events.change_in_a_read"));
  events::Append(session, {.id = "",
                           .type = std::string(type),
                           .subject = std::string(subject),
                           .hall = std::string(hall),
                           .actor = caller.subject,
                           .summary = std::string(summary),
                           .time = now});
}

absl::Status InTx(pg::Session& session, const Circumstances& of, absl::FunctionRef<absl::Status(Tx&)> body) {
  if (!of.keys.checked()) return errors::SealKeysUnchecked(kAskAgain);
  Tx tx(session, of);
  XXT_RETURN_IF_ERROR(body(tx));
  return tx.failure();
}

absl::Status InTx(pg::Pool& pool, const Circumstances& of, absl::FunctionRef<absl::Status(Tx&)> body) {
  return pg::InTransaction(pool, of.deadline, [&](pg::Session& session) { return InTx(session, of, body); });
}

}  // namespace xxt
