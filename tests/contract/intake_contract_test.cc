// The intake service as its clients see it: real stubs, real stores, and a
// notification service that only remembers.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/identifiers/display_code.h"
#include "common/rpc/timestamp.h"
#include "common/rpc/wire_status.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake_world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/duty_service.grpc.pb.h"
#include "xixinting/notification/v1/message_service.grpc.pb.h"

namespace xxt::intake {
namespace {

namespace common = ::xixinting::common::v1;
namespace notification = ::xixinting::notification::v1;
using contract::Answer;
using contract::Behaves;
using contract::FieldsOf;
using contract::ForEachField;
using contract::Prepare;
using contract::ReasonOf;
using contract::Spoiled;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kReferral[] = "referrals/0197a000-0000-7000-8000-000000000001";

class StopWorld : public ::testing::Environment {
 public:
  void TearDown() override { World::Get().Stop(); }
};
const ::testing::Environment* const kStopWorld = ::testing::AddGlobalTestEnvironment(new StopWorld());

// --- Calling ---------------------------------------------------------------

// Calls a method of a stub; the response through `response`.
template <typename Stub, typename Request, typename Response>
absl::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                 Response* response, const std::string& token) {
  Stub stub(World::Get().channel());
  grpc::ClientContext context;
  Prepare(context, token);
  return rpc::FromGrpcStatus((stub.*method)(&context, request, response));
}

using Cases = v1::CaseService::Stub;
using Duty = v1::DutyService::Stub;
using Tasks = common::TaskService::Stub;

// The same, where the test needs the answer.
template <typename Stub, typename Request, typename Response>
Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
             const std::string& token) {
  Response response;
  const absl::Status status = Ask(method, request, &response, token);
  EXPECT_TRUE(status.ok()) << status;
  return response;
}

// --- Requests that are right ------------------------------------------------

v1::HandOffFromCounterRequest HandOffRequest() {
  v1::HandOffFromCounterRequest request;
  FillCase(request.mutable_case_());
  request.mutable_hand_off()->set_counter("3 号综合窗口");
  request.mutable_hand_off()->set_reason("火化证明遗失，窗口无法受理");
  request.mutable_hand_off()->add_papers_seen("身份证");
  request.set_request_id(NewId());
  return request;
}

v1::Case NewCase() { return Get(&Cases::CreateCase, CreateRequest(), Officer()); }

v1::Case Read(const std::string& name) {
  v1::GetCaseRequest request;
  request.set_name(name);
  return Get(&Cases::GetCase, request, Officer());
}

v1::LogContactRequest ContactRequest(const std::string& name) {
  v1::LogContactRequest request;
  request.set_parent(name);
  v1::Contact& contact = *request.mutable_contact();
  contact.set_channel(common::CHANNEL_PHONE);
  contact.set_counterpart(v1::Contact::COUNTERPART_APPLICANT);
  contact.set_direction(v1::Contact::DIRECTION_OUTBOUND);
  contact.set_result(v1::Contact::RESULT_REACHED);
  contact.set_summary("已说明办理进展");
  request.set_request_id(NewId());
  return request;
}

v1::Contact NewContact(const std::string& name) { return Get(&Cases::LogContact, ContactRequest(name), Officer()); }

void FillPaper(v1::Paper* paper, const std::string& title) {
  paper->set_title(title);
  paper->set_source("丧葬费申领办事指南第三项");
}

v1::RecordGapRequest GapRequest(const std::string& name) {
  v1::RecordGapRequest request;
  request.set_name(name);
  FillPaper(request.mutable_paper(), "火化证明");
  request.set_request_id(NewId());
  return request;
}

v1::IssueChecklistRequest ChecklistRequest(const std::string& name) {
  v1::IssueChecklistRequest request;
  request.set_name(name);
  FillPaper(request.add_papers(), "火化证明");
  FillPaper(request.add_papers(), "户口本");
  request.set_request_id(NewId());
  return request;
}

v1::SetNextActionRequest NextActionRequest(const std::string& name) {
  v1::SetNextActionRequest request;
  request.set_name(name);
  request.mutable_next_action()->set_summary("联系殡仪馆档案室");
  rpc::ToProto(World::Get().now() + absl::Hours(24), request.mutable_next_action()->mutable_due_time());
  request.set_request_id(NewId());
  return request;
}

v1::ConfirmOutcomeRequest OutcomeRequest(const v1::Contact& contact) {
  v1::ConfirmOutcomeRequest request;
  request.set_name(contact.name().substr(0, contact.name().find("/contacts")));
  request.mutable_outcome()->set_text("已领取补办的火化证明");
  request.mutable_outcome()->set_contact(contact.name());
  request.set_request_id(NewId());
  return request;
}

v1::ProposeClosureRequest ClosureRequest(const v1::Contact& contact, v1::Closure::Resolution resolution) {
  v1::ProposeClosureRequest request;
  request.set_name(contact.name().substr(0, contact.name().find("/contacts")));
  request.mutable_closure()->set_resolution(resolution);
  request.mutable_closure()->set_explanation("证明已补办，丧葬费已受理");
  request.mutable_closure()->set_told_in(contact.name());
  request.set_request_id(NewId());
  return request;
}

// A case with a proposed closure.
v1::Case Proposed() {
  const v1::Contact contact = NewContact(NewCase().name());
  Get(&Cases::ConfirmOutcome, OutcomeRequest(contact), Officer());
  return Get(&Cases::ProposeClosure, ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED), Officer());
}

v1::ReviewClosureRequest ReviewRequest(const std::string& name) {
  v1::ReviewClosureRequest request;
  request.set_name(name);
  request.set_decision(v1::ReviewClosureRequest::DECISION_APPROVE);
  request.set_request_id(NewId());
  return request;
}

v1::ReportReferralRequest ReferralRequest(const std::string& name, v1::ReportReferralRequest::Kind kind) {
  v1::ReportReferralRequest request;
  request.set_referral(kReferral);
  request.set_case_name(name);
  request.set_kind(kind);
  request.set_summary("八宝山殡仪馆：档案室已查到");
  request.set_paper_title("火化证明");
  request.set_body_title("八宝山殡仪馆");
  request.set_request_id(NewId());
  return request;
}

v1::ReportMessageRequest MessageRequest(const std::string& name, v1::ReportMessageRequest::Kind kind) {
  v1::ReportMessageRequest request;
  request.set_message("messages/" + NewId());
  request.set_case_name(name);
  request.set_kind(kind);
  request.set_channel(common::CHANNEL_SMS);
  request.set_text("您的诉求已收到");
  rpc::ToProto(World::Get().now(), request.mutable_occur_time());
  request.set_request_id(NewId());
  return request;
}

void AddShift(v1::Rota* rota, absl::CivilDay day, int start_hour, int start_minute, int end_hour, int end_minute) {
  v1::Rota::Shift& shift = *rota->add_shifts();
  rpc::ToProto(calendar::AtTimeOfDay(day, start_hour, start_minute), shift.mutable_start_time());
  rpc::ToProto(calendar::AtTimeOfDay(day, end_hour, end_minute), shift.mutable_end_time());
  shift.set_staff("staff/wang");
  shift.set_deputy("staff/zhao-li");
}

v1::ReplaceRotaRequest RotaRequest() {
  v1::ReplaceRotaRequest request;
  const absl::CivilDay day = calendar::ToCivilDay(World::Get().now()) + 30;
  request.mutable_rota()->set_hall(kHall);
  rpc::ToProto(day, request.mutable_rota()->mutable_day());
  AddShift(request.mutable_rota(), day, 9, 0, 12, 0);
  AddShift(request.mutable_rota(), day, 13, 30, 17, 30);
  request.set_request_id(NewId());
  return request;
}

// --- What holds for every RPC -------------------------------------------------

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
      {"CaseService/HandOffFromCounter", [] { return Copy(HandOffRequest()); }, Clerk, District},
      {"CaseService/CreateCase", [] { return Copy(CreateRequest()); }, Officer, Clerk},
      {"CaseService/GetCase",
       [] {
         v1::GetCaseRequest request;
         request.set_name(NewCase().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"CaseService/ListCases",
       [] {
         v1::ListCasesRequest request;
         request.set_hall(kHall);
         return Copy(request);
       },
       Officer, Clerk},
      {"CaseService/LogContact", [] { return Copy(ContactRequest(NewCase().name())); }, Officer, Clerk},
      {"CaseService/ListContacts",
       [] {
         v1::ListContactsRequest request;
         request.set_parent(NewCase().name());
         return Copy(request);
       },
       Officer, ReferralService},
      {"CaseService/RecordGap", [] { return Copy(GapRequest(NewCase().name())); }, Officer, District},
      {"CaseService/IssueChecklist", [] { return Copy(ChecklistRequest(NewCase().name())); }, Officer, District},
      {"CaseService/SetNextAction", [] { return Copy(NextActionRequest(NewCase().name())); }, Officer, District},
      {"CaseService/ConfirmOutcome", [] { return Copy(OutcomeRequest(NewContact(NewCase().name()))); }, Officer,
       District},
      {"CaseService/ProposeClosure",
       [] {
         const v1::Contact contact = NewContact(NewCase().name());
         Get(&Cases::ConfirmOutcome, OutcomeRequest(contact), Officer());
         return Copy(ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED));
       },
       Officer, District},
      {"CaseService/ReviewClosure", [] { return Copy(ReviewRequest(Proposed().name())); }, Leader, Clerk},
      {"CaseService/ReportReferral",
       [] { return Copy(ReferralRequest(NewCase().name(), v1::ReportReferralRequest::KIND_OPENED)); }, ReferralService,
       Officer, false},
      {"CaseService/ReportMessage",
       [] { return Copy(MessageRequest(NewCase().name(), v1::ReportMessageRequest::KIND_DELIVERED)); },
       NotificationService, Officer, false},
      {"DutyService/ListHalls", [] { return Copy(v1::ListHallsRequest()); }, Clerk, Operator, false},
      {"DutyService/ReplaceRota", [] { return Copy(RotaRequest()); }, Leader, Officer},
      {"DutyService/LookupDutyOfficer",
       [] {
         v1::LookupDutyOfficerRequest request;
         request.set_hall(kHall);
         return Copy(request);
       },
       Clerk, Operator, false},
  };
}

constexpr char kPackage[] = "xixinting.intake.v1";

Answer Send(const std::string& method, const std::string& bytes, const std::string& token) {
  return contract::Send(World::Get().channel(), absl::StrCat("/", kPackage, ".", method), bytes, token);
}

Answer Send(const Rpc& rpc, const google::protobuf::Message& request, const std::string& token) {
  return Send(rpc.method, request.SerializePartialAsString(), token);
}

class EveryRpc : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Intake, EveryRpc, ::testing::ValuesIn(AllRpcs()), contract::NameOf<Rpc>);
class RpcOfAHall : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Intake, RpcOfAHall, ::testing::ValuesIn(contract::OfAHall(AllRpcs())), contract::NameOf<Rpc>);
class RpcWithEtag : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Intake, RpcWithEtag, ::testing::ValuesIn(contract::With("etag", kPackage, AllRpcs())),
                         contract::NameOf<Rpc>);
class RpcWithRequestId : public ::testing::TestWithParam<Rpc> {};
INSTANTIATE_TEST_SUITE_P(Intake, RpcWithRequestId,
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

TEST(UnknownRpc, IsUnimplementedAndNotABadRequest) {
  const Answer answer = Send("/xixinting.intake.v1.CaseService/NoSuchMethod", "", Officer());
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kUnimplemented);
}

TEST_P(RpcWithEtag, RefusesAStaleOne) {
  const auto request = GetParam().request();
  const FieldDescriptor* etag = request->GetDescriptor()->FindFieldByName("etag");
  request->GetReflection()->SetString(request.get(), etag, "999");
  EXPECT_EQ(ReasonOf(Send(GetParam(), *request, GetParam().token()).status), "ETAG_MISMATCH");
}

TEST_P(RpcWithRequestId, DoesARepeatedRequestOnce) {
  const auto request = GetParam().request();
  const Answer first = Send(GetParam(), *request, GetParam().token());
  const Answer second = Send(GetParam(), *request, GetParam().token());
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(first.bytes, second.bytes);

  // The same id for something else is a mistake.
  const auto other = Spoiled(*request, [](Message* message, const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) return false;
    if (field->name() != "summary" && field->name() != "title" && field->name() != "explanation" &&
        field->name() != "text" && field->name() != "comment" && field->name() != "reason" &&
        field->name() != "deputy") {
      return false;
    }
    message->GetReflection()->SetString(message, field, field->name() == "deputy" ? "staff/li-min" : "别的内容");
    return true;
  });
  ASSERT_THAT(other, Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(Send(GetParam(), *other.front().second, GetParam().token()).status), "REQUEST_ID_REUSED");
}

TEST(Names, OfCasesThatDoNotExistAreNotFound) {
  v1::GetCaseRequest request;
  request.set_name("cases/" + NewId());
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::GetCase, request, &response, Officer())), "RESOURCE_NOT_FOUND");
}

// --- Opening a case -------------------------------------------------------------

TEST(HandOffFromCounter, GivesTheTicketForTheOfficerOnDuty) {
  const v1::HandOffFromCounterResponse answer = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk());
  const v1::Ticket& ticket = answer.ticket();
  EXPECT_TRUE(identifiers::IsDisplayCode(ticket.display_code())) << ticket.display_code();
  EXPECT_THAT(ticket.display_code(), ::testing::StartsWith("016-"));
  EXPECT_EQ(ticket.hall_title(), "陶然亭街道政务服务中心");
  EXPECT_EQ(ticket.owner(), "staff/wang");
  EXPECT_EQ(ticket.owner_display_name(), "王建国");
  EXPECT_FALSE(ticket.later());

  const v1::Case& created = answer.case_();
  EXPECT_EQ(created.owner(), "staff/wang");
  EXPECT_EQ(created.state(), v1::Case::STATE_IN_PROGRESS);
  EXPECT_EQ(created.hand_off().clerk(), "staff/chen");
  EXPECT_EQ(created.next_action().summary(), "首次联系当事人");
  // Four hours of opening time from 10:00: two before noon, two after 13:30.
  EXPECT_EQ(rpc::FromProto(created.next_action().due_time()),
            calendar::AtTimeOfDay(calendar::ToCivilDay(World::Get().now()), 15, 30) +
                (rpc::FromProto(created.create_time()) -
                 calendar::AtTimeOfDay(calendar::ToCivilDay(World::Get().now()), 10, 0)));
  EXPECT_EQ(created.SerializeAsString(), Read(created.name()).SerializeAsString());
}

TEST(HandOffFromCounter, TellsThePersonWhoKeepsTheirCase) {
  const v1::HandOffFromCounterResponse answer = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk());
  const notification::CreateMessageRequest told =
      World::Get().notification().Await(answer.case_().name() + "#received");
  EXPECT_EQ(told.message().template_(), "case-received");
  EXPECT_EQ(told.message().audience(), answer.case_().parties(0).name());
  EXPECT_EQ(told.message().recipient().phone_number(), "+8613800138000");
  EXPECT_EQ(told.message().recipient().display_name(), "沈女士");
  EXPECT_EQ(told.message().parameters_size(), 5);
  EXPECT_EQ(told.message().parameters().at("code").text(), answer.ticket().display_code());
  EXPECT_EQ(told.message().parameters().at("officer").text(), "王建国");
  EXPECT_TRUE(told.message().parameters().at("by").has_time());
}

TEST(HandOffFromCounter, OfAHallThatDoesNotExistIsNotFound) {
  v1::HandOffFromCounterRequest request = HandOffRequest();
  request.mutable_case_()->set_hall("halls/110102099");
  v1::HandOffFromCounterResponse response;
  const std::string token = test::Token("staff/x", "halls/110102099", {"counter"});
  EXPECT_EQ(ReasonOf(Ask(&Cases::HandOffFromCounter, request, &response, token)), "RESOURCE_NOT_FOUND");
}

TEST(HandOffFromCounter, SaysSoIfNobodyIsOnDuty) {
  World::Get().database().Sql("DELETE FROM intake.shifts WHERE hall = 'halls/110102001'");
  v1::HandOffFromCounterRequest request = HandOffRequest();
  request.mutable_case_()->set_hall("halls/110102001");
  v1::HandOffFromCounterResponse response;
  const std::string token = test::Token("staff/x", "halls/110102001", {"counter"});
  EXPECT_EQ(ReasonOf(Ask(&Cases::HandOffFromCounter, request, &response, token)), "NOBODY_ON_DUTY");
}

TEST(CreateCase, NamesEveryNumberThatFailsItsCheck) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(0)->set_resident_id("110105194912310021");
  request.mutable_case_()->mutable_parties(0)->set_phone_number("12");
  request.mutable_case_()->mutable_parties(1)->set_credit_code("91350100M000100Y4Z");
  v1::Case response;
  const absl::Status status = Ask(&Cases::CreateCase, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(FieldsOf(status), ElementsAre("case.parties[0].resident_id", "case.parties[0].phone_number",
                                            "case.parties[1].credit_code"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("110105194912310021")));
}

TEST(CreateCase, NeedsExactlyOneApplicantWhoLives) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(1)->set_role(v1::Party::ROLE_APPLICANT);
  v1::Case response;
  const absl::Status status = Ask(&Cases::CreateCase, request, &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("case.parties[1].deceased", "case.parties"));
}

TEST(CreateCase, MasksIdentityNumbersAndKeepsExtensions) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(1)->set_phone_number("010-60001234 转 8");
  const v1::Case created = Get(&Cases::CreateCase, request, Officer());
  EXPECT_EQ(created.parties(0).resident_id(), "");
  EXPECT_EQ(created.parties(0).masked_resident_id(), "110***********002X");
  EXPECT_EQ(created.parties(0).phone_number(), "+8613800138000");
  EXPECT_EQ(created.parties(1).phone_number(), "+861060001234 转 8");
  EXPECT_EQ(created.owner(), "staff/wang");
}

TEST(CreateCase, OfADistrictClerkGoesToTheOfficerOnDuty) {
  EXPECT_EQ(Get(&Cases::CreateCase, CreateRequest(), District()).owner(), "staff/wang");
}

// --- Reading --------------------------------------------------------------------

TEST(GetCase, BasicViewHasNoPeople) {
  v1::GetCaseRequest request;
  request.set_name(NewCase().name());
  request.set_view(v1::CASE_VIEW_BASIC);
  const v1::Case found = Get(&Cases::GetCase, request, Officer());
  EXPECT_EQ(found.parties_size(), 0);
  EXPECT_EQ(found.summary(), "");
  EXPECT_EQ(found.title(), "丧葬费申领缺火化证明");
}

TEST(ListCases, PagesThroughEveryOpenCaseOnceMostUrgentFirst) {
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(NewCase().name());
  v1::ListCasesRequest request;
  request.set_page_size(2);
  std::set<std::string> seen;
  absl::Time last = absl::InfinitePast();
  do {
    const v1::ListCasesResponse page = Get(&Cases::ListCases, request, Officer());
    for (const v1::Case& found : page.cases()) {
      EXPECT_TRUE(seen.insert(found.name()).second) << "twice";
      EXPECT_EQ(found.parties_size(), 0);
      EXPECT_LE(last, rpc::FromProto(found.next_action().due_time()));
      last = rpc::FromProto(found.next_action().due_time());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, IsSupersetOf(made));
}

TEST(ListCases, FindsByDisplayCodeStateAndOwner) {
  const v1::Case created = NewCase();
  v1::ListCasesRequest request;
  request.set_display_code(created.display_code());
  EXPECT_THAT(Get(&Cases::ListCases, request, Officer()).cases(), SizeIs(1));
  request.add_states(v1::Case::STATE_CLOSED);
  EXPECT_THAT(Get(&Cases::ListCases, request, Officer()).cases(), IsEmpty());
  v1::ListCasesRequest of_owner;
  of_owner.set_owner("staff/nobody");
  EXPECT_THAT(Get(&Cases::ListCases, of_owner, Officer()).cases(), IsEmpty());
  of_owner.set_order(v1::ListCasesRequest::ORDER_CREATE_TIME_DESC);
  of_owner.clear_owner();
  EXPECT_EQ(Get(&Cases::ListCases, of_owner, Officer()).cases(0).name(), created.name());
}

TEST(ListCases, RefusesTheTokenOfAnotherQuestion) {
  NewCase();
  NewCase();
  v1::ListCasesRequest request;
  request.set_page_size(1);
  request.set_page_token(Get(&Cases::ListCases, request, Officer()).next_page_token());
  request.set_owner("staff/wang");
  v1::ListCasesResponse response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ListCases, request, &response, Officer())), "PAGE_TOKEN_INVALID");
}

// --- Working on a case ------------------------------------------------------------

TEST(LogContact, IsListedInOrderAndCounted) {
  const v1::Case created = NewCase();
  v1::LogContactRequest meeting = ContactRequest(created.name());
  meeting.mutable_contact()->set_channel(common::CHANNEL_WINDOW);
  meeting.mutable_contact()->set_summary("第二次");
  rpc::ToProto(World::Get().now() - absl::Hours(5), meeting.mutable_contact()->mutable_occur_time());
  NewContact(created.name());
  Get(&Cases::LogContact, meeting, Officer());
  v1::ListContactsRequest request;
  request.set_parent(created.name());
  request.set_page_size(1);
  const v1::ListContactsResponse first = Get(&Cases::ListContacts, request, Officer());
  request.set_page_token(first.next_page_token());
  const v1::ListContactsResponse second = Get(&Cases::ListContacts, request, Officer());
  ASSERT_THAT(second.contacts(), SizeIs(1));
  EXPECT_EQ(second.contacts(0).summary(), "第二次");
  EXPECT_LT(rpc::FromProto(second.contacts(0).occur_time()), rpc::FromProto(second.contacts(0).record_time()));
  EXPECT_EQ(second.contacts(0).author(), "staff/wang");
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(Read(created.name()).effort().calls(), 1);
  EXPECT_EQ(Read(created.name()).effort().meetings(), 1);
}

TEST(LogContact, InTheFutureIsRefused) {
  v1::LogContactRequest request = ContactRequest(NewCase().name());
  rpc::ToProto(World::Get().now() + absl::Hours(1), request.mutable_contact()->mutable_occur_time());
  v1::Contact response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::LogContact, request, &response, Officer())), ElementsAre("contact.occur_time"));
}

TEST(RecordGap, OfTheSameTitleIsRecordedOnce) {
  const v1::Case created = NewCase();
  const v1::Case first = Get(&Cases::RecordGap, GapRequest(created.name()), Officer());
  const v1::Case second = Get(&Cases::RecordGap, GapRequest(created.name()), Officer());
  ASSERT_THAT(second.papers(), SizeIs(1));
  EXPECT_EQ(second.papers(0).id(), "p1");
  EXPECT_EQ(second.papers(0).state(), v1::Paper::STATE_NEEDED);
  EXPECT_TRUE(second.papers(0).has_found_missing_time());
  EXPECT_EQ(first.etag(), second.etag());
}

TEST(IssueChecklist, TellsEverythingOnceAndCountsAmendments) {
  const v1::Case created = NewCase();
  const v1::Case told = Get(&Cases::IssueChecklist, ChecklistRequest(created.name()), Officer());
  EXPECT_EQ(told.checklist_version(), 1);
  EXPECT_EQ(told.checklist_amendment_count(), 0);
  EXPECT_THAT(told.papers(), SizeIs(2));
  const auto message = World::Get().notification().Await(created.name() + "#checklist.1");
  EXPECT_EQ(message.message().parameters().at("count").number(), 2);

  v1::IssueChecklistRequest again = ChecklistRequest(created.name());
  FillPaper(again.add_papers(), "关系证明");
  v1::Case response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::IssueChecklist, again, &response, Officer())), ElementsAre("amendment_reason"));
  again.set_amendment_reason("漏告知一项");
  const v1::Case amended = Get(&Cases::IssueChecklist, again, Officer());
  EXPECT_EQ(amended.checklist_version(), 2);
  EXPECT_EQ(amended.checklist_amendment_count(), 1);
  EXPECT_EQ(amended.papers(0).since_version(), 1);
  EXPECT_EQ(amended.papers(2).since_version(), 2);
}

TEST(IssueChecklist, RefusesCatchAllsAndWhatTheCounterHasSeen) {
  const std::string name = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk()).case_().name();
  v1::IssueChecklistRequest request = ChecklistRequest(name);
  v1::Case response;
  FillPaper(request.add_papers(), "其他材料");
  EXPECT_THAT(FieldsOf(Ask(&Cases::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
  request.mutable_papers(2)->set_title("其他");
  EXPECT_THAT(FieldsOf(Ask(&Cases::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
  request.mutable_papers(2)->set_title("身份证");
  EXPECT_THAT(FieldsOf(Ask(&Cases::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
}

TEST(SetNextAction, IsTheOwnersDeskTask) {
  const v1::Case created = NewCase();
  const v1::Case planned = Get(&Cases::SetNextAction, NextActionRequest(created.name()), Officer());
  EXPECT_EQ(planned.next_action().summary(), "联系殡仪馆档案室");
  common::ListTasksRequest request;
  request.set_subject(created.name());
  request.set_include_future(true);
  const common::ListTasksResponse tasks = Get(&Tasks::ListTasks, request, Officer());
  ASSERT_THAT(tasks.tasks(), SizeIs(1));
  EXPECT_EQ(tasks.tasks(0).kind(), "case.act");
  EXPECT_EQ(tasks.tasks(0).summary(), "联系殡仪馆档案室");
  EXPECT_EQ(tasks.tasks(0).assignee(), "staff/wang");
  EXPECT_EQ(tasks.tasks(0).next_action_time().seconds(), planned.next_action().due_time().seconds());
}

TEST(SetNextAction, InThePastIsRefused) {
  v1::SetNextActionRequest request = NextActionRequest(NewCase().name());
  rpc::ToProto(World::Get().now() - absl::Seconds(1), request.mutable_next_action()->mutable_due_time());
  v1::Case response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::SetNextAction, request, &response, Officer())), ElementsAre("next_action.due_time"));
}

TEST(CaseAct, DoneNeedsTheNextTimeAndKeepsTheNote) {
  const v1::Case created = NewCase();
  World::Get().database().Sql(
      absl::StrCat("UPDATE backbone.task SET due = now() WHERE subject = '", created.name(), "' AND lane = 'desk'"));
  common::ListTasksRequest list;
  list.set_subject(created.name());
  common::LeaseTaskRequest lease;
  lease.set_name(Get(&Tasks::ListTasks, list, Officer()).tasks(0).name());
  common::CompleteTaskRequest done;
  done.set_name(lease.name());
  done.set_lease_token(Get(&Tasks::LeaseTask, lease, Officer()).lease_token());
  done.set_outcome("DONE");
  done.set_note("已给当事人打过电话");
  done.set_request_id(NewId());
  common::CompleteTaskResponse response;
  EXPECT_THAT(FieldsOf(Ask(&Tasks::CompleteTask, done, &response, Officer())), ElementsAre("next_action_time"));
  rpc::ToProto(World::Get().now() + absl::Hours(48), done.mutable_next_action_time());
  Get(&Tasks::CompleteTask, done, Officer());
  EXPECT_EQ(Read(created.name()).next_action().due_time().seconds(), done.next_action_time().seconds());
  v1::ListContactsRequest contacts;
  contacts.set_parent(created.name());
  EXPECT_EQ(Get(&Cases::ListContacts, contacts, Officer()).contacts(0).summary(), "已给当事人打过电话");
  list.set_include_future(true);
  EXPECT_THAT(Get(&Tasks::ListTasks, list, Officer()).tasks(), SizeIs(1));
}

// --- Closing ------------------------------------------------------------------------

TEST(ConfirmOutcome, NeedsTheWordOfAPersonReached) {
  v1::LogContactRequest log = ContactRequest(NewCase().name());
  log.mutable_contact()->set_result(v1::Contact::RESULT_NOT_REACHED);
  const v1::Contact not_reached = Get(&Cases::LogContact, log, Officer());
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ConfirmOutcome, OutcomeRequest(not_reached), &response, Officer())), "STATE_FORBIDS");
  v1::ConfirmOutcomeRequest request = OutcomeRequest(not_reached);
  request.mutable_outcome()->set_contact(NewContact(NewCase().name()).name());  // of another case
  EXPECT_EQ(ReasonOf(Ask(&Cases::ConfirmOutcome, request, &response, Officer())), "RESOURCE_NOT_FOUND");
}

TEST(ProposeClosure, ListsEverythingThatIsMissingAtOnce) {
  v1::ProposeClosureRequest request;
  request.set_name(NewCase().name());
  request.mutable_closure()->set_resolution(v1::Closure::RESOLUTION_NOT_POSSIBLE);
  request.mutable_closure()->set_explanation("依规定办不了");
  request.set_request_id(NewId());
  v1::Case response;
  const absl::Status status = Ask(&Cases::ProposeClosure, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "CLOSURE_INCOMPLETE");
  EXPECT_THAT(FieldsOf(status),
              IsSupersetOf({"closure.told_in", "closure.basis", "closure.next_route", "closure.alternatives"}));
}

TEST(ReviewClosure, ClosesWithASecondPairOfEyesAndTellsThePerson) {
  const v1::Case proposed = Proposed();
  EXPECT_EQ(proposed.state(), v1::Case::STATE_CLOSURE_PROPOSED);
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ReviewClosure, ReviewRequest(proposed.name()), &response, Officer())),
            "SECOND_REVIEWER_NEEDED");
  const v1::Case closed = Get(&Cases::ReviewClosure, ReviewRequest(proposed.name()), Leader());
  EXPECT_EQ(closed.state(), v1::Case::STATE_CLOSED);
  EXPECT_EQ(closed.closure().reviewer(), "staff/li-min");
  EXPECT_TRUE(closed.has_close_time());
  EXPECT_FALSE(closed.has_next_action());
  EXPECT_EQ(World::Get().notification().Await(proposed.name() + "#closed").message().template_(), "case-closed");
  // Nothing is left to do but to tell the person.
  common::ListTasksRequest list;
  list.set_subject(proposed.name());
  list.set_include_future(true);
  EXPECT_THAT(Get(&Tasks::ListTasks, list, Officer()).tasks(), IsEmpty());
  EXPECT_EQ(ReasonOf(Ask(&Cases::RecordGap, GapRequest(proposed.name()), &response, Officer())), "STATE_FORBIDS");
}

TEST(ReviewClosure, ReturnsWithWhatElseToTry) {
  const v1::Case proposed = Proposed();
  v1::ReviewClosureRequest request = ReviewRequest(proposed.name());
  request.set_decision(v1::ReviewClosureRequest::DECISION_RETURN);
  v1::Case response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::ReviewClosure, request, &response, Leader())), ElementsAre("comment"));
  request.set_comment("再问一下民政");
  const v1::Case returned = Get(&Cases::ReviewClosure, request, Leader());
  EXPECT_EQ(returned.state(), v1::Case::STATE_IN_PROGRESS);
  EXPECT_EQ(returned.closure().review_comment(), "再问一下民政");
  EXPECT_TRUE(returned.has_next_action());
}

TEST(ReviewClosure, OfANoIsForNeitherProposerNorOwner) {
  const v1::Contact contact = NewContact(NewCase().name());
  v1::ProposeClosureRequest request = ClosureRequest(contact, v1::Closure::RESOLUTION_NOT_POSSIBLE);
  request.mutable_closure()->set_basis("某办法第十条");
  request.mutable_closure()->set_next_route("区级窗口会商");
  v1::Alternative& alternative = *request.mutable_closure()->add_alternatives();
  alternative.set_summary("请原单位出具");
  alternative.set_outcome("单位已注销");
  const v1::Case proposed = Get(&Cases::ProposeClosure, request, Leader());
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ReviewClosure, ReviewRequest(proposed.name()), &response, Leader())),
            "SECOND_REVIEWER_NEEDED");
  EXPECT_EQ(ReasonOf(Ask(&Cases::ReviewClosure, ReviewRequest(proposed.name()), &response, Officer())),
            "SECOND_REVIEWER_NEEDED");
  EXPECT_EQ(Get(&Cases::ReviewClosure, ReviewRequest(proposed.name()), District()).state(), v1::Case::STATE_CLOSED);
}

// --- Reports -------------------------------------------------------------------------

TEST(ReportReferral, MovesThePaperAndTheNextAction) {
  const v1::Case created = NewCase();
  Get(&Cases::RecordGap, GapRequest(created.name()), Officer());
  Get(&Cases::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  v1::Case found = Read(created.name());
  EXPECT_THAT(found.open_referrals(), ElementsAre(kReferral));
  EXPECT_EQ(found.papers(0).state(), v1::Paper::STATE_SOURCING);
  EXPECT_EQ(found.papers(0).referral(), kReferral);
  EXPECT_EQ(found.effort().referrals(), 1);
  Get(&Cases::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ANSWERED),
      ReferralService());
  found = Read(created.name());
  EXPECT_THAT(found.open_referrals(), IsEmpty());
  EXPECT_EQ(found.papers(0).state(), v1::Paper::STATE_LOCATED);
  EXPECT_THAT(found.next_action().summary(), HasSubstr("告知当事人"));
  // Late news opens nothing again.
  Get(&Cases::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  EXPECT_THAT(Read(created.name()).open_referrals(), IsEmpty());
}

TEST(ReportReferral, TellsThePersonOfARouteSheetAndACutOff) {
  const v1::Case created = NewCase();
  v1::ReportReferralRequest sheet = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) + 30;
  rpc::ToProto(last, sheet.mutable_last_safe_day());
  Get(&Cases::ReportReferral, sheet, ReferralService());
  const std::string id = std::string(kReferral).substr(10);
  EXPECT_EQ(World::Get().notification().Await(absl::StrCat(created.name(), "#route-sheet.", id)).message().template_(),
            "route-sheet-ready");
  v1::ReportReferralRequest near = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  v1::ReportReferralResponse response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::ReportReferral, near, &response, ReferralService())), ElementsAre("last_safe_day"));
  rpc::ToProto(last, near.mutable_last_safe_day());
  Get(&Cases::ReportReferral, near, ReferralService());
  const auto told = World::Get().notification().Await(absl::StrCat(created.name(), "#cut-off.", id, ".30"));
  EXPECT_EQ(told.message().parameters().at("days").number(), 30);
  EXPECT_EQ(told.message().parameters_size(), 4);
}

TEST(ReportReferral, EndedInVainNeedsTheNextBody) {
  const v1::Case created = NewCase();
  Get(&Cases::RecordGap, GapRequest(created.name()), Officer());
  Get(&Cases::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  Get(&Cases::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ENDED),
      ReferralService());
  const v1::Case found = Read(created.name());
  EXPECT_EQ(found.papers(0).state(), v1::Paper::STATE_NEEDED);
  EXPECT_THAT(found.next_action().summary(), HasSubstr("寻找下一家"));
}

TEST(ReportMessage, IsWrittenIntoTheContactLog) {
  const v1::Case created = NewCase();
  Get(&Cases::ReportMessage, MessageRequest(created.name(), v1::ReportMessageRequest::KIND_DELIVERED),
      NotificationService());
  Get(&Cases::ReportMessage, MessageRequest(created.name(), v1::ReportMessageRequest::KIND_NOT_REACHED),
      NotificationService());
  v1::ListContactsRequest request;
  request.set_parent(created.name());
  const v1::ListContactsResponse log = Get(&Cases::ListContacts, request, Officer());
  ASSERT_THAT(log.contacts(), SizeIs(2));
  EXPECT_EQ(log.contacts(0).author(), "services/notification");
  EXPECT_EQ(log.contacts(0).result(), v1::Contact::RESULT_REACHED);
  EXPECT_EQ(log.contacts(1).result(), v1::Contact::RESULT_NOT_REACHED);
  EXPECT_EQ(Read(created.name()).effort().messages(), 2);
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("未能联系上"));
}

TEST(CaseTell, IsTriedAgainWhileTheNotificationServiceIsAway) {
  World::Get().notification().BeAway(1);
  const v1::Case created = NewCase();
  EXPECT_EQ(World::Get().notification().Await(created.name() + "#received").message().case_name(), created.name());
}

TEST(CaseTell, RefusedForGoodBecomesADeskTask) {
  World::Get().notification().Refuse({"checklist-issued"});
  const v1::Case created = NewCase();
  Get(&Cases::IssueChecklist, ChecklistRequest(created.name()), Officer());
  common::ListTasksRequest list;
  list.set_subject(created.name());
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  std::vector<std::string> kinds;
  common::LeaseTaskRequest lease;
  while (kinds.empty() && absl::Now() < give_up) {
    const common::ListTasksResponse tasks = Get(&Tasks::ListTasks, list, Officer());
    for (const common::Task& task : tasks.tasks()) {
      kinds.push_back(task.kind());
      lease.set_name(task.name());
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  World::Get().notification().Refuse({});
  EXPECT_THAT(kinds, ElementsAre("intake.dead_task"));

  // Who did it instead changes the case: watchers hear of it, old etags are stale.
  const std::string before = Read(created.name()).etag();
  common::CompleteTaskRequest done;
  done.set_name(lease.name());
  done.set_lease_token(Get(&Tasks::LeaseTask, lease, Officer()).lease_token());
  done.set_outcome("SEEN");
  done.set_request_id(NewId());
  Get(&Tasks::CompleteTask, done, Officer());
  EXPECT_NE(Read(created.name()).etag(), before);
  EXPECT_EQ(World::Get().database().Sql(absl::StrCat("SELECT count(*) FROM backbone.event WHERE subject = '",
                                                     created.name(), "' AND type = 'case.trouble_seen.v1'")),
            "1");
}

// --- Watching ----------------------------------------------------------------------------

TEST(WatchCases, TellsWhatHappenedSinceTheList) {
  const v1::ListCasesResponse list = Get(&Cases::ListCases, v1::ListCasesRequest(), Officer());
  const v1::Case created = NewCase();
  NewContact(created.name());
  v1::WatchCasesRequest request;
  request.set_name(created.name());
  request.set_resume_token(list.resume_token());
  Cases stub(World::Get().channel());
  grpc::ClientContext context;
  Prepare(context, Officer());
  const auto stream = stub.WatchCases(&context, request);
  std::vector<std::string> types;
  v1::WatchCasesResponse response;
  while (types.size() < 2 && stream->Read(&response)) {
    for (const common::Event& event : response.events()) types.push_back(event.type());
  }
  context.TryCancel();
  EXPECT_THAT(types, ElementsAre("case.created.v1", "case.contact_logged.v1"));
}

TEST(WatchCases, RefusesATokenItDoesNotKnow) {
  v1::WatchCasesRequest request;
  request.set_resume_token("nonsense");
  Cases stub(World::Get().channel());
  grpc::ClientContext context;
  Prepare(context, Officer());
  const auto stream = stub.WatchCases(&context, request);
  v1::WatchCasesResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(ReasonOf(rpc::FromGrpcStatus(stream->Finish())), "RESUME_TOKEN_EXPIRED");
}

// --- Duty ---------------------------------------------------------------------------------

TEST(ListHalls, AnswersTheDistrictsSixteenByCode) {
  v1::ListHallsRequest request;
  request.set_page_size(10);
  const v1::ListHallsResponse first = Get(&Duty::ListHalls, request, Clerk());
  EXPECT_EQ(first.halls(0).name(), "halls/110102");
  request.set_page_token(first.next_page_token());
  const v1::ListHallsResponse second = Get(&Duty::ListHalls, request, Clerk());
  EXPECT_THAT(second.halls(), SizeIs(6));
  EXPECT_EQ(second.next_page_token(), "");
}

TEST(ReplaceRota, NamesTheFirstGapInTheOpeningHours) {
  v1::ReplaceRotaRequest request = RotaRequest();
  absl::CivilDay day = rpc::FromProto(request.rota().day());
  while (!calendar::WorkingDays::China().IsWorkday(day)) ++day;
  request.mutable_rota()->clear_shifts();
  rpc::ToProto(day, request.mutable_rota()->mutable_day());
  AddShift(request.mutable_rota(), day, 9, 0, 12, 0);
  v1::Rota response;
  const absl::Status status = Ask(&Duty::ReplaceRota, request, &response, Leader());
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(FieldsOf(status), ElementsAre(HasSubstr("rota.shifts")));
}

TEST(ReplaceRota, RefusesStaffOfAnotherHall) {
  v1::ReplaceRotaRequest request = RotaRequest();
  request.mutable_rota()->mutable_shifts(1)->set_staff("staff/officer-110102014");
  v1::Rota response;
  EXPECT_THAT(FieldsOf(Ask(&Duty::ReplaceRota, request, &response, Leader())), ElementsAre("rota.shifts[1].staff"));
}

TEST(LookupDutyOfficer, SaysWhenTheNextShiftBegins) {
  v1::LookupDutyOfficerRequest request;
  request.set_hall(kHall);
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  rpc::ToProto(calendar::AtTimeOfDay(today, 12, 30), request.mutable_at_time());
  const v1::LookupDutyOfficerResponse answer = Get(&Duty::LookupDutyOfficer, request, Clerk());
  EXPECT_EQ(answer.staff().display_name(), "王建国");
  EXPECT_TRUE(answer.later());
  EXPECT_EQ(rpc::FromProto(answer.attend_time()), calendar::AtTimeOfDay(today, 13, 30));
}

}  // namespace
}  // namespace xxt::intake
