#ifndef XXT_COMMON_EDGE_PREPARE_H_
#define XXT_COMMON_EDGE_PREPARE_H_

#include <google/protobuf/message.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace xxt::edge {

// A copy of `request`, which keeps its rules (common/rpc/validate.h), as a use
// case may trust it and store parts of it: without unknown fields and without what
// callers do not say (fields.h), numbers in their one spelling, times in whole
// microseconds, as PostgreSQL keeps them. `today` judges birth dates.
// Errors: FIELD_INVALID, all of them at once.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Prepare(const google::protobuf::Message& request,
                                                                   absl::CivilDay today);

// Makes `resource` what `said` says of it, a part of a prepared request: each field
// that callers say is as it is there, left open where it is open there. All others
// stay, and so does what only a newer version knows.
void TakeOver(const google::protobuf::Message& said, google::protobuf::Message* resource);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_PREPARE_H_
