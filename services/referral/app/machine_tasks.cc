#include "services/referral/app/machine_tasks.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/calendar/shanghai_time.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/rpc/peer_answer.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/body/body.h"
#include "services/referral/domain/notices.h"
#include "services/referral/entry/entry.h"
#include "services/referral/storage/flight_store.h"
#include "services/referral/storage/referral_store.h"

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
  std::optional<PreparedMail> mail;  // unset: the unit has no address any more, or a dead one
  std::int64_t in_flight = 0;        // the fence of the attempt after which the mail system may have it
};

bool IsDue(const Referral& referral, const MailPayload& payload, const Task& task) {
  if (payload.purpose == MailPurpose::kReminder && XXT_PLANTED_BUG("reminds_who_answered")) return true;
  return referral.mail_due == task.id;
}

std::string TroubleKey(const Task& task) { return absl::StrCat(kMailTroubleKind, "/", task.id); }

// What is known of a mail before it is written.
v1::Mail Bare(const MailPayload& payload) {
  v1::Mail mail;
  mail.set_direction(payload.purpose == MailPurpose::kReminder ? v1::Mail::DIRECTION_REMINDER
                                                               : v1::Mail::DIRECTION_OUT);
  return mail;
}

std::optional<PreparedMail> Prepare(const Chased& chased, const MailPayload& payload, const Task& task,
                                    const Settings& settings, absl::Time now) {
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  if (point == nullptr) return std::nullopt;
  const ComposedMail composed =
      ComposeMail(chased.referral, chased.body, *unit, payload.purpose, payload.ordinal, settings.signature);
  PreparedMail prepared;
  prepared.outbound = {absl::StrCat(task.id, "@", settings.message_id_domain),
                       chased.referral.thread_message_id,
                       point->address,
                       composed.subject,
                       composed.text,
                       now};
  prepared.entry = Bare(payload);
  prepared.entry.set_message_id(absl::StrCat("<", prepared.outbound.message_id, ">"));
  prepared.entry.set_subject(composed.subject);
  prepared.entry.set_text(composed.text);
  prepared.entry.set_address(point->address);
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
  trouble.hall = chased.referral.hall;
  trouble.assignee = chased.referral.owner;
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
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, IdOf(task.subject)));
  Referral& referral = chased.referral;
  const v1::Mail::State state = mail.state();
  v1::Entry stored;
  stored.set_name(entry::NameOf(referral.name(), task.id));
  *stored.mutable_mail() = mail;
  entry::Add(tx, referral.name(), stored);
  flight_store::End(tx.session, task.id);
  XXT_CRASH_POINT("referral.mail_stored");
  const bool due = IsDue(referral, payload, task);
  if (due) referral.mail_due.clear();
  const bool request = payload.purpose == MailPurpose::kRequest;
  if (state == v1::Mail::STATE_ACCEPTED) {
    Tell(tx, referral, "mail_sent", absl::StrCat("已发邮件给", chased.body.title));
    if (request && referral.thread_message_id.empty()) referral.thread_message_id = BareId(mail.message_id());
  } else {
    Tell(tx, referral, state == v1::Mail::STATE_REFUSED ? "mail_refused" : "mail_in_doubt",
         absl::StrCat(chased.body.title, "：", TroubleWords(state)));
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
    const absl::Time now = parts_.host.clock.Now();
    absl::StatusOr<MailJob> job = Load(task, *payload, now, deadline);
    if (!job.ok()) {
      return job.status().code() == absl::StatusCode::kNotFound ? Verdict::Dead("referral is gone")
                                                                : Verdict::Retry("store");
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
  absl::StatusOr<MailJob> Load(const Task& task, const MailPayload& payload, absl::Time now,
                               SteadyTime deadline) const {
    MailJob job;
    bool bounced = false;  // the address is known to be dead
    XXT_RETURN_IF_ERROR(pg::Read(parts_.pool, deadline, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(job.chased.referral, referral_store::Get(session, IdOf(task.subject)));
      XXT_ASSIGN_OR_RETURN(job.chased.body, body::Find(session, job.chased.referral.body_id));
      XXT_ASSIGN_OR_RETURN(job.in_flight, flight_store::Get(session, task.id));
      XXT_ASSIGN_OR_RETURN(bounced, HasBounced(session, job.chased));
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
        [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(const Referral referral, referral_store::GetForChange(session, IdOf(task.subject)));
          if (!IsDue(referral, payload, task)) return absl::FailedPreconditionError("the mail is not due any more");
          tasks::Cancel(session, TroubleKey(task));
          XXT_ASSIGN_OR_RETURN(const std::int64_t fence, flight_store::Begin(session, task.id, task.fence));
          return fence == task.fence ? absl::OkStatus() : absl::AbortedError("another attempt has it");
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
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, IdOf(task.subject)));
  const MailPayload payload = ReadMailPayload(task.payload).value_or(MailPayload());
  XXT_ASSIGN_OR_RETURN(const std::int64_t in_flight, flight_store::Get(tx.session, task.id));
  const bool due = chased.referral.mail_due == task.id;
  if (due) {
    EnqueueTrouble(tx, chased, task, payload,
                   in_flight != 0 ? TroubleWords(v1::Mail::STATE_IN_DOUBT) : "邮件一直发不出去");
  }
  if (in_flight == 0 || payload.purpose != MailPurpose::kRequest) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(OnRequestOut(tx, &chased, v1::Mail::STATE_IN_DOUBT, due));
  Save(tx, &chased);
  return absl::OkStatus();
}

absl::Status OnDead(pg::Session& session, const Task& task, absl::string_view reason) {
  log::Error("referral.task_dead", {{"task", task.id}, {"kind", task.kind}, {"reason", reason}});
  XXT_ASSIGN_OR_RETURN(const Referral referral, referral_store::Get(session, IdOf(task.subject)));
  tasks::NewTask dead;
  dead.kind = kDeadTaskKind;
  dead.subject = task.subject;
  dead.dedupe_key = absl::StrCat(kDeadTaskKind, "/", task.id);
  dead.lane = tasks::Lane::kDesk;
  dead.hall = referral.hall;
  dead.assignee = referral.owner;
  dead.summary = absl::StrCat("系统有一步没有做成（", task.kind, "），请查看这件协查并告知管理员");
  tasks::Enqueue(session, std::move(dead));
  return absl::OkStatus();
}

// Whether a reminder still waits for a person who rings, or for the mail system.
absl::StatusOr<bool> HasUnsaid(Tx& tx, const Referral& referral) {
  if (!referral.mail_due.empty()) return true;
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
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, IdOf(task.subject)));
  if (chased.referral.ended()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const bool unsaid, HasUnsaid(tx, chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, SilenceElapsed{unsaid}));
  XXT_CRASH_POINT("referral.silence_noted");
  // Also when it came early and nothing followed: the timer is set again.
  Save(tx, &chased);
  return absl::OkStatus();
}

// What is told is what is true now: a warning may come later than its rung.
absl::Status OnCutOffNear(Tx& tx, const std::string& id, const WarningPayload& payload) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, id));
  Referral& referral = chased.referral;
  if (!referral.cut_off.has_value() || referral.cut_off->cut_off.last_safe_day != payload.last_safe_day) {
    return absl::OkStatus();
  }
  const RecordedCutOff& cut_off = *referral.cut_off;
  const bool passed = HasLapsed(cut_off.cut_off, tx.now);
  tasks::NewTask warning;
  warning.kind = kCutOffWarningKind;
  warning.subject = referral.name();
  // One lies on the desk: the newest, which says what the older ones said, or more.
  tasks::CancelAll(tx.session, kCutOffWarningKind, referral.name());
  warning.dedupe_key = absl::StrCat(kCutOffWarningKind, "/", referral.id);
  warning.lane = tasks::Lane::kDesk;
  warning.due = tasks::Due::ForPeople(tx.now);
  warning.hall = referral.hall;
  warning.assignee = referral.owner;
  warning.summary = CutOffNotice(chased.body.title, cut_off, payload.rung == kCorrectedRung, tx.now);
  tasks::Enqueue(tx.session, std::move(warning));
  const std::string summary = CutOffSummary(chased.body.title, cut_off, tx.now);
  Tell(tx, referral, passed ? "cut_off_passed" : "cut_off_near", summary);
  Report(tx, referral, {passed ? ReportKind::kCutOffPassed : ReportKind::kCutOffNear, summary, payload.last_safe_day});
  Save(tx, &chased);
  return absl::OkStatus();
}

// Warns as long as the case is open: the person's matter may be done, or given up.
Verdict WarnOfCutOff(const MachineParts& parts, const Task& task, SteadyTime deadline) {
  const std::optional<WarningPayload> payload = ReadWarningPayload(task.payload);
  if (!payload.has_value()) return Verdict::Dead("payload");
  Referral referral;
  const absl::Status read = pg::Read(parts.pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(referral, referral_store::Get(session, IdOf(task.subject)));
    return absl::OkStatus();
  });
  if (absl::IsNotFound(read)) return Verdict::Dead("referral is gone");
  if (!read.ok()) return Verdict::Retry("store");
  const absl::StatusOr<CaseSeen> seen = parts.look_up_case(referral.case_name(), deadline);
  if (!seen.ok() && !absl::IsNotFound(seen.status())) return Verdict::Retry("intake service");
  if (!seen.ok() || !seen->open) return Verdict::Done();
  return Done(parts.host, [id = referral.id, payload = *payload](Tx& tx) { return OnCutOffNear(tx, id, payload); });
}

// The case counts the referral, and is not closed before it ends: the body is asked now.
absl::Status OnOpened(Tx& tx, const std::string& id) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, id));
  const Referral& referral = chased.referral;
  if (referral.chase.state != ChaseState::kQueued || referral.connector != Connector::kEmail) return absl::OkStatus();
  EnqueueMail(tx, chased.referral, MailPayload{});
  Save(tx, &chased);
  return absl::OkStatus();
}

// The case was closed between the look at it and the first report.
absl::Status OnCaseClosed(Tx& tx, const std::string& id) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, id));
  if (chased.referral.ended()) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{"事项已办结，协查随之撤回"}));
  Save(tx, &chased);
  return absl::OkStatus();
}

Verdict TellCase(const MachineParts& parts, const Task& task, SteadyTime deadline) {
  const std::optional<ReportPayload> payload = ReadReportPayload(task.payload);
  if (!payload.has_value()) return Verdict::Dead("payload");
  CaseReport report;
  const absl::Status read = pg::Read(parts.pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const Referral referral, referral_store::Get(session, IdOf(task.subject)));
    XXT_ASSIGN_OR_RETURN(const Body body, body::Find(session, referral.body_id));
    report = {task.id, referral.name(), referral.case_name(), referral.paper_title, body.title, *payload};
    return absl::OkStatus();
  });
  if (!read.ok()) {
    return read.code() == absl::StatusCode::kNotFound ? Verdict::Dead("referral is gone") : Verdict::Retry("store");
  }
  XXT_CRASH_POINT("referral.before_report");
  const absl::Status told = parts.report_case(report, deadline);
  XXT_CRASH_POINT("referral.after_report");
  const auto then = [&](auto follow) {
    return Done(parts.host, [id = IdOf(task.subject), follow](Tx& tx) { return follow(tx, id); });
  };
  if (errors::ReasonOf(told) == "STATE_FORBIDS") return then(OnCaseClosed);
  const bool opened = payload->kind == ReportKind::kOpened && rpc::ReadAnswer(told) == rpc::PeerAnswer::kDone;
  return opened ? then(OnOpened) : rpc::VerdictOf(told, "intake");
}

using Handle = std::function<Verdict(const Task&, SteadyTime)>;

tasks::MachineKind Kind(const char* name, Handle handle) {
  tasks::MachineKind kind;
  kind.name = name;
  kind.handle = std::move(handle);
  kind.on_dead = OnDead;
  return kind;
}

tasks::MachineKind PeerKind(const char* name, Handle handle) {
  tasks::MachineKind kind = rpc::PeerKind(name, std::move(handle));
  kind.on_dead = OnDead;
  return kind;
}

}  // namespace

std::vector<tasks::MachineKind> MachineKinds(const MachineParts& parts) {
  std::vector<tasks::MachineKind> kinds;
  kinds.push_back(Kind(kSendMailKind, MailHandler(parts)));
  const edge::Host* host = &parts.host;
  kinds.back().on_dead = [host](pg::Session& session, const Task& task, absl::string_view reason) {
    return edge::AsService(*host, session, [&](Tx& tx) { return OnMailDead(tx, task, reason); });
  };
  kinds.back().workers = parts.settings.mail_workers;
  kinds.back().party = [](const Task& task) {
    const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
    return payload.has_value() && !payload->body.empty() ? absl::StrCat("bodies/", payload->body) : std::string();
  };
  kinds.back().party_rate = parts.settings.mails_per_minute / 60.0;
  kinds.push_back(
      edge::Timer(parts.host, kChaseKind, OnSilence,
                  [](Tx& tx, const Task& task, absl::string_view reason) { return OnDead(tx.session, task, reason); }));
  kinds.push_back(PeerKind(
      kWarnCutOffKind, [parts](const Task& task, SteadyTime deadline) { return WarnOfCutOff(parts, task, deadline); }));
  kinds.push_back(PeerKind(kReportCaseKind,
                           [parts](const Task& task, SteadyTime deadline) { return TellCase(parts, task, deadline); }));
  return kinds;
}

}  // namespace xxt::referral::app
