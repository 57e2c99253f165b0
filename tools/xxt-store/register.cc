#include "tools/xxt-store/register.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {

std::vector<seal::NotedKey> NotedKeys(pqxx::transaction_base& transaction) {
  std::vector<seal::NotedKey> noted;
  for (const pqxx::row& one : transaction.exec(
           "SELECT id, mark, retire_time IS NOT NULL FROM backbone.seal_key ORDER BY use_time DESC, id DESC")) {
    noted.push_back({one[0].as<std::uint32_t>(), transaction.unesc_raw(one[1].c_str()), one[2].as<bool>()});
  }
  return noted;
}

std::optional<Text> WhyNotItsKeys(const std::vector<seal::NotedKey>& noted, const seal::Keyring& keys) {
  const seal::Mismatch found = seal::Compare(noted, keys);
  if (found.none()) return std::nullopt;
  std::string zh = "密钥文件与这个库不符：";
  if (!found.missing.empty()) absl::StrAppend(&zh, "少了 ", seal::NamesOf(found.missing, "、"), " 号主密钥；");
  if (!found.other.empty()) {
    absl::StrAppend(&zh, "其中的 ", seal::NamesOf(found.other, "、"), " 不是这个库用的那个；");
  }
  if (found.retired) absl::StrAppend(&zh, "第一个是 ", keys.active(), " 号，已经停用；");
  return Text{std::string(absl::StripSuffix(zh, "；")), std::string(seal::CheckNoted(noted, keys).message())};
}

void NoteKey(pqxx::transaction_base& transaction, const seal::Keyring& keys) {
  for (const std::uint32_t id : {seal::Keyring::kSearchId, keys.active()}) {
    Execute(transaction, "INSERT INTO backbone.seal_key (id, mark) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            {static_cast<std::int64_t>(id), pg::Param::Bytes(keys.MarkOf(id))});
  }
}

}  // namespace xxt::store_tool
