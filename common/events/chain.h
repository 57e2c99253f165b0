#ifndef XXT_COMMON_EVENTS_CHAIN_H_
#define XXT_COMMON_EVENTS_CHAIN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/events/block.h"
#include "common/seal/seal.h"

// Whether a ledger is what was sealed.
namespace xxt::events {

enum class Flaw {
  // Of events, all of which a key has vouched for otherwise.
  kChanged,
  kMissing,  // in front of `position`
  kInserted,
  kOrder,     // comes before its time
  kUnsealed,  // nobody has sealed it, though it is old enough
  // Of blocks.
  kBlockChanged,  // its hash is not of what is in it
  kBlockMissing,  // in front of this one
  kFork,          // is not behind the one in front of it, or another than the kept one
  kMac,           // not made by the key that it names, or that is not in the key file and no later block vouches for it
  kOldKey,        // of a key that another one had replaced
  kTruncated,     // the kept one is not there
};

struct Finding {
  Flaw flaw;
  std::int64_t block = 0;            // 0: none
  std::optional<Position> position;  // of the first event that is bad
  std::string event;                 // its id; empty where it is gone
};

// A block that somebody has kept apart: by it one notices that those behind it were taken away, or written anew.
using Head = std::pair<std::int64_t, std::string>;  // number, hash

// What is known of a ledger besides what it says itself.
struct Trust {
  const seal::Keyring& keys;
  std::map<std::uint32_t, absl::Time> used_until;  // when each key was in use last; of a few minutes the later
  absl::Time now;
  absl::Time events_from;  // what was recorded before may be gone by its age
  absl::Time blocks_from;  // what was sealed before
  std::optional<Head> head;
};

struct Checked {
  std::optional<Finding> finding;  // the first
  std::int64_t first_block = 0;
  std::int64_t last_block = 0;
  std::string last_hash;
  std::int64_t first_whole_block = 0;  // of which no event may be gone by its age; 0: none
  std::int64_t events = 0;             // that are as they were sealed
  std::int64_t aged = 0;               // sealed, and gone by their age
  std::int64_t unsealed = 0;
  std::int64_t unproven = 0;  // blocks whose key is not in the file; a later block vouches for them
  bool head_aged = false;     // the kept block is gone by its age
};

// Goes through a ledger up to the first flaw. `next_block` and `next_event` give what it holds, each in its order, and
// nothing at the end; each is held one at a time.
Checked Check(const std::function<std::optional<Block>()>& next_block,
              const std::function<std::optional<Record>()>& next_event, const Trust& trust);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_CHAIN_H_
