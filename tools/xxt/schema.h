#ifndef XXT_TOOLS_XXT_SCHEMA_H_
#define XXT_TOOLS_XXT_SCHEMA_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// The suite's API as the program knows it: from the descriptors linked in
// (common/edge/methods.h), so that it works without server reflection.
namespace xxt::cli {

// What an instance is made of: "intake", "referral", "notification".
std::vector<std::string> AllServices();

// The method called `name`: "xixinting.intake.v1.CaseService/GetCase", or any
// end of it from a dot or slash on: "CaseService/GetCase", "GetCase".
// Errors: NOT_FOUND; INVALID_ARGUMENT if several methods end so.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(const std::string& name);

// "xixinting.intake.v1.CaseService/GetCase".
std::string NameOf(const google::protobuf::MethodDescriptor& method);

// The one that serves it; empty if each of them does.
std::string ServiceOf(const google::protobuf::MethodDescriptor& method);

// An empty message of the generated type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_SCHEMA_H_
