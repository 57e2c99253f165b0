#ifndef XXT_COMMON_EDGE_CALLERS_H_
#define XXT_COMMON_EDGE_CALLERS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::edge {

// The roles that may call `method`, as tokens spell them: what its `callers`
// (noun.proto) stands for. The only place that says it: admission and the tests of
// who is let in read it. Empty: nobody.
std::vector<std::string> RolesOf(const google::protobuf::MethodDescriptor& method);

// Whether a connection of `peer` (tls/identity.h: "edge"; empty: nobody known) may
// bring a token of `role` that names `subject`: what the role's `brought_by`
// (options.proto) says. A role that is none opens nothing, and anybody may.
bool MayBring(absl::string_view peer, const std::string& role, absl::string_view subject);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_CALLERS_H_
