#include "services/intake/storage/serials.h"

#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/status/macros.h"

namespace xxt::intake {
namespace {

// The sequence counts in steps of this.
constexpr int kBlock = 100;
// Half of what a call may take (rpc::Edge).
constexpr absl::Duration kPatience = absl::Seconds(5);

constexpr pg::Statement kTakeBlock{"serials.take_block", "SELECT nextval('intake.case_serial')"};

}  // namespace

absl::StatusOr<int> Serials::Next() {
  {
    const MutexLock lock(mu_);
    while (next_ == end_ && taking_) changed_.Wait(mu_);
    if (next_ < end_) return next_++;
    taking_ = true;
  }
  int first = 0;
  const absl::Status taken = pg::Read(pool_, absl::Now() + kPatience, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result block, session.Run(kTakeBlock));
    first = static_cast<int>(block[0].Int(0));
    return absl::OkStatus();
  });
  XXT_CRASH_POINT("intake.serials_taken");
  const MutexLock lock(mu_);
  taking_ = false;
  changed_.SignalAll();
  if (!taken.ok()) return taken;
  next_ = first + 1;
  end_ = first + kBlock;
  return first;
}

}  // namespace xxt::intake
