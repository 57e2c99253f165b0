#include "services/intake/storage/serials.h"

#include "common/status/macros.h"

namespace xxt::intake {
namespace {

// The sequence counts in steps of this.
constexpr int kBlock = 100;

constexpr pg::Statement kTakeBlock{"serials.take_block", "SELECT nextval('intake.case_serial')"};

}  // namespace

absl::StatusOr<int> Serials::Next(pg::Session& session) {
  {
    const MutexLock lock(mu_);
    if (next_ < end_) return next_++;
  }
  // Two threads may both take a block here; the one stored first is lost.
  XXT_ASSIGN_OR_RETURN(const pg::Result block, session.Run(kTakeBlock));
  const int first = static_cast<int>(block[0].Int(0));
  const MutexLock lock(mu_);
  next_ = first + 1;
  end_ = first + kBlock;
  return first;
}

}  // namespace xxt::intake
