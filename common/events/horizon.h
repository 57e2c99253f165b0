#ifndef XXT_COMMON_EVENTS_HORIZON_H_
#define XXT_COMMON_EVENTS_HORIZON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

namespace xxt::events {

// Something that keeps events from being told, or dead rows from being
// removed, anywhere in the cluster.
struct Holder {
  // "transaction": the oldest open one that wrote, "prepared": the oldest
  // prepared one; both delay all watches of all databases. "snapshot": the
  // oldest in use; "slot": of replication; both only keep dead rows. "untold":
  // the oldest event that is committed and not told yet.
  std::string what;
  absl::Duration age;             // zero for slots, which have none
  std::int64_t transactions = 0;  // how many began since; zero for "untold"
};

// One of each kind, at zero if there is none.
absl::StatusOr<std::vector<Holder>> Holders(pg::Session& session);

// Whether an operator should hear of it.
bool HoldsTooLong(const Holder& holder);

}  // namespace xxt::events

#endif  // XXT_COMMON_EVENTS_HORIZON_H_
