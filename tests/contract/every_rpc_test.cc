// What holds for every RPC, whatever it does. Part of each service's program.

#include "tests/contract/every_rpc.h"

#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/edge/fields.h"
#include "common/identifiers/uuid.h"
#include "common/identity/hall_scope.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "common/testing/raw_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::contract {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class StopService : public ::testing::Environment {
 public:
  void TearDown() override { ServiceUnderTest().stop(); }
};
const ::testing::Environment* const kStopService = ::testing::AddGlobalTestEnvironment(new StopService());

Answer Send(const Rpc& rpc, const std::string& bytes, const std::string& token) {
  return contract::Send(ServiceUnderTest().channel(), PathOf(DescriptorOf(rpc)), bytes, token);
}

Answer Send(const Rpc& rpc, const Message& request, const std::string& token) {
  return Send(rpc, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, EveryRpc, ::testing::ValuesIn(ServiceUnderTest().rpcs), NameOf);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcOfAHall, ::testing::ValuesIn(OfAHall(ServiceUnderTest().rpcs)), NameOf);
class RpcWithEtag : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithEtag, ::testing::ValuesIn(With("etag", ServiceUnderTest().rpcs)), NameOf);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RpcWithEtag);  // messages have none
class RpcWithPages : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithPages, ::testing::ValuesIn(With("page_token", ServiceUnderTest().rpcs)), NameOf);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithRequestId, ::testing::ValuesIn(With("request_id", ServiceUnderTest().rpcs)),
                         NameOf);

TEST_P(EveryRpc, AnswersWhoMayAsk) {
  const Answer answer = Send(GetParam(), *GetParam().request(), GetParam().token());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
}

// More threads than requests have connections.
constexpr int kAtOnce = 16;

void AtOnce(const std::function<void(int)>& call) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) threads.emplace_back(call, i);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(EveryRpc, AnswersManyAtOnce) {
  const auto request = GetParam().request();
  const FieldDescriptor* id = request->GetDescriptor()->FindFieldByName("request_id");
  std::atomic<int> done = 0;
  AtOnce([&](int) {
    const std::unique_ptr<Message> mine(request->New());
    mine->CopyFrom(*request);
    if (id != nullptr) mine->GetReflection()->SetString(mine.get(), id, identifiers::NewUuid(absl::Now()));
    const absl::Status status = Send(GetParam(), *mine, GetParam().token()).status;
    if (status.ok()) ++done;
    // What can be done once may have been done by another; nobody waits in vain.
    EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status)) << status;
  });
  EXPECT_GE(done, 1);
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "not-a-token").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, GetParam().wrong_role()).status), "ROLE_MISSING");
}

TEST_P(RpcOfAHall, RefusesStaffOfAnotherHall) {
  EXPECT_EQ(ReasonOf(Send(GetParam(), *GetParam().request(), ServiceUnderTest().stranger()).status), "OTHER_HALL");
}

TEST_P(EveryRpc, NamesEveryRequiredFieldThatIsMissing) {
  const auto spoiled = Spoiled(*GetParam().request(), [](Message* message, const FieldDescriptor* field) {
    if (!edge::Required(*field)) return false;
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
    EXPECT_THAT(FieldsOf(status), Contains(path));
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

// Says of `message` and all in it what callers do not say, and what no version here knows.
void Smuggle(Message* message) {
  const auto* type = message->GetDescriptor();
  const auto* reflection = message->GetReflection();
  if (absl::StartsWith(type->full_name(), "google.")) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated()) continue;
    if (!edge::SaidByCallers(*field) && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection->SetString(message, field, "smuggled");
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && reflection->HasField(*message, field)) {
      Smuggle(reflection->MutableMessage(message, field));
    }
  }
  reflection->MutableUnknownFields(message)->AddLengthDelimited(1000, "smuggled");
}

TEST_P(EveryRpc, TakesNothingThatCallersDoNotSay) {
  const auto request = GetParam().request();
  Smuggle(request.get());
  const Answer answer = Send(GetParam(), *request, GetParam().token());
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(answer.bytes, Not(HasSubstr("smuggled")));
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
  const Answer answer = Send(GetParam(), bad, GetParam().token());
  EXPECT_EQ(ReasonOf(answer.status), "FIELD_INVALID");
}

// The port that the channel of the service under test leads to.
int Port() {
  const Rpc& any = ServiceUnderTest().rpcs[0];
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(ServiceUnderTest().channel());
  grpc::ClientContext context;
  Prepare(context, "");
  const grpc::Slice nothing("");
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  std::promise<void> done;
  stub.UnaryCall(&context, PathOf(DescriptorOf(any)), {}, &request, &response,
                 [&done](const grpc::Status&) { done.set_value(); });
  done.get_future().wait();
  int port = 0;
  const std::string peer = context.peer();  // "ipv4:127.0.0.1:50051"
  EXPECT_TRUE(absl::SimpleAtoi(peer.substr(peer.rfind(':') + 1), &port)) << peer;
  return port;
}

// What a gRPC client would never send, from anybody who can reach the port.
TEST(AnyBytesAsToken, AreRefusedAndTheServiceLivesOn) {
  const Rpc& any = ServiceUnderTest().rpcs[0];
  const std::string method = PathOf(DescriptorOf(any));
  const std::string header = absl::WebSafeBase64Escape(R"({"alg":"ES256","kid":"services-intake"})");
  test::RawClient client(Port());
  ASSERT_TRUE(client.connected());
  std::uint32_t stream = 1;
  for (const std::string& token : {header + ".e30.\xff", header + ".\xff.e30", std::string("\xff.e30.e30"),
                                   std::string("\xff"), header + ".e30.e30" + std::string(5000, '.')}) {
    client.Call(stream, method, {{"authorization", "Bearer " + token}}, "");
    EXPECT_TRUE(client.AwaitEnd(stream, absl::Seconds(20))) << absl::CHexEscape(token);
    stream += 2;
  }
  EXPECT_TRUE(Send(any, *any.request(), any.token()).status.ok());
}

TEST(UnknownRpc, IsUnimplementedAndNotABadRequest) {
  const auto* known = DescriptorOf(ServiceUnderTest().rpcs[0])->service();
  const Answer answer =
      contract::Send(ServiceUnderTest().channel(), absl::StrCat("/", known->full_name(), "/NoSuchMethod"), "", "");
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kUnimplemented);
}

TEST_P(RpcWithEtag, RefusesAStaleOne) {
  const auto request = GetParam().request();
  const FieldDescriptor* etag = request->GetDescriptor()->FindFieldByName("etag");
  request->GetReflection()->SetString(request.get(), etag, "999");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, GetParam().token()).status), "ETAG_MISMATCH");
}

// What a list is asked with after its first page, by method; every list is here.
const std::map<std::string, std::vector<paging::Part>>& PartsOfKeys() {
  using paging::Part;
  static const std::vector<Part> kTimeAndId = {Part::kTime, Part::kUuid};
  static const std::map<std::string, std::vector<Part>> parts = {{"ListBodies", {Part::kText, Part::kText}},
                                                                 {"ListCases", kTimeAndId},
                                                                 {"ListContacts", {Part::kNumber}},
                                                                 {"ListEntries", {Part::kNumber}},
                                                                 {"ListHalls", {Part::kText}},
                                                                 {"ListMessages", kTimeAndId},
                                                                 {"ListPapers", {Part::kUuid}},
                                                                 {"ListPromises", kTimeAndId},
                                                                 {"ListReferrals", kTimeAndId},
                                                                 {"ListRuleNotes", kTimeAndId},
                                                                 {"ListStaff", {Part::kText}},
                                                                 {"ListTasks", kTimeAndId},
                                                                 {"ListUnmatchedMails", kTimeAndId}};
  return parts;
}

std::string Good(paging::Part part) {
  switch (part) {
    case paging::Part::kTime:
      return paging::PartOf(absl::Now());
    case paging::Part::kUuid:
      return identifiers::NewUuid(absl::Now());
    case paging::Part::kNumber:
      return "7";
    case paging::Part::kText:
      return "x";
  }
  return "";
}

// Texts that a store cannot be asked with as this.
std::vector<std::string> BadOnes(paging::Part part) {
  std::vector<std::string> bad = {"\xff", std::string("a\0b", 3)};
  if (part == paging::Part::kText) return bad;
  bad.insert(bad.end(), {"", "infinity", "2026-13-45 99:99", "99999999999999999999", "' OR true"});
  if (part == paging::Part::kTime) bad.insert(bad.end(), {"9223372036854775806", "-9223372036854775807"});
  if (part == paging::Part::kUuid) bad.insert(bad.end(), {"7", "------------------------------------"});
  return bad;
}

// A token says for itself that it is undamaged: anybody can make one.
TEST_P(RpcWithPages, RefusesAForgedTokenWhoseKeyIsOfOtherKinds) {
  const auto request = GetParam().request();
  const auto* method = DescriptorOf(GetParam());
  const auto known = PartsOfKeys().find(method->name());
  ASSERT_NE(known, PartsOfKeys().end()) << "say what its key is made of";
  // Lists are asked by people of this hall here.
  const std::string scope = paging::ScopeOf(PathOf(method), identity::HallScope::One("halls/110102016"), *request);
  const auto ask = [&](const paging::Key& key) {
    const FieldDescriptor* token = request->GetDescriptor()->FindFieldByName("page_token");
    request->GetReflection()->SetString(request.get(), token, paging::MakeToken(scope, key));
    return Send(GetParam(), *request, GetParam().token()).status;
  };
  paging::Key good;
  for (const paging::Part part : known->second) good.push_back(Good(part));
  EXPECT_TRUE(ask(good).ok()) << ask(good);
  std::vector<paging::Key> forged = {{good[0], good[0], good[0]}};
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::string& bad : BadOnes(known->second[i])) {
      forged.push_back(good);
      forged.back()[i] = bad;
    }
  }
  for (const paging::Key& key : forged) {
    const absl::Status status = ask(key);
    EXPECT_EQ(ReasonOf(status), "PAGE_TOKEN_INVALID") << absl::CHexEscape(absl::StrJoin(key, "|"));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(FieldsOf(status), ::testing::ElementsAre("page_token"));
  }
}

TEST_P(RpcWithRequestId, DoesARequestOnceThatComesManyTimesAtOnce) {
  const auto request = GetParam().request();
  std::atomic<int> done = 0;
  AtOnce([&](int) {
    const Answer answer = Send(GetParam(), *request, GetParam().token());
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    if (!answer.replayed) ++done;
  });
  EXPECT_EQ(done, 1);
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const Answer first = Send(GetParam(), *request, GetParam().token());
  const Answer second = Send(GetParam(), *request, GetParam().token());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  // The same message; its maps may come in another order.
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(DescriptorOf(GetParam())->output_type());
  const std::unique_ptr<Message> once(prototype->New());
  const std::unique_ptr<Message> twice(prototype->New());
  ASSERT_TRUE(once->ParseFromString(first.bytes));
  ASSERT_TRUE(twice->ParseFromString(second.bytes));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*once, *twice));

  // The same id for something else is a mistake.
  const auto other = Spoiled(*request, [](Message* message, const FieldDescriptor* field) {
    static const std::map<std::string, std::string> kOther = {
        {"comment", "别的内容"},
        {"deputy", "staff/li-min"},
        {"display_name", "别的内容"},
        {"etag", "1"},
        {"explanation", "别的内容"},
        {"note", "别的内容"},
        {"question", "别的内容"},
        {"reason", "别的内容"},
        {"remark", "别的内容"},
        {"summary", "别的内容"},
        {"text", "别的内容"},
        {"title", "别的内容"},
        {"referral", "referrals/0197a000-0000-7000-8000-00000000000f"}};
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    const auto found = kOther.find(field->name());
    if (found == kOther.end()) return false;
    message->GetReflection()->SetString(message, field, found->second);
    return true;
  });
  ASSERT_THAT(other, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *other.front().second, GetParam().token()).status), "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace xxt::contract
