#include "services/referral/app/machine_tasks.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/rpc/peer_answer.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/body/body.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/letter.h"
#include "services/referral/referrals/dead_task.h"
#include "services/referral/storage/flight_store.h"

namespace xxt::referral::app {
namespace {

using tasks::Task;
using tasks::Verdict;

// A mail as it would go out now, and what the ledger will say of it.
struct PreparedMail {
  OutboundMail outbound;
  v1::Mail entry;
};

// What a send_mail task stands before.
struct MailJob {
  Chased chased;
  std::optional<PreparedMail> mail;  // unset: it cannot be written, or not there
  std::int64_t in_flight = 0;        // the fence of the attempt after which the mail system may have it
};

bool IsDue(const v1::Referral& referral, const MailPayload& payload, const Task& task) {
  if (payload.purpose == MailPurpose::kReminder && XXT_PLANTED_BUG("reminds_who_answered")) return true;
  return referral.mail_due() == task.id;
}

std::string TroubleKey(const Task& task) { return absl::StrCat(kMailTroubleKind, "/", task.id); }

// What is known of a mail before it is written.
v1::Mail Bare(const MailPayload& payload) {
  v1::Mail mail;
  mail.set_direction(payload.purpose == MailPurpose::kReminder ? v1::Mail::DIRECTION_REMINDER
                                                               : v1::Mail::DIRECTION_OUT);
  return mail;
}

// Nothing is written about somebody whose data are erased, nor to a unit without
// an address.
std::optional<PreparedMail> Prepare(const Chased& chased, const MailPayload& payload, const Task& task,
                                    const Settings& settings, absl::Time now) {
  const std::string* address = chased.mail_address();
  if (address == nullptr || chased.referral.question().empty()) return std::nullopt;
  const mail::Letter letter = mail::WriteLetter(chased.referral, chased.body, *chased.unit(), payload.purpose,
                                                payload.ordinal, settings.signature);
  PreparedMail prepared;
  prepared.outbound = {absl::StrCat(task.id, "@", settings.message_id_domain),
                       chased.referral.thread_message_id(),
                       *address,
                       letter.subject,
                       letter.text,
                       now};
  prepared.entry = Bare(payload);
  prepared.entry.set_message_id(absl::StrCat("<", prepared.outbound.message_id, ">"));
  prepared.entry.set_subject(letter.subject);
  prepared.entry.set_text(letter.text);
  prepared.entry.set_address(*address);
  return prepared;
}

// A Message-ID without < >.
std::string BareId(absl::string_view message_id) {
  return std::string(absl::StripSuffix(absl::StripPrefix(message_id, "<"), ">"));
}

absl::string_view TroubleWords(v1::Mail::State state) {
  return state == v1::Mail::STATE_REFUSED ? "邮件被退回，没有送达" : "邮件可能已送出，也可能没有，请先核实";
}

void EnqueueTrouble(Tx& tx, const Chased& chased, const Task& task, MailPayload payload, absl::string_view words) {
  payload.mail = task.id;
  tasks::NewTask trouble;
  trouble.kind = kMailTroubleKind;
  trouble.subject = task.subject;
  trouble.payload = WritePayload(payload);
  trouble.dedupe_key = TroubleKey(task);
  trouble.due = tasks::Due::ForPeople(tx.now);
  trouble.lane = tasks::Lane::kDesk;
  trouble.hall = chased.referral.hall();
  trouble.assignee = chased.referral.owner();
  trouble.summary = absl::StrCat("给", Whom(chased), "的", words, "。请决定：再发一次、改打电话，或确认已送出");
  tasks::Enqueue(tx.session, std::move(trouble));
}

// The body has the request, or may have. `due`: nobody decided otherwise while
// the mail was on its way.
absl::Status OnRequestOut(Tx& tx, Chased* chased, v1::Mail::State state, bool due) {
  if (state == v1::Mail::STATE_ACCEPTED && due) return Advance(tx, chased, Sent{});
  if (!due) {
    // It may have come back already.
    XXT_ASSIGN_OR_RETURN(const bool bounced, HasBounced(tx.session, *chased));
    if (bounced) return absl::OkStatus();
  }
  return Advance(tx, chased, MayHaveIt{});
}

// Stores what came of a mail. The entry's id is the task's: the Message-ID
// leads back to it.
absl::Status StoreMail(Tx& tx, const Task& task, const v1::Mail& mail, const MailPayload& payload) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  v1::Referral& referral = chased.referral;
  const v1::Mail::State state = mail.state();
  v1::Entry stored;
  stored.set_name(entry::NameOf(referral.name(), task.id));
  *stored.mutable_mail() = mail;
  entry::Add(tx, referral.name(), stored);
  flight_store::End(tx.session, task.id);
  XXT_CRASH_POINT("referral.mail_stored");
  const bool due = IsDue(referral, payload, task);
  if (due) referral.clear_mail_due();
  const bool request = payload.purpose == MailPurpose::kRequest;
  const std::string& title = chased.body.title();
  if (state == v1::Mail::STATE_ACCEPTED) {
    tx.Tell(referral, "referral.mail_sent.v1", absl::StrCat("已发邮件给", title));
    if (request && referral.thread_message_id().empty()) referral.set_thread_message_id(BareId(mail.message_id()));
  } else {
    const bool refused = state == v1::Mail::STATE_REFUSED;
    tx.Tell(referral, refused ? "referral.mail_refused.v1" : "referral.mail_in_doubt.v1",
            absl::StrCat(title, "：", TroubleWords(state)));
    if (due) EnqueueTrouble(tx, chased, task, payload, TroubleWords(state));
  }
  if (request && state != v1::Mail::STATE_REFUSED) {
    XXT_RETURN_IF_ERROR(OnRequestOut(tx, &chased, state, due));
  }
  Save(tx, &chased);
  return absl::OkStatus();
}

// Stores what came of a task, as this service.
Verdict Done(const edge::Host& host, std::function<absl::Status(Tx&)> store) {
  return Verdict::Done(
      [&host, store = std::move(store)](pg::Session& session) { return edge::AsService(host, session, store); });
}

class MailHandler {
 public:
  explicit MailHandler(const MachineParts& parts) : parts_(parts) {}

  Verdict operator()(const Task& task, SteadyTime deadline) const {
    const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
    if (!payload.has_value()) return Verdict::Dead("payload");
    absl::StatusOr<MailJob> job = Load(task, *payload, deadline);
    if (!job.ok()) {
      return absl::IsNotFound(job.status()) ? Verdict::Dead("referral is gone") : Verdict::Retry("store");
    }
    const v1::Mail bare = Bare(*payload);
    const v1::Mail& entry = job->mail.has_value() ? job->mail->entry : bare;
    // Nobody knows what became of an earlier try: it is not tried again.
    const bool resend = XXT_PLANTED_BUG("blind_resend");
    if (job->in_flight != 0 && !resend) return Stored(task, entry, v1::Mail::STATE_IN_DOUBT, *payload);
    if (!IsDue(job->chased.referral, *payload, task)) return Verdict::Done();
    if (!job->mail.has_value()) return Stored(task, bare, v1::Mail::STATE_REFUSED, *payload);
    const absl::Status begun = Begin(task, *payload, deadline);
    if (absl::IsFailedPrecondition(begun)) return Verdict::Done();
    if (!begun.ok() && !resend) return Verdict::Retry("store", absl::ZeroDuration(), TakeBack(task));
    return Send(task, *job->mail, *payload, deadline);
  }

 private:
  absl::StatusOr<MailJob> Load(const Task& task, const MailPayload& payload, SteadyTime deadline) const {
    MailJob job;
    absl::Time now;
    bool bounced = false;  // the address is known to be dead
    XXT_RETURN_IF_ERROR(edge::ReadAsService(parts_.host, parts_.pool, deadline, [&](Tx& tx) -> absl::Status {
      now = tx.now;
      XXT_RETURN_IF_ERROR(tx.Get(referrals::kReferrals, task.subject, &job.chased.referral));
      XXT_ASSIGN_OR_RETURN(job.chased.body, body::Find(tx.session, job.chased.referral.body()));
      XXT_ASSIGN_OR_RETURN(job.in_flight, flight_store::Get(tx.session, task.id));
      XXT_ASSIGN_OR_RETURN(bounced, HasBounced(tx.session, job.chased));
      return absl::OkStatus();
    }));
    XXT_CRASH_POINT("referral.mail_loaded");
    job.mail = Prepare(job.chased, payload, task, parts_.settings, now);
    if (bounced && !payload.again) job.mail.reset();
    return job;
  }

  // Before the mail system is touched it is noted that it may have the mail,
  // beside whoever decides over the referral: FAILED_PRECONDITION if the mail is
  // not due any more. If it had been given up, it is no person's question now.
  absl::Status Begin(const Task& task, const MailPayload& payload, SteadyTime deadline) const {
    return pg::InTransaction(
        parts_.pool, deadline,
        [&](pg::Session& session) {
          return edge::AsService(parts_.host, session, [&](Tx& tx) -> absl::Status {
            XXT_ASSIGN_OR_RETURN(const v1::Referral referral, referrals::Lock(tx, task.subject));
            if (!IsDue(referral, payload, task)) return absl::FailedPreconditionError("the mail is not due any more");
            tasks::Cancel(tx.session, TroubleKey(task));
            XXT_ASSIGN_OR_RETURN(const std::int64_t fence, flight_store::Begin(tx.session, task.id, task.fence));
            return fence == task.fence ? absl::OkStatus() : absl::AbortedError("another attempt has it");
          });
        },
        pg::OnUnknownCommit::kRerun);
  }

  // The mail system certainly does not have it from this attempt.
  static tasks::Effect TakeBack(const Task& task) {
    return [id = task.id, fence = task.fence](pg::Session& session) {
      flight_store::TakeBack(session, id, fence);
      return absl::OkStatus();
    };
  }

  Verdict Send(const Task& task, const PreparedMail& mail, const MailPayload& payload, SteadyTime deadline) const {
    XXT_CRASH_POINT("referral.before_mail");
    if (XXT_PLANTED_BUG("never_sends")) return Stored(task, mail.entry, v1::Mail::STATE_IN_DOUBT, payload);
    const SendOutcome outcome = parts_.send_mail(mail.outbound, deadline);
    XXT_CRASH_POINT("referral.after_mail");
    switch (outcome) {
      case SendOutcome::kAccepted:
        return Stored(task, mail.entry, v1::Mail::STATE_ACCEPTED, payload).PartyAnswered();
      case SendOutcome::kRefusedForGood:
        return Stored(task, mail.entry, v1::Mail::STATE_REFUSED, payload).PartyAnswered();
      case SendOutcome::kRefusedForNow:
        return Verdict::Retry("mail server refused for now", absl::ZeroDuration(), TakeBack(task)).PartySilent();
      case SendOutcome::kUnknown:
        if (XXT_PLANTED_BUG("blind_resend")) return Verdict::Retry("resent blindly");
        break;
    }
    return Stored(task, mail.entry, v1::Mail::STATE_IN_DOUBT, payload).PartySilent();
  }

  Verdict Stored(const Task& task, v1::Mail mail, v1::Mail::State state, const MailPayload& payload) const {
    mail.set_state(state);
    return Done(parts_.host, [task, mail, payload](Tx& tx) { return StoreMail(tx, task, mail, payload); });
  }

  const MachineParts parts_;
};

// The mail server would not take it for three days: the owner decides.
absl::Status OnMailDead(Tx& tx, const Task& task, absl::string_view reason) {
  log::Warning("referral.mail_given_up", {{"task", task.id}, {"reason", reason}});
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  const MailPayload payload = ReadMailPayload(task.payload).value_or(MailPayload());
  XXT_ASSIGN_OR_RETURN(const std::int64_t in_flight, flight_store::Get(tx.session, task.id));
  const bool due = chased.referral.mail_due() == task.id;
  if (due) {
    EnqueueTrouble(tx, chased, task, payload,
                   in_flight != 0 ? TroubleWords(v1::Mail::STATE_IN_DOUBT) : "邮件一直发不出去");
  }
  if (in_flight == 0 || payload.purpose != MailPurpose::kRequest) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(OnRequestOut(tx, &chased, v1::Mail::STATE_IN_DOUBT, due));
  Save(tx, &chased);
  return absl::OkStatus();
}

// Whether a reminder still waits for a person who rings, or for the mail system.
absl::StatusOr<bool> HasUnsaid(Tx& tx, const v1::Referral& referral) {
  if (!referral.mail_due().empty()) return true;
  tasks::TaskFilter filter;
  filter.halls = identity::HallScope::All();
  filter.subject = referral.name();
  filter.include_future = true;
  filter.now = tx.now;
  filter.limit = 500;
  XXT_ASSIGN_OR_RETURN(const std::vector<tasks::ListedTask> open, tasks::ListTasks(tx.session, filter));
  return std::any_of(open.begin(), open.end(), [](const tasks::ListedTask& listed) {
    const std::string& kind = listed.task.kind;
    return kind == kCarryKind || kind == kMailTroubleKind;
  });
}

// The body was silent until next_action_time.
absl::Status OnSilence(Tx& tx, const Task& task) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  if (referrals::HasEnded(chased.referral)) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const bool unsaid, HasUnsaid(tx, chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, SilenceElapsed{unsaid}));
  XXT_CRASH_POINT("referral.silence_noted");
  // Also when it came early and nothing followed: the timer is set again.
  Save(tx, &chased);
  return absl::OkStatus();
}

// The case counts the referral, and is not closed before it ends: the body is asked now.
absl::Status OnOpened(Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, name));
  const v1::Referral& referral = chased.referral;
  const bool by_mail = referral.connector() == v1::Referral::CONNECTOR_EMAIL;
  if (referral.state() != v1::Referral::STATE_QUEUED || !by_mail) return absl::OkStatus();
  EnqueueMail(tx, chased.referral, MailPayload{});
  Save(tx, &chased);
  return absl::OkStatus();
}

// The case was closed between the look at it and the first report.
absl::Status OnCaseClosed(Tx& tx, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, name));
  if (referrals::HasEnded(chased.referral)) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{"事项已办结，协查随之撤回"}));
  Save(tx, &chased);
  return absl::OkStatus();
}

// What the task keeps, and what of the referral and its body goes with it.
absl::Status Complete(Tx& tx, const Task& task, Report* report) {
  v1::Referral about;
  XXT_RETURN_IF_ERROR(tx.Get(referrals::kReferrals, task.subject, &about));
  XXT_ASSIGN_OR_RETURN(const v1::Body asked, body::Find(tx.session, about.body()));
  report->set_request_id(task.id);
  report->set_referral(about.name());
  report->set_case_name(about.case_name());
  report->set_paper_title(about.paper_title());
  report->set_body_title(asked.title());
  return absl::OkStatus();
}

Verdict SendReport(const edge::Host& host, pg::Pool& pool, const Intake& intake, const Task& task,
                   SteadyTime deadline) {
  std::optional<Report> report = referrals::ReadReport(task.payload);
  if (!report.has_value()) return Verdict::Dead("payload");
  const absl::Status read =
      edge::ReadAsService(host, pool, deadline, [&](Tx& tx) { return Complete(tx, task, &*report); });
  if (!read.ok()) return absl::IsNotFound(read) ? Verdict::Dead("referral is gone") : Verdict::Retry("store");
  XXT_CRASH_POINT("referral.before_report");
  const absl::Status told = intake.Tell(*report, deadline);
  XXT_CRASH_POINT("referral.after_report");
  const auto then = [&](auto follow) {
    return Done(host, [name = task.subject, follow](Tx& tx) { return follow(tx, name); });
  };
  if (errors::ReasonOf(told) == "STATE_FORBIDS") return then(OnCaseClosed);
  const bool opened = report->kind() == Report::KIND_OPENED && rpc::ReadAnswer(told) == rpc::PeerAnswer::kDone;
  return opened ? then(OnOpened) : rpc::VerdictOf(told, "intake");
}

}  // namespace

std::vector<tasks::MachineKind> MachineKinds(const MachineParts& parts) {
  const edge::Host& host = parts.host;
  tasks::MachineKind send;
  send.name = kSendMailKind;
  send.handle = MailHandler(parts);
  send.on_dead = [&host](pg::Session& session, const Task& task, absl::string_view reason) {
    return edge::AsService(host, session, [&](Tx& tx) { return OnMailDead(tx, task, reason); });
  };
  send.workers = parts.settings.mail_workers;
  send.party = [](const Task& task) {
    const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
    return payload.has_value() ? payload->body : std::string();
  };
  send.party_rate = parts.settings.mails_per_minute / 60.0;

  tasks::MachineKind report = rpc::PeerKind(
      kReportCaseKind, [&host, &pool = parts.pool, &intake = parts.intake](const Task& task, SteadyTime deadline) {
        return SendReport(host, pool, intake, task, deadline);
      });
  report.on_dead = referrals::DeadBody(host);
  return {std::move(send), edge::Timer(host, kChaseKind, OnSilence, referrals::OnDead), std::move(report)};
}

}  // namespace xxt::referral::app
