#include "services/referral/chase/steps.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/fault/crash_point.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/body/learned.h"
#include "services/referral/cut_off/cut_off.h"
#include "services/referral/referrals/bounced.h"

namespace xxt::referral::chase {
namespace {

using referrals::IdOf;
using referrals::Report;
using referrals::TellCase;
using ::xixinting::common::v1::CHANNEL_EMAIL;
using ::xixinting::common::v1::CHANNEL_PHONE;

// When the directory does not know a unit's hours.
constexpr char kOfficeHours[] = "Mon-Fri 09:00-11:30,13:30-17:00";

// The rules' numbers are the proto's.
static_assert(static_cast<int>(ChaseState::kQueued) == v1::Referral::STATE_QUEUED);
static_assert(static_cast<int>(ChaseState::kCancelled) == v1::Referral::STATE_CANCELLED);
static_assert(static_cast<int>(ChaseState::kCancelled) == v1::Referral::State_MAX);

v1::Referral::State StateOf(ChaseState state) { return static_cast<v1::Referral::State>(state); }

// As PostgreSQL keeps it: what a person chose may be finer.
void SetTime(absl::Time time, google::protobuf::Timestamp* proto) {
  rpc::ToProto(absl::FromUnixMicros(absl::ToUnixMicros(time)), proto);
}

// What the rules have decided, back into the referral.
void SetChase(const Chase& chase, v1::Referral* referral) {
  referral->set_state(StateOf(chase.state));
  referral->set_state_reason(chase.reason);
  referral->set_reminder_count(chase.reminders_sent);
  referral->set_may_have_it(chase.may_have_it);
  referral->set_person_asked(chase.person_asked);
  referral->clear_sent_time();
  if (chase.sent_time.has_value()) SetTime(*chase.sent_time, referral->mutable_sent_time());
  referral->clear_next_action_time();
  if (chase.next_action_time.has_value()) SetTime(*chase.next_action_time, referral->mutable_next_action_time());
}

std::string KeyOf(const char* kind, const v1::Referral& referral) {
  return absl::StrCat(kind, "/", IdOf(referral.name()));
}

void EnqueueDesk(Tx& tx, const Chased& chased, const char* kind, std::string summary, absl::Time due) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = chased.referral.name();
  task.dedupe_key = KeyOf(kind, chased.referral);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = chased.referral.hall();
  task.assignee = chased.referral.owner();
  task.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(task));
}

// The owner decides over what has no basis any more.
void AskOverBasis(Tx& tx, const Chased& chased) {
  EnqueueDesk(
      tx, chased, kBasisWithdrawnKind,
      absl::StrCat("本人已撤回同意，不能再凭此与", chased.body.title(), "往来，请撤回协查，或登记对方已作的答复"),
      tx.now);
}

// Does what the rules ask for.
struct Follow {
  Tx& tx;
  Chased& chased;

  const std::string& title() const { return chased.body.title(); }
  bool by_mail() const { return chased.referral.connector() == v1::Referral::CONNECTOR_EMAIL; }

  void operator()(const SendByOtherChannel& other) const {
    chased.referral.set_connector(v1::Referral::CONNECTOR_STAFF);
    EnqueueCarry(tx, chased, tx.now,
                 other.bounced ? "（邮件被退回，邮箱可能已失效，请打电话，并问明邮箱）" : "（改由人工联系）");
  }
  void operator()(const RemindBody& reminder) const {
    if (chased.referral.has_basis_withdraw_time()) return AskOverBasis(tx, chased);
    const absl::Time due = chased.Hours().NextOpen(tx.now);
    if (by_mail()) {
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
    const std::string summary = absl::StrCat(title(), "：第", reminder.ordinal, "次催办");
    tx.Tell(chased.referral, "referral.reminded.v1", summary);
    TellCase(tx, chased.referral, Report::KIND_PROGRESS, summary);
  }
  void operator()(const AskPersonToDecide&) const {
    if (chased.referral.has_basis_withdraw_time()) return AskOverBasis(tx, chased);
    EnqueueDesk(tx, chased, kDecideSilenceKind,
                chased.referral.has_sent_time()
                    ? absl::StrCat(title(), "一直没有答复，请决定：继续等、改打电话，或按无答复处理")
                    : absl::StrCat("给", title(), "的协查还没有送出，请决定：继续等，或改打电话"),
                tx.now);
    tx.Tell(chased.referral, "referral.decision_needed.v1", absl::StrCat(title(), "没有答复，请人决定"));
  }
  void operator()(const AskCaseForInput&) const {
    EnqueueCarry(tx, chased, tx.now, "（单位要先补充材料，请办好后送达）");
  }
  void operator()(const RemindCaseOfInput&) const {
    EnqueueCarry(tx, chased, tx.now, "（单位要的补充材料已到期，请尽快送达）");
    TellCase(tx, chased.referral, Report::KIND_PROGRESS, absl::StrCat(title(), "要的补充材料尚未送达"));
  }
  void operator()(const TellBodyCancelled&) const {
    if (by_mail()) {
      MailPayload payload;
      payload.purpose = MailPurpose::kWithdrawal;
      EnqueueMail(tx, chased.referral, payload);
    } else {
      EnqueueCarry(tx, chased, chased.Hours().NextOpen(tx.now), kWithdrawnHint);
    }
  }
  void operator()(const FileLateReply&) const {
    TellCase(tx, chased.referral, Report::KIND_PROGRESS, absl::StrCat(title(), "的答复来迟了，已存档"));
  }
  void operator()(const NotifyCase& end) const {
    if (end.state == ChaseState::kAnswered) {
      TellCase(tx, chased.referral, Report::KIND_ANSWERED, absl::StrCat(title(), "已答复"));
    } else {
      TellCase(tx, chased.referral, Report::KIND_ENDED,
               absl::StrCat(title(), "：", referrals::WordFor(StateOf(end.state)), "，请另想办法"));
    }
  }
};

// What nobody needs any more once a referral has ended. After an answer the
// person still has to be in time.
void CancelOpenWork(Tx& tx, const v1::Referral& referral, ChaseState end) {
  for (const char* kind : {kChaseKind, kCarryKind, kDecideSilenceKind, kBasisWithdrawnKind}) {
    tasks::CancelAll(tx.session, kind, referral.name());
  }
  if (IsNegative(end)) cut_off::EndWarnings(tx, referral);
}

// What the body's word teaches of it, if a paper was sought. A no, and silence, say nothing of where that is.
void LearnFrom(Tx& tx, const Chased& chased, ChaseState end) {
  const bool held = end == ChaseState::kAnswered;
  const bool elsewhere = end == ChaseState::kNotHeld || end == ChaseState::kRedirected;
  const v1::Referral& referral = chased.referral;
  if (!referral.has_sent_time() || referral.paper_title().empty() || (!held && !elsewhere)) return;
  const int days = calendar::WorkingDays::China().WorkdaysBetween(
      calendar::ToCivilDay(rpc::FromProto(referral.sent_time())), calendar::ToCivilDay(tx.now));
  body::Learn(tx.session, referral.body(), referral.paper_title(), held, std::max(days, 0));
}

// The search that asked goes on, in a transaction of its own: its lock comes before those of its referrals.
void MoveSearchOn(Tx& tx, const v1::Referral& referral) {
  if (referral.search().empty()) return;
  // Each end has a task of its own: one that is running may have looked already.
  tasks::NewTask task;
  task.kind = kFollowSearchKind;
  task.subject = referral.search();
  tasks::Enqueue(tx.session, std::move(task));
}

// Whether what was to be said to the body is still to be said after `event`.
bool KeepsTurn(const Event& event) {
  const auto* decided = std::get_if<PersonDecided>(&event);
  if (decided != nullptr) return std::holds_alternative<PersonDecided::KeepWaiting>(decided->choice);
  return std::holds_alternative<SilenceElapsed>(event) || std::holds_alternative<MayHaveIt>(event) ||
         std::holds_alternative<Heard>(event);
}

// Those who follow and the case learn of a move.
void TellOfMove(Tx& tx, Chased& chased) {
  v1::Referral& referral = chased.referral;
  const std::string words = absl::StrCat(chased.body.title(), "：", referrals::WordFor(referral.state()));
  tx.Tell(referral, "referral.state_changed.v1", words);
  if (!referrals::HasEnded(referral)) TellCase(tx, referral, Report::KIND_PROGRESS, words);
}

}  // namespace

const v1::Unit* Chased::unit() const {
  if (!referral.unit().empty()) return body::FindUnit(body, referral.unit());
  return body.units().empty() ? nullptr : &body.units(0);
}

const std::string* Chased::mail_address() const {
  const v1::Unit* asked = unit();
  return asked == nullptr ? nullptr : body::AddressBy(*asked, CHANNEL_EMAIL);
}

calendar::OpeningHours Chased::Hours() const {
  const calendar::WorkingDays& days = calendar::WorkingDays::China();
  const v1::Unit* asked = unit();
  if (asked != nullptr && !asked->opening_hours().empty()) {
    absl::StatusOr<calendar::OpeningHours> hours = calendar::OpeningHours::Parse(asked->opening_hours(), days);
    if (hours.ok()) return *std::move(hours);
  }
  return *calendar::OpeningHours::Parse(kOfficeHours, days);
}

ChasePolicy Chased::Policy() const {
  ChasePolicy policy;
  if (body.expected_workdays() > 0) policy.remind_after_workdays = body.expected_workdays();
  return policy;
}

absl::StatusOr<Chased> LoadForChange(Tx& tx, absl::string_view name, absl::string_view etag) {
  Chased chased;
  XXT_ASSIGN_OR_RETURN(chased.referral, referrals::Lock(tx, name, etag));
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(tx.session, chased.referral.body()));
  return chased;
}

Chase ChaseOf(const v1::Referral& referral) {
  Chase chase;
  chase.state = static_cast<ChaseState>(referral.state());
  if (referral.has_sent_time()) chase.sent_time = rpc::FromProto(referral.sent_time());
  chase.may_have_it = referral.may_have_it();
  chase.reminders_sent = referral.reminder_count();
  chase.person_asked = referral.person_asked();
  if (referral.has_next_action_time()) chase.next_action_time = rpc::FromProto(referral.next_action_time());
  chase.reason = referral.state_reason();
  return chase;
}

absl::Status Advance(Tx& tx, Chased* chased, const Event& event) {
  v1::Referral& referral = chased->referral;
  const Chase before = ChaseOf(referral);
  const absl::StatusOr<Decision> decision = Apply(before, event, chased->Policy(), chased->Hours(), tx.now);
  if (absl::IsFailedPrecondition(decision.status())) {
    return errors::StateForbids(referral.name(),
                                absl::StrCat("转介目前“", referrals::WordFor(referral.state()), "”，不能这样办理"),
                                std::string(decision.status().message()));
  }
  XXT_RETURN_IF_ERROR(decision.status());
  SetChase(decision->next, &referral);
  const bool was_over = IsTerminal(before.state);
  if (referrals::HasEnded(referral) && !was_over) {
    CancelOpenWork(tx, referral, decision->next.state);
    LearnFrom(tx, *chased, decision->next.state);
    MoveSearchOn(tx, referral);
  }
  if (!was_over && !KeepsTurn(event)) DropMail(tx, referral);
  // A mail that nobody has read yet stops a reminder, and settles no doubt.
  if (std::holds_alternative<Heard>(event)) referral.clear_mail_due();
  if (decision->next.state != before.state) TellOfMove(tx, *chased);
  // Whoever spoke need not be reminded of having been silent, nor rung up about it. A call
  // that is open after the end is to tell them of that.
  const bool speaks = std::holds_alternative<BodyReplied>(event);
  if (speaks && !was_over) tasks::CancelAll(tx.session, kCarryKind, referral.name());
  // A silence that has been broken, or decided on, is nobody's question.
  if (!referral.person_asked()) tasks::CancelAll(tx.session, kDecideSilenceKind, referral.name());
  for (const Effect& effect : decision->effects) std::visit(Follow{tx, *chased}, effect);
  return absl::OkStatus();
}

void Start(Tx& tx, Chased* chased) {
  SetChase(StartChase(chased->Policy(), chased->Hours(), tx.now), &chased->referral);
}

void SetTimer(Tx& tx, const v1::Referral& referral) {
  tasks::Cancel(tx.session, KeyOf(kChaseKind, referral));
  if (!referral.has_next_action_time()) return;
  if (referral.person_asked() && XXT_PLANTED_BUG("timer_not_set_again")) return;
  tasks::NewTask timer;
  timer.kind = kChaseKind;
  timer.subject = referral.name();
  timer.dedupe_key = KeyOf(kChaseKind, referral);
  timer.due = tasks::Due::At(rpc::FromProto(referral.next_action_time()), tx.now);
  tasks::Enqueue(tx.session, std::move(timer));
}

void Save(Tx& tx, Chased* chased) {
  if (tx.IsErased(chased->referral.name())) chased->referral.clear_state_reason();
  tx.Save(referrals::kReferrals, chased->referral);
  SetTimer(tx, chased->referral);
}

void WithdrawBasis(Tx& tx, Chased* chased) {
  v1::Referral& referral = chased->referral;
  rpc::ToProto(tx.now, referral.mutable_basis_withdraw_time());
  DropMail(tx, referral);
  for (const char* kind : {kCarryKind, kDecideSilenceKind}) tasks::CancelAll(tx.session, kind, referral.name());
  AskOverBasis(tx, *chased);
  const std::string words = absl::StrCat("本人撤回同意，向", chased->body.title(), "的协查待人决定");
  tx.Tell(referral, "referral.basis_withdrawn.v1", words);
  TellCase(tx, referral, Report::KIND_PROGRESS, words);
}

void EnqueueCarry(Tx& tx, const Chased& chased, absl::Time due, absl::string_view hint) {
  if (chased.referral.has_basis_withdraw_time() && !referrals::HasEnded(chased.referral)) return;
  const v1::Unit* unit = chased.unit();
  const std::string* phone = unit == nullptr ? nullptr : body::AddressBy(*unit, CHANNEL_PHONE);
  const std::string number = phone == nullptr ? "" : absl::StrCat("（电话 ", *phone, "）");
  EnqueueDesk(tx, chased, kCarryKind, absl::StrCat("联系", Whom(chased), number, "，办理协查", hint), due);
}

void EnqueueMail(Tx& tx, v1::Referral& referral, MailPayload payload, tasks::Due due) {
  if (referral.has_basis_withdraw_time() && payload.purpose != MailPurpose::kWithdrawal) return;
  tasks::NewTask task;
  task.kind = kSendMailKind;
  task.subject = referral.name();
  payload.body = referral.body();
  task.payload = WritePayload(payload);
  task.due = due;
  referral.set_mail_due(tasks::Enqueue(tx.session, std::move(task)));
}

void DropMail(Tx& tx, v1::Referral& referral) {
  referral.clear_mail_due();
  tasks::CancelAll(tx.session, kMailTroubleKind, referral.name());
}

absl::Status TakeMail(Tx& tx, Chased* chased, absl::string_view mail, bool automatic) {
  const v1::Referral& referral = chased->referral;
  const std::string& title = chased->body.title();
  tasks::NewTask task;
  task.kind = kReadMailKind;
  task.subject = referral.name();
  task.dedupe_key = absl::StrCat(kReadMailKind, "/", IdOf(mail));
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = referral.hall();
  task.assignee = referral.owner();
  // The code tells where it belongs, and not who sent it.
  task.summary = automatic ? absl::StrCat("协查", title, "收到一封系统自动邮件，请看是否要紧")
                           : absl::StrCat("协查", title, "有来信，请核对发件人，阅读并登记答复");
  tasks::Enqueue(tx.session, std::move(task));
  tx.Tell(referral, "referral.mail_received.v1", absl::StrCat(title, "来信"));
  const bool waiting = referral.state() == v1::Referral::STATE_SENT || referral.state() == v1::Referral::STATE_ACCEPTED;
  if (!waiting || automatic) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(Advance(tx, chased, Heard{}));
  Save(tx, chased);
  return absl::OkStatus();
}

absl::Status MindContact(Tx& tx, const ContactPolicy& policy, const Chased& chased) {
  const v1::Unit* unit = chased.unit();
  if (unit == nullptr || referrals::HasEnded(chased.referral)) return absl::OkStatus();
  const auto channel = chased.referral.connector() == v1::Referral::CONNECTOR_EMAIL ? CHANNEL_EMAIL : CHANNEL_PHONE;
  return bounced::AlarmStale(tx, policy, chased.body, *unit, channel, chased.referral.hall(),
                             chased.Hours().NextOpen(tx.now));
}

absl::StatusOr<bool> HasBounced(pg::Session& session, const Chased& chased) {
  const std::string* address = chased.mail_address();
  if (address == nullptr) return false;
  return bounced::Has(session, chased.body, *chased.unit(), *address);
}

std::string Whom(const Chased& chased) {
  const v1::Unit* unit = chased.unit();
  return unit == nullptr ? chased.body.title() : absl::StrCat(chased.body.title(), " ", unit->title());
}

}  // namespace xxt::referral::chase
