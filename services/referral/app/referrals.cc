#include "services/referral/app/referrals.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/app/chase_steps.h"
#include "services/referral/body/body.h"
#include "services/referral/domain/disclosure.h"
#include "services/referral/domain/lawful_basis.h"
#include "services/referral/rule_note/rule_note.h"

namespace xxt::referral::app {
namespace {

// The rules' kinds are the protos' without UNSPECIFIED, which the edge refuses, in
// the same order.
static_assert(static_cast<int>(DataKind::kApplicantPhone) + 1 == v1::DATA_KIND_APPLICANT_PHONE);
static_assert(static_cast<int>(BodyReplied::Kind::kDeclined) + 1 == v1::Reply::KIND_DECLINED);

// What is to be told to the body, and on what it rests.
struct Disclosure {
  std::vector<DisclosedField> fields;
  std::vector<DataKind> covered;
};

Disclosure DisclosureOf(const v1::Referral& input) {
  Disclosure disclosure;
  for (const v1::DisclosedField& field : input.disclosed()) {
    disclosure.fields.push_back({static_cast<DataKind>(field.kind() - 1), field.value()});
  }
  for (const int kind : input.lawful_basis().data_kinds()) {
    disclosure.covered.push_back(static_cast<DataKind>(kind - 1));
  }
  return disclosure;
}

// Whether what is to be told the body has a basis, is what it says it is, and
// is all that the question holds.
absl::Status CheckDisclosure(const v1::Referral& input, const Disclosure& disclosure, absl::Time now) {
  const std::vector<DisclosedField>& fields = disclosure.fields;
  if (const std::optional<int> repeated = FirstRepeated(fields)) {
    return errors::FieldInvalid(absl::StrCat("referral.disclosed[", *repeated, "].kind"), "同一种信息只能填一次",
                                "a kind may be disclosed once");
  }
  if (const std::optional<int> uncovered = FirstUncovered(disclosure.covered, fields)) {
    return errors::LawfulBasisMissing(absl::StrCat("referral.disclosed[", *uncovered, "].kind"));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (IsOfItsKind(fields[i], calendar::ToCivilDay(now))) continue;
    return errors::FieldInvalid(absl::StrCat("referral.disclosed[", i, "].value"),
                                absl::StrCat("填写的内容不是", LetterNameOf(fields[i].kind)),
                                "the value is not of its kind");
  }
  if (HoldsLongNumber(input.question(), fields)) {
    return errors::FieldInvalid("referral.question", "问题中不能写证件号、电话等号码，需要时请列入要提供的信息",
                                "must not hold a number that is not disclosed");
  }
  return absl::OkStatus();
}

// The case is there, open, and of the caller's hall.
absl::Status CheckCase(const identity::Caller& caller, const v1::Referral& input, const Disclosure& disclosure,
                       const CaseSeen& seen) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, seen.hall, input.case_name()));
  if (seen.hall != input.hall()) {
    return errors::FieldInvalid("referral.hall", "须填写该事项所在的大厅", "must be the case's hall");
  }
  if (!seen.open) return errors::StateForbids(input.case_name(), "事项已办结", "the case is closed");
  if (HoldsName(input.question(), disclosure.fields, seen.party_names)) {
    return errors::FieldInvalid("referral.question", "问题中不能写当事人的姓名，需要时请列入要提供的信息",
                                "must not hold a party's name that is not disclosed");
  }
  return absl::OkStatus();
}

// The unit is one of the body's, and can be written to if a mail is to go there.
absl::Status CheckUnit(Tx& tx, const Chased& chased) {
  if (chased.unit() == nullptr) {
    return errors::FieldInvalid("referral.unit", "该单位没有这个科室", "the body has no such unit");
  }
  if (chased.referral.connector() != v1::Referral::CONNECTOR_EMAIL) return absl::OkStatus();
  if (chased.mail_address() == nullptr) {
    return errors::FieldInvalid("referral.unit", "该科室没有登记电子邮箱，请改用电话联系",
                                "the unit has no mail address");
  }
  XXT_ASSIGN_OR_RETURN(const bool bounced, HasBounced(tx.session, chased));
  if (!bounced) return absl::OkStatus();
  return errors::FieldInvalid("referral.unit", "该科室的电子邮箱有退信，尚未核实，请改用电话联系",
                              "mail to the unit has bounced and its address is not verified yet");
}

BodyReplied ToEvent(const v1::Reply& reply) {
  BodyReplied event;
  event.kind = static_cast<BodyReplied::Kind>(reply.kind() - 1);
  event.reason = reply.reason();
  if (reply.kind() == v1::Reply::KIND_REDIRECTED) event.redirected_to = reply.reason();
  return event;
}

// The entry called `name`, if it is one of this referral. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Entry> FindEntry(Tx& tx, const v1::Referral& referral, const std::string& name) {
  if (!absl::StartsWith(name, absl::StrCat(referral.name(), "/"))) {
    return errors::NotFound("referral.xixinting/Entry", name);
  }
  v1::Entry found;
  XXT_RETURN_IF_ERROR(tx.Get(entry::kEntries, name, &found));
  return found;
}

// The mail that a reply cites is one of this referral that came in.
absl::Status CheckCitedMail(Tx& tx, const v1::Referral& referral, const std::string& mail) {
  if (mail.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const v1::Entry cited, FindEntry(tx, referral, mail));
  if (cited.mail().direction() != v1::Mail::DIRECTION_IN) return errors::NotFound("referral.xixinting/Entry", mail);
  return absl::OkStatus();
}

absl::Status CheckVerdict(Tx& tx, const v1::Referral& referral, const v1::Entry& entry) {
  if (!entry.has_verdict()) return absl::OkStatus();
  const v1::Verdict& verdict = entry.verdict();
  XXT_ASSIGN_OR_RETURN(const v1::Entry judged, FindEntry(tx, referral, verdict.claim()));
  if (!judged.has_claim()) return errors::NotFound("referral.xixinting/Entry", verdict.claim());
  if (verdict.rule_note().empty()) return absl::OkStatus();
  return rule_note::Find(tx.session, verdict.rule_note()).status();
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
void WriteReply(Tx& tx, const v1::Referral& referral, const v1::Reply& reply) {
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

// The body has been asked by a person.
absl::Status OnAsked(Tx& tx, Chased* chased) {
  XXT_RETURN_IF_ERROR(Advance(tx, chased, Sent{}));
  tasks::CancelAll(tx.session, kCarryKind, chased->referral.name());
  return absl::OkStatus();
}

}  // namespace

absl::Status Create(const Intake& intake, Tx& tx, const v1::CreateReferralRequest& request, v1::Referral& made) {
  const v1::Referral& input = request.referral();
  const Disclosure disclosure = DisclosureOf(input);
  XXT_RETURN_IF_ERROR(CheckDisclosure(input, disclosure, tx.now));
  XXT_ASSIGN_OR_RETURN(const CaseSeen seen, intake.LookUp(input.case_name(), tx.deadline));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, input.hall(), input.hall()));
  XXT_RETURN_IF_ERROR(CheckCase(tx.caller, input, disclosure, seen));
  Chased chased{input, {}};
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(tx.session, input.body()));
  XXT_RETURN_IF_ERROR(CheckUnit(tx, chased));

  v1::Referral& referral = chased.referral;
  referral.set_name(referrals::kReferrals.NewName("", tx.now));
  referral.set_owner(tx.caller.subject);
  referral.set_answer_code(identifiers::AnswerCode::New().text());
  Start(tx, &chased);
  TellCase(tx, referral, Report::KIND_OPENED, absl::StrCat("已向", chased.body.title(), "发起协查"));
  // A mail waits until the case counts the referral: it may be closed by now.
  if (referral.connector() == v1::Referral::CONNECTOR_STAFF) EnqueueCarry(tx, chased, tx.now);
  tx.Insert(referrals::kReferrals, referral);
  XXT_CRASH_POINT("referral.inserted");
  SetTimer(tx, referral);
  tx.Tell(referral, "referral.created.v1", absl::StrCat("向", chased.body.title(), "发起协查"));
  made = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status RecordReply(Tx& tx, const v1::RecordReplyRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.name(), request.etag()));
  const v1::Reply& reply = request.reply();
  v1::Referral& referral = chased.referral;
  // Only a mail that came late is worth filing with an ended referral.
  if (reply.mail().empty()) XXT_RETURN_IF_ERROR(referrals::CheckOpen(referral));
  XXT_RETURN_IF_ERROR(CheckCitedMail(tx, referral, reply.mail()));
  // Who answers has been asked, whether or not somebody wrote that down.
  if (referral.state() == v1::Referral::STATE_QUEUED && !referral.has_sent_time()) {
    XXT_RETURN_IF_ERROR(OnAsked(tx, &chased));
  }
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, ToEvent(reply)));
  WriteReply(tx, referral, reply);
  if (!reply.mail().empty()) tasks::Cancel(tx.session, absl::StrCat(kReadMailKind, "/", IdOf(reply.mail())));
  tx.Tell(referral, "referral.replied.v1", absl::StrCat("登记了", chased.body.title(), "的答复"));
  Save(tx, &chased);
  found = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status Cancel(Tx& tx, const v1::CancelReferralRequest& request, v1::Referral& found) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.name(), request.etag()));
  XXT_RETURN_IF_ERROR(referrals::CheckOpen(chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, Cancelled{request.reason()}));
  Save(tx, &chased);
  found = std::move(chased.referral);
  return absl::OkStatus();
}

absl::Status CreateEntry(Tx& tx, const v1::CreateEntryRequest& request, v1::Entry& made) {
  XXT_RETURN_IF_ERROR(CheckEntry(request.entry(), tx.now));
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, request.parent()));
  v1::Referral& referral = chased.referral;
  XXT_RETURN_IF_ERROR(CheckVerdict(tx, referral, request.entry()));
  made = request.entry();
  entry::Add(tx, referral.name(), made);
  const bool reached = made.attempt().result() == v1::Attempt::RESULT_REACHED;
  const bool by_staff = referral.connector() == v1::Referral::CONNECTOR_STAFF;
  if (reached && by_staff && referral.state() == v1::Referral::STATE_QUEUED) {
    XXT_RETURN_IF_ERROR(OnAsked(tx, &chased));
    Save(tx, &chased);
  }
  tx.Tell(referral, "referral.entry_created.v1", "登记了一条协查记录");
  return absl::OkStatus();
}

}  // namespace xxt::referral::app
