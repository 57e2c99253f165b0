// Who is let in: every method, every role, of the own hall, of another, of none, as the descriptors say. Part of each
// service's program.

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "xixinting/common/v1/options.pb.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::contract {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::AnyOf;
using ::testing::Contains;

constexpr char kOwnHall[] = "halls/110102016";
constexpr char kAnotherHall[] = "halls/110102014";

// Roles as tokens spell them.
std::vector<std::string> AllRoles() {
  std::vector<std::string> roles;
  const auto* type = xixinting::common::v1::Role_descriptor();
  for (int i = 1; i < type->value_count(); ++i) {
    roles.push_back(absl::AsciiStrToLower(type->value(i)->name().substr(std::string("ROLE_").size())));
  }
  return roles;
}

std::set<std::string> RolesOf(const MethodDescriptor* method) {
  std::set<std::string> roles;
  for (const int role : method->options().GetExtension(xixinting::common::v1::access).roles()) {
    roles.insert(AllRoles()[static_cast<std::size_t>(role) - 1]);
  }
  return roles;
}

bool NeedsHall(const std::string& role) { return role == "counter" || role == "officer" || role == "leader"; }

std::string TokenOf(const std::string& role, const std::string& hall) {
  return test::Token(role == "service" ? "services/referral" : "staff/wang", hall, {role});
}

// The first answer of any method, stream or not; a stream that begins is OK.
class FirstAnswer final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  FirstAnswer(const MethodDescriptor* method, const std::string& token) : stub_(ServiceUnderTest().channel()) {
    Prepare(context_, token);
    const grpc::Slice nothing("");
    request_ = grpc::ByteBuffer(&nothing, 1);
    stub_.PrepareBidiStreamingCall(&context_, absl::StrCat("/", method->service()->full_name(), "/", method->name()),
                                   {}, this);
    StartWriteLast(&request_, {});
    StartRead(&response_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    began_ = ok;
    if (ok) context_.TryCancel();
  }
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<std::promise<grpc::Status>> done = done_;  // may outlive this
    done->set_value(status);
  }

  std::string Reason() {
    const grpc::Status status = done_->get_future().get();
    return began_ ? "OK" : ReasonOf(rpc::FromGrpcStatus(status));
  }

 private:
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  const std::shared_ptr<std::promise<grpc::Status>> done_ = std::make_shared<std::promise<grpc::Status>>();
  bool began_ = false;
};

std::vector<const MethodDescriptor*> AllMethods() {
  std::set<std::string> services = {"xixinting.common.v1.TaskService"};
  for (const Rpc& rpc : ServiceUnderTest().rpcs) services.insert(DescriptorOf(rpc)->service()->full_name());
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

class EveryMethod : public ::testing::TestWithParam<const MethodDescriptor*> {};
INSTANTIATE_TEST_SUITE_P(All, EveryMethod, ::testing::ValuesIn(AllMethods()),
                         [](const auto& instance) { return instance.param->name(); });

// Asked with an empty request: who gets as far as its fields was let in.
TEST_P(EveryMethod, LetsInTheRolesItNamesAndNobodyWithoutAHallWhoNeedsOne) {
  const std::set<std::string> allowed = RolesOf(GetParam());
  for (const std::string& role : AllRoles()) {
    for (const std::string& hall : {std::string(kOwnHall), std::string(kAnotherHall), std::string()}) {
      SCOPED_TRACE(absl::StrCat(role, " of '", hall, "'"));
      const std::string reason = FirstAnswer(GetParam(), TokenOf(role, hall)).Reason();
      if (allowed.count(role) == 0) {
        EXPECT_EQ(reason, "ROLE_MISSING");
      } else if (hall.empty() && NeedsHall(role)) {
        EXPECT_EQ(reason, "TOKEN_INVALID");
      } else {
        EXPECT_THAT(reason, AnyOf("OK", "FIELD_INVALID"));
      }
    }
  }
}

// A second role does not widen the first: an operator's eyes on tasks see no cases.
TEST_P(EveryMethod, GivesNoHallsForARoleItDoesNotName) {
  const std::set<std::string> allowed = RolesOf(GetParam());
  if (allowed.count("operator") > 0 || allowed.count("officer") == 0) return;
  const std::string token = test::Token("staff/wang", "", {"officer", "operator"});
  EXPECT_EQ(FirstAnswer(GetParam(), token).Reason(), "TOKEN_INVALID");
}

TEST_P(EveryMethod, IsPutToTheTestUnlessItStreams) {
  if (GetParam()->server_streaming() || GetParam()->service()->name() == "TaskService") return;
  std::vector<const MethodDescriptor*> tested;
  for (const Rpc& rpc : ServiceUnderTest().rpcs) tested.push_back(DescriptorOf(rpc));
  EXPECT_THAT(tested, Contains(GetParam()));
}

class HallOfRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, HallOfRpc, ::testing::ValuesIn(ServiceUnderTest().rpcs), NameOf);

// Asked with a right request about something of the own hall.
TEST_P(HallOfRpc, IsForItsOwnPeopleAndThoseOfAllHalls) {
  for (const std::string& role : RolesOf(DescriptorOf(GetParam()))) {
    for (const std::string& hall : {std::string(kOwnHall), std::string(kAnotherHall)}) {
      SCOPED_TRACE(absl::StrCat(role, " of ", hall));
      const std::string method = absl::StrCat("/", ServiceUnderTest().package, ".", GetParam().method);
      const std::string bytes = GetParam().request()->SerializePartialAsString();
      const std::string reason =
          ReasonOf(Send(ServiceUnderTest().channel(), method, bytes, TokenOf(role, hall)).status);
      if (GetParam().of_a_hall && NeedsHall(role) && hall == kAnotherHall) {
        EXPECT_EQ(reason, "OTHER_HALL");
      } else {
        EXPECT_THAT(reason, ::testing::Not(AnyOf("OTHER_HALL", "ROLE_MISSING", "TOKEN_INVALID")));
      }
    }
  }
}

}  // namespace
}  // namespace xxt::contract
