#ifndef XXT_COMMON_EDGE_PRESENT_H_
#define XXT_COMMON_EDGE_PRESENT_H_

#include <google/protobuf/message.h>

#include "common/identity/caller.h"

namespace xxt::edge {

enum class View { kBasic, kFull };

// By the request's field `view` (…_VIEW_BASIC, …_VIEW_FULL); FULL if it has none
// or leaves it open.
View ViewOf(const google::protobuf::Message& request);

// Leaves in `response` what `caller` may see: internal fields go, and with them
// those that only callers say (INPUT_ONLY) and unknown ones, which a newer version may keep for itself; what is
// personal goes from the BASIC view; identity numbers are masked in the FULL one, but for this suite's own services.
void Present(const identity::Caller& caller, View view, google::protobuf::Message* response);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_PRESENT_H_
