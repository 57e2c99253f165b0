#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/progress.h"
#include "tools/xxt-store/register.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

constexpr int kPage = 500;

// Of one table.
struct Tally {
  std::int64_t faults = 0;
  std::int64_t erased = 0;                      // roots
  std::map<std::uint32_t, std::int64_t> wraps;  // how many roots' keys each key of the file has wrapped
};

std::vector<Text> FaultsOf(const Surroundings& around, const store::TableBase& table, const Row& row) {
  Opened opened = Open(table, row, around.keys);
  std::vector<Text> faults = std::move(opened.faults);
  if (opened.message == nullptr) return faults;
  for (Text& fault : ColumnFaults(table, row, opened)) faults.push_back(std::move(fault));
  // Where it stands, in field numbers; never what.
  for (const seal::Leaf& leaf : opened.bare) {
    faults.push_back({absl::StrCat("个人信息没有密封：字段 ", leaf.path),
                      absl::StrCat("what is personal stands open: field ", leaf.path)});
  }
  return faults;
}

// Of the keys of the file that rows need although services may lack them.
std::vector<Text> KeyFaults(const std::vector<seal::NotedKey>& noted, const Tally& tally) {
  std::vector<Text> faults;
  for (const auto& wrap : tally.wraps) {
    const std::uint32_t id = wrap.first;
    const std::int64_t count = wrap.second;
    const auto found =
        std::find_if(noted.begin(), noted.end(), [id](const seal::NotedKey& one) { return one.id == id; });
    if (found != noted.end() && !found->retired) continue;
    const bool there = found != noted.end();
    faults.push_back(
        {absl::StrCat(id, " 号主密钥", there ? "已停用" : "没有登记", "，却包裹着 ", count, " 个密钥"),
         absl::StrCat("key ", id, there ? " is retired" : " was never noted", ", but wraps ", count, " keys")});
  }
  return faults;
}

void CountKey(const store::TableBase& table, const Row& row, Tally* tally) {
  if (table.root() != nullptr || table.spec().keyless) return;
  if (row.key.empty() && row.refused.empty()) ++tally->erased;
  if (const auto id = seal::Keyring::IdOf(row.key); id.has_value()) ++tally->wraps[*id];
}

std::string Summary(const Tally& tally, std::int64_t rows, Language language) {
  const std::string keys = absl::StrJoin(tally.wraps, ", ", absl::PairFormatter(": "));
  const Text text{absl::StrCat("查了 ", rows, " 条，", tally.faults, " 处不对",
                               tally.erased == 0 ? "" : absl::StrCat("，", tally.erased, " 条已删除个人信息"),
                               keys.empty() ? "" : absl::StrCat("；各主密钥包裹的密钥数：", keys)),
                  absl::StrCat(rows, " rows, ", tally.faults, " faults",
                               tally.erased == 0 ? "" : absl::StrCat(", ", tally.erased, " erased"),
                               keys.empty() ? "" : absl::StrCat("; keys wrapped by each key of the file: ", keys))};
  return text.In(language);
}

// Of one table; returns how many faults it has.
std::int64_t VerifyOne(const Surroundings& around, const store::TableBase& table) {
  Progress progress(around.err, around.live, table.name(), Count(around.db, table));
  Tally tally;
  Walk(around.db, table, {}, kPage, [&](const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      CountKey(table, row, &tally);
      for (const Text& fault : FaultsOf(around, table, row)) {
        ++tally.faults;
        around.out << table.name() << " " << row.name << ": " << fault.In(around.language) << "\n";
      }
    }
    progress.Add(static_cast<std::int64_t>(rows.size()), rows.back().name);
  });
  if (!tally.wraps.empty()) {
    pqxx::read_transaction transaction(around.db);
    for (const Text& fault : KeyFaults(NotedKeys(transaction), tally)) {
      ++tally.faults;
      around.out << table.name() << ": " << fault.In(around.language) << "\n";
    }
  }
  progress.End(Summary(tally, progress.done(), around.language));
  return tally.faults;
}

}  // namespace

ExitCode Verify(const Surroundings& around, const std::vector<const store::TableBase*>& tables) {
  std::int64_t faults = 0;
  for (const store::TableBase* table : tables) faults += VerifyOne(around, *table);
  return faults == 0 ? kDone : kFailed;
}

}  // namespace xxt::store_tool
