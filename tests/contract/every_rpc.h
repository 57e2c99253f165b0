#ifndef XXT_TESTS_CONTRACT_EVERY_RPC_H_
#define XXT_TESTS_CONTRACT_EVERY_RPC_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/edge/fields.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "google/rpc/error_details.pb.h"

// What contract tests of all services share: calling a method with any bytes,
// reading what an error says, and spoiling right requests field by field.
namespace xxt::contract {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

inline void Prepare(grpc::ClientContext& context, const std::string& token) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
}

// "OK", or the error's reason.
inline std::string ReasonOf(const absl::Status& status) { return status.ok() ? "OK" : errors::ReasonOf(status); }

// Fields that BadRequest names, or types and subjects of PreconditionFailure.
inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  status.ForEachPayload([&fields](absl::string_view type, const absl::Cord& payload) {
    if (absl::EndsWith(type, "google.rpc.BadRequest")) {
      google::rpc::BadRequest bad;
      bad.ParseFromString(std::string(payload));
      for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
    }
    if (absl::EndsWith(type, "google.rpc.PreconditionFailure")) {
      google::rpc::PreconditionFailure failure;
      failure.ParseFromString(std::string(payload));
      for (const auto& violation : failure.violations()) {
        fields.push_back(violation.type());
        fields.push_back(violation.subject());
      }
    }
  });
  return fields;
}

// What came back, byte for byte.
struct Answer {
  absl::Status status;
  std::string bytes;
  bool replayed = false;
};

// Calls `method` ("/package.Service/Method") with `bytes`.
inline Answer Send(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& bytes,
                   const std::string& token) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel);
  grpc::ClientContext context;
  Prepare(context, token);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  Answer answer;
  answer.status = rpc::FromGrpcStatus(done.get_future().get());
  std::vector<grpc::Slice> slices;
  if (answer.status.ok() && response.Valid()) response.Dump(&slices);
  for (const grpc::Slice& part : slices) answer.bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
  answer.replayed = context.GetServerTrailingMetadata().count("idempotent-replay") > 0;
  return answer;
}

// Calls `visit` for every input field of `message` and of the messages set in it.
inline void ForEachField(Message* message, const std::string& prefix,
                         const std::function<void(Message*, const FieldDescriptor*, const std::string&)>& visit) {
  const auto* type = message->GetDescriptor();
  const auto* reflection = message->GetReflection();
  if (absl::StartsWith(type->full_name(), "google.")) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!edge::SaidByCallers(*field)) continue;
    const std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
    visit(message, field, path);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(*message, field); ++j) {
        ForEachField(reflection->MutableRepeatedMessage(message, field, j), absl::StrCat(path, "[", j, "]"), visit);
      }
    } else if (reflection->HasField(*message, field)) {
      ForEachField(reflection->MutableMessage(message, field), path, visit);
    }
  }
}

// Copies of `request`, each spoiled in one field by `spoil` (false: not this
// field), with the field's path.
inline std::vector<std::pair<std::string, std::unique_ptr<Message>>> Spoiled(
    const Message& request, const std::function<bool(Message*, const FieldDescriptor*)>& spoil) {
  std::vector<std::pair<std::string, std::unique_ptr<Message>>> spoiled;
  int fields = 0;
  const std::unique_ptr<Message> counted(request.New());
  counted->CopyFrom(request);
  ForEachField(counted.get(), "", [&](Message*, const FieldDescriptor*, const std::string&) { ++fields; });
  for (int target = 0; target < fields; ++target) {
    std::unique_ptr<Message> copy(request.New());
    copy->CopyFrom(request);
    int at = 0;
    std::string path;
    // The visit after a spoilt message field may see more fields: only the
    // target's own visit counts.
    ForEachField(copy.get(), "", [&](Message* message, const FieldDescriptor* field, const std::string& name) {
      if (at++ == target && spoil(message, field)) path = name;
    });
    if (!path.empty()) spoiled.emplace_back(path, std::move(copy));
  }
  return spoiled;
}

// One RPC: a right request, who may send it, who may not.
struct Rpc {
  std::string method;  // "CaseService/GetCase"
  std::function<std::unique_ptr<Message>()> request;
  std::function<std::string()> token;
  std::function<std::string()> wrong_role;
  bool of_a_hall = true;  // another hall's staff is refused
  bool lists = false;     // another hall's staff is shown their own
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method; }
};

template <typename Request>
std::unique_ptr<Message> Copy(const Request& request) {
  return std::make_unique<Request>(request);
}

// The service that a program tests: every_rpc_test.cc and
// authorization_test.cc put each of `rpcs` to the test, and the latter each of
// `streams`.
struct Service {
  std::string package;  // "xixinting.intake.v1"
  std::function<std::shared_ptr<grpc::Channel>()> channel;
  std::function<void()> stop;             // after the last test
  std::function<std::string()> stranger;  // the token of another hall's staff
  std::vector<Rpc> rpcs;
  std::vector<Rpc> streams = {};
};
// Defined by each program's rpcs.cc.
const Service& ServiceUnderTest();

// Calls a method of a stub; the response through `response`.
template <typename Stub, typename Request, typename Response>
absl::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                 Response* response, const std::string& token) {
  Stub stub(ServiceUnderTest().channel());
  grpc::ClientContext context;
  Prepare(context, token);
  return rpc::FromGrpcStatus((stub.*method)(&context, request, response));
}

// The same, where the test needs the answer.
template <typename Stub, typename Request, typename Response>
Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
             const std::string& token) {
  Response response;
  const absl::Status status = Ask(method, request, &response, token);
  EXPECT_TRUE(status.ok()) << status;
  return response;
}

// The same, where it needs the reason of the error.
template <typename Stub, typename Request, typename Response>
std::string ReasonFor(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, const std::string& token) {
  Response response;
  return ReasonOf(Ask(method, request, &response, token));
}

// Those that refuse another hall's staff.
inline std::vector<Rpc> OfAHall(std::vector<Rpc> rpcs) {
  rpcs.erase(std::remove_if(rpcs.begin(), rpcs.end(), [](const Rpc& rpc) { return !rpc.of_a_hall; }), rpcs.end());
  return rpcs;
}

// Those that show each hall its own.
inline std::vector<Rpc> Lists(std::vector<Rpc> rpcs) {
  rpcs.erase(std::remove_if(rpcs.begin(), rpcs.end(), [](const Rpc& rpc) { return !rpc.lists; }), rpcs.end());
  return rpcs;
}

// The method of the service under test, or of those that every service has.
inline const google::protobuf::MethodDescriptor* DescriptorOf(const Rpc& rpc) {
  const auto find = [&rpc](const std::string& package) {
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        absl::StrCat(package, ".", absl::StrReplaceAll(rpc.method, {{"/", "."}})));
  };
  const auto* own = find(ServiceUnderTest().package);
  return own != nullptr ? own : find("xixinting.common.v1");
}

// "/xixinting.intake.v1.CaseService/GetCase"
inline std::string PathOf(const google::protobuf::MethodDescriptor* method) {
  return absl::StrCat("/", method->service()->full_name(), "/", method->name());
}

// Those whose request has the field.
inline std::vector<Rpc> With(const std::string& field, std::vector<Rpc> rpcs) {
  const auto lacks = [&](const Rpc& rpc) { return DescriptorOf(rpc)->input_type()->FindFieldByName(field) == nullptr; };
  rpcs.erase(std::remove_if(rpcs.begin(), rpcs.end(), lacks), rpcs.end());
  return rpcs;
}

// "GetCase": the name of an instance.
inline std::string NameOf(const ::testing::TestParamInfo<Rpc>& instance) {
  return instance.param.method.substr(instance.param.method.find('/') + 1);
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_EVERY_RPC_H_
