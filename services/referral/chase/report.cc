#include "services/referral/referrals/report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/fault/crash_point.h"
#include "common/rpc/peer_answer.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/body/body.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/work.h"
#include "services/referral/referrals/dead_task.h"

namespace xxt::referral::chase {
namespace {

namespace intake = ::xixinting::intake::v1;

using referrals::Report;
using tasks::Task;
using tasks::Verdict;

// The case counts the referral, and is not closed before it ends: the body is asked now.
absl::Status OnOpened(const ContactPolicy& contacts, Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, name));
  XXT_RETURN_IF_ERROR(MindContact(tx, contacts, chased));
  const v1::Referral& referral = chased.referral;
  const bool by_mail = referral.connector() == v1::Referral::CONNECTOR_EMAIL;
  if (referral.state() != v1::Referral::STATE_QUEUED || !by_mail) return absl::OkStatus();
  EnqueueMail(tx, chased.referral, MailPayload{});
  Save(tx, &chased);
  return absl::OkStatus();
}

// Whether a closed case refuses such a report, as STATE_FORBIDS, of a referral that it has
// not heard of. It takes the others, so that of those this would mean something else.
bool MayBeFirst(Report::Kind kind) {
  return kind != Report::KIND_ANSWERED && kind != Report::KIND_ENDED && kind != Report::KIND_TAKEN_BACK;
}

// The case was closed between the look at it and the first report, or has as many referrals as it may.
absl::Status OnCaseClosed(Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, name));
  if (referrals::HasEnded(chased.referral)) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{"诉求已办结，或协查已满，协查随之撤回"}));
  Save(tx, &chased);
  return absl::OkStatus();
}

// Whether what lies on the desk of `owner` is for another since: the case was handed over.
bool IsHandedOver(const std::string& owner, const intake::ReportReferralResponse& said) {
  const auto& former = said.former_owners();
  return !said.owner().empty() && owner != said.owner() &&
         std::find(former.begin(), former.end(), owner) != former.end();
}

// The referral is the new owner's, with all that is to be done about it.
absl::Status OnHandedOver(Tx& tx, const std::string& name, const intake::ReportReferralResponse& said) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, name));
  if (!IsHandedOver(about.owner(), said)) return absl::OkStatus();
  tasks::PassOn(tx.session, about.name(), about.owner(), said.owner());
  about.set_owner(said.owner());
  tx.Save(referrals::kReferrals, about);
  return absl::OkStatus();
}

// What the task keeps, and what of the referral and its body goes with it.
absl::Status Complete(Tx& tx, const Task& task, Report* report, std::string* owner) {
  v1::Referral about;
  XXT_RETURN_IF_ERROR(tx.Get(referrals::kReferrals, task.subject, &about));
  XXT_ASSIGN_OR_RETURN(const v1::Body asked, body::Find(tx.session, about.body()));
  *owner = about.owner();
  report->set_request_id(task.id);
  report->set_referral(about.name());
  report->set_case_name(about.case_name());
  report->set_paper_title(about.paper_title());
  report->set_takes_over(about.ask() == v1::Referral::ASK_TAKE_OVER);
  report->set_body_title(asked.title());
  return absl::OkStatus();
}

Verdict SendReport(const edge::Host& host, pg::Pool& pool, const Intake& peer, const ContactPolicy& contacts,
                   const Task& task, SteadyTime deadline) {
  std::optional<Report> report = referrals::ReadReport(task.payload);
  if (!report.has_value()) return Verdict::Dead("payload");
  std::string owner;
  const absl::Status read =
      edge::ReadAsService(host, pool, deadline, [&](Tx& tx) { return Complete(tx, task, &*report, &owner); });
  if (!read.ok()) return absl::IsNotFound(read) ? Verdict::Dead("referral is gone") : Verdict::Retry("store");
  XXT_CRASH_POINT("referral.before_report");
  intake::ReportReferralResponse said;
  const absl::Status told = peer.Tell(*report, deadline, &said);
  XXT_CRASH_POINT("referral.after_report");
  const auto then = [&](auto follow) {
    return Verdict::Done([&host, name = task.subject, follow](pg::Session& session) {
      return edge::AsService(host, session, [&](Tx& tx) { return follow(tx, name); });
    });
  };
  if (errors::ReasonOf(told) == "STATE_FORBIDS" && MayBeFirst(report->kind())) return then(OnCaseClosed);
  const bool opened = report->kind() == Report::KIND_OPENED && rpc::ReadAnswer(told) == rpc::PeerAnswer::kDone;
  const bool handed_over = told.ok() && IsHandedOver(owner, said);
  if (!opened && !handed_over) return rpc::VerdictOf(told, "intake");
  return then([&contacts, opened, handed_over, said](Tx& tx, const std::string& name) -> absl::Status {
    if (handed_over) XXT_RETURN_IF_ERROR(OnHandedOver(tx, name, said));
    return opened ? OnOpened(contacts, tx, name) : absl::OkStatus();
  });
}

}  // namespace

tasks::MachineKind ReportKind(const edge::Host& host, pg::Pool& pool, const Intake& intake,
                              const ContactPolicy& contacts) {
  tasks::MachineKind kind = rpc::PeerKind(referrals::kReportCaseKind,
                                          [&host, &pool, &intake, &contacts](const Task& task, SteadyTime deadline) {
                                            return SendReport(host, pool, intake, contacts, task, deadline);
                                          });
  kind.on_dead = edge::WhenDead(host, referrals::ShowDead);
  kind.lanes = {tasks::Lane::kNormal, tasks::Lane::kUrgent};
  return kind;
}

}  // namespace xxt::referral::chase
