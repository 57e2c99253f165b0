#ifndef XXT_TOOLS_XXT_STORE_REGISTER_H_
#define XXT_TOOLS_XXT_STORE_REGISTER_H_

#include <optional>
#include <pqxx/pqxx>
#include <vector>

#include "common/seal/noted_keys.h"
#include "common/seal/seal.h"
#include "tools/xxt-store/text.h"

// backbone.seal_key, which services keep (common/service/seal_keys.h).
namespace xxt::store_tool {

// Those that were in use last come first.
std::vector<seal::NotedKey> NotedKeys(pqxx::transaction_base& transaction);

// Why `keys` are not of the database that has noted these; nothing if they are.
std::optional<Text> WhyNotItsKeys(const std::vector<seal::NotedKey>& noted, const seal::Keyring& keys);

// Notes the search key and the first key of the file, as a service does that begins to wrap with it.
void NoteKey(pqxx::transaction_base& transaction, const seal::Keyring& keys);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_REGISTER_H_
