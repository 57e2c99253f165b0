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
#include "common/edge/callers.h"
#include "common/edge/methods.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/examples.h"
#include "tests/contract/service.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::contract {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::AnyOf;

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
  const std::vector<std::string> roles = edge::RolesOf(*method);
  return {roles.begin(), roles.end()};
}

bool NeedsHall(const std::string& role) { return role == "counter" || role == "officer" || role == "leader"; }

std::string TokenOf(const std::string& role, const std::string& hall) {
  return test::Token(role == "service" ? "services/referral" : "staff/wang", hall, {role});
}

// The first answer of any method, stream or not; a stream that begins is OK.
class FirstAnswer final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  FirstAnswer(const MethodDescriptor* method, const std::string& bytes, const std::string& token)
      : stub_(ServiceUnderTest().channel()) {
    Prepare(context_, token);
    const grpc::Slice slice(bytes);
    request_ = grpc::ByteBuffer(&slice, 1);
    stub_.PrepareBidiStreamingCall(&context_, PathOf(method), {}, this);
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

// Of the service under test, and what each service has.
std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const MethodDescriptor* method : edge::AllMethods()) {
    const std::string& package = method->file()->package();
    if (package == absl::StrCat("xixinting.", ServiceUnderTest().name, ".v1") || package == "xixinting.common.v1") {
      methods.push_back(method);
    }
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
      const std::string reason = FirstAnswer(GetParam(), "", TokenOf(role, hall)).Reason();
      if (allowed.count(role) == 0) {
        EXPECT_EQ(reason, "ROLE_MISSING");
      } else if (hall.empty() && NeedsHall(role)) {
        EXPECT_EQ(reason, "TOKEN_INVALID");
      } else {
        EXPECT_THAT(reason, AnyOf("OK", "FIELD_INVALID", "OTHER_HALL"));  // HallOfRpc says whom the last is for
      }
    }
  }
}

// A second role does not widen the first: an operator's eyes on tasks see no cases.
TEST_P(EveryMethod, GivesNoHallsForARoleItDoesNotName) {
  const std::set<std::string> allowed = RolesOf(GetParam());
  if (allowed.count("operator") > 0 || allowed.count("officer") == 0) return;
  const std::string token = test::Token("staff/wang", "", {"officer", "operator"});
  EXPECT_EQ(FirstAnswer(GetParam(), "", token).Reason(), "TOKEN_INVALID");
}

class HallOfRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, HallOfRpc, ::testing::ValuesIn(Examples()), NameOf);

// Asked with a right request about something of the own hall.
TEST_P(HallOfRpc, IsForItsOwnPeopleAndThoseOfAllHalls) {
  const MethodDescriptor* method = GetParam().method;
  const bool of_a_hall = !IsSharedByHalls(method) && ItemsByHall(method) == nullptr;
  for (const std::string& role : RolesOf(method)) {
    for (const std::string& hall : {std::string(kOwnHall), std::string(kAnotherHall), std::string()}) {
      if (hall.empty() && NeedsHall(role)) continue;  // not let in, whatever is asked
      SCOPED_TRACE(absl::StrCat(role, " of '", hall, "'"));
      const std::string bytes = GetParam().request()->SerializePartialAsString();
      const std::string reason = FirstAnswer(method, bytes, TokenOf(role, hall)).Reason();
      if (of_a_hall && NeedsHall(role) && hall == kAnotherHall) {
        EXPECT_EQ(reason, "OTHER_HALL");
      } else {
        EXPECT_THAT(reason, ::testing::Not(AnyOf("OTHER_HALL", "ROLE_MISSING", "TOKEN_INVALID")));
      }
    }
  }
}

class ListOfHalls : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, ListOfHalls,
                         ::testing::ValuesIn(Those(Unary(),
                                                   [](const Rpc& rpc) { return ItemsByHall(rpc.method) != nullptr; })),
                         NameOf);

// The halls of what a list answers to who asks with these bytes.
std::set<std::string> HallsIn(const MethodDescriptor* method, const std::string& bytes, const std::string& token) {
  const Answer answer = Send(ServiceUnderTest().channel(), PathOf(method), bytes, token);
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  const std::unique_ptr<Message> list = NewOf(method->output_type());
  EXPECT_TRUE(list->ParseFromString(answer.bytes));
  const FieldDescriptor* items = ItemsByHall(method);
  std::set<std::string> halls;
  for (int i = 0; i < list->GetReflection()->FieldSize(*list, items); ++i) {
    const Message& item = list->GetReflection()->GetRepeatedMessage(*list, items, i);
    halls.insert(item.GetReflection()->GetString(item, item.GetDescriptor()->FindFieldByName("hall")));
  }
  return halls;
}

// Asked for what the example made, which is of the own hall, and for all there is, where a list goes over all cases.
TEST_P(ListOfHalls, ShowsPeopleWhatIsOfTheirHall) {
  const MethodDescriptor* method = GetParam().method;
  std::vector<std::string> asked = {GetParam().request()->SerializePartialAsString()};
  if (!IsOfOneCase(method)) asked.emplace_back();
  for (const std::string& role : RolesOf(method)) {
    if (!NeedsHall(role)) continue;
    for (const std::string& request : asked) {
      EXPECT_EQ(HallsIn(method, request, TokenOf(role, kOwnHall)), std::set<std::string>{kOwnHall}) << role;
      EXPECT_EQ(HallsIn(method, request, TokenOf(role, kAnotherHall)).count(kOwnHall), 0U) << role;
    }
  }
}

}  // namespace
}  // namespace xxt::contract
