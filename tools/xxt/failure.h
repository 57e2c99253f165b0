#ifndef XXT_TOOLS_XXT_FAILURE_H_
#define XXT_TOOLS_XXT_FAILURE_H_

#include <google/rpc/status.pb.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// What went wrong, for people, scripts and shells. A service's error is an
// absl::Status whose payloads are the details of google.rpc.Status; what is
// wrong on this side is an absl::Status without them.
namespace xxt::cli {

// The language of texts for people.
enum class Language { kChinese, kEnglish };

// What the program exits with.
enum ExitCode {
  kOk = 0,
  kOther = 1,
  kUsage = 2,
  kAssertionFailed = 3,
  kNotFound = 4,
  kConflict = 5,
  kNotAllowed = 6,
  kUnavailable = 7,  // worth repeating
  kInterrupted = 130,
};

ExitCode ExitCodeOf(const absl::Status& status);

// Whether the same request may come to something else a moment later: nobody
// answered it, or other changes met it (docs/api/errors.md, "Repeating").
bool IsWorthRepeating(const absl::Status& status);

// What is wrong with what somebody wrote, in both languages.
absl::Status Ill(absl::string_view zh, absl::string_view en);
// What `status` says, in both languages, of `where`: a file. Details are left out.
absl::Status About(absl::string_view where, const absl::Status& status);
// `status` with an ErrorInfo, in whose domain "xxt" the reason says what the code does: USAGE, UNREACHABLE. What a
// service said has one.
absl::Status WithReason(absl::Status status);

google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& status);

// ErrorInfo.reason, "ETAG_MISMATCH"; empty if there is none.
std::string ReasonOf(const absl::Status& status);

// One thing that is at fault or missing.
struct Fault {
  std::string field;  // path, or the type of a failed precondition
  std::string text;
};
std::vector<Fault> FaultsOf(const absl::Status& status);

// Some lines: one sentence, reason, what is at fault, what to do.
std::string Describe(const absl::Status& status, Language language);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_FAILURE_H_
