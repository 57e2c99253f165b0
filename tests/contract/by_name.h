#ifndef XXT_TESTS_CONTRACT_BY_NAME_H_
#define XXT_TESTS_CONTRACT_BY_NAME_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tests/contract/every_rpc.h"

// Calls of a service by the names of its methods, for the fixtures of slice
// tests: who asks includes no stub.
namespace xxt::contract {

// The method of that name in the protos of `owner` ("intake"), nullptr if there is none.
inline const google::protobuf::MethodDescriptor* FindMethodOf(const std::string& owner, const std::string& name) {
  const std::filesystem::path protos = XXT_SOURCE_DIR "/protos";
  for (const auto& entry : std::filesystem::directory_iterator(protos / "xixinting" / owner / "v1")) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
        std::filesystem::relative(entry.path(), protos).string());
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      if (const auto* found = file->service(i)->FindMethodByName(name)) return found;
    }
  }
  return nullptr;
}

// The one in the protos of `service`, or in those that every service serves. Slices are linked, and with them their
// protos.
inline const google::protobuf::MethodDescriptor* FindMethod(const std::string& service, const std::string& name) {
  for (const std::string& owner : {service, std::string("common")}) {
    if (const auto* found = FindMethodOf(owner, name)) return found;
  }
  std::fprintf(stderr, "%s has no method %s\n", service.c_str(), name.c_str());
  std::abort();
}

// Calls it with the request that `text` spells. `response` may be null.
inline absl::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                               const google::protobuf::MethodDescriptor* method, const std::string& text,
                               const std::string& token, Message* response) {
  const std::unique_ptr<Message> request = NewOf(method->input_type());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  const Answer answer = Send(channel, PathOf(method), request->SerializePartialAsString(), token);
  if (response != nullptr) {
    EXPECT_TRUE(response->ParseFromString(answer.bytes));  // nothing, after an error
  }
  return answer.status;
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_BY_NAME_H_
