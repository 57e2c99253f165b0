#include "common/pg/backoff.h"

#include <algorithm>
#include <random>

namespace xxt::pg {
namespace {

// Replicas that lost the store together should not come back together.
absl::Duration UpTo(absl::Duration pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  return pause * std::uniform_real_distribution<double>(0.5, 1)(random);
}

}  // namespace

bool Backoff::Begin() {
  if (!again_at_.passed()) return false;
  if (pause_ > absl::ZeroDuration()) again_at_ = SteadyTime::Now() + UpTo(pause_);
  return true;
}

void Backoff::Succeeded() {
  pause_ = absl::ZeroDuration();
  again_at_ = SteadyTime::InfinitePast();
  known_at_ = SteadyTime::Now();
}

void Backoff::Failed(SteadyTime began) {
  if (began < known_at_) return;
  pause_ = std::clamp(2 * pause_, kFirst, kLongest);
  known_at_ = SteadyTime::Now();
  again_at_ = known_at_ + UpTo(pause_);
}

}  // namespace xxt::pg
