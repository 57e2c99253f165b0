#include "common/edge/methods.h"

#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"

namespace xxt::edge {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<const FileDescriptor*> AllFiles() {
  // The pool itself only knows what somebody has asked for.
  std::vector<std::string> paths;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&paths);
  std::sort(paths.begin(), paths.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& path : paths) {
    if (absl::StartsWith(path, "xixinting/")) files.push_back(DescriptorPool::generated_pool()->FindFileByName(path));
  }
  return files;
}

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : AllFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      const ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) methods.push_back(service->method(m));
    }
  }
  return methods;
}

}  // namespace xxt::edge
