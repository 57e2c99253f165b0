#ifndef XXT_TOOLS_XXT_CLOCK_CALL_H_
#define XXT_TOOLS_XXT_CLOCK_CALL_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace xxt::cli {

class Session;

// Moves the instance's business time forward by `by`, as staff/ops, and returns
// what it is then.
// Errors: UNIMPLEMENTED if the services were built without a test clock.
absl::StatusOr<absl::Time> AdvanceClock(Session& session, absl::Duration by);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_CLOCK_CALL_H_
