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
#include "common/events/events.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/body/body.h"
#include "services/referral/storage/bounced_store.h"
#include "services/referral/storage/entry_store.h"
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

void EnqueueDesk(pg::Session& session, const Chased& chased, const char* kind, std::string summary, absl::Time due) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = chased.referral.name();
  task.dedupe_key = absl::StrCat(kind, "/", chased.referral.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = chased.referral.hall;
  task.assignee = chased.referral.owner;
  task.summary = std::move(summary);
  tasks::Enqueue(session, std::move(task));
}

// Does what the domain asks for.
struct Follow {
  pg::Session& session;
  Chased& chased;
  const Actor& actor;

  void operator()(const SendByOtherChannel& other) const {
    chased.referral.connector = Connector::kStaff;
    EnqueueCarry(session, chased, actor.now,
                 other.bounced ? "（邮件被退回，邮箱可能已失效，请打电话，并问明邮箱）" : "（改由人工联系）");
  }
  void operator()(const RemindBody& reminder) const {
    const absl::Time due = chased.Hours().NextOpen(actor.now);
    if (chased.referral.connector == Connector::kEmail) {
      MailPayload payload;
      payload.purpose = MailPurpose::kReminder;
      payload.ordinal = reminder.ordinal;
      if (!XXT_PLANTED_BUG("never_reminds")) {
        EnqueueMail(session, chased.referral, payload, tasks::Due::At(due, actor.now));
      }
    } else {
      EnqueueCarry(session, chased, due, absl::StrCat("（第", reminder.ordinal, "次催办）"));
    }
    // It is sent, or said, when the body is open.
    std::string summary = absl::StrCat("安排第", reminder.ordinal, "次催办 ", chased.body.title);
    Tell(session, chased.referral, "reminded", summary, actor);
    Report(session, chased.referral, {ReportKind::kProgress, std::move(summary)});
  }
  void operator()(const AskPersonToDecide&) const {
    const bool sent = chased.referral.chase.sent_time.has_value();
    EnqueueDesk(session, chased, kDecideSilenceKind,
                sent ? absl::StrCat(chased.body.title, "一直没有答复，请决定：继续等、改打电话，或按无答复处理")
                     : absl::StrCat("给", chased.body.title, "的协查还没有送出，请决定：继续等，或改打电话"),
                actor.now);
    Tell(session, chased.referral, "decision_needed", absl::StrCat(chased.body.title, "没有答复，请人决定"), actor);
  }
  void operator()(const AskCaseForInput&) const {
    EnqueueCarry(session, chased, actor.now, "（单位要先补充材料，请办好后送达）");
  }
  void operator()(const RemindCaseOfInput&) const {
    EnqueueCarry(session, chased, actor.now, "（单位要的补充材料已到期，请尽快送达）");
    Report(session, chased.referral, {ReportKind::kProgress, absl::StrCat(chased.body.title, "要的补充材料尚未送达")});
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
      EnqueueMail(session, chased.referral, payload);
    } else {
      EnqueueCarry(session, chased, chased.Hours().NextOpen(actor.now), kWithdrawnHint);
    }
  }
  void operator()(const FileLateReply&) const {
    Report(session, chased.referral, {ReportKind::kProgress, absl::StrCat(chased.body.title, "的答复来迟了，已存档")});
  }
  void operator()(const NotifyCase& end) const {
    const bool answered = end.state == ChaseState::kAnswered;
    Report(session, chased.referral,
           {answered ? ReportKind::kAnswered : ReportKind::kEnded,
            answered ? absl::StrCat(chased.body.title, "已答复")
                     : absl::StrCat(chased.body.title, "：", WordFor(end.state), "，请另想办法")});
  }
};

// What nobody needs any more once a referral has ended. After an answer the
// person still has to be in time.
void CancelOpenWork(pg::Session& session, const Referral& referral) {
  for (const char* kind : {kChaseKind, kCarryKind, kDecideSilenceKind}) {
    tasks::CancelAll(session, kind, referral.name());
  }
  if (!IsNegative(referral.chase.state)) return;
  for (const char* kind : {kWarnCutOffKind, kCutOffWarningKind}) tasks::CancelAll(session, kind, referral.name());
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

absl::StatusOr<Chased> LoadForChange(pg::Session& session, absl::string_view referral_id) {
  Chased chased;
  XXT_ASSIGN_OR_RETURN(chased.referral, referral_store::GetForChange(session, referral_id));
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(session, chased.referral.body_id));
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

absl::Status Advance(pg::Session& session, Chased* chased, const Event& event, const Actor& actor,
                     absl::string_view field_prefix) {
  Referral& referral = chased->referral;
  absl::StatusOr<Decision> decision = Apply(referral.chase, event, chased->Policy(), chased->Hours(), actor.now);
  if (!decision.ok()) return Explain(decision.status(), referral, field_prefix);
  const ChaseState before = referral.chase.state;
  referral.chase = std::move(decision->next);
  if (referral.ended() && !IsTerminal(before)) CancelOpenWork(session, referral);
  if (!IsTerminal(before) && !KeepsTurn(event)) DropMail(session, referral);
  // A mail that nobody has read yet stops a reminder, and settles no doubt.
  if (std::holds_alternative<Heard>(event)) referral.mail_due.clear();
  if (referral.chase.state != before) {
    Tell(session, referral, "state_changed", absl::StrCat(chased->body.title, "：", WordFor(referral.chase.state)),
         actor);
    if (!referral.ended()) {
      Report(session, referral,
             {ReportKind::kProgress, absl::StrCat(chased->body.title, "：", WordFor(referral.chase.state))});
    }
  }
  // Whoever spoke need not be reminded of having been silent, nor rung up about it. A call
  // that is open after the end is to tell them of that.
  const bool speaks = std::holds_alternative<BodyReplied>(event);
  if (speaks && !IsTerminal(before)) tasks::CancelAll(session, kCarryKind, referral.name());
  // A silence that has been broken, or decided on, is nobody's question.
  if (!referral.chase.person_asked) tasks::CancelAll(session, kDecideSilenceKind, referral.name());
  for (const Effect& effect : decision->effects) std::visit(Follow{session, *chased, actor}, effect);
  return absl::OkStatus();
}

void SetTimer(pg::Session& session, const Referral& referral) {
  tasks::Cancel(session, ChaseKey(referral));
  if (!referral.chase.next_action_time.has_value()) return;
  if (referral.chase.person_asked && XXT_PLANTED_BUG("timer_not_set_again")) return;
  tasks::NewTask timer;
  timer.kind = kChaseKind;
  timer.subject = referral.name();
  timer.dedupe_key = ChaseKey(referral);
  timer.due = tasks::Due::At(*referral.chase.next_action_time, referral.update_time);
  tasks::Enqueue(session, std::move(timer));
}

void Save(pg::Session& session, Chased* chased, const Actor& actor) {
  Referral& referral = chased->referral;
  referral.update_time = actor.now;
  referral_store::Update(session, &referral);
  SetTimer(session, referral);
}

Entry WriteEntry(pg::Session& session, const Referral& referral, EntryContent content, const Actor& actor,
                 std::optional<absl::Time> occur_time, std::string id) {
  Entry entry;
  entry.id = id.empty() ? identifiers::NewUuid(actor.now) : std::move(id);
  entry.referral_id = referral.id;
  entry.content = std::move(content);
  entry.occur_time = occur_time.value_or(actor.now);
  entry.record_time = actor.now;
  entry.author = actor.name;
  entry_store::Insert(session, entry);
  return entry;
}

void Tell(pg::Session& session, const Referral& referral, absl::string_view what, std::string summary,
          const Actor& actor) {
  events::Event event;
  event.type = absl::StrCat("referral.", what, ".v1");
  event.subject = referral.name();
  event.hall = referral.hall;
  event.actor = actor.name;
  event.summary = std::move(summary);
  event.time = actor.now;
  events::Append(session, std::move(event));
}

void EnqueueCarry(pg::Session& session, const Chased& chased, absl::Time due, absl::string_view hint) {
  const Unit* unit = chased.unit();
  const ContactPoint* phone = unit == nullptr ? nullptr : unit->ContactBy(Channel::kPhone);
  const std::string number = phone == nullptr ? "" : phone->address;
  EnqueueDesk(session, chased, kCarryKind,
              absl::StrCat("联系", Whom(chased), number.empty() ? "" : absl::StrCat("（电话 ", number, "）"),
                           "，办理协查", hint),
              due);
}

void EnqueueMail(pg::Session& session, Referral& referral, MailPayload payload, tasks::Due due) {
  tasks::NewTask task;
  task.kind = kSendMailKind;
  task.subject = referral.name();
  payload.body = referral.body_id;
  task.payload = WritePayload(payload);
  task.due = due;
  referral.mail_due = tasks::Enqueue(session, std::move(task));
}

void DropMail(pg::Session& session, Referral& referral) {
  referral.mail_due.clear();
  tasks::CancelAll(session, kMailTroubleKind, referral.name());
}

absl::Status TakeMail(pg::Session& session, Chased* chased, const Entry& mail, bool automatic, const Actor& actor) {
  Referral& referral = chased->referral;
  tasks::NewTask task;
  task.kind = kReadMailKind;
  task.subject = referral.name();
  task.dedupe_key = absl::StrCat(kReadMailKind, "/", mail.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(actor.now);
  task.hall = referral.hall;
  task.assignee = referral.owner;
  // The code tells where it belongs, and not who sent it.
  task.summary = automatic ? absl::StrCat("协查", chased->body.title, "收到一封系统自动邮件，请看是否要紧")
                           : absl::StrCat("协查", chased->body.title, "有来信，请核对发件人，阅读并登记答复");
  tasks::Enqueue(session, std::move(task));
  Tell(session, referral, "mail_received", absl::StrCat(chased->body.title, "来信"), actor);
  const bool waiting = referral.chase.state == ChaseState::kSent || referral.chase.state == ChaseState::kAccepted;
  if (waiting && !automatic) {
    XXT_RETURN_IF_ERROR(Advance(session, chased, Heard{}, actor));
    Save(session, chased, actor);
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
