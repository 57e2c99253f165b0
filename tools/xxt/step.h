#ifndef XXT_TOOLS_XXT_STEP_H_
#define XXT_TOOLS_XXT_STEP_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/session.h"
#include "tools/xxt/values.h"

// One step of a scenario. Exactly one of the first four keys says what it
// does; none is needed if it only says something.
//
//   call      a method, see FindMethod; `as` (if it says none, the variable of
//             that name), `request`, and `service` where each service serves
//             it. A stream is read until it is as expected.
//   http      {get: URL} or {post: URL, body: {…}}
//   clock     {advance: 2d}, {to_next: "09:00"} (today or tomorrow),
//             {to_next_workday: "09:00"} (a later day), {to: a time}
//   set       {name: value}: more variables
//   expect, expect_error   see expect.h
//   eventually             {within: 10s, every: 100ms}: tried until as expected
//   save      {name: path in the response}, or {name: {from: path of a list,
//             where: what its item is like, take: path in the item,
//             match: expression whose first group is kept}}
//   show      path in the response, printed when narrating; "table" prints
//             its list
//   say, who  what is told to the spectator, and of whom
//   title     for reports
namespace xxt::cli {

// What a step did.
struct StepResult {
  absl::Status status;     // of the call
  Json response;           // with the proto's field names
  std::string list_table;  // of a list, if narrating
  std::string request;     // for the failure's text
};

class StepRunner {
 public:
  StepRunner(Session& session, Values& values) : session_(session), values_(values) {}

  // Errors: INVALID_ARGUMENT for a key or a value that is not understood.
  static absl::Status Check(const Json& step);

  // Runs the step and keeps what it saves. Empty if it went as expected, else
  // what to print.
  std::string Run(const Json& step);

  // What the last step answered, for `show`.
  const StepResult& last() const { return last_; }

 private:
  // "王建国" for "staff/wang"; empty for who is not known here.
  std::string DisplayNameOf(const std::string& name) const;
  absl::Status RunClock(const Json& clock);
  absl::Status RunOnce(const Json& step, const Json& expected);
  absl::Status RunCall(const Json& step, const Json& expected);
  absl::Status RunHttp(const Json& step);
  std::vector<std::string> Differences(const Json& step, const Json& expected) const;
  absl::StatusOr<Json> Pick(const Json& what) const;
  absl::Status Save(const Json& step);
  std::string Failure(const Json& step, const std::vector<std::string>& lines) const;

  Session& session_;
  Values& values_;
  StepResult last_;
};

// "intake HandOffFromCounter", for reports.
std::string TitleOf(const Json& step);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_STEP_H_
