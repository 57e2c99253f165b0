#include "services/intake/cases/serials.h"

#include <algorithm>

#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::intake {
namespace {

// The sequence counts in steps of this.
constexpr int kBlock = 100;
// Half of what a call may take (rpc::Edge).
constexpr absl::Duration kPatience = absl::Seconds(5);

constexpr pg::Statement kTakeBlock{"serials.take_block", "SELECT nextval('intake.case_serial')"};

}  // namespace

std::optional<int> Serials::TryNext() {
  const MutexLock lock(mu_);
  return next_ < end_ ? std::optional<int>(next_++) : std::nullopt;
}

absl::StatusOr<int> Serials::Next(SteadyTime deadline) {
  deadline = std::min(deadline, SteadyTime::Now() + kPatience);
  {
    const MutexLock lock(mu_);
    while (next_ == end_ && taking_) {
      if (deadline.passed()) return errors::DeadlineExceeded(kTakeBlock.name);
      const int asked = asked_;
      changed_.WaitUntil(mu_, deadline);
      if (asked_ != asked && !failure_.ok()) return failure_;
    }
    if (next_ < end_) return next_++;
    taking_ = true;
  }
  return Take(deadline);
}

absl::StatusOr<int> Serials::Take(SteadyTime deadline) {
  int first = 0;
  // It writes, and so is no read that goes with others: whoever watches would wait for the slowest of them.
  const absl::Status taken = pg::InTransaction(pool_, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result block, session.Run(kTakeBlock));
    first = static_cast<int>(block[0].Int(0));
    return absl::OkStatus();
  });
  XXT_CRASH_POINT("intake.serials_taken");
  const MutexLock lock(mu_);
  taking_ = false;
  ++asked_;
  // Those who have more time than this caller ask again.
  failure_ = absl::IsDeadlineExceeded(taken) ? absl::OkStatus() : taken;
  changed_.SignalAll();
  if (!taken.ok()) return taken;
  next_ = first + 1;
  end_ = first + kBlock;
  return first;
}

}  // namespace xxt::intake
