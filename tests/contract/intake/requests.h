#ifndef XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_
#define XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/closing.grpc.pb.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"
#include "xixinting/intake/v1/party.grpc.pb.h"
#include "xixinting/intake/v1/promise.grpc.pb.h"
#include "xixinting/intake/v1/shift.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// Calls to the intake service, and requests that are right.
namespace xxt::intake {

using contract::Ask;
using contract::Get;

namespace common = ::xixinting::common::v1;
namespace notification = ::xixinting::notification::v1;

inline constexpr char kReferral[] = "referrals/0197a000-0000-7000-8000-000000000001";

using Cases = v1::CaseService::Stub;
using Closing = v1::ClosingService::Stub;
using Contacts = v1::ContactService::Stub;
using Halls = v1::HallService::Stub;
using Feed = v1::FeedService::Stub;
using Papers = v1::PaperService::Stub;
using People = v1::PartyService::Stub;
using Promises = v1::PromiseService::Stub;
using Shifts = v1::ShiftService::Stub;
using Tasks = common::TaskService::Stub;

inline v1::HandOffFromCounterRequest HandOffRequest() {
  v1::HandOffFromCounterRequest request;
  FillCase(request.mutable_case_());
  request.mutable_hand_off()->set_counter("3 号综合窗口");
  request.mutable_hand_off()->set_reason("火化证明遗失，窗口无法受理");
  request.mutable_hand_off()->add_papers_seen("身份证");
  request.set_request_id(NewId());
  return request;
}

inline v1::Case NewCase() { return Get(&Cases::CreateCase, CreateRequest(), Officer()); }

inline v1::Case Read(const std::string& name) {
  v1::GetCaseRequest request;
  request.set_name(name);
  return Get(&Cases::GetCase, request, Officer());
}

inline v1::LogContactRequest ContactRequest(const std::string& name) {
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

inline v1::Contact NewContact(const std::string& name) {
  return Get(&Contacts::LogContact, ContactRequest(name), Officer());
}

inline v1::CorrectPartyRequest CorrectionRequest(const v1::Case& of) {
  v1::CorrectPartyRequest request;
  request.set_name(of.parties(0).name());
  request.set_phone_number("138 0013 8111");
  request.set_reason("登记时按错一位");
  request.set_request_id(NewId());
  return request;
}

inline v1::CreatePromiseRequest PromiseRequest(const v1::Case& about) {
  v1::CreatePromiseRequest request;
  request.set_parent(about.name());
  request.mutable_promise()->set_text("查到就打电话");
  request.mutable_promise()->set_channel(common::CHANNEL_PHONE);
  request.mutable_promise()->set_recipient(about.parties(0).name());
  rpc::ToProto(World::Get().now() + absl::Hours(1), request.mutable_promise()->mutable_due_time());
  request.set_request_id(NewId());
  return request;
}

inline v1::Promise NewPromise() { return Get(&Promises::CreatePromise, PromiseRequest(NewCase()), Officer()); }

inline void FillPaper(v1::Paper* paper, const std::string& title) {
  paper->set_title(title);
  paper->set_source("丧葬费申领办事指南第三项");
}

inline v1::RecordGapRequest GapRequest(const std::string& name) {
  v1::RecordGapRequest request;
  request.set_parent(name);
  FillPaper(request.mutable_paper(), "火化证明");
  request.set_request_id(NewId());
  return request;
}

inline v1::Paper NewPaper(const std::string& case_name) {
  return Get(&Papers::RecordGap, GapRequest(case_name), Officer());
}

inline v1::ReceivePaperRequest ReceiptRequest(const v1::Paper& paper) {
  v1::ReceivePaperRequest request;
  request.set_name(paper.name());
  request.set_request_id(NewId());
  return request;
}

inline std::vector<v1::Paper> PapersOf(const std::string& case_name) {
  v1::ListPapersRequest request;
  request.set_parent(case_name);
  const auto listed = Get(&Papers::ListPapers, request, Officer());
  return {listed.papers().begin(), listed.papers().end()};
}

inline v1::IssueChecklistRequest ChecklistRequest(const std::string& name) {
  v1::IssueChecklistRequest request;
  request.set_parent(name);
  FillPaper(request.add_papers(), "火化证明");
  FillPaper(request.add_papers(), "户口本");
  request.set_request_id(NewId());
  return request;
}

inline v1::SetNextActionRequest NextActionRequest(const std::string& name) {
  v1::SetNextActionRequest request;
  request.set_name(name);
  request.mutable_next_action()->set_summary("联系殡仪馆档案室");
  rpc::ToProto(World::Get().now() + absl::Hours(24), request.mutable_next_action()->mutable_due_time());
  request.set_request_id(NewId());
  return request;
}

inline v1::ConfirmOutcomeRequest OutcomeRequest(const v1::Contact& contact) {
  v1::ConfirmOutcomeRequest request;
  request.set_name(contact.name().substr(0, contact.name().find("/contacts")));
  request.mutable_outcome()->set_text("已领取补办的火化证明");
  request.mutable_outcome()->set_contact(contact.name());
  request.set_request_id(NewId());
  return request;
}

inline v1::ProposeClosureRequest ClosureRequest(const v1::Contact& contact, v1::Closure::Resolution resolution) {
  v1::ProposeClosureRequest request;
  request.set_name(contact.name().substr(0, contact.name().find("/contacts")));
  request.mutable_closure()->set_resolution(resolution);
  request.mutable_closure()->set_explanation("证明已补办，丧葬费已受理");
  request.mutable_closure()->set_told_in(contact.name());
  request.set_request_id(NewId());
  return request;
}

// A case with a proposed closure.
inline v1::Case Proposed() {
  const v1::Contact contact = NewContact(NewCase().name());
  Get(&Closing::ConfirmOutcome, OutcomeRequest(contact), Officer());
  return Get(&Closing::ProposeClosure, ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED), Officer());
}

inline v1::ReviewClosureRequest ReviewRequest(const std::string& name) {
  v1::ReviewClosureRequest request;
  request.set_name(name);
  request.set_decision(v1::ReviewClosureRequest::DECISION_APPROVE);
  request.set_request_id(NewId());
  return request;
}

inline v1::ReportReferralRequest ReferralRequest(const std::string& name, v1::ReportReferralRequest::Kind kind) {
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

inline v1::ReportMessageRequest MessageRequest(const std::string& name, v1::ReportMessageRequest::Kind kind) {
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

inline void AddShift(v1::Rota* rota, absl::CivilDay day, int start_hour, int start_minute, int end_hour,
                     int end_minute) {
  v1::Rota::Shift& shift = *rota->add_shifts();
  rpc::ToProto(calendar::AtTimeOfDay(day, start_hour, start_minute), shift.mutable_start_time());
  rpc::ToProto(calendar::AtTimeOfDay(day, end_hour, end_minute), shift.mutable_end_time());
  shift.set_staff("staff/wang");
  shift.set_deputy("staff/zhao-li");
}

inline v1::ReplaceRotaRequest RotaRequest() {
  v1::ReplaceRotaRequest request;
  const absl::CivilDay day = calendar::ToCivilDay(World::Get().now()) + 30;
  request.mutable_rota()->set_hall(kHall);
  rpc::ToProto(day, request.mutable_rota()->mutable_day());
  AddShift(request.mutable_rota(), day, 9, 0, 12, 0);
  AddShift(request.mutable_rota(), day, 13, 30, 17, 30);
  request.set_request_id(NewId());
  return request;
}

}  // namespace xxt::intake

#endif  // XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_
