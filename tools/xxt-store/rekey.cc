#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/compiled.h"
#include "tools/xxt-store/change.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/register.h"

namespace xxt::store_tool {
namespace {

using store::TableBase;

// Of the roots of one table.
class Rewrapping final : public Change {
 public:
  using Change::Change;

 private:
  bool Wants(const Row& row) override {
    if (!row.refused.empty()) {
      Leave(row, Open(table_, row, around_.keys).faults);
      return false;
    }
    if (row.key.empty() || seal::Keyring::IdOf(row.key) == around_.keys->active()) return false;
    std::vector<Text> faults;
    if (KeyOf(row, *around_.keys, &faults).has_value()) return true;
    Leave(row, std::move(faults));
    return false;
  }

  // Only where the key is still what was read: one that was erased meanwhile stays so.
  std::int64_t Write(pqxx::transaction_base& transaction, const std::vector<const Row*>& rows) override {
    std::vector<std::string> ids;
    std::vector<std::string> before;
    std::vector<std::string> after;
    for (const Row* row : rows) {
      const std::optional<std::string> anew = around_.keys->Rewrap(row->name, row->key);
      if (!anew.has_value()) continue;  // Wants has looked
      ids.push_back(row->ids[0]);
      before.push_back(*pg::Param::Bytes(row->key).AsText());
      after.push_back(*pg::Param::Bytes(*anew).AsText());
    }
    const pqxx::result written =
        Execute(transaction,
                absl::StrCat("UPDATE ", table_.name(),
                             " AS t SET key = n.after FROM unnest($1::", table_.compiled().pattern.types[0],
                             "[], $2::bytea[], $3::bytea[]) AS n (id, before, after) "
                             "WHERE t.id = n.id AND t.key = n.before RETURNING t.id"),
                {pg::Param(ids), pg::Param(before), pg::Param(after)});
    return static_cast<std::int64_t>(written.size());
  }
};

// Nothing if this key file is the one that the services have.
std::optional<Text> WhyNot(pqxx::transaction_base& transaction, const seal::Keyring& keys) {
  const std::vector<seal::NotedKey> noted = NotedKeys(transaction);
  if (std::optional<Text> why = WhyNotItsKeys(noted, keys); why.has_value()) return why;
  const auto last = std::find_if(noted.begin(), noted.end(), [](const seal::NotedKey& one) {
    return !one.retired && one.id != seal::Keyring::kSearchId;
  });
  if (last != noted.end() && last->id == keys.active()) return std::nullopt;
  return Text{absl::StrCat("服务最后用来包裹的不是 ", keys.active(),
                           " 号主密钥：先让所有副本的密钥文件都以它开头，等一分钟再运行"),
              absl::StrCat("key ", keys.active(),
                           " is not the one that a service has wrapped with last: have all replicas begin their key "
                           "file with it, and run this a minute later")};
}

// Retires what can be of the keys that wrap (0 is the search key), tells of it and of what must wait; false if
// something must.
bool Retire(const Surroundings& around, const std::string& begun) {
  pqxx::work transaction(around.db);
  const std::int64_t active = around.keys->active();
  const pqxx::result retired =
      Execute(transaction,
              "UPDATE backbone.seal_key SET retire_time = now() WHERE retire_time IS NULL AND id > 0 AND id <> $1 "
              "AND use_time < $2::timestamptz - interval '5 minutes' RETURNING id",
              {active, begun});
  const pqxx::result waiting = Execute(transaction,
                                       "SELECT id, to_char(use_time, 'YYYY-MM-DD HH24:MI:SS') FROM backbone.seal_key "
                                       "WHERE retire_time IS NULL AND id > 0 AND id <> $1 ORDER BY id",
                                       {active});
  transaction.commit();
  for (const pqxx::row& one : retired) {
    const std::string id = one[0].c_str();
    around.out << Text{absl::StrCat(id, " 号主密钥已停用，可以从密钥文件里删去；此前的备份仍要用它"),
                       absl::StrCat("key ", id, " is retired: take it out of the key files; backups of before need it")}
                      .In(around.language)
               << "\n";
  }
  for (const pqxx::row& one : waiting) {
    const std::string id = one[0].c_str();
    const std::string when = one[1].c_str();
    around.Complain({absl::StrCat(id, " 号主密钥直到 ", when,
                                  "（UTC）还是某个副本的第一个：确认没有副本再用它之后，过六分钟再运行一次"),
                     absl::StrCat("key ", id, " was the first of a replica's file until ", when,
                                  " UTC: run this again six minutes after none has it")});
  }
  return waiting.empty();
}

}  // namespace

ExitCode Rekey(const Surroundings& around, const std::vector<const TableBase*>& tables, const RekeyOptions& options) {
  std::string begun;
  {
    pqxx::read_transaction transaction(around.db);
    if (const std::optional<Text> why = WhyNot(transaction, *around.keys); why.has_value()) {
      around.Complain(*why);
      return kFailed;
    }
    begun = transaction.exec1("SELECT now()")[0].c_str();
  }
  std::int64_t left = 0;
  for (const TableBase* table : tables) {
    if (!table->compiled().has_key) continue;
    Rewrapping rewrapping(around, *table);
    rewrapping.Run({}, options.batch);
    left += rewrapping.left();
  }
  if (left > 0) return kFailed;
  return Retire(around, begun) ? kDone : kFailed;
}

}  // namespace xxt::store_tool
