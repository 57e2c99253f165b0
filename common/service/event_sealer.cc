#include "common/service/event_sealer.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "common/concurrency/steady_time.h"
#include "common/events/sealing.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kEvery = absl::Milliseconds(500);
// When it could not be done, which the log says each time.
constexpr absl::Duration kAgain = absl::Seconds(15);
constexpr absl::Duration kStoreDeadline = absl::Seconds(5);

}  // namespace

EventSealer::EventSealer(pg::Pool& pool, const seal::Keyring& keys, prometheus::Registry& registry)
    : pool_(pool),
      keys_(keys),
      unsealed_(prometheus::BuildGauge()
                    .Name("xixinting_ledger_unsealed_age_seconds")
                    .Help("For how long the oldest event that could be sealed has not been; alarm above 60")
                    .Register(registry)
                    .Add({})),
      loop_("event-sealer", [this] { return Step(); }) {}

absl::Duration EventSealer::Step() {
  absl::Duration waits;
  const absl::Status read =
      pg::Read(pool_, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(waits, events::UnsealedFor(session));
        return absl::OkStatus();
      });
  if (!read.ok()) return kEvery;  // others say that the store is away
  unsealed_.Set(absl::ToDoubleSeconds(waits));
  // With other keys than the database's nothing is made; health says why.
  if (waits == absl::ZeroDuration() || !keys_.checked()) return kEvery;
  const absl::Status sealed = SealAll();
  if (sealed.ok()) return kEvery;
  log::Warning("ledger.not_sealed", {{"status", sealed}});
  return kAgain;
}

absl::Status EventSealer::SealAll() {
  while (true) {
    std::optional<events::Block> block;
    XXT_RETURN_IF_ERROR(
        pg::InTransaction(pool_, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(block, events::SealNext(session, keys_));
          return absl::OkStatus();
        }));
    if (!block.has_value()) return absl::OkStatus();
    log::Info("ledger.sealed", {{"block", block->number}, {"hash", absl::BytesToHexString(block->hash)}});
    if (block->leaves.size() < events::kBatch * events::kHash) return absl::OkStatus();
  }
}

}  // namespace xxt::service
