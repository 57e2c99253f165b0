// Fails the build when an RPC does not say who may call it, or when a mutating
// RPC takes no request_id. Linked with all protos.

#include <cstdio>
#include <set>
#include <string>

#include "common/edge/callers.h"
#include "common/edge/methods.h"

namespace {

using google::protobuf::MethodDescriptor;

// Verbs that only read, and verbs that are safe to repeat by their nature.
bool NeedsRequestId(const std::string& method) {
  for (const char* prefix : {"Get", "List", "Watch", "Lookup", "Preview"}) {
    if (method.rfind(prefix, 0) == 0) return false;
  }
  const std::set<std::string> repeatable = {"LeaseTask", "ReleaseTask", "RequeueTask", "AdvanceClock"};
  return repeatable.count(method) == 0;
}

int Check(const MethodDescriptor* method) {
  int problems = 0;
  if (xxt::edge::RolesOf(*method).empty()) {
    std::fprintf(stderr, "%s: says no callers: nobody may call it\n", method->full_name().c_str());
    ++problems;
  }
  if (NeedsRequestId(method->name()) && method->input_type()->FindFieldByName("request_id") == nullptr) {
    std::fprintf(stderr, "%s: changes something and takes no request_id\n", method->full_name().c_str());
    ++problems;
  }
  return problems;
}

}  // namespace

int main() {
  const auto methods = xxt::edge::AllMethods();
  int problems = methods.empty() ? 1 : 0;
  for (const MethodDescriptor* method : methods) problems += Check(method);
  return problems == 0 ? 0 : 1;
}
