#ifndef XXT_TOOLS_XXT_DOCTOR_H_
#define XXT_TOOLS_XXT_DOCTOR_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Checks each service: reachable, SERVING, token accepted, clock; and, unless it
// is asked for --serving alone, what it says of itself (verdicts.h) and the
// simulators, if the context names some. Says what to do about each fault.
absl::StatusOr<ExitCode> DoctorCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_DOCTOR_H_
