#include "common/rpc/peer_answer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/errors.h"

namespace xxt::rpc {

PeerAnswer ReadAnswer(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return PeerAnswer::kDone;
    case absl::StatusCode::kInvalidArgument:
      return errors::ReasonOf(status) == "REQUEST_ID_REUSED" ? PeerAnswer::kDone : PeerAnswer::kRefused;
    case absl::StatusCode::kPermissionDenied:
      return errors::ReasonOf(status) == "OTHER_HALL" ? PeerAnswer::kRefused : PeerAnswer::kTryAgain;
    case absl::StatusCode::kFailedPrecondition:
      if (errors::ReasonOf(status) == "RESPONSE_GONE") return PeerAnswer::kDone;
      return errors::ReasonOf(status) == "NOBODY_ON_DUTY" ? PeerAnswer::kTryAgain : PeerAnswer::kRefused;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kDataLoss:
      return PeerAnswer::kRefused;
    default:  // also codes that a later gRPC brings: nothing says that it is for good
      return PeerAnswer::kTryAgain;
  }
}

tasks::Verdict VerdictOf(const absl::Status& status, absl::string_view peer) {
  const PeerAnswer answer = ReadAnswer(status);
  if (answer == PeerAnswer::kDone) return tasks::Verdict::Done();
  std::string reason = absl::StrCat(peer, ": ", absl::StatusCodeToString(status.code()), " ", errors::ReasonOf(status));
  return answer == PeerAnswer::kRefused ? tasks::Verdict::Dead(std::move(reason))
                                        : tasks::Verdict::Retry(std::move(reason));
}

absl::Status ForCaller(const absl::Status& status, absl::string_view peer) {
  if (ReadAnswer(status) != PeerAnswer::kTryAgain) return status;
  log::SeldomWarning("peer.look_up_failed", absl::StrCat(peer, " ", absl::StatusCodeToString(status.code())),
                     {{"peer", peer}, {"status", status}});
  return errors::PeerUnavailable(peer, absl::Seconds(2));
}

tasks::MachineKind PeerKind(std::string name, std::function<tasks::Verdict(const tasks::Task&, SteadyTime)> handle) {
  tasks::MachineKind kind;
  kind.name = std::move(name);
  kind.handle = std::move(handle);
  kind.retry_cap = absl::Seconds(30);
  return kind;
}

}  // namespace xxt::rpc
