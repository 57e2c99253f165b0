#ifndef XXT_COMMON_RPC_PEER_ANSWER_H_
#define XXT_COMMON_RPC_PEER_ANSWER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/tasks/task.h"

namespace xxt::rpc {

// What a service's answer means for the task that called it with its own id as
// request_id. Decided here, for every peer.
enum class PeerAnswer {
  kDone,      // it has done it, now or at an earlier attempt
  kTryAgain,  // away, busy, or wrongly set up; or its answer was lost. Repeating is harmless
  kRefused,   // it will never do it: a person is needed
};

// Reads `status` by its code and, where one code means two things, by its
// reason:
//  - REQUEST_ID_REUSED is kDone. Nobody but the task uses its id, and an id is
//    remembered together with its effect only: an earlier attempt got through,
//    with other bytes because what they were read from has changed since.
//    So is RESPONSE_GONE, which says it.
//  - What a new configuration, keys or a running roll-out may cure is
//    kTryAgain: UNAUTHENTICATED, UNIMPLEMENTED, PERMISSION_DENIED but for
//    OTHER_HALL, NOBODY_ON_DUTY. The task's give_up_after bounds it.
PeerAnswer ReadAnswer(const absl::Status& status);

// The same as the verdict on the task's attempt. Its reason is
// "<peer>: UNAVAILABLE STORE_UNAVAILABLE": no text of the peer, which may name
// what was sent.
tasks::Verdict VerdictOf(const absl::Status& status, absl::string_view peer);

// The same as an error for who called us: PEER_UNAVAILABLE for what may pass by,
// else `status`.
absl::Status ForCaller(const absl::Status& status, absl::string_view peer);

// A kind of task whose handler asks a service of our own. That comes back, and
// then nobody should wait for minutes: it is tried again within half a minute,
// however often it was away.
tasks::MachineKind PeerKind(std::string name, std::function<tasks::Verdict(const tasks::Task&, SteadyTime)> handle);

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_PEER_ANSWER_H_
