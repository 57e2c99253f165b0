#include "services/intake/storage/serials.h"

namespace xxt::intake {
namespace {

// The sequence counts in steps of this.
constexpr int kBlock = 100;

constexpr pg::Statement kTakeBlock{"serials.take_block", "SELECT nextval('intake.case_serial')"};

}  // namespace

absl::StatusOr<int> Serials::Next(pg::Session& session) {
  {
    const MutexLock lock(mu_);
    while (next_ == end_ && taking_) changed_.Wait(mu_);
    if (next_ < end_) return next_++;
    taking_ = true;
  }
  const absl::StatusOr<pg::Result> block = session.Run(kTakeBlock);
  const MutexLock lock(mu_);
  taking_ = false;
  changed_.SignalAll();
  if (!block.ok()) return block.status();
  const int first = static_cast<int>((*block)[0].Int(0));
  next_ = first + 1;
  end_ = first + kBlock;
  return first;
}

}  // namespace xxt::intake
