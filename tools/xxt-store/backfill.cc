#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/store/compiled.h"
#include "common/store/row.h"
#include "tools/xxt-store/change.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/register.h"

namespace xxt::store_tool {
namespace {

using store::TableBase;

pg::Param BytesOrNull(const std::optional<std::string>& bytes) {
  return bytes.has_value() ? pg::Param::Bytes(*bytes) : pg::Param(std::nullopt);
}

// Whether this version would write a row that can be read otherwise.
bool Differs(const TableBase& table, const Row& row, const Opened& opened) {
  return !opened.bare.empty() || !ColumnFaults(table, row, opened).empty();
}

class Filling final : public Change {
 public:
  using Change::Change;

 private:
  bool Wants(const Row& row) override {
    Opened opened = Open(table_, row, around_.keys);
    if (opened.message != nullptr && !Differs(table_, row, opened)) return false;
    if (opened.message != nullptr && row.root_there) return true;
    Leave(row, std::move(opened.faults));
    return false;
  }

  std::int64_t Write(pqxx::transaction_base& transaction, const std::vector<const Row*>& rows) override {
    std::int64_t written = 0;
    for (const Row* row : rows) written += WriteOne(transaction, *row) ? 1 : 0;
    return written;
  }

  // Reads the row again, for now nobody else writes it, and writes what differs.
  bool WriteOne(pqxx::transaction_base& transaction, const Row& seen) {
    const std::optional<Row> row = ReadOne(transaction, table_, seen.ids);
    if (!row.has_value()) return false;  // it is gone
    Opened opened = Open(table_, *row, around_.keys);
    if (opened.message == nullptr) {
      Leave(*row, std::move(opened.faults));
      return false;
    }
    // What stands open goes into the blob, or where the key was erased just goes.
    const bool may_seal = opened.key.has_value() && (opened.blob == Blob::kNone || opened.blob == Blob::kOpened);
    const bool takes_out = !opened.bare.empty() && (may_seal || row->erased());
    if (!opened.bare.empty() && !takes_out) {
      Leave(*row, {{"有没密封的个人信息，但没有可用的密钥", "something personal stands open, and no key can seal it"}});
    }
    if (!takes_out && ColumnFaults(table_, *row, opened).empty()) return false;
    Update(transaction, *row, opened, takes_out);
    return true;
  }

  void Update(pqxx::transaction_base& transaction, const Row& row, const Opened& opened, bool takes_out) const {
    const TableBase::Compiled& compiled = table_.compiled();
    std::vector<pg::Param> values(row.ids.begin(), row.ids.end());
    std::vector<std::string> set;
    const auto say = [&](const std::string& column, pg::Param value) {
      values.push_back(std::move(value));
      set.push_back(absl::StrCat(column, " = $", values.size()));
    };
    std::vector<pg::Param> derived = Derive(table_, *opened.message);
    for (std::size_t i = 0; i < derived.size(); ++i) say(compiled.columns[i].name, std::move(derived[i]));
    if (row.search != opened.search) say("search", BytesOrNull(opened.search));
    if (takes_out) {
      const store::Written written = store::WriteRow(opened.sealed, opened.message.get());
      say("message", pg::Param::Bytes(written.message));
      if (!row.erased()) say("sealed", pg::Param::Bytes(opened.key->Seal(row.name, seal::Encode(written.leaves))));
    }
    std::vector<std::string> where;
    for (const std::string& id : compiled.pattern.columns) where.push_back(absl::StrCat(id, " = $", where.size() + 1));
    Execute(transaction,
            absl::StrCat("UPDATE ", table_.name(), " SET ", absl::StrJoin(set, ", "), " WHERE ",
                         absl::StrJoin(where, " AND ")),
            values);
  }
};

}  // namespace

ExitCode Backfill(const Surroundings& around, const TableBase& table, const BackfillOptions& options) {
  if (table.compiled().searched && around.keys != nullptr) {
    // Else all rows would be hashed with the search key of another database.
    pqxx::read_transaction transaction(around.db);
    if (const std::optional<Text> why = WhyNotItsKeys(NotedKeys(transaction), *around.keys); why.has_value()) {
      around.Complain(*why);
      return kFailed;
    }
  }
  Filling filling(around, table);
  filling.Run(options.after.empty() ? std::vector<std::string>() : *table.compiled().pattern.Ids(options.after),
              options.batch);
  return filling.left() == 0 ? kDone : kFailed;
}

}  // namespace xxt::store_tool
