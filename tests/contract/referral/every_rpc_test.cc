// What holds for every RPC of the referral service.

#include "tests/contract/every_rpc.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "tests/contract/referral/requests.h"
#include "xixinting/referral/v1/body_service.grpc.pb.h"
#include "xixinting/referral/v1/referral_service.grpc.pb.h"

namespace xxt::referral {
namespace {

using contract::Answer;
using contract::Behaves;
using contract::FieldsOf;
using contract::Spoiled;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

struct Rpc {
  std::string method;
  std::function<std::unique_ptr<Message>()> request;
  std::function<std::string()> wrong_role;
  bool of_a_hall = true;
  friend std::ostream& operator<<(std::ostream& out, const Rpc& rpc) { return out << rpc.method; }
};

template <typename Request>
std::unique_ptr<Message> Copy(const Request& request) {
  return std::make_unique<Request>(request);
}

template <typename Request>
std::unique_ptr<Message> Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return Copy(request);
}

std::vector<Rpc> AllRpcs() {
  return {
      {"BodyService/ListBodies", [] { return Copy(v1::ListBodiesRequest()); }, Clerk, false},
      {"BodyService/GetBody", [] { return Named<v1::GetBodyRequest>("bodies/babaoshan"); }, Clerk, false},
      {"BodyService/CreateRuleNote", [] { return Copy(NoteRequest()); }, Clerk, false},
      {"BodyService/ListRuleNotes",
       [] {
         v1::ListRuleNotesRequest request;
         request.set_parent("bodies/babaoshan");
         return Copy(request);
       },
       Clerk, false},
      {"ReferralService/CreateReferral", [] { return Copy(CreateRequest()); }, District},
      {"ReferralService/GetReferral", [] { return Named<v1::GetReferralRequest>(NewReferral().name()); }, Clerk},
      {"ReferralService/ListReferrals", [] { return Copy(v1::ListReferralsRequest()); }, Clerk, false},
      {"ReferralService/CreateEntry", [] { return Copy(ReachedRequest(NewReferral().name())); }, District},
      {"ReferralService/ListEntries",
       [] {
         v1::ListEntriesRequest request;
         request.set_parent(NewReferral().name());
         return Copy(request);
       },
       Clerk},
      {"ReferralService/RecordReply",
       [] { return Copy(ReplyRequest(SentReferral().name(), v1::Reply::KIND_DECLINED, "不予办理")); }, District},
      {"ReferralService/SetCutOff",
       [] { return Copy(CutOffRequest(NewReferral().name(), absl::CivilDay(2018, 5, 6))); }, District},
      {"ReferralService/CancelReferral", [] { return Copy(CancelRequest(NewReferral().name())); }, District},
      {"ReferralService/IssueRouteSheet", [] { return Copy(SheetRequest(NewReferral().name())); }, District},
      {"ReferralService/GetRouteSheet",
       [] {
         const v1::Referral referral = NewReferral();
         Get(&Referrals::IssueRouteSheet, SheetRequest(referral.name()), Officer());
         return Named<v1::GetRouteSheetRequest>(referral.name() + "/routeSheets/latest");
       },
       Clerk},
      {"ReferralService/ListUnmatchedMails", [] { return Copy(v1::ListUnmatchedMailsRequest()); }, Clerk, false},
      {"ReferralService/FileUnmatchedMail", [] { return Copy(FileRequest(NewReferral().name())); }, Clerk},
  };
}

constexpr char kPackage[] = "xixinting.referral.v1";

Answer Send(const Rpc& rpc, const std::string& bytes, const std::string& token) {
  return contract::Send(World::Get().channel(), absl::StrCat("/", kPackage, ".", rpc.method), bytes, token);
}
Answer Send(const Rpc& rpc, const Message& request, const std::string& token) {
  return Send(rpc, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, EveryRpc, ::testing::ValuesIn(AllRpcs()), contract::NameOf<Rpc>);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcOfAHall, ::testing::ValuesIn(contract::OfAHall(AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithEtag : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcWithEtag, ::testing::ValuesIn(contract::With("etag", kPackage, AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Referral, RpcWithRequestId,
                         ::testing::ValuesIn(contract::With("request_id", kPackage, AllRpcs())), contract::NameOf<Rpc>);

TEST_P(EveryRpc, AnswersWhoMayAsk) {
  const Answer answer = Send(GetParam(), *GetParam().request(), Officer());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
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
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
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
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(path));
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
    const absl::Status status = Send(GetParam(), *request, Officer()).status;
    EXPECT_EQ(ReasonOf(status), "FIELD_INVALID") << path;
    EXPECT_THAT(FieldsOf(status), Contains(HasSubstr(path)));
  }
}

TEST_P(EveryRpc, RefusesTextThatIsNotUtf8) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    message->GetReflection()->SetString(message, field, "\xff\xfe");
    return true;
  });
  for (const auto& [path, request] : spoiled) {
    EXPECT_EQ(ReasonOf(Send(GetParam(), *request, Officer()).status), "FIELD_INVALID") << path;
  }
}

TEST_P(RpcWithEtag, RefusesAStaleEtag) {
  const auto request = GetParam().request();
  const FieldDescriptor* etag = request->GetDescriptor()->FindFieldByName("etag");
  request->GetReflection()->SetString(request.get(), etag, "999");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, Officer()).status), "ETAG_MISMATCH");
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const FieldDescriptor* id = request->GetDescriptor()->FindFieldByName("request_id");
  const Answer first = Send(GetParam(), *request, Officer());
  const Answer second = Send(GetParam(), *request, Officer());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(first.bytes, second.bytes);

  // The same id for something else is a mistake.
  const auto other = GetParam().request();
  other->GetReflection()->SetString(other.get(), id, request->GetReflection()->GetString(*request, id));
  const auto changed = Spoiled(*other, [](Message* message, const FieldDescriptor* field) {
    const std::set<std::string> texts = {"text", "reason", "question", "summary", "remark", "etag", "referral"};
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || texts.count(field->name()) == 0) return false;
    const bool name = field->name() == "referral";
    const bool etag = field->name() == "etag";
    message->GetReflection()->SetString(message, field, name ? "referrals/" + NewId() : etag ? "1" : "别的内容");
    return true;
  });
  ASSERT_THAT(changed, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *changed.front().second, Officer()).status), "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace xxt::referral
