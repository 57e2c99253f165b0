#ifndef XXT_TESTS_CONTRACT_REFERRAL_REQUESTS_H_
#define XXT_TESTS_CONTRACT_REFERRAL_REQUESTS_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>
#include <vector>

#include "common/rpc/timestamp.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/referral/world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/referral/v1/body.grpc.pb.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"
#include "xixinting/referral/v1/route_sheet.grpc.pb.h"
#include "xixinting/referral/v1/rule_note.grpc.pb.h"

// Calls to the referral service, and requests that are right.
namespace xxt::referral {

using contract::Ask;
using contract::Get;
using contract::ReasonFor;
using contract::ReasonOf;

using Bodies = v1::BodyService::Stub;
using Entries = v1::EntryService::Stub;
using Mails = v1::MailService::Stub;
using Referrals = v1::ReferralService::Stub;
using RouteSheets = v1::RouteSheetService::Stub;
using RuleNotes = v1::RuleNoteService::Stub;
using Tasks = common::TaskService::Stub;

inline v1::CreateReferralRequest CreateRequest(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  v1::CreateReferralRequest request;
  v1::Referral& referral = *request.mutable_referral();
  referral.set_case_name("cases/" + NewId());
  referral.set_hall(kHall);
  referral.set_body("bodies/babaoshan");
  referral.set_ask(v1::Referral::ASK_LOCATE);
  referral.set_question("请协助查找火化档案。");
  referral.mutable_lawful_basis()->set_kind(v1::LawfulBasis::KIND_NEAR_KIN_OF_DECEASED);
  referral.mutable_lawful_basis()->set_purpose("补办火化证明");
  referral.mutable_lawful_basis()->set_evidence("窗口当面告知并同意");
  referral.mutable_lawful_basis()->add_data_kinds(v1::DATA_KIND_SUBJECT_NAME);
  referral.mutable_lawful_basis()->add_data_kinds(v1::DATA_KIND_EVENT_DATE);
  v1::DisclosedField& name = *referral.add_disclosed();
  name.set_kind(v1::DATA_KIND_SUBJECT_NAME);
  name.set_value("郑某某");
  referral.set_paper_title("火化证明");
  referral.set_connector(connector);
  request.set_request_id(NewId());
  return request;
}

inline v1::Referral NewReferral(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  return Get(&Referrals::CreateReferral, CreateRequest(connector), Officer());
}

inline v1::Referral Read(const std::string& name) {
  v1::GetReferralRequest request;
  request.set_name(name);
  return Get(&Referrals::GetReferral, request, Officer());
}

inline std::vector<v1::Entry> EntriesOf(const std::string& name) {
  v1::ListEntriesRequest request;
  request.set_parent(name);
  const v1::ListEntriesResponse response = Get(&Entries::ListEntries, request, Officer());
  return {response.entries().begin(), response.entries().end()};
}

inline v1::CreateEntryRequest ReachedRequest(const std::string& name) {
  v1::CreateEntryRequest request;
  request.set_parent(name);
  v1::Attempt& attempt = *request.mutable_entry()->mutable_attempt();
  attempt.set_channel(common::CHANNEL_PHONE);
  attempt.set_result(v1::Attempt::RESULT_REACHED);
  attempt.set_summary("营业室让找殡仪科");
  request.set_request_id(NewId());
  return request;
}

inline v1::Referral SentReferral() {
  const v1::Referral referral = NewReferral();
  Get(&Entries::CreateEntry, ReachedRequest(referral.name()), Officer());
  return Read(referral.name());
}

inline v1::RecordReplyRequest ReplyRequest(const std::string& name, v1::Reply::Kind kind, const std::string& reason) {
  v1::RecordReplyRequest request;
  request.set_name(name);
  request.mutable_reply()->set_kind(kind);
  request.mutable_reply()->set_channel(common::CHANNEL_PHONE);
  request.mutable_reply()->set_reason(reason);
  request.set_request_id(NewId());
  return request;
}

inline v1::SetCutOffRequest CutOffRequest(const std::string& name, absl::CivilDay anchor) {
  v1::SetCutOffRequest request;
  request.set_name(name);
  request.set_rule_note(World::Get().known_rule());
  rpc::ToProto(anchor, request.mutable_anchor_day());
  request.set_request_id(NewId());
  return request;
}

inline v1::CancelReferralRequest CancelRequest(const std::string& name) {
  v1::CancelReferralRequest request;
  request.set_name(name);
  request.set_reason("当事人找到了原件");
  request.set_request_id(NewId());
  return request;
}

inline v1::IssueRouteSheetRequest SheetRequest(const std::string& name) {
  v1::IssueRouteSheetRequest request;
  request.set_parent(name);
  v1::RouteSheet::Step& step = *request.mutable_route_sheet()->add_steps();
  step.set_title("到档案室补办火化证明");
  step.set_unit("archive");
  step.add_bring("经办人身份证");
  step.add_take_away("火化证明");
  request.mutable_route_sheet()->set_remark("<b>先打电话</b>");
  request.set_request_id(NewId());
  return request;
}

// Of a body that is there already.
inline v1::PutBodyRequest BodyRequest() {
  v1::PutBodyRequest request;
  request.set_name("bodies/xicheng-civil-affairs");
  request.mutable_body()->set_title("西城区民政局");
  request.mutable_body()->set_kind(v1::Body::KIND_BUREAU);
  v1::Unit& unit = *request.mutable_body()->add_units();
  unit.set_id("social");
  unit.set_title("社会事务科");
  unit.set_opening_hours("Mon-Fri 09:00-12:00,13:30-17:30");
  v1::ContactPoint& point = *unit.add_contact_points();
  point.set_channel(common::CHANNEL_PHONE);
  point.set_address("010-6000 5610");
  point.set_source("官网");
  request.set_request_id(NewId());
  return request;
}

inline v1::CreateRuleNoteRequest NoteRequest() {
  v1::CreateRuleNoteRequest request;
  request.set_parent("bodies/xicheng-hr");
  request.mutable_rule_note()->set_service_item("查人事档案");
  request.mutable_rule_note()->set_text("须单位介绍信");
  request.mutable_rule_note()->set_source("档案管理科，来电");
  request.set_request_id(NewId());
  return request;
}

inline v1::UnmatchedMail ReadMail(const std::string& name) {
  v1::GetUnmatchedMailRequest request;
  request.set_name(name);
  return Get(&Mails::GetUnmatchedMail, request, Officer());
}

// The one mail that matches nothing and nobody has filed, with this subject.
inline v1::UnmatchedMail AwaitUnmatched(const std::string& subject) {
  v1::UnmatchedMail found;
  Eventually([&] {
    v1::ListUnmatchedMailsRequest request;
    request.set_page_size(500);  // tests leave many
    const v1::ListUnmatchedMailsResponse response = Get(&Mails::ListUnmatchedMails, request, Officer());
    for (const v1::UnmatchedMail& listed : response.unmatched_mails()) {
      v1::UnmatchedMail mail = ReadMail(listed.name());
      if (mail.subject() == subject) found = std::move(mail);
    }
    return !found.name().empty();
  });
  return found;
}

// The scan that the archive sends as its answer, once it is in the ledger.
inline v1::Attachment ScanOf(const v1::Referral& referral) {
  World::Get().mail().DeliverRaw("From: archive@crematorium.example\r\nSubject: [" + referral.answer_code() +
                                 "]\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the scan\r\n"
                                 "--b\r\nContent-Type: application/pdf; name=scan.pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n");
  v1::Attachment found;
  Eventually([&] {
    for (const v1::Entry& entry : EntriesOf(referral.name())) {
      if (entry.mail().attachments_size() > 0) found = entry.mail().attachments(0);
    }
    return !found.name().empty();
  });
  return found;
}

inline v1::UnmatchedMail NewUnmatched() {
  const std::string subject = "无主来信 " + NewId();
  World::Get().mail().Deliver(subject, "您好，查到了。");
  return AwaitUnmatched(subject);
}

inline v1::FileUnmatchedMailRequest FileRequest(const std::string& referral) {
  v1::FileUnmatchedMailRequest request;
  request.set_name(NewUnmatched().name());
  request.set_referral(referral);
  request.set_request_id(NewId());
  return request;
}

inline std::vector<common::Task> TasksAbout(const std::string& subject, const std::string& token = Officer()) {
  common::ListTasksRequest request;
  request.set_subject(subject);
  const common::ListTasksResponse response = Get(&Tasks::ListTasks, request, token);
  return {response.tasks().begin(), response.tasks().end()};
}

// The open desk task of `kind` about `subject`, waiting for it.
inline common::Task AwaitTask(const std::string& subject, const std::string& kind,
                              const std::string& token = Officer()) {
  common::Task found;
  Eventually([&] {
    for (const common::Task& task : TasksAbout(subject, token)) {
      if (task.kind() == kind) found = task;
    }
    return !found.name().empty();
  });
  EXPECT_EQ(found.kind(), kind);
  return found;
}

inline absl::Status Complete(const common::Task& task, const std::string& outcome, const std::string& note = "",
                             absl::Time next_action_time = absl::InfinitePast()) {
  common::LeaseTaskRequest lease;
  lease.set_name(task.name());
  const common::LeaseTaskResponse leased = Get(&Tasks::LeaseTask, lease, Officer());
  common::CompleteTaskRequest request;
  request.set_name(task.name());
  request.set_lease_token(leased.lease_token());
  request.set_outcome(outcome);
  request.set_note(note);
  if (next_action_time != absl::InfinitePast()) {
    rpc::ToProto(next_action_time, request.mutable_next_action_time());
  }
  request.set_request_id(NewId());
  common::CompleteTaskResponse response;
  return Ask(&Tasks::CompleteTask, request, &response, Officer());
}

inline v1::Referral AwaitState(const std::string& name, v1::Referral::State state) {
  v1::Referral found;
  Eventually([&] {
    found = Read(name);
    return found.state() == state;
  });
  EXPECT_EQ(found.state(), state);
  return found;
}

// Past the moment at which the referral is next acted on.
inline void AdvanceTo(const google::protobuf::Timestamp& time) {
  World::Get().clock().Advance(rpc::FromProto(time) - World::Get().now() + absl::Seconds(1));
}

}  // namespace xxt::referral

#endif  // XXT_TESTS_CONTRACT_REFERRAL_REQUESTS_H_
