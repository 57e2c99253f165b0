#include "services/intake/hall/duty_cache.h"

#include <utility>

#include "common/status/macros.h"

namespace xxt::intake::hall {
namespace {

constexpr std::chrono::seconds kFresh(1);
// The longest an RPC may take (rpc::Edge), with its reruns.
constexpr std::chrono::seconds kChangeIsOver(10);

}  // namespace

std::shared_ptr<const Duty> DutyCache::Find(absl::string_view hall, absl::Time now) {
  const MutexLock lock(mu_);
  const auto found = entries_.find(std::string(hall));
  if (found == entries_.end() || found->second.duty == nullptr) return nullptr;
  const Entry& entry = found->second;
  const bool same_shift = entry.asked_for <= now && now < entry.duty->shifts.front().end_time;
  return same_shift && Steady::now() < entry.loaded + kFresh ? entry.duty : nullptr;
}

absl::StatusOr<std::shared_ptr<const Duty>> DutyCache::Load(pg::Session& session, absl::string_view hall,
                                                            absl::Time now) {
  if (std::shared_ptr<const Duty> known = Find(hall, now); known != nullptr) return known;
  const Steady::time_point loaded = Steady::now();
  XXT_ASSIGN_OR_RETURN(Duty duty, LoadDuty(session, hall, now));
  auto shared = std::make_shared<const Duty>(std::move(duty));
  if (shared->shifts.empty()) return shared;
  const MutexLock lock(mu_);
  Entry& entry = entries_[std::string(hall)];
  if (loaded >= entry.not_before) {
    entry.duty = shared;
    entry.asked_for = now;
    entry.loaded = loaded;
  }
  return shared;
}

void DutyCache::Forget(absl::string_view hall) {
  const MutexLock lock(mu_);
  Entry& entry = entries_[std::string(hall)];
  entry.duty.reset();
  entry.not_before = Steady::now() + kChangeIsOver;
}

}  // namespace xxt::intake::hall
