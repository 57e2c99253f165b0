#ifndef XXT_COMMON_EDGE_METHODS_H_
#define XXT_COMMON_EDGE_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <vector>

namespace xxt::edge {

// The protos of this suite that are linked into the program, by their paths. To
// have all of a library, link it with xxt_link_all: else the linker leaves out
// what nothing else names.
std::vector<const google::protobuf::FileDescriptor*> AllFiles();

// Their methods, in the order of the files.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_METHODS_H_
