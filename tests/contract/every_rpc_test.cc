// What holds for every RPC, whatever it does. Part of each service's program.

#include "tests/contract/every_rpc.h"

#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/edge/callers.h"
#include "common/edge/fields.h"
#include "common/identifiers/uuid.h"
#include "common/identity/hall_scope.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "common/testing/raw_client.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/examples.h"
#include "tests/contract/service.h"

namespace xxt::contract {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Answer Send(const Rpc& rpc, const std::string& bytes, const std::string& token) {
  return contract::Send(ServiceUnderTest().channel(), PathOf(rpc.method), bytes, token);
}

Answer Send(const Rpc& rpc, const Message& request, const std::string& token) {
  return Send(rpc, request.SerializePartialAsString(), token);
}

// Those whose request has the field.
std::vector<Rpc> With(const char* field) {
  return Those(Unary(),
               [field](const Rpc& rpc) { return rpc.method->input_type()->FindFieldByName(field) != nullptr; });
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, EveryRpc, ::testing::ValuesIn(Unary()), NameOf);
class RpcWithEtag : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithEtag, ::testing::ValuesIn(With("etag")), NameOf);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RpcWithEtag);  // messages have none
class RpcWithPages : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithPages, ::testing::ValuesIn(With("page_token")), NameOf);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(All, RpcWithRequestId, ::testing::ValuesIn(With("request_id")), NameOf);

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
  const std::string token = GetParam().token();
  const FieldDescriptor* id = request->GetDescriptor()->FindFieldByName("request_id");
  std::atomic<int> done = 0;
  AtOnce([&](int) {
    const std::unique_ptr<Message> mine(request->New());
    mine->CopyFrom(*request);
    if (id != nullptr) mine->GetReflection()->SetString(mine.get(), id, identifiers::NewUuid(absl::Now()));
    const absl::Status status = Send(GetParam(), *mine, token).status;
    if (status.ok()) ++done;
    // What can be done once may have been done by another; nobody waits in vain.
    EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) ||
                absl::IsAlreadyExists(status))
        << status;
  });
  EXPECT_GE(done, 1);
}

TEST_P(EveryRpc, RefusesNobodyAndTheWrongRole) {
  const auto request = GetParam().request();
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "").status), "TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, "not-a-token").status), "TOKEN_INVALID");
  const std::vector<std::string> roles = edge::RolesOf(*GetParam().method);
  for (const char* role : {"counter", "officer", "leader", "district", "operator", "portal"}) {
    if (std::find(roles.begin(), roles.end(), role) != roles.end()) continue;
    EXPECT_EQ(ReasonOf(Send(GetParam(), *request, test::Token("staff/wang", kOwnHall, {role})).status), "ROLE_MISSING");
  }
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
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(ServiceUnderTest().channel());
  grpc::ClientContext context;
  Prepare(context, "");
  const grpc::Slice nothing("");
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  std::promise<void> done;
  stub.UnaryCall(&context, ServiceUnderTest().reads, {}, &request, &response,
                 [&done](const grpc::Status&) { done.set_value(); });
  done.get_future().wait();
  int port = 0;
  const std::string peer = context.peer();  // "ipv4:127.0.0.1:50051"
  EXPECT_TRUE(absl::SimpleAtoi(peer.substr(peer.rfind(':') + 1), &port)) << peer;
  return port;
}

// What a gRPC client would never send, from anybody who can reach the port.
TEST(AnyBytesAsToken, AreRefusedAndTheServiceLivesOn) {
  const std::string& method = ServiceUnderTest().reads;
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
  const std::string token = test::Token("staff/wang", kOwnHall, {"officer"});
  EXPECT_TRUE(contract::Send(ServiceUnderTest().channel(), method, "", token).status.ok());
}

TEST(UnknownRpc, IsUnimplementedAndNotABadRequest) {
  const auto* known = Examples().front().method->service();
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

using Pages = std::function<absl::Status(const paging::Key&)>;

// What the parts of a list's keys are: the laxest that it takes.
std::vector<paging::Part> PartsOf(const Pages& ask) {
  using paging::Part;
  constexpr Part kLaxestFirst[] = {Part::kText, Part::kNumber, Part::kUuid, Part::kTime};
  for (const Part one : kLaxestFirst) {
    if (ask({Good(one)}).ok()) return {one};
  }
  for (const Part one : kLaxestFirst) {
    for (const Part other : kLaxestFirst) {
      if (ask({Good(one), Good(other)}).ok()) return {one, other};
    }
  }
  return {};
}

// A token says for itself that it is undamaged: anybody can make one.
TEST_P(RpcWithPages, RefusesAForgedTokenWhoseKeyIsOfOtherKinds) {
  using paging::Part;
  const auto request = GetParam().request();
  const std::string scope = paging::ScopeOf(PathOf(GetParam().method), identity::HallScope::One(kOwnHall), *request);
  const Pages ask = [&](const paging::Key& key) {
    const FieldDescriptor* token = request->GetDescriptor()->FindFieldByName("page_token");
    request->GetReflection()->SetString(request.get(), token, paging::MakeToken(scope, key));
    return Send(GetParam(), *request, GetParam().token()).status;
  };
  const std::vector<Part> parts = PartsOf(ask);
  ASSERT_THAT(parts, Not(IsEmpty())) << "no key that could be thought of is one of its";
  paging::Key good;
  for (const Part part : parts) good.push_back(Good(part));
  const auto expect_refused = [&](const paging::Key& key) {
    const absl::Status status = ask(key);
    EXPECT_EQ(ReasonOf(status), "PAGE_TOKEN_INVALID") << absl::CHexEscape(absl::StrJoin(key, "|"));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(FieldsOf(status), ::testing::ElementsAre("page_token"));
  };
  expect_refused({good[0], good[0], good[0]});
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::string& bad : BadOnes(parts[i])) {
      paging::Key forged = good;
      forged[i] = bad;
      expect_refused(forged);
    }
    // What is no key of another kind may be one of this, and the store takes it.
    for (const Part part : {Part::kNumber, Part::kTime, Part::kUuid}) {
      for (const std::string& odd : BadOnes(part)) {
        paging::Key forged = good;
        forged[i] = odd;
        EXPECT_THAT(ReasonOf(ask(forged)), AnyOf("OK", "PAGE_TOKEN_INVALID")) << absl::CHexEscape(odd);
      }
    }
  }
}

TEST_P(RpcWithRequestId, DoesARequestOnceThatComesManyTimesAtOnce) {
  const auto request = GetParam().request();
  const std::string token = GetParam().token();
  std::atomic<int> done = 0;
  AtOnce([&](int) {
    const Answer answer = Send(GetParam(), *request, token);
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
  const std::unique_ptr<Message> once = NewOf(GetParam().method->output_type());
  const std::unique_ptr<Message> twice = NewOf(GetParam().method->output_type());
  ASSERT_TRUE(once->ParseFromString(first.bytes));
  ASSERT_TRUE(twice->ParseFromString(second.bytes));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*once, *twice));
}

TEST_P(RpcWithRequestId, DoesNothingElseUnderTheSameId) {
  const auto request = GetParam().request();
  ASSERT_TRUE(Send(GetParam(), *request, GetParam().token()).status.ok());
  const auto others = Spoiled(*request, [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    if (field->name() == "request_id") return false;
    std::string text = message->GetReflection()->GetString(*message, field);
    // Of a request that only names things, another name is the other request.
    const bool is_name = absl::StrContains(text, "/");
    if (is_name) {
      text.back() = text.back() == '0' ? '1' : '0';
    } else {
      text += "1";
    }
    message->GetReflection()->SetString(message, field, text);
    return true;
  });
  std::set<std::string> reasons;
  for (const auto& [path, other] : others) {
    const std::string reason = ReasonOf(Send(GetParam(), *other, GetParam().token()).status);
    EXPECT_NE(reason, "OK") << path;
    reasons.insert(reason);
  }
  EXPECT_THAT(reasons, Contains("REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace xxt::contract
