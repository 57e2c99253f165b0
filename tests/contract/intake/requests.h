#ifndef XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_
#define XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "tests/contract/text.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/closing.grpc.pb.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"
#include "xixinting/intake/v1/party.grpc.pb.h"
#include "xixinting/intake/v1/shift.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// Calls to the intake service, and requests that are right.
namespace xxt::intake {

using contract::Ask;
using contract::At;
using contract::Get;
using contract::On;
using contract::Text;

namespace common = ::xixinting::common::v1;
namespace notification = ::xixinting::notification::v1;

inline constexpr char kReferral[] = "referrals/0197a000-0000-7000-8000-000000000001";

using Cases = v1::CaseService::Stub;
using Closing = v1::ClosingService::Stub;
using Contacts = v1::ContactService::Stub;
using Feed = v1::FeedService::Stub;
using Papers = v1::PaperService::Stub;
using People = v1::PartyService::Stub;
using Shifts = v1::ShiftService::Stub;
using Tasks = common::TaskService::Stub;

inline v1::HandOffFromCounterRequest HandOffRequest() {
  return Text<v1::HandOffFromCounterRequest>(absl::StrCat(kCase, R"(
    hand_off { counter: "3 号综合窗口" reason: "火化证明遗失，窗口无法受理" papers_seen: "身份证" }
    request_id: "$id"
  )"));
}

inline v1::Case NewCase() { return Get(&Cases::CreateCase, CreateRequest(), Officer()); }

inline v1::Case Read(const std::string& name) {
  return Get(&Cases::GetCase, Text<v1::GetCaseRequest>("name: '$0'", name), Officer());
}

// The people's tasks about `subject`; `future`: also those whose time has not come.
inline std::vector<common::Task> TasksAbout(const std::string& subject, bool future = false) {
  const auto request = Text<common::ListTasksRequest>("subject: '$0' include_future: $1", subject, future);
  const auto listed = Get(&Tasks::ListTasks, request, Officer());
  return {listed.tasks().begin(), listed.tasks().end()};
}

// Takes the task, and says what came of it.
inline common::CompleteTaskRequest DoneRequest(const common::Task& task, const std::string& outcome,
                                               const std::string& note = "") {
  const auto leased = Get(&Tasks::LeaseTask, Text<common::LeaseTaskRequest>("name: '$0'", task.name()), Officer());
  return Text<common::CompleteTaskRequest>("name: '$0' lease_token: '$1' outcome: '$2' note: '$3' request_id: '$id'",
                                           task.name(), leased.lease_token(), outcome, note);
}

inline std::vector<v1::Contact> ContactsOf(const std::string& case_name) {
  const auto listed = Get(&Contacts::ListContacts, Text<v1::ListContactsRequest>("parent: '$0'", case_name), Officer());
  return {listed.contacts().begin(), listed.contacts().end()};
}

inline v1::LogContactRequest ContactRequest(const std::string& name) {
  return Text<v1::LogContactRequest>(R"(
    parent: "$0"
    contact {
      channel: CHANNEL_PHONE
      counterpart: COUNTERPART_APPLICANT
      direction: DIRECTION_OUTBOUND
      result: RESULT_REACHED
      summary: "已说明办理进展"
    }
    request_id: "$id"
  )",
                                     name);
}

inline v1::Contact NewContact(const std::string& name) {
  return Get(&Contacts::LogContact, ContactRequest(name), Officer());
}

inline v1::CorrectPartyRequest CorrectionRequest(const v1::Case& of) {
  return Text<v1::CorrectPartyRequest>(R"(
    name: "$0" phone_number: "138 0013 8111" reason: "登记时按错一位" request_id: "$id"
  )",
                                       of.parties(0).name());
}

inline void FillPaper(v1::Paper* paper, const std::string& title) {
  *paper = Text<v1::Paper>("title: '$0' source: '丧葬费申领办事指南第三项'", title);
}

inline v1::RecordGapRequest GapRequest(const std::string& name) {
  return Text<v1::RecordGapRequest>(R"(
    parent: "$0" paper { title: "火化证明" source: "丧葬费申领办事指南第三项" } request_id: "$id"
  )",
                                    name);
}

inline v1::Paper NewPaper(const std::string& case_name) {
  return Get(&Papers::RecordGap, GapRequest(case_name), Officer());
}

inline v1::ReceivePaperRequest ReceiptRequest(const v1::Paper& paper) {
  return Text<v1::ReceivePaperRequest>("name: '$0' request_id: '$id'", paper.name());
}

inline std::vector<v1::Paper> PapersOf(const std::string& case_name) {
  const auto listed = Get(&Papers::ListPapers, Text<v1::ListPapersRequest>("parent: '$0'", case_name), Officer());
  return {listed.papers().begin(), listed.papers().end()};
}

inline v1::IssueChecklistRequest ChecklistRequest(const std::string& name) {
  return Text<v1::IssueChecklistRequest>(R"(
    parent: "$0"
    papers { title: "火化证明" source: "丧葬费申领办事指南第三项" }
    papers { title: "户口本" source: "丧葬费申领办事指南第三项" }
    request_id: "$id"
  )",
                                         name);
}

inline v1::SetNextActionRequest NextActionRequest(const std::string& name) {
  return Text<v1::SetNextActionRequest>(R"(
    name: "$0" next_action { summary: "联系殡仪馆档案室" due_time $1 } request_id: "$id"
  )",
                                        name, At(World::Get().now() + absl::Hours(24)));
}

inline v1::ConfirmOutcomeRequest OutcomeRequest(const v1::Contact& contact) {
  return Text<v1::ConfirmOutcomeRequest>(R"(
    name: "$0" outcome { text: "已领取补办的火化证明" contact: "$1" } request_id: "$id"
  )",
                                         contact.name().substr(0, contact.name().find("/contacts")), contact.name());
}

inline v1::ProposeClosureRequest ClosureRequest(const v1::Contact& contact, v1::Closure::Resolution resolution) {
  return Text<v1::ProposeClosureRequest>(R"(
    name: "$0"
    closure { resolution: $1 explanation: "证明已补办，丧葬费已受理" told_in: "$2" }
    request_id: "$id"
  )",
                                         contact.name().substr(0, contact.name().find("/contacts")),
                                         v1::Closure::Resolution_Name(resolution), contact.name());
}

// A case with a proposed closure.
inline v1::Case Proposed() {
  const v1::Contact contact = NewContact(NewCase().name());
  Get(&Closing::ConfirmOutcome, OutcomeRequest(contact), Officer());
  return Get(&Closing::ProposeClosure, ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED), Officer());
}

inline v1::ReviewClosureRequest ReviewRequest(const std::string& name) {
  return Text<v1::ReviewClosureRequest>("name: '$0' decision: DECISION_APPROVE request_id: '$id'", name);
}

inline v1::ReportReferralRequest ReferralRequest(const std::string& name, v1::ReportReferralRequest::Kind kind) {
  return Text<v1::ReportReferralRequest>(R"(
    referral: "$0"
    case_name: "$1"
    kind: $2
    summary: "八宝山殡仪馆：档案室已查到"
    paper_title: "火化证明"
    body_title: "八宝山殡仪馆"
    request_id: "$id"
  )",
                                         kReferral, name, v1::ReportReferralRequest::Kind_Name(kind));
}

inline v1::ReportMessageRequest MessageRequest(const std::string& name, v1::ReportMessageRequest::Kind kind) {
  return Text<v1::ReportMessageRequest>(R"(
    message: "messages/$0"
    case_name: "$1"
    kind: $2
    channel: CHANNEL_SMS
    text: "您的诉求已收到"
    occur_time $3
    request_id: "$id"
  )",
                                        NewId(), name, v1::ReportMessageRequest::Kind_Name(kind),
                                        At(World::Get().now()));
}

}  // namespace xxt::intake

#endif  // XXT_TESTS_CONTRACT_INTAKE_REQUESTS_H_
