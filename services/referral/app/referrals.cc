#include "services/referral/app/referrals.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/body/body.h"
#include "services/referral/domain/disclosure.h"
#include "services/referral/entry/entry.h"
#include "services/referral/rule_note/rule_note.h"
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

absl::StatusOr<Chased> LoadOwn(Tx& tx, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, chased.referral.hall, chased.referral.name()));
  return chased;
}

// The protos' kinds are the domain's with UNSPECIFIED before them, which the edge refuses.
BodyReplied ToEvent(const v1::Reply& reply) {
  static_assert(static_cast<int>(BodyReplied::Kind::kDeclined) + 1 == v1::Reply::KIND_DECLINED);
  BodyReplied event;
  event.kind = static_cast<BodyReplied::Kind>(static_cast<int>(reply.kind()) - 1);
  event.reason = reply.reason();
  if (reply.kind() == v1::Reply::KIND_REDIRECTED) event.redirected_to = reply.reason();
  return event;
}

// The entry called `name`, if it is one of this referral. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Entry> FindEntry(Tx& tx, const Referral& referral, const std::string& name) {
  if (!absl::StartsWith(name, absl::StrCat(referral.name(), "/"))) {
    return errors::NotFound("referral.xixinting/Entry", name);
  }
  v1::Entry found;
  XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &found));
  return found;
}

// The mail that a reply cites is one of this referral that came in.
absl::Status CheckCitedMail(Tx& tx, const Referral& referral, const std::string& mail) {
  if (mail.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const v1::Entry cited, FindEntry(tx, referral, mail));
  if (cited.mail().direction() != v1::Mail::DIRECTION_IN) return errors::NotFound("referral.xixinting/Entry", mail);
  return absl::OkStatus();
}

absl::Status CheckVerdict(Tx& tx, const Referral& referral, const v1::Entry& entry) {
  if (!entry.has_verdict()) return absl::OkStatus();
  const v1::Verdict& verdict = entry.verdict();
  XXT_ASSIGN_OR_RETURN(const v1::Entry judged, FindEntry(tx, referral, verdict.claim()));
  if (!judged.has_claim()) return errors::NotFound("referral.xixinting/Entry", verdict.claim());
  if (verdict.rule_note().empty()) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(verdict.rule_note(), '/');
  if (parts.size() != 4 || parts[0] != "bodies" || parts[2] != "ruleNotes" || !identifiers::IsUuid(parts[3])) {
    return errors::NotFound("referral.xixinting/RuleNote", verdict.rule_note());
  }
  return rule_note::Find(tx.session, parts[1], parts[3]).status();
}

// What an officer may write down, and when it was.
absl::Status CheckEntry(const v1::Entry& entry, absl::Time now) {
  if (entry.content_case() == v1::Entry::CONTENT_NOT_SET) {
    return errors::FieldInvalid("entry", "请填写要登记的内容", "content is required");
  }
  if (entry.has_mail() || entry.has_reply()) {
    return errors::FieldInvalid("entry", "邮件和答复不能这样登记", "mail and reply are not written this way");
  }
  if (entry.has_occur_time() && rpc::FromProto(entry.occur_time()) > now) {
    return errors::FieldInvalid("entry.occur_time", "时间不能晚于现在", "must not be in the future");
  }
  return absl::OkStatus();
}

// Writes what was said with a reply, and the reply.
void WriteReply(Tx& tx, const Referral& referral, const v1::Reply& reply) {
  v1::Entry replied;
  *replied.mutable_reply() = reply;
  entry::Add(tx, referral.name(), replied);
  XXT_CRASH_POINT("referral.reply_written");
  if (reply.kind() == v1::Reply::KIND_PASSED_ON && reply.has_hop()) {
    v1::Entry passed_on;
    *passed_on.mutable_hop() = reply.hop();
    entry::Add(tx, referral.name(), passed_on);
  }
  if (reply.has_finding()) {
    v1::Entry found;
    *found.mutable_finding() = reply.finding();
    entry::Add(tx, referral.name(), found);
  }
}

std::string WarningKey(const Referral& referral, int rung) {
  return absl::StrCat("referral.cut_off/", referral.id, "/", rung);
}

// Replaces the warnings still to come. `corrected`: another day was set before,
// so this one is told now.
void ScheduleWarnings(Tx& tx, const Referral& referral, bool corrected) {
  for (const int rung : {kCorrectedRung, 90, 30, 7, 1, 0, kPassedRung}) {
    tasks::Cancel(tx.session, WarningKey(referral, rung));
  }
  // What was told of another day is not true any more.
  tasks::CancelAll(tx.session, kCutOffWarningKind, referral.name());
  std::vector<Warning> warnings = WarningsFor(referral.cut_off->cut_off, tx.now);
  if (corrected && warnings.front().fire_time <= tx.now) warnings.front().rung = kCorrectedRung;
  if (corrected && warnings.front().fire_time > tx.now) {
    warnings.insert(warnings.begin(), {kCorrectedRung, calendar::ToCivilDay(tx.now), tx.now});
  }
  for (const Warning& warning : warnings) {
    tasks::NewTask task;
    task.kind = kWarnCutOffKind;
    task.subject = referral.name();
    task.payload = WritePayload(WarningPayload{warning.rung, referral.cut_off->cut_off.last_safe_day});
    task.dedupe_key = WarningKey(referral, warning.rung);
    task.due = tasks::Due::At(warning.fire_time, tx.now);
    tasks::Enqueue(tx.session, std::move(task));
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

absl::StatusOr<Referral> CreateReferral(Tx& tx, const Referral& input, const CaseSeen& seen) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, input.hall, input.hall));
  XXT_RETURN_IF_ERROR(CheckDisclosure(input, tx.now));
  XXT_RETURN_IF_ERROR(CheckCase(tx.caller, input, seen));
  Chased chased;
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(tx.session, input.body_id));
  XXT_RETURN_IF_ERROR(CheckUnit(input, chased.body));
  chased.referral = input;
  Referral& referral = chased.referral;
  if (referral.connector == Connector::kEmail) {
    XXT_ASSIGN_OR_RETURN(const bool bounced, HasBounced(tx.session, chased));
    if (bounced) {
      return errors::FieldInvalid("referral.unit", "该科室的电子邮箱有退信，尚未核实，请改用电话联系",
                                  "mail to the unit has bounced and its address is not verified yet");
    }
  }
  referral.id = identifiers::NewUuid(tx.now);
  referral.key = tx.MakeKey(referral.name());
  referral.owner = tx.caller.subject;
  referral.answer_code = identifiers::AnswerCode::New().text();
  referral.chase = StartChase(chased.Policy(), chased.Hours(), tx.now);
  referral.create_time = tx.now;
  referral.update_time = tx.now;
  referral.version = 1;
  Report(tx, referral, {ReportKind::kOpened, absl::StrCat("已向", chased.body.title, "发起协查")});
  // A mail waits until the case counts the referral: it may be closed by now.
  if (referral.connector == Connector::kStaff) EnqueueCarry(tx, chased, tx.now);
  referral_store::Insert(tx.session, referral);
  XXT_CRASH_POINT("referral.inserted");
  SetTimer(tx, referral);
  Tell(tx, referral, "created", absl::StrCat("向", chased.body.title, "发起协查"));
  return std::move(chased.referral);
}

absl::StatusOr<Referral> GetReferral(Tx& tx, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(Referral referral, referral_store::Get(tx.session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, referral.hall, referral.name()));
  return referral;
}

absl::StatusOr<Referral> RecordReply(Tx& tx, absl::string_view id, const v1::Reply& reply, absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(tx, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckEtag(referral, etag));
  // Only a mail that came late is worth filing with an ended referral.
  if (reply.mail().empty()) XXT_RETURN_IF_ERROR(CheckOpen(referral));
  XXT_RETURN_IF_ERROR(CheckCitedMail(tx, referral, reply.mail()));
  // Who answers has been asked, whether or not somebody wrote that down.
  if (referral.chase.state == ChaseState::kQueued && !referral.chase.sent_time.has_value()) {
    XXT_RETURN_IF_ERROR(Advance(tx, &chased, Sent{}));
    tasks::CancelAll(tx.session, kCarryKind, referral.name());
  }
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, ToEvent(reply), "reply."));
  WriteReply(tx, referral, reply);
  if (!reply.mail().empty()) tasks::Cancel(tx.session, absl::StrCat(kReadMailKind, "/", IdOf(reply.mail())));
  Tell(tx, referral, "replied", absl::StrCat("登记了", chased.body.title, "的答复"));
  Save(tx, &chased);
  return std::move(chased.referral);
}

absl::StatusOr<Referral> CancelReferral(Tx& tx, absl::string_view id, const std::string& reason,
                                        absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(tx, id));
  XXT_RETURN_IF_ERROR(CheckEtag(chased.referral, etag));
  XXT_RETURN_IF_ERROR(CheckOpen(chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{reason}));
  Save(tx, &chased);
  return std::move(chased.referral);
}

absl::StatusOr<v1::Entry> CreateEntry(Tx& tx, absl::string_view id, v1::Entry input) {
  XXT_RETURN_IF_ERROR(CheckEntry(input, tx.now));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(tx, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckVerdict(tx, referral, input));
  entry::Add(tx, referral.name(), input);
  const bool reached = input.attempt().result() == v1::Attempt::RESULT_REACHED;
  if (reached && referral.connector == Connector::kStaff && referral.chase.state == ChaseState::kQueued) {
    XXT_RETURN_IF_ERROR(Advance(tx, &chased, Sent{}));
    tasks::CancelAll(tx.session, kCarryKind, referral.name());
    Save(tx, &chased);
  }
  Tell(tx, referral, "entry_created", "登记了一条协查记录");
  return input;
}

absl::StatusOr<Referral> SetCutOff(Tx& tx, absl::string_view id, absl::string_view note_body_id,
                                   absl::string_view note_id, absl::CivilDay anchor_day, absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadOwn(tx, id));
  Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckEtag(referral, etag));
  XXT_RETURN_IF_ERROR(CheckOpen(referral));
  if (note_body_id != referral.body_id) {
    return errors::FieldInvalid("rule_note", "该规定不属于这个单位", "the rule note is another body's");
  }
  if (anchor_day > calendar::ToCivilDay(tx.now)) {
    return errors::FieldInvalid("anchor_day", "起算日不能晚于今天", "must not be in the future");
  }
  XXT_ASSIGN_OR_RETURN(const RuleNote note, rule_note::Find(tx.session, note_body_id, note_id));
  const absl::StatusOr<RulePeriod> period = ParseRulePeriod(note.period);
  if (!period.ok()) return errors::StateForbids(note.name, "该规定没有期限", "the rule note has no period");
  const std::optional<RecordedCutOff> before = referral.cut_off;
  referral.cut_off = RecordedCutOff{
      note.name, anchor_day, ComputeCutOff(anchor_day, *period, calendar::WorkingDays::China()), note.irrevocable};
  const bool corrected = before.has_value() && before->cut_off.last_safe_day != referral.cut_off->cut_off.last_safe_day;
  ScheduleWarnings(tx, referral, corrected);
  Tell(tx, referral, "cut_off_set",
       absl::StrCat("最晚办理日 ", absl::FormatCivilTime(referral.cut_off->cut_off.last_safe_day)));
  Save(tx, &chased);
  return std::move(chased.referral);
}

}  // namespace xxt::referral::app
