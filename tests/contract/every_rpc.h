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
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/edge/fields.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "google/rpc/error_details.pb.h"
#include "tests/contract/service.h"

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

// One RPC, and what an example of it says (examples.h). What else holds of it is
// read from its descriptor.
struct Rpc {
  const google::protobuf::MethodDescriptor* method;
  std::function<std::unique_ptr<Message>()> request;  // right, another one each time
  std::function<std::string()> token;                 // of who sends it
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method->name(); }
};

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

// "/xixinting.intake.v1.CaseService/GetCase"
inline std::string PathOf(const google::protobuf::MethodDescriptor* method) {
  return absl::StrCat("/", method->service()->full_name(), "/", method->name());
}

inline std::unique_ptr<Message> NewOf(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// The hall that all here is about; examples are of its people.
inline constexpr char kOwnHall[] = "halls/110102016";

// Directories that all halls read, and of which nothing is one hall's. Whoever
// adds to these opens it to the staff of every hall.
inline bool IsSharedByHalls(const google::protobuf::MethodDescriptor* method) {
  static const std::set<std::string> kServices = {"HallService", "BodyService", "RuleNoteService", "BenefitService",
                                                  "ChannelService"};
  return kServices.count(method->service()->name()) > 0 || method->name() == "LookupDutyOfficer";
}

// A list of what another service keeps about one case, which must be named.
inline bool IsOfOneCase(const google::protobuf::MethodDescriptor* method) {
  const FieldDescriptor* of = method->input_type()->FindFieldByName("case_name");
  return of != nullptr && edge::Required(*of);
}

// What a list goes over that shows each hall its own: things that say their hall.
// Null for all other methods: they refuse another hall's staff.
inline const FieldDescriptor* ItemsByHall(const google::protobuf::MethodDescriptor* method) {
  if (!absl::StartsWith(method->name(), "List") || IsSharedByHalls(method)) return nullptr;
  if (method->input_type()->FindFieldByName("parent") != nullptr) return nullptr;
  const FieldDescriptor* items = method->output_type()->field_count() > 0 ? method->output_type()->field(0) : nullptr;
  if (items == nullptr || !items->is_repeated() || items->message_type() == nullptr) return nullptr;
  return items->message_type()->FindFieldByName("hall") == nullptr ? nullptr : items;
}

inline std::vector<Rpc> Those(std::vector<Rpc> rpcs, const std::function<bool(const Rpc&)>& are) {
  rpcs.erase(std::remove_if(rpcs.begin(), rpcs.end(), [&are](const Rpc& rpc) { return !are(rpc); }), rpcs.end());
  return rpcs;
}

// "GetCase": the name of an instance.
inline std::string NameOf(const ::testing::TestParamInfo<Rpc>& instance) { return instance.param.method->name(); }

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_EVERY_RPC_H_
