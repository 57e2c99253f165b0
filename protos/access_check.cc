// Fails the build when an RPC does not say who may call it, or a role who may
// bring its token, when a mutating RPC takes no request_id, or when a field
// refers to a resource that nobody knows there. Linked with all protos.

#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "common/edge/callers.h"
#include "common/edge/fields.h"
#include "common/edge/methods.h"
#include "google/api/resource.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// Verbs that only read, and verbs that are safe to repeat by their nature.
bool NeedsRequestId(const std::string& method) {
  for (const char* prefix : {"Get", "List", "Watch", "Lookup", "Preview"}) {
    if (method.rfind(prefix, 0) == 0) return false;
  }
  const std::set<std::string> repeatable = {"LeaseTask", "ReleaseTask", "RequeueTask", "AdvanceClock", "FindCases"};
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

// What says nothing could be used over no connection.
int CheckRoles() {
  namespace v1 = ::xixinting::common::v1;
  int problems = 0;
  const google::protobuf::EnumDescriptor& roles = *v1::Role_descriptor();
  for (int i = 0; i < roles.value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& role = *roles.value(i);
    if (role.number() == v1::ROLE_UNSPECIFIED || role.options().ExtensionSize(v1::brought_by) > 0) continue;
    std::fprintf(stderr, "%s: does not say who may bring a token of it\n", role.full_name().c_str());
    ++problems;
  }
  return problems;
}

// What such a field names would go unchecked.
int CheckReferences(const Descriptor& type) {
  int problems = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool refers = field.options().HasExtension(google::api::resource_reference);
    if (!refers || !xxt::edge::NamePatternOf(field).empty()) continue;
    std::fprintf(stderr, "%s: refers to what neither its file nor an import of it has or defines\n",
                 field.full_name().c_str());
    ++problems;
  }
  for (int i = 0; i < type.nested_type_count(); ++i) problems += CheckReferences(*type.nested_type(i));
  return problems;
}

// The patterns of all resources, by their types.
std::map<std::string, std::string> Patterns() {
  std::map<std::string, std::string> patterns;
  for (const FileDescriptor* file : xxt::edge::AllFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto& resource = file->message_type(i)->options().GetExtension(google::api::resource);
      if (resource.pattern_size() > 0) patterns[resource.type()] = resource.pattern(0);
    }
  }
  return patterns;
}

int CheckDefinitions(const FileDescriptor& file, const std::map<std::string, std::string>& patterns) {
  int problems = 0;
  for (const auto& defined : file.options().GetRepeatedExtension(google::api::resource_definition)) {
    const auto known = patterns.find(defined.type());
    if (known != patterns.end() && defined.pattern_size() == 1 && defined.pattern(0) == known->second) continue;
    std::fprintf(stderr, "%s: does not define %s as it is\n", file.name().c_str(), defined.type().c_str());
    ++problems;
  }
  return problems;
}

}  // namespace

int main() {
  const auto methods = xxt::edge::AllMethods();
  int problems = methods.empty() ? 1 : 0;
  for (const MethodDescriptor* method : methods) problems += Check(method);
  problems += CheckRoles();
  const std::map<std::string, std::string> patterns = Patterns();
  for (const FileDescriptor* file : xxt::edge::AllFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) problems += CheckReferences(*file->message_type(i));
    problems += CheckDefinitions(*file, patterns);
  }
  return problems == 0 ? 0 : 1;
}
