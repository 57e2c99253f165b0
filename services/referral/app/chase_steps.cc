#include "services/referral/app/chase_steps.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/working_days.h"
#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/body/body.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

// When the directory does not know a unit's hours.
constexpr char kOfficeHours[] = "Mon-Fri 09:00-11:30,13:30-17:00";

std::string ChaseKey(const Referral& referral) { return absl::StrCat(kChaseKind, "/", referral.id); }

// The domain's plain statuses as the errors that clients know.
absl::Status Explain(const absl::Status& status, const Referral& referral, absl::string_view field_prefix) {
  const std::string message(status.message());
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(message, absl::MaxSplits(": ", 1));
    return errors::FieldInvalid(absl::StrCat(field_prefix, parts.first), "请填写此项，或检查时间是否合理",
                                parts.second);
  }
  return errors::StateForbids(referral.name(),
                              absl::StrCat("转介目前“", WordFor(referral.chase.state), "”，不能这样办理"), message);
}

void EnqueueDesk(Tx& tx, const Chased& chased, const char* kind, std::string summary, absl::Time due) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = chased.referral.name();
  task.dedupe_key = absl::StrCat(kind, "/", chased.referral.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = chased.referral.hall;
  task.assignee = chased.referral.owner;
  task.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(task));
}

// Does what the domain asks for.
struct Follow {
  Tx& tx;
  Chased& chased;

  void operator()(const SendByOtherChannel& other) const {
    chased.referral.connector = Connector::kStaff;
    EnqueueCarry(tx, chased, tx.now,
                 other.bounced ? "（邮件被退回，邮箱可能已失效，请打电话，并问明邮箱）" : "（改由人工联系）");
  }
  void operator()(const RemindBody& reminder) const {
    const absl::Time due = chased.Hours().NextOpen(tx.now);
    if (chased.referral.connector == Connector::kEmail) {
      MailPayload payload;
      payload.purpose = MailPurpose::kReminder;
      payload.ordinal = reminder.ordinal;
      if (!XXT_PLANTED_BUG("never_reminds")) {
        EnqueueMail(tx, chased.referral, payload, tasks::Due::At(due, tx.now));
      }
    } else {
      EnqueueCarry(tx, chased, due, absl::StrCat("（第", reminder.ordinal, "次催办）"));
    }
    // It is sent, or said, when the body is open.
    std::string summary = absl::StrCat("安排第", reminder.ordinal, "次催办 ", chased.body.title);
    Tell(tx, chased.referral, "reminded", summary);
    Report(tx, chased.referral, {ReportKind::kProgress, std::move(summary)});
  }
  void operator()(const AskPersonToDecide&) const {
    const bool sent = chased.referral.chase.sent_time.has_value();
    EnqueueDesk(tx, chased, kDecideSilenceKind,
                sent ? absl::StrCat(chased.body.title, "一直没有答复，请决定：继续等、改打电话，或按无答复处理")
                     : absl::StrCat("给", chased.body.title, "的协查还没有送出，请决定：继续等，或改打电话"),
                tx.now);
    Tell(tx, chased.referral, "decision_needed", absl::StrCat(chased.body.title, "没有答复，请人决定"));
  }
  void operator()(const AskCaseForInput&) const {
    EnqueueCarry(tx, chased, tx.now, "（单位要先补充材料，请办好后送达）");
  }
  void operator()(const RemindCaseOfInput&) const {
    EnqueueCarry(tx, chased, tx.now, "（单位要的补充材料已到期，请尽快送达）");
    Report(tx, chased.referral, {ReportKind::kProgress, absl::StrCat(chased.body.title, "要的补充材料尚未送达")});
  }
  // A person handed it over: that is how the domain learnt of it.
  void operator()(const ForwardInput&) const {}
  // RecordReply writes the hop, from what the officer said.
  void operator()(const RecordHop&) const {}
  // The report of the end says it.
  void operator()(const OfferNextCandidate&) const {}
  void operator()(const TellBodyCancelled&) const {
    if (chased.referral.connector == Connector::kEmail) {
      MailPayload payload;
      payload.purpose = MailPurpose::kWithdrawal;
      EnqueueMail(tx, chased.referral, payload);
    } else {
      EnqueueCarry(tx, chased, chased.Hours().NextOpen(tx.now), kWithdrawnHint);
    }
  }
  void operator()(const FileLateReply&) const {
    Report(tx, chased.referral, {ReportKind::kProgress, absl::StrCat(chased.body.title, "的答复来迟了，已存档")});
  }
  void operator()(const NotifyCase& end) const {
    const bool answered = end.state == ChaseState::kAnswered;
    Report(tx, chased.referral,
           {answered ? ReportKind::kAnswered : ReportKind::kEnded,
            answered ? absl::StrCat(chased.body.title, "已答复")
                     : absl::StrCat(chased.body.title, "：", WordFor(end.state), "，请另想办法")});
  }
};

// What nobody needs any more once a referral has ended. After an answer the
// person still has to be in time.
void CancelOpenWork(Tx& tx, const Referral& referral) {
  for (const char* kind : {kChaseKind, kCarryKind, kDecideSilenceKind}) {
    tasks::CancelAll(tx.session, kind, referral.name());
  }
  if (!IsNegative(referral.chase.state)) return;
  for (const char* kind : {kWarnCutOffKind, kCutOffWarningKind}) tasks::CancelAll(tx.session, kind, referral.name());
}

// Whether what was to be said to the body is still to be said after `event`.
bool KeepsTurn(const Event& event) {
  const auto* decided = std::get_if<PersonDecided>(&event);
  if (decided != nullptr) return std::holds_alternative<PersonDecided::KeepWaiting>(decided->choice);
  return std::holds_alternative<SilenceElapsed>(event) || std::holds_alternative<MayHaveIt>(event) ||
         std::holds_alternative<Heard>(event);
}

}  // namespace

calendar::OpeningHours Chased::Hours() const {
  const calendar::WorkingDays& days = calendar::WorkingDays::China();
  const Unit* asked = unit();
  if (asked != nullptr && !asked->opening_hours.empty()) {
    absl::StatusOr<calendar::OpeningHours> hours = calendar::OpeningHours::Parse(asked->opening_hours, days);
    if (hours.ok()) return *std::move(hours);
  }
  return *calendar::OpeningHours::Parse(kOfficeHours, days);
}

ChasePolicy Chased::Policy() const {
  ChasePolicy policy;
  if (body.expected_workdays > 0) policy.remind_after_workdays = body.expected_workdays;
  return policy;
}

absl::StatusOr<Chased> LoadForChange(Tx& tx, absl::string_view referral_id) {
  Chased chased;
  XXT_ASSIGN_OR_RETURN(chased.referral, referral_store::GetForChange(tx.session, referral_id));
  tx.Locked(chased.referral.name(), chased.referral.key);
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(tx.session, chased.referral.body_id));
  return chased;
}

absl::Status CheckEtag(const Referral& referral, absl::string_view etag) {
  if (etag.empty() || etag == std::to_string(referral.version)) return absl::OkStatus();
  return errors::EtagMismatch(referral.name());
}

absl::Status CheckOpen(const Referral& referral) {
  if (!referral.ended()) return absl::OkStatus();
  return errors::StateForbids(referral.name(), absl::StrCat("转介已结束（", WordFor(referral.chase.state), "）"),
                              absl::StrCat("referral has ended as ", NameOf(referral.chase.state)));
}

absl::Status Advance(Tx& tx, Chased* chased, const Event& event, absl::string_view field_prefix) {
  Referral& referral = chased->referral;
  absl::StatusOr<Decision> decision = Apply(referral.chase, event, chased->Policy(), chased->Hours(), tx.now);
  if (!decision.ok()) return Explain(decision.status(), referral, field_prefix);
  const ChaseState before = referral.chase.state;
  referral.chase = std::move(decision->next);
  if (referral.ended() && !IsTerminal(before)) CancelOpenWork(tx, referral);
  if (!IsTerminal(before) && !KeepsTurn(event)) DropMail(tx, referral);
  // A mail that nobody has read yet stops a reminder, and settles no doubt.
  if (std::holds_alternative<Heard>(event)) referral.mail_due.clear();
  if (referral.chase.state != before) {
    Tell(tx, referral, "state_changed", absl::StrCat(chased->body.title, "：", WordFor(referral.chase.state)));
    if (!referral.ended()) {
      Report(tx, referral,
             {ReportKind::kProgress, absl::StrCat(chased->body.title, "：", WordFor(referral.chase.state))});
    }
  }
  // Whoever spoke need not be reminded of having been silent, nor rung up about it. A call
  // that is open after the end is to tell them of that.
  const bool speaks = std::holds_alternative<BodyReplied>(event);
  if (speaks && !IsTerminal(before)) tasks::CancelAll(tx.session, kCarryKind, referral.name());
  // A silence that has been broken, or decided on, is nobody's question.
  if (!referral.chase.person_asked) tasks::CancelAll(tx.session, kDecideSilenceKind, referral.name());
  for (const Effect& effect : decision->effects) std::visit(Follow{tx, *chased}, effect);
  return absl::OkStatus();
}

void SetTimer(Tx& tx, const Referral& referral) {
  tasks::Cancel(tx.session, ChaseKey(referral));
  if (!referral.chase.next_action_time.has_value()) return;
  if (referral.chase.person_asked && XXT_PLANTED_BUG("timer_not_set_again")) return;
  tasks::NewTask timer;
  timer.kind = kChaseKind;
  timer.subject = referral.name();
  timer.dedupe_key = ChaseKey(referral);
  timer.due = tasks::Due::At(*referral.chase.next_action_time, referral.update_time);
  tasks::Enqueue(tx.session, std::move(timer));
}

void Save(Tx& tx, Chased* chased) {
  Referral& referral = chased->referral;
  referral.update_time = tx.now;
  referral_store::Update(tx.session, &referral);
  SetTimer(tx, referral);
}

void Tell(Tx& tx, const Referral& referral, absl::string_view what, absl::string_view summary) {
  const struct {
    std::string name;
    std::string hall;
  } subject{referral.name(), referral.hall};
  tx.Tell(subject, absl::StrCat("referral.", what, ".v1"), summary);
}

void EnqueueCarry(Tx& tx, const Chased& chased, absl::Time due, absl::string_view hint) {
  const Unit* unit = chased.unit();
  const ContactPoint* phone = unit == nullptr ? nullptr : unit->ContactBy(Channel::kPhone);
  const std::string number = phone == nullptr ? "" : phone->address;
  EnqueueDesk(tx, chased, kCarryKind,
              absl::StrCat("联系", Whom(chased), number.empty() ? "" : absl::StrCat("（电话 ", number, "）"),
                           "，办理协查", hint),
              due);
}

void EnqueueMail(Tx& tx, Referral& referral, MailPayload payload, tasks::Due due) {
  tasks::NewTask task;
  task.kind = kSendMailKind;
  task.subject = referral.name();
  payload.body = referral.body_id;
  task.payload = WritePayload(payload);
  task.due = due;
  referral.mail_due = tasks::Enqueue(tx.session, std::move(task));
}

void DropMail(Tx& tx, Referral& referral) {
  referral.mail_due.clear();
  tasks::CancelAll(tx.session, kMailTroubleKind, referral.name());
}

absl::Status TakeMail(Tx& tx, Chased* chased, absl::string_view mail, bool automatic) {
  Referral& referral = chased->referral;
  tasks::NewTask task;
  task.kind = kReadMailKind;
  task.subject = referral.name();
  task.dedupe_key = absl::StrCat(kReadMailKind, "/", IdOf(mail));
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = referral.hall;
  task.assignee = referral.owner;
  // The code tells where it belongs, and not who sent it.
  task.summary = automatic ? absl::StrCat("协查", chased->body.title, "收到一封系统自动邮件，请看是否要紧")
                           : absl::StrCat("协查", chased->body.title, "有来信，请核对发件人，阅读并登记答复");
  tasks::Enqueue(tx.session, std::move(task));
  Tell(tx, referral, "mail_received", absl::StrCat(chased->body.title, "来信"));
  const bool waiting = referral.chase.state == ChaseState::kSent || referral.chase.state == ChaseState::kAccepted;
  if (waiting && !automatic) {
    XXT_RETURN_IF_ERROR(Advance(tx, chased, Heard{}));
    Save(tx, chased);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HasBounced(pg::Session& session, const Chased& chased) {
  const Unit* unit = chased.unit();
  const ContactPoint* point = unit == nullptr ? nullptr : unit->ContactBy(Channel::kEmail);
  if (point == nullptr) return false;
  return bounced_store::Has(session, chased.body.id, unit->id, point->address);
}

std::string Whom(const Chased& chased) {
  const Unit* unit = chased.unit();
  return unit == nullptr ? chased.body.title : absl::StrCat(chased.body.title, " ", unit->title);
}

absl::string_view WordFor(ChaseState state) {
  constexpr std::array<absl::string_view, 10> kWords = {"待送达", "已送出",     "对方办理中", "待补充材料",
                                                        "已答复", "不在该单位", "转至他处",   "对方不予办理",
                                                        "无答复", "已撤回"};
  return kWords[static_cast<std::size_t>(state)];
}

std::string IdOf(absl::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

}  // namespace xxt::referral::app
