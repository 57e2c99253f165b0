#ifndef XXT_COMMON_EVENTS_BLOCK_H_
#define XXT_COMMON_EVENTS_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/events/events.h"
#include "common/seal/seal.h"

// What the ledger is sealed with: each block has the hashes of some events, one after the other, and the hash of the
// block before; a key of the service's key file vouches for it.
namespace xxt::events {

inline constexpr std::size_t kHash = 32;  // SHA-256

// An event as it is kept.
struct Record {
  Event event;
  Position position;
  absl::Time record_time;
};

// The hash of all of an event but its position: a restore moves events, and keeps their order (backbone.adopt_events).
std::string LeafOf(const Record& record);

// A row of backbone.event_seal, but for where the next one goes on.
struct Block {
  std::int64_t number = 0;  // from 1 on
  absl::Time seal_time;
  absl::Time previous_time;   // seal_time of the block before; of the first block 1970
  std::string previous_hash;  // its hash; of the first block zeros
  absl::Time oldest_time;     // the earliest record_time
  std::uint32_t key = 0;
  std::string leaves;  // kHash bytes each
  std::string hash;
  std::string mac;
};

// The hash of all of a block but `hash` and `mac`.
std::string HashOf(const Block& block);
// What the key of the block makes of its hash. `keys` must know it.
std::string MacOf(const Block& block, const seal::Keyring& keys);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_BLOCK_H_
