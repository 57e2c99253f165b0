// Who is let in: every method, every role, of the own hall, of another, of none, as the descriptors say. Part of each
// service's program.

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/edge/callers.h"
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

// Of every proto of the service under test, and of those that each service has.
std::vector<const MethodDescriptor*> AllMethods() {
  const std::string root = XXT_SOURCE_DIR "/protos/";
  std::set<std::string> files = {"xixinting/common/v1/task_service.proto"};
  const std::string folder = absl::StrReplaceAll(ServiceUnderTest().package, {{".", "/"}});
  for (const auto& entry : std::filesystem::directory_iterator(root + folder)) {
    files.insert(entry.path().string().substr(root.size()));
  }
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : files) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) methods.push_back(file->service(i)->method(j));
    }
  }
  return methods;
}

std::vector<Rpc> AllRows() {
  std::vector<Rpc> rows = ServiceUnderTest().rpcs;
  rows.insert(rows.end(), ServiceUnderTest().streams.begin(), ServiceUnderTest().streams.end());
  return rows;
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

TEST_P(EveryMethod, IsPutToTheTest) {
  std::vector<const MethodDescriptor*> tested;
  for (const Rpc& row : AllRows()) tested.push_back(DescriptorOf(row));
  EXPECT_THAT(tested, Contains(GetParam())) << "it has no row in rpcs.cc";
}

class HallOfRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, HallOfRpc, ::testing::ValuesIn(AllRows()), NameOf);

// Asked with a right request about something of the own hall.
TEST_P(HallOfRpc, IsForItsOwnPeopleAndThoseOfAllHalls) {
  const MethodDescriptor* method = DescriptorOf(GetParam());
  for (const std::string& role : RolesOf(method)) {
    for (const std::string& hall : {std::string(kOwnHall), std::string(kAnotherHall), std::string()}) {
      if (hall.empty() && NeedsHall(role)) continue;  // not let in, whatever is asked
      SCOPED_TRACE(absl::StrCat(role, " of '", hall, "'"));
      const std::string bytes = GetParam().request()->SerializePartialAsString();
      const std::string reason = FirstAnswer(method, bytes, TokenOf(role, hall)).Reason();
      if (GetParam().of_a_hall && NeedsHall(role) && hall == kAnotherHall) {
        EXPECT_EQ(reason, "OTHER_HALL");
      } else {
        EXPECT_THAT(reason, ::testing::Not(AnyOf("OTHER_HALL", "ROLE_MISSING", "TOKEN_INVALID")));
      }
    }
  }
}

class ListOfHalls : public ::testing::TestWithParam<Rpc> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ListOfHalls);
INSTANTIATE_TEST_SUITE_P(All, ListOfHalls, ::testing::ValuesIn(Lists(ServiceUnderTest().rpcs)), NameOf);

// The halls of what an answer lists.
std::set<std::string> HallsIn(const MethodDescriptor* method, const std::string& bytes) {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->output_type());
  const std::unique_ptr<Message> answer(prototype->New());
  EXPECT_TRUE(answer->ParseFromString(bytes));
  const FieldDescriptor* items = method->output_type()->field(0);
  std::set<std::string> halls;
  for (int i = 0; i < answer->GetReflection()->FieldSize(*answer, items); ++i) {
    const Message& item = answer->GetReflection()->GetRepeatedMessage(*answer, items, i);
    halls.insert(item.GetReflection()->GetString(item, item.GetDescriptor()->FindFieldByName("hall")));
  }
  return halls;
}

// Its request makes something of the own hall first.
TEST_P(ListOfHalls, ShowsPeopleWhatIsOfTheirHall) {
  const MethodDescriptor* method = DescriptorOf(GetParam());
  const std::string bytes = GetParam().request()->SerializePartialAsString();
  for (const std::string& role : RolesOf(method)) {
    if (!NeedsHall(role)) continue;
    for (const std::string& hall : {std::string(kOwnHall), std::string(kAnotherHall)}) {
      const Answer answer = Send(ServiceUnderTest().channel(), PathOf(method), bytes, TokenOf(role, hall));
      ASSERT_TRUE(answer.status.ok()) << answer.status;
      const std::set<std::string> halls = HallsIn(method, answer.bytes);
      if (hall == kOwnHall) {
        EXPECT_EQ(halls, std::set<std::string>{kOwnHall}) << role;
      } else {
        EXPECT_EQ(halls.count(kOwnHall), 0U) << role;
      }
    }
  }
}

}  // namespace
}  // namespace xxt::contract
