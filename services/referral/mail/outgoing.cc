#include "services/referral/mail/outgoing.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/sentinels.h"
#include "common/fault/crash_point.h"
#include "common/status/macros.h"
#include "services/referral/body/body.h"
#include "services/referral/chase/steps.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/flight.h"
#include "services/referral/mail/letter.h"
#include "services/referral/referrals/dead_task.h"
#include "services/referral/referrals/payload.h"
#include "services/referral/referrals/referrals.h"

namespace xxt::referral::mail {
namespace {

using chase::Chased;
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
  absl::string_view why_not;         // it is not written; empty: it is
  std::optional<PreparedMail> mail;  // set where it is
  std::int64_t in_flight = 0;        // the fence of the attempt after which the mail system may have it
};

bool IsDue(const v1::Referral& referral, const MailPayload& payload, const Task& task) {
  if (payload.purpose == MailPurpose::kReminder && XXT_PLANTED_BUG("reminds_who_answered")) return true;
  return referral.mail_due() == task.id;
}

std::string TroubleKey(const Task& task) { return absl::StrCat(chase::kMailTroubleKind, "/", task.id); }

// What is known of a mail before it is written.
v1::Mail Bare(const MailPayload& payload) {
  v1::Mail mail;
  mail.set_direction(payload.purpose == MailPurpose::kReminder ? v1::Mail::DIRECTION_REMINDER
                                                               : v1::Mail::DIRECTION_OUT);
  return mail;
}

// Why nothing is written, for people; empty: it is. `bounced`: the address is known to be dead.
absl::string_view WhyNot(const Chased& chased, bool bounced) {
  // Every referral asks something, and of one that does not open nobody comes here: it was erased.
  if (chased.referral.question().empty()) return "当事人的信息已删除";
  if (chased.mail_address() == nullptr) return "该科室没有登记电子邮箱";
  return bounced ? "发往该邮箱的邮件被退回过，邮箱尚未核实" : "";
}

// Of a unit that has an address.
PreparedMail Prepare(const Chased& chased, const MailPayload& payload, const Task& task, const Settings& settings,
                     absl::Time now) {
  const std::string& address = *chased.mail_address();
  const Letter letter =
      WriteLetter(chased.referral, chased.body, *chased.unit(), payload.purpose, payload.ordinal, settings.signature);
  PreparedMail prepared;
  prepared.outbound = {absl::StrCat(task.id, "@", settings.message_id_domain),
                       chased.referral.thread_message_id(),
                       address,
                       letter.subject,
                       letter.text,
                       now};
  prepared.entry = Bare(payload);
  prepared.entry.set_message_id(absl::StrCat("<", prepared.outbound.message_id, ">"));
  prepared.entry.set_subject(letter.subject);
  prepared.entry.set_text(letter.text);
  prepared.entry.set_address(address);
  return prepared;
}

// A Message-ID without < >.
std::string BareId(absl::string_view message_id) {
  return std::string(absl::StripSuffix(absl::StripPrefix(message_id, "<"), ">"));
}

constexpr char kInDoubt[] = "邮件可能已送出，也可能没有，请先核实";

// How the ledger tells of a mail that the mail server did not take.
struct Trouble {
  const char* event;
  std::string words;
};

Trouble TroubleOf(const v1::Mail& mail) {
  switch (mail.state()) {
    case v1::Mail::STATE_REFUSED:
      return {"referral.mail_refused.v1", "邮件被退回，没有送达"};
    case v1::Mail::STATE_NOT_WRITTEN:
      return {"referral.mail_not_written.v1", absl::StrCat("邮件没有写出（", mail.state_reason(), "）")};
    case v1::Mail::STATE_UNSPECIFIED:
    case v1::Mail::STATE_ACCEPTED:
    case v1::Mail::STATE_IN_DOUBT:
    case XXT_SENTINELS(v1::Mail_State_Mail_State):
      break;
  }
  return {"referral.mail_in_doubt.v1", kInDoubt};
}

void EnqueueTrouble(Tx& tx, const Chased& chased, const Task& task, MailPayload payload, absl::string_view words) {
  payload.mail = task.id;
  tasks::NewTask trouble;
  trouble.kind = chase::kMailTroubleKind;
  trouble.subject = task.subject;
  trouble.payload = WritePayload(payload);
  trouble.dedupe_key = TroubleKey(task);
  trouble.due = tasks::Due::ForPeople(tx.now);
  trouble.lane = tasks::Lane::kDesk;
  trouble.hall = chased.referral.hall();
  trouble.assignee = chased.referral.owner();
  trouble.summary = absl::StrCat("给", chase::Whom(chased), "的", words, "。请决定：再发一次、改打电话，或确认已送出");
  tasks::Enqueue(tx.session, std::move(trouble));
}

// The body has the request, or may have. `due`: nobody decided otherwise while
// the mail was on its way.
absl::Status OnRequestOut(Tx& tx, Chased* chased, v1::Mail::State state, bool due) {
  if (state == v1::Mail::STATE_ACCEPTED && due) return chase::Advance(tx, chased, Sent{});
  if (!due) {
    // It may have come back already.
    XXT_ASSIGN_OR_RETURN(const bool bounced, chase::HasBounced(tx.session, *chased));
    if (bounced) return absl::OkStatus();
  }
  return chase::Advance(tx, chased, MayHaveIt{});
}

// Stores what came of a mail. The entry's id is the task's: the Message-ID
// leads back to it.
absl::Status StoreMail(Tx& tx, const Task& task, const v1::Mail& mail, const MailPayload& payload) {
  XXT_ASSIGN_OR_RETURN(Chased chased, chase::LoadForChange(tx, task.subject));
  v1::Referral& referral = chased.referral;
  const v1::Mail::State state = mail.state();
  v1::Entry stored;
  stored.set_name(entry::NameOf(referral.name(), task.id));
  *stored.mutable_mail() = mail;
  entry::Add(tx, referral.name(), stored);
  flight::End(tx.session, task.id);
  XXT_CRASH_POINT("referral.mail_stored");
  const bool due = IsDue(referral, payload, task);
  if (due) referral.clear_mail_due();
  const bool request = payload.purpose == MailPurpose::kRequest;
  const std::string& title = chased.body.title();
  if (state == v1::Mail::STATE_ACCEPTED) {
    tx.Tell(referral, "referral.mail_sent.v1", absl::StrCat("已发邮件给", title));
    if (request && referral.thread_message_id().empty()) referral.set_thread_message_id(BareId(mail.message_id()));
  } else {
    const Trouble trouble = TroubleOf(mail);
    tx.Tell(referral, trouble.event, absl::StrCat(title, "：", trouble.words));
    if (due) EnqueueTrouble(tx, chased, task, payload, trouble.words);
  }
  if (request && (state == v1::Mail::STATE_ACCEPTED || state == v1::Mail::STATE_IN_DOUBT)) {
    XXT_RETURN_IF_ERROR(OnRequestOut(tx, &chased, state, due));
  }
  chase::Save(tx, &chased);
  return absl::OkStatus();
}

class Handler {
 public:
  Handler(const edge::Host& host, pg::Pool& pool, const Settings& settings, Send send)
      : host_(host), pool_(pool), settings_(settings), send_(std::move(send)) {}

  Verdict operator()(const Task& task, SteadyTime deadline) const {
    const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
    if (!payload.has_value()) return Verdict::Dead("payload");
    absl::StatusOr<MailJob> job = Load(task, *payload, deadline);
    if (!job.ok()) {
      return absl::IsNotFound(job.status()) ? Verdict::Dead("referral is gone") : Verdict::Retry("store");
    }
    v1::Mail bare = Bare(*payload);
    const v1::Mail& entry = job->mail.has_value() ? job->mail->entry : bare;
    // Nobody knows what became of an earlier try: it is not tried again.
    const bool resend = XXT_PLANTED_BUG("blind_resend");
    if (job->in_flight != 0 && !resend) return Stored(task, entry, v1::Mail::STATE_IN_DOUBT, *payload);
    if (!IsDue(job->chased.referral, *payload, task)) return Verdict::Done();
    if (!job->mail.has_value()) {
      bare.set_state_reason(std::string(job->why_not));
      return Stored(task, bare, v1::Mail::STATE_NOT_WRITTEN, *payload);
    }
    const absl::Status begun = Begin(task, *payload, deadline);
    if (absl::IsFailedPrecondition(begun)) return Verdict::Done();
    if (!begun.ok() && !resend) return Verdict::Retry("store", absl::ZeroDuration(), TakeBack(task));
    return Try(task, *job->mail, *payload, deadline);
  }

 private:
  absl::StatusOr<MailJob> Load(const Task& task, const MailPayload& payload, SteadyTime deadline) const {
    MailJob job;
    absl::Time now;
    bool bounced = false;
    const absl::Status read = edge::ReadAsService(host_, pool_, deadline, [&](Tx& tx) -> absl::Status {
      now = tx.now;
      XXT_RETURN_IF_ERROR(tx.Get(referrals::kReferrals, task.subject, &job.chased.referral));
      XXT_ASSIGN_OR_RETURN(job.chased.body, body::Find(tx.session, job.chased.referral.body()));
      XXT_ASSIGN_OR_RETURN(job.in_flight, flight::Get(tx.session, task.id));
      XXT_ASSIGN_OR_RETURN(bounced, chase::HasBounced(tx.session, job.chased));
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    XXT_CRASH_POINT("referral.mail_loaded");
    job.why_not = WhyNot(job.chased, bounced && !payload.again);
    if (job.why_not.empty()) job.mail = Prepare(job.chased, payload, task, settings_, now);
    return job;
  }

  // Before the mail system is touched it is noted that it may have the mail,
  // beside whoever decides over the referral: FAILED_PRECONDITION if the mail is
  // not due any more. If it had been given up, it is no person's question now.
  absl::Status Begin(const Task& task, const MailPayload& payload, SteadyTime deadline) const {
    return pg::InTransaction(
        pool_, deadline,
        [&](pg::Session& session) {
          return edge::AsService(host_, session, [&](Tx& tx) -> absl::Status {
            XXT_ASSIGN_OR_RETURN(const v1::Referral referral, referrals::Lock(tx, task.subject));
            if (!IsDue(referral, payload, task)) return absl::FailedPreconditionError("the mail is not due any more");
            tasks::Cancel(tx.session, TroubleKey(task));
            XXT_ASSIGN_OR_RETURN(const std::int64_t fence, flight::Begin(tx.session, task.id, task.fence));
            return fence == task.fence ? absl::OkStatus() : absl::AbortedError("another attempt has it");
          });
        },
        pg::OnUnknownCommit::kRerun);
  }

  // The mail system certainly does not have it from this attempt.
  static tasks::Effect TakeBack(const Task& task) {
    return [id = task.id, fence = task.fence](pg::Session& session) {
      flight::TakeBack(session, id, fence);
      return absl::OkStatus();
    };
  }

  Verdict Try(const Task& task, const PreparedMail& mail, const MailPayload& payload, SteadyTime deadline) const {
    XXT_CRASH_POINT("referral.before_mail");
    if (XXT_PLANTED_BUG("never_sends")) return Stored(task, mail.entry, v1::Mail::STATE_IN_DOUBT, payload);
    const SendOutcome outcome = send_(mail.outbound, deadline);
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
    return Verdict::Done([&host = host_, task, mail = std::move(mail), payload](pg::Session& session) {
      return edge::AsService(host, session, [&](Tx& tx) { return StoreMail(tx, task, mail, payload); });
    });
  }

  const edge::Host& host_;
  pg::Pool& pool_;
  const Settings& settings_;
  Send send_;
};

// The mail server would not take it for three days: the owner decides.
absl::Status OnMailDead(Tx& tx, const Task& task, absl::string_view reason) {
  absl::StatusOr<Chased> found = chase::LoadForChange(tx, task.subject);
  if (absl::IsInternal(found.status())) return referrals::ShowDead(tx, task, reason);  // it cannot be read
  XXT_ASSIGN_OR_RETURN(Chased chased, std::move(found));
  const MailPayload payload = ReadMailPayload(task.payload).value_or(MailPayload());
  XXT_ASSIGN_OR_RETURN(const std::int64_t in_flight, flight::Get(tx.session, task.id));
  const bool due = chased.referral.mail_due() == task.id;
  if (due) {
    EnqueueTrouble(tx, chased, task, payload, in_flight != 0 ? kInDoubt : "邮件一直发不出去");
  }
  if (in_flight == 0 || payload.purpose != MailPurpose::kRequest) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(OnRequestOut(tx, &chased, v1::Mail::STATE_IN_DOUBT, due));
  chase::Save(tx, &chased);
  return absl::OkStatus();
}

}  // namespace

tasks::MachineKind SendKind(const edge::Host& host, pg::Pool& pool, const Settings& settings, Send send) {
  tasks::MachineKind kind;
  kind.name = chase::kSendMailKind;
  kind.handle = Handler(host, pool, settings, std::move(send));
  kind.on_dead = edge::WhenDead(host, OnMailDead);
  kind.workers = settings.mail_workers;
  kind.party = [](const Task& task) {
    const std::optional<MailPayload> payload = ReadMailPayload(task.payload);
    return payload.has_value() ? payload->body : std::string();
  };
  kind.party_rate = settings.mails_per_minute / 60.0;
  return kind;
}

}  // namespace xxt::referral::mail
