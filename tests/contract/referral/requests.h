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
#include "tests/contract/text.h"
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
using contract::Text;

using Bodies = v1::BodyService::Stub;
using Entries = v1::EntryService::Stub;
using Mails = v1::MailService::Stub;
using Referrals = v1::ReferralService::Stub;
using RouteSheets = v1::RouteSheetService::Stub;
using RuleNotes = v1::RuleNoteService::Stub;
using Tasks = common::TaskService::Stub;

inline v1::CreateReferralRequest CreateRequest(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  return Text<v1::CreateReferralRequest>(R"(
    referral {
      case_name: "cases/$0"
      hall: "$1"
      body: "bodies/babaoshan"
      ask: ASK_LOCATE
      question: "请协助查找火化档案。"
      lawful_basis {
        kind: KIND_NEAR_KIN_OF_DECEASED
        purpose: "补办火化证明"
        recorded_in: "cases/$0/contacts/$0"
        data_kinds: [ DATA_KIND_SUBJECT_NAME, DATA_KIND_EVENT_DATE ]
      }
      disclosed { kind: DATA_KIND_SUBJECT_NAME value: "郑某某" }
      paper_title: "火化证明"
      connector: $2
    }
    request_id: "$id"
  )",
                                         NewId(), kHall, v1::Referral::Connector_Name(connector));
}

inline v1::Referral NewReferral(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
  return Get(&Referrals::CreateReferral, CreateRequest(connector), Officer());
}

inline v1::Referral Read(const std::string& name) {
  return Get(&Referrals::GetReferral, Text<v1::GetReferralRequest>("name: '$0'", name), Officer());
}

inline std::vector<v1::Entry> EntriesOf(const std::string& name) {
  const auto listed = Get(&Entries::ListEntries, Text<v1::ListEntriesRequest>("parent: '$0'", name), Officer());
  return {listed.entries().begin(), listed.entries().end()};
}

inline v1::CreateEntryRequest ReachedRequest(const std::string& name) {
  return Text<v1::CreateEntryRequest>(R"(
    parent: "$0"
    entry { attempt { channel: CHANNEL_PHONE result: RESULT_REACHED summary: "营业室让找殡仪科" } }
    request_id: "$id"
  )",
                                      name);
}

inline v1::Referral SentReferral() {
  const v1::Referral referral = NewReferral();
  Get(&Entries::CreateEntry, ReachedRequest(referral.name()), Officer());
  return Read(referral.name());
}

inline v1::RecordReplyRequest ReplyRequest(const std::string& name, v1::Reply::Kind kind, const std::string& reason) {
  return Text<v1::RecordReplyRequest>(R"(
    name: "$0" reply { kind: $1 channel: CHANNEL_PHONE reason: "$2" } request_id: "$id"
  )",
                                      name, v1::Reply::Kind_Name(kind), reason);
}

inline v1::SetCutOffRequest CutOffRequest(const std::string& name, absl::CivilDay anchor) {
  return Text<v1::SetCutOffRequest>("name: '$0' rule_note: '$1' anchor_day $2 request_id: '$id'", name,
                                    World::Get().known_rule(), contract::On(anchor));
}

inline v1::CancelReferralRequest CancelRequest(const std::string& name) {
  return Text<v1::CancelReferralRequest>("name: '$0' reason: '当事人找到了原件' request_id: '$id'", name);
}

inline v1::IssueRouteSheetRequest SheetRequest(const std::string& name) {
  return Text<v1::IssueRouteSheetRequest>(R"(
    parent: "$0"
    route_sheet {
      steps { title: "到档案室补办火化证明" unit: "archive" bring: "经办人身份证" take_away: "火化证明" }
      remark: "<b>先打电话</b>"
    }
    request_id: "$id"
  )",
                                          name);
}

inline v1::CreateRuleNoteRequest NoteRequest() {
  return Text<v1::CreateRuleNoteRequest>(R"(
    parent: "bodies/xicheng-hr"
    rule_note { service_item: "查人事档案" text: "须单位介绍信" source: "档案管理科，来电" }
    request_id: "$id"
  )");
}

inline v1::UnmatchedMail ReadMail(const std::string& name) {
  return Get(&Mails::GetUnmatchedMail, Text<v1::GetUnmatchedMailRequest>("name: '$0'", name), Officer());
}

// The one mail that matches nothing and nobody has filed, with this subject.
inline v1::UnmatchedMail AwaitUnmatched(const std::string& subject) {
  v1::UnmatchedMail found;
  Eventually([&] {
    // Tests leave many.
    const auto listed =
        Get(&Mails::ListUnmatchedMails, Text<v1::ListUnmatchedMailsRequest>("page_size: 500"), Officer());
    for (const v1::UnmatchedMail& one : listed.unmatched_mails()) {
      v1::UnmatchedMail mail = ReadMail(one.name());
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

inline std::vector<common::Task> TasksAbout(const std::string& subject, const std::string& token = Officer()) {
  const auto listed = Get(&Tasks::ListTasks, Text<common::ListTasksRequest>("subject: '$0'", subject), token);
  return {listed.tasks().begin(), listed.tasks().end()};
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
  const auto leased = Get(&Tasks::LeaseTask, Text<common::LeaseTaskRequest>("name: '$0'", task.name()), Officer());
  auto request =
      Text<common::CompleteTaskRequest>("name: '$0' lease_token: '$1' outcome: '$2' note: '$3' request_id: '$id'",
                                        task.name(), leased.lease_token(), outcome, note);
  if (next_action_time != absl::InfinitePast()) rpc::ToProto(next_action_time, request.mutable_next_action_time());
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
