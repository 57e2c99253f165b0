#ifndef XXT_TOOLS_XXT_STORE_LEDGER_H_
#define XXT_TOOLS_XXT_STORE_LEDGER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "absl/strings/string_view.h"
#include "common/events/block.h"
#include "common/events/chain.h"

// backbone.event and backbone.event_seal, which services write (common/events).
namespace xxt::store_tool {

// An event, and the block that has it; 0: none has yet.
struct SealedRecord {
  events::Record record;
  std::int64_t block = 0;
  std::string block_hash;  // in hexadecimal
};

// Each call gives the next in the order of positions, of one subject, or of all if that is empty; then nothing. Read
// by pages, each a transaction of its own.
std::function<std::optional<SealedRecord>()> ExportedEvents(pqxx::connection_base& db, const std::string& subject);
std::function<std::optional<events::Record>()> Events(pqxx::connection_base& db);
// The same of the blocks up to `last`.
std::function<std::optional<events::Block>()> Blocks(pqxx::connection_base& db, std::int64_t last);

// "1005-77", as resume tokens spell it.
std::string NameOf(const events::Position& position);

// "40:9f…": number and hash of a block. Nullopt if it is none.
std::optional<events::Head> ParseHead(absl::string_view text);
std::string ToText(const events::Head& head);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_LEDGER_H_
