#include "services/notification/message/report.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/peer_answer.h"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/message.h"
#include "services/notification/message/words.h"
#include "xixinting/intake/v1/feed.pb.h"

namespace xxt::notification::message {
namespace {

using ReportRequest = ::xixinting::intake::v1::ReportMessageRequest;
using tasks::Task;
using tasks::Verdict;

// By hand: what was told at one moment is no resource, and a log.
constexpr pg::Statement kInsert{"report.insert", R"sql(
  INSERT INTO notification.reports (id, message_id, version, state, channel, time)
  VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::Statement kSelect{"report.select", R"sql(
  SELECT message_id, version, state, channel, time FROM notification.reports WHERE id = $1)sql"};

ReportRequest::Kind KindOf(v1::Message::State state) {
  switch (state) {
    case v1::Message::STATE_DELIVERED:
      return ReportRequest::KIND_DELIVERED;
    case v1::Message::STATE_HANDED_TO_STAFF:
      return ReportRequest::KIND_HANDED_TO_STAFF;
    case v1::Message::STATE_IN_DOUBT:
      return ReportRequest::KIND_IN_DOUBT;
    case v1::Message::STATE_NOT_REACHED:
      return ReportRequest::KIND_NOT_REACHED;
    case v1::Message::STATE_UNSPECIFIED:
    case v1::Message::STATE_SENDING:
    case v1::Message::STATE_SUPPRESSED:
    case XXT_SENTINELS(v1::Message_State_Message_State):
      break;  // nobody is told of these
  }
  return ReportRequest::KIND_UNSPECIFIED;
}

absl::Status Read(Tx& tx, const std::string& id, ReportRequest& report) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kSelect, id));
  if (rows.empty()) return errors::NotFound("notification.xixinting/Report", id);
  const pg::Row row = rows[0];
  v1::Message message;
  XXT_RETURN_IF_ERROR(tx.Get(kMessages, absl::StrCat("messages/", row.View(0)), &message));
  const auto channel = static_cast<common::Channel>(row.Int(3));
  report.Clear();
  report.set_request_id(id);
  report.set_audience(message.audience());
  report.set_message(message.name());
  report.set_case_name(message.case_name());
  report.set_version(row.Int(1));
  report.set_kind(KindOf(static_cast<v1::Message::State>(row.Int(2))));
  report.set_channel(channel);
  report.set_text(WordsBy(message, channel, row.Time(4)));
  rpc::ToProto(row.Time(4), report.mutable_occur_time());
  return absl::OkStatus();
}

Verdict Handle(const edge::Host& host, pg::Pool& pool, IntakeClient& intake, const Task& task, SteadyTime deadline) {
  ReportRequest report;
  const absl::Status read =
      edge::ReadAsService(host, pool, deadline, [&](Tx& tx) { return Read(tx, task.id, report); });
  if (!read.ok()) return Verdict::Retry("the store is away, or the message cannot be read");
  XXT_CRASH_POINT("notification.before_report");
  if (XXT_PLANTED_BUG("request_id_per_attempt")) report.set_request_id(identifiers::NewUuid(absl::Now()));
  const absl::Status told = intake.ReportMessage(report, deadline);
  XXT_CRASH_POINT("notification.after_report");
  return rpc::VerdictOf(told, "intake");
}

}  // namespace

void Report(Tx& tx, v1::Message& message, common::Channel channel) {
  if (XXT_PLANTED_BUG("reports_nothing")) return;
  message.set_report_count(message.report_count() + 1);
  tasks::NewTask task;
  task.id = identifiers::NewUuid(absl::Now());
  task.kind = kReportCaseKind;
  task.subject = message.name();
  tx.session.Queue(kInsert, task.id, IdOf(message.name()), message.report_count(), static_cast<int>(message.state()),
                   static_cast<int>(channel), tx.now);
  tasks::Enqueue(tx.session, std::move(task));
}

tasks::MachineKind ReportCaseKind(const edge::Host& host, pg::Pool& pool, IntakeClient& intake) {
  tasks::MachineKind kind =
      rpc::PeerKind(kReportCaseKind, [&host, &pool, &intake](const Task& task, SteadyTime deadline) {
        return Handle(host, pool, intake, task, deadline);
      });
  kind.on_dead = edge::WhenDead(host, ShowDead);
  return kind;
}

}  // namespace xxt::notification::message
