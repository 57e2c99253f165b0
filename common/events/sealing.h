#ifndef XXT_COMMON_EVENTS_SEALING_H_
#define XXT_COMMON_EVENTS_SEALING_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/events/block.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"

// Writes backbone.event_seal. Events are sealed in the order in which they are told, once nothing can come before them
// any more (events.h).
namespace xxt::events {

// For how long the oldest event that could be sealed has not been; zero if there is none.
absl::StatusOr<absl::Duration> UnsealedFor(pg::Session& session);

// Seals the next events, kBatch at most, as one block, in a transaction. Nothing if there are none, or another session
// is at it. Errors: FAILED_PRECONDITION if the key that wraps now was replaced by another one before: a key that was
// replaced seals nothing any more, whoever has it.
absl::StatusOr<std::optional<Block>> SealNext(pg::Session& session, const seal::Keyring& keys);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_SEALING_H_
