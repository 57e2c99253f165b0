#ifndef XXT_COMMON_RPC_VALIDATE_H_
#define XXT_COMMON_RPC_VALIDATE_H_

#include <google/protobuf/message.h>

#include <vector>

#include "common/status/errors.h"

namespace xxt::rpc {

// Everything in `request` that breaks what its fields declare
// (google.api.field_behavior, google.api.field_info,
// xixinting.common.v1.rule) or hold by their names (common/edge/fields.h), each
// with its path. Empty if well-formed. What callers do not say is not looked at.
std::vector<errors::Violation> Violations(const google::protobuf::Message& request);

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_VALIDATE_H_
