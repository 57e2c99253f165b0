#ifndef XXT_TOOLS_XXT_RUN_RPC_H_
#define XXT_TOOLS_XXT_RUN_RPC_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/xxt/commands.h"
#include "tools/xxt/session.h"

// Runs the commands that call a method.
namespace xxt::cli {

// Builds the request of `command` from its file and flags; flags win. A field
// request_id that nobody set gets `request_id`.
// Errors: INVALID_ARGUMENT naming the field; those of ReadFile.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> BuildRequest(const Command& command,
                                                                        const Arguments& arguments,
                                                                        const std::string& request_id, absl::Time now);

// Calls and prints. What every service serves is asked of each, unless --service
// names one: lists become one by the time in their first column, anything else is
// what the first answers that knows the name.
absl::StatusOr<ExitCode> RunRpcCommand(Session& session, const Command& command, const Arguments& arguments);

// A flag that `arguments` lack and the command needs; null if it can run.
const Flag* MissingFlag(const Command& command, const Arguments& arguments);

// A response, and which service gave it.
struct Answer {
  std::string service;
  std::unique_ptr<google::protobuf::Message> response;
};

// What the first of `services` answers that has what the request names.
// Errors: the last one's, or that of the first that fails otherwise.
absl::StatusOr<Answer> AskEach(Session& session, const google::protobuf::MethodDescriptor& method,
                               const google::protobuf::Message& request, const std::vector<std::string>& services);

// The services to ask: the one that serves `method`, the one that --service names,
// or all.
std::vector<std::string> ServicesFor(const google::protobuf::MethodDescriptor& method, const Arguments& arguments);

// "cases/0193…" for "0193…": puts `prefix` before a name that lacks it.
std::string WithPrefix(const std::string& prefix, const std::string& text);

// Sets the field request_id of `request`, if it has one and it is empty.
void FillRequestId(google::protobuf::Message* request, const std::string& request_id);

// Says on standard error how to repeat `request`, which ended with `status`, if
// that is worth it: a refusal would only be repeated, too, and what has no
// request_id changes nothing. `words` is the command line that means just this.
void PrintRepeat(const Session& session, const absl::Status& status, std::vector<std::string> words,
                 const google::protobuf::Message& request);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_RUN_RPC_H_
