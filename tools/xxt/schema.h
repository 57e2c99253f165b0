#ifndef XXT_TOOLS_XXT_SCHEMA_H_
#define XXT_TOOLS_XXT_SCHEMA_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// The suite's API as the program knows it: from the descriptors linked in, so
// that it works without server reflection.
namespace xxt::cli {

// Every method, in the order of the proto files.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

// The method called `name`: "xixinting.intake.v1.CaseService/GetCase", or any
// end of it from a dot or slash on: "CaseService/GetCase", "GetCase".
// Errors: NOT_FOUND; INVALID_ARGUMENT if several methods end so.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(const std::string& name);

// "xixinting.intake.v1.CaseService/GetCase".
std::string NameOf(const google::protobuf::MethodDescriptor& method);

// "intake", "referral" or "notification"; empty if each of them serves it.
std::string ServiceOf(const google::protobuf::MethodDescriptor& method);

// An empty message of the generated type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_SCHEMA_H_
