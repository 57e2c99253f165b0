// What holds for every RPC of the notification service.

#include "tests/contract/every_rpc.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/notification/v1/message_service.grpc.pb.h"

namespace xxt::notification {
namespace {

using contract::Answer;
using contract::Behaves;
using contract::FieldsOf;
using contract::ReasonOf;
using contract::Spoiled;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

// One RPC: a right request, who may send it, who may not.
struct Rpc {
  std::string method;  // "CaseService/GetCase"
  std::function<std::unique_ptr<google::protobuf::Message>()> request;
  std::function<std::string()> token;
  std::function<std::string()> wrong_role;
  bool of_a_hall = true;  // another hall's staff is refused
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method; }
};

template <typename Request>
std::unique_ptr<google::protobuf::Message> Copy(const Request& request) {
  return std::make_unique<Request>(request);
}

std::vector<Rpc> AllRpcs() {
  return {
      {"MessageService/CreateMessage", [] { return Copy(CreateRequest()); }, Officer, Clerk},
      {"MessageService/PreviewMessage",
       [] {
         v1::PreviewMessageRequest request;
         FillMessage(request.mutable_message());
         return Copy(request);
       },
       Officer, District},
      {"MessageService/GetMessage",
       [] {
         v1::GetMessageRequest request;
         request.set_name(Create(CreateRequest()).name());
         return Copy(request);
       },
       Officer, Clerk},
      {"MessageService/ListMessages", [] { return Copy(v1::ListMessagesRequest()); }, Officer, Clerk, false},
      {"MessageService/ResolveInDoubt",
       [] { return Copy(ResolveRequest(InDoubt().name(), v1::ResolveInDoubtRequest::RESOLUTION_RECEIVED)); }, Officer,
       Intake},
  };
}

constexpr char kPackage[] = "xixinting.notification.v1";

Answer Send(const std::string& method, const std::string& bytes, const std::string& token) {
  return contract::Send(World::Get().channel(), absl::StrCat("/", kPackage, ".", method), bytes, token);
}

Answer Send(const Rpc& rpc, const google::protobuf::Message& request, const std::string& token) {
  return Send(rpc.method, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, EveryRpc, ::testing::ValuesIn(AllRpcs()), contract::NameOf<Rpc>);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, RpcOfAHall, ::testing::ValuesIn(contract::OfAHall(AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Notification, RpcWithRequestId,
                         ::testing::ValuesIn(contract::With("request_id", kPackage, AllRpcs())), contract::NameOf<Rpc>);

TEST_P(EveryRpc, AnswersWhoMayAsk) {
  const Answer answer = Send(GetParam(), *GetParam().request(), GetParam().token());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "not-a-token").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, GetParam().wrong_role()).status), "ROLE_MISSING");
}

TEST_P(RpcOfAHall, RefusesStaffOfAnotherHall) {
  EXPECT_EQ(ReasonOf(Send(GetParam(), *GetParam().request(), Stranger()).status), "OTHER_HALL");
}

TEST_P(EveryRpc, NamesEveryRequiredFieldThatIsMissing) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (!Behaves(field, google::api::REQUIRED)) return false;
    message->GetReflection()->ClearField(message, field);
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(path));
  }
}

TEST_P(EveryRpc, NamesEveryTextThatIsTooLong) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    message->GetReflection()->SetString(message, field, std::string(5000, 'x'));
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    // Entries of a map have no order.
    EXPECT_THAT(FieldsOf(status), Contains(StartsWith(path.substr(0, path.find('[')))));
    // Values may be personal: only names come back.
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("xxx")));
  }
}

TEST_P(EveryRpc, NamesEveryUnknownEnumValue) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return false;
    if (field->is_repeated()) {
      message->GetReflection()->AddEnumValue(message, field, 999);
    } else {
      message->GetReflection()->SetEnumValue(message, field, 999);
    }
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    const absl::Status status = Send(GetParam(), *request, GetParam().token()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(HasSubstr(path)));
  }
}

TEST_P(EveryRpc, RefusesTextThatIsNotUtf8) {
  const auto request = GetParam().request();
  // Two bytes that are no UTF-8 for the first text of the request, or no
  // message for the first message.
  const auto* type = request->GetDescriptor();
  int number = 0;
  for (int i = type->field_count() - 1; i >= 0; --i) {
    if (type->field(i)->type() == FieldDescriptor::TYPE_STRING ||
        type->field(i)->type() == FieldDescriptor::TYPE_MESSAGE) {
      number = type->field(i)->number();
    }
  }
  const std::string bad = absl::StrCat(request->SerializePartialAsString(),
                                       std::string(1, static_cast<char>(number * 8 + 2)), "\x02\xff\xfe");
  const Answer answer = Send(GetParam().method, bad, GetParam().token());
  EXPECT_EQ(ReasonOf(answer.status), "FIELD_INVALID");
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const Answer first = Send(GetParam(), *request, GetParam().token());
  const Answer second = Send(GetParam(), *request, GetParam().token());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  // The same message; its map may come in another order.
  v1::Message once;
  v1::Message twice;
  ASSERT_TRUE(once.ParseFromString(first.bytes));
  ASSERT_TRUE(twice.ParseFromString(second.bytes));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(once, twice));

  // The same id for something else is a mistake.
  const auto other = Spoiled(*request, [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    if (field->name() != "display_name" && field->name() != "note") return false;
    message->GetReflection()->SetString(message, field, "别的内容");
    return true;
  });
  ASSERT_THAT(other, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *other.front().second, GetParam().token()).status), "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace xxt::notification
