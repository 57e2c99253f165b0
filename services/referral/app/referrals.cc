#include "services/referral/app/referrals.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/body/body.h"
#include "services/referral/domain/disclosure.h"
#include "services/referral/rule_note/rule_note.h"
#include "services/referral/storage/entry_store.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::app {
namespace {

// The case is there, open, and of the caller's hall.
absl::Status CheckCase(const identity::Caller& caller, const Referral& input, const CaseSeen& seen) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, seen.hall, input.case_name()));
  if (seen.hall != input.hall) {
    return errors::FieldInvalid("referral.hall", "须填写该事项所在的大厅", "must be the case's hall");
  }
  if (!seen.open) return errors::StateForbids(input.case_name(), "事项已办结", "the case is closed");
  if (HoldsName(input.question, input.disclosed, seen.party_names)) {
    return errors::FieldInvalid("referral.question", "问题中不能写当事人的姓名，需要时请列入要提供的信息",
                                "must not hold a party's name that is not disclosed");
  }
  return absl::OkStatus();
}

absl::Status CheckUnit(const Referral& input, const Body& body) {
  const Unit* unit = body.FindUnit(input.unit);
  if (unit == nullptr) {
    return errors::FieldInvalid("referral.unit", "该单位没有这个科室", "the body has no such unit");
  }
  if (input.connector == Connector::kEmail && unit->ContactBy(Channel::kEmail) == nullptr) {
    return errors::FieldInvalid("referral.unit", "该科室没有登记电子邮箱，请改用电话联系",
                                "the unit has no mail address");
  }
  return absl::OkStatus();
}

absl::StatusOr<Chased> LoadOwn(pg::Session& session, const identity::Caller& caller, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, chased.referral.hall, chased.referral.name()));
  return chased;
}

BodyReplied ToEvent(const Reply& reply) {
  static_assert(static_cast<int>(Reply::Kind::kDeclined) == static_cast<int>(BodyReplied::Kind::kDeclined));
  BodyReplied event;
  event.kind = static_cast<BodyReplied::Kind>(reply.kind);
  event.reason = reply.reason;
  if (reply.kind == Reply::Kind::kRedirected) event.redirected_to = reply.reason;
  return event;
}

// The mail that a reply cites is one of this referral that came in.
absl::Status CheckCitedMail(pg::Session& session, const Referral& referral, const std::string& mail) {
  if (mail.empty()) return absl::OkStatus();
  if (!absl::StartsWith(mail, absl::StrCat(referral.name(), "/entries/"))) {
    return errors::NotFound("referral.xixinting/Entry", mail);
  }
  XXT_ASSIGN_OR_RETURN(const Entry entry, entry_store::Get(session, referral.id, IdOf(mail)));
  const Mail* found = std::get_if<Mail>(&entry.content);
  if (found == nullptr || found->direction != Mail::Direction::kIn) {
    return errors::NotFound("referral.xixinting/Entry", mail);
  }
  return absl::OkStatus();
}

absl::Status CheckVerdict(pg::Session& session, const Referral& referral, const EntryContent& content) {
  const ClaimVerdict* verdict = std::get_if<ClaimVerdict>(&content);
  if (verdict == nullptr) return absl::OkStatus();
  if (!absl::StartsWith(verdict->claim, absl::StrCat(referral.name(), "/entries/"))) {
    return errors::NotFound("referral.xixinting/Entry", verdict->claim);
  }
  XXT_ASSIGN_OR_RETURN(const Entry entry, entry_store::Get(session, referral.id, IdOf(verdict->claim)));
  if (!std::holds_alternative<Claim>(entry.content)) {
    return errors::NotFound("referral.xixinting/Entry", verdict->claim);
  }
  if (verdict->rule_note.empty()) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(verdict->rule_note, '/');
  if (parts.size() != 4 || parts[0] != "bodies" || parts[2] != "ruleNotes" || !identifiers::IsUuid(parts[3])) {
    return errors::NotFound("referral.xixinting/RuleNote", verdict->rule_note);
  }
  return rule_note::Find(session, parts[1], parts[3]).status();
}

std::string WarningKey(const Referral& referral, int rung) {
  return absl::StrCat("referral.cut_off/", referral.id, "/", rung);
}

// Replaces the warnings still to come. `corrected`: another day was set before,
// so this one is told now.
void ScheduleWarnings(pg::Session& session, const Referral& referral, bool corrected, absl::Time now) {
  for (const int rung : {kCorrectedRung, 90, 30, 7, 1, 0, kPassedRung}) {
    tasks::Cancel(session, WarningKey(referral, rung));
  }
  // What was told of another day is not true any more.
  tasks::CancelAll(session, kCutOffWarningKind, referral.name());
  std::vector<Warning> warnings = WarningsFor(referral.cut_off->cut_off, now);
  if (corrected && warnings.front().fire_time <= now) warnings.front().rung = kCorrectedRung;
  if (corrected && warnings.front().fire_time > now) {
    warnings.insert(warnings.begin(), {kCorrectedRung, calendar::ToCivilDay(now), now});
  }
  for (const Warning& warning : warnings) {
    tasks::NewTask task;
    task.kind = kWarnCutOffKind;
    task.subject = referral.name();
    task.payload = WritePayload(WarningPayload{warning.rung, referral.cut_off->cut_off.last_safe_day});
    task.dedupe_key = WarningKey(referral, warning.rung);
    task.due = tasks::Due::At(warning.fire_time, now);
    tasks::Enqueue(session, std::move(task));
  }
}

}  // namespace

absl::Status CheckDisclosure(const Referral& input, absl::Time now) {
  if (const std::optional<int> repeated = FirstRepeated(input.disclosed)) {
    return errors::FieldInvalid(absl::StrCat("referral.disclosed[", *repeated, "].kind"), "同一种信息只能填一次",
                                "a kind may be disclosed once");
  }
  if (const std::optional<int> uncovered = FirstUncovered(input.lawful_basis, input.disclosed)) {
    return errors::LawfulBasisMissing(absl::StrCat("referral.disclosed[", *uncovered, "].kind"));
  }
  for (std::size_t i = 0; i < input.disclosed.size(); ++i) {
    if (IsOfItsKind(input.disclosed[i], calendar::ToCivilDay(now))) continue;
    return errors::FieldInvalid(absl::StrCat("referral.disclosed[", i, "].value"),
                                absl::StrCat("填写的内容不是", LetterNameOf(input.disclosed[i].kind)),
                                "the value is not of its kind");
  }
  if (HoldsLongNumber(input.question, input.disclosed)) {
    return errors::FieldInvalid("referral.question", "问题中不能写证件号、电话等号码，需要时请列入要提供的信息",
                                "must not hold a number that is not disclosed");
  }
  return absl::OkStatus();
}

absl::StatusOr<Referral> CreateReferral(pg::Session& session, const identity::Caller& caller,
                                        const seal::Keyring& keys, const Referral& input, const CaseSeen& seen,
                                        absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  XXT_RETURN_IF_ERROR(CheckDisclosure(input, now));
  XXT_RETURN_IF_ERROR(CheckCase(caller, input, seen));
  Chased chased;
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(session, input.body_id));
  XXT_RETURN_IF_ERROR(CheckUnit(input, chased.body));
  chased.referral = input;
  Referral& referral = chased.referral;
  if (referral.connector == Connector::kEmail) {
    XXT_ASSIGN_OR_RETURN(const bool bounced, HasBounced(session, chased));
    if (bounced) {
      return errors::FieldInvalid("referral.unit", "该科室的电子邮箱有退信，尚未核实，请改用电话联系",
                                  "mail to the unit has bounced and its address is not verified yet");
    }
  }
  referral.id = identifiers::NewUuid(now);
  referral.key = keys.Make(referral.name()).wrapped;
  referral.owner = caller.subject;
  referral.answer_code = identifiers::AnswerCode::New().text();
  referral.chase = StartChase(chased.Policy(), chased.Hours(), now);
  referral.create_time = now;
  referral.update_time = now;
  referral.version = 1;
  Report(session, referral, {ReportKind::kOpened, absl::StrCat("已向", chased.body.title, "发起协查")});
  // A mail waits until the case counts the referral: it may be closed by now.
  if (referral.connector == Connector::kStaff) EnqueueCarry(session, chased, now);
  referral_store::Insert(session, referral);
  XXT_CRASH_POINT("referral.inserted");
  SetTimer(session, referral);
  const Actor actor{caller.subject, now};
  Tell(session, referral, "created", absl::StrCat("向", chased.body.title, "发起协查"), actor);
  return std::move(chased.referral);
}

absl::StatusOr<Referral> GetReferral(pg::Session& session, const identity::Caller& caller, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(Referral referral, referral_store::Get(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, referral.hall, referral.name()));
  return referral;
}

absl::StatusOr<Referral> RecordReply(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                     const Reply& reply, absl::string_view etag, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(session, caller, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckEtag(referral, etag));
  // Only a mail that came late is worth filing with an ended referral.
  if (reply.mail.empty()) XXT_RETURN_IF_ERROR(CheckOpen(referral));
  XXT_RETURN_IF_ERROR(CheckCitedMail(session, referral, reply.mail));
  const Actor actor{caller.subject, now};
  // Who answers has been asked, whether or not somebody wrote that down.
  if (referral.chase.state == ChaseState::kQueued && !referral.chase.sent_time.has_value()) {
    XXT_RETURN_IF_ERROR(Advance(session, &chased, Sent{}, actor));
    tasks::CancelAll(session, kCarryKind, referral.name());
  }
  XXT_RETURN_IF_ERROR(Advance(session, &chased, ToEvent(reply), actor, "reply."));
  WriteEntry(session, referral, reply, actor);
  XXT_CRASH_POINT("referral.reply_written");
  if (reply.kind == Reply::Kind::kPassedOn && reply.hop.has_value()) WriteEntry(session, referral, *reply.hop, actor);
  if (reply.finding.has_value()) WriteEntry(session, referral, *reply.finding, actor);
  if (!reply.mail.empty()) tasks::Cancel(session, absl::StrCat(kReadMailKind, "/", IdOf(reply.mail)));
  Tell(session, referral, "replied", absl::StrCat("登记了", chased.body.title, "的答复"), actor);
  Save(session, &chased, actor);
  return std::move(chased.referral);
}

absl::StatusOr<Referral> CancelReferral(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                        const std::string& reason, absl::string_view etag, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(session, caller, id));
  XXT_RETURN_IF_ERROR(CheckEtag(chased.referral, etag));
  XXT_RETURN_IF_ERROR(CheckOpen(chased.referral));
  const Actor actor{caller.subject, now};
  XXT_RETURN_IF_ERROR(Advance(session, &chased, Cancelled{reason}, actor));
  Save(session, &chased, actor);
  return std::move(chased.referral);
}

absl::StatusOr<Entry> CreateEntry(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                  const EntryContent& content, std::optional<absl::Time> occur_time, absl::Time now) {
  if (std::holds_alternative<Mail>(content) || std::holds_alternative<Reply>(content)) {
    return errors::FieldInvalid("entry", "邮件和答复不能这样登记", "mail and reply are not written this way");
  }
  if (occur_time.has_value() && *occur_time > now) {
    return errors::FieldInvalid("entry.occur_time", "时间不能晚于现在", "must not be in the future");
  }
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(session, caller, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckVerdict(session, referral, content));
  const Actor actor{caller.subject, now};
  const Entry entry = WriteEntry(session, referral, content, actor, occur_time);
  const Attempt* attempt = std::get_if<Attempt>(&content);
  const bool reached = attempt != nullptr && attempt->result == Attempt::Result::kReached;
  if (reached && referral.connector == Connector::kStaff && referral.chase.state == ChaseState::kQueued) {
    XXT_RETURN_IF_ERROR(Advance(session, &chased, Sent{}, actor));
    tasks::CancelAll(session, kCarryKind, referral.name());
    Save(session, &chased, actor);
  }
  Tell(session, referral, "entry_created", "登记了一条协查记录", actor);
  return entry;
}

absl::StatusOr<Referral> SetCutOff(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                   absl::string_view note_body_id, absl::string_view note_id, absl::CivilDay anchor_day,
                                   absl::string_view etag, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(session, caller, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckEtag(referral, etag));
  XXT_RETURN_IF_ERROR(CheckOpen(referral));
  if (note_body_id != referral.body_id) {
    return errors::FieldInvalid("rule_note", "该规定不属于这个单位", "the rule note is another body's");
  }
  if (anchor_day > calendar::ToCivilDay(now)) {
    return errors::FieldInvalid("anchor_day", "起算日不能晚于今天", "must not be in the future");
  }
  XXT_ASSIGN_OR_RETURN(const RuleNote note, rule_note::Find(session, note_body_id, note_id));
  const absl::StatusOr<RulePeriod> period = ParseRulePeriod(note.period);
  if (!period.ok()) return errors::StateForbids(note.name, "该规定没有期限", "the rule note has no period");
  const std::optional<RecordedCutOff> before = referral.cut_off;
  referral.cut_off = RecordedCutOff{
      note.name, anchor_day, ComputeCutOff(anchor_day, *period, calendar::WorkingDays::China()), note.irrevocable};
  const Actor actor{caller.subject, now};
  const bool corrected = before.has_value() && before->cut_off.last_safe_day != referral.cut_off->cut_off.last_safe_day;
  ScheduleWarnings(session, referral, corrected, now);
  Tell(session, referral, "cut_off_set",
       absl::StrCat("最晚办理日 ", absl::FormatCivilTime(referral.cut_off->cut_off.last_safe_day)), actor);
  Save(session, &chased, actor);
  return std::move(chased.referral);
}

}  // namespace xxt::referral::app
