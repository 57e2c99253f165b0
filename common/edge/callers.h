#ifndef XXT_COMMON_EDGE_CALLERS_H_
#define XXT_COMMON_EDGE_CALLERS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace xxt::edge {

// The roles that may call `method`, as tokens spell them: what its `callers`
// (noun.proto) stands for. The only place that says it: admission and the tests of
// who is let in read it. Empty: nobody.
std::vector<std::string> RolesOf(const google::protobuf::MethodDescriptor& method);

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_CALLERS_H_
