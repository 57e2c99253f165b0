#include "tools/xxt/clock_command.h"

#include <iostream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/clock_call.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/session.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

absl::StatusOr<absl::Time> Target(const Arguments& arguments, absl::Time now) {
  if (arguments.Has("--to")) {
    const std::string to = arguments.Get("--to");
    absl::StatusOr<absl::Time> target = to.size() == 5 ? NextAt(to, /*workday=*/false, now) : ParseMoment(to, now);
    return target.ok() ? target : About("--to", target.status());
  }
  if (!arguments.Has("DURATION")) return now;
  const absl::StatusOr<CalendarStep> step = ParseStep(arguments.Get("DURATION"));
  return step.ok() ? absl::StatusOr<absl::Time>(Add(now, *step)) : About("DURATION", step.status());
}

}  // namespace

absl::StatusOr<ExitCode> ClockAdvanceCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const absl::Time now, AdvanceClock(session, absl::ZeroDuration()));
  XXT_ASSIGN_OR_RETURN(const absl::Time target, Target(arguments, now));
  if (target < now)
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "业务时间不能倒退",
                                   "business time never goes back");
  XXT_ASSIGN_OR_RETURN(const absl::Time then, AdvanceClock(session, target - now));
  std::cout << (session.chinese() ? ToChinese(then) : ToRfc3339(then)) << "\n";
  return kOk;
}

}  // namespace xxt::cli
