#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/answer_code.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/body/body.h"
#include "services/referral/chase/basis_rules.h"
#include "services/referral/chase/disclosure_rules.h"
#include "services/referral/chase/evidence.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/consent/consent.h"

namespace xxt::referral::chase {
namespace {

namespace intake = ::xixinting::intake::v1;

// The rules' numbers are the proto's.
static_assert(static_cast<int>(DataKind::kSubjectName) == v1::DATA_KIND_SUBJECT_NAME);
static_assert(static_cast<int>(DataKind::kApplicantPhone) == v1::DATA_KIND_APPLICANT_PHONE);

// What is to be told to the body, and on what it rests.
struct Disclosure {
  std::vector<DisclosedField> fields;
  std::vector<DataKind> covered;
};

Disclosure DisclosureOf(const v1::Referral& input) {
  Disclosure disclosure;
  for (const v1::DisclosedField& field : input.disclosed()) {
    disclosure.fields.push_back({static_cast<DataKind>(field.kind()), field.value()});
  }
  for (const int kind : input.lawful_basis().data_kinds()) {
    disclosure.covered.push_back(static_cast<DataKind>(kind));
  }
  return disclosure;
}

// Whether what is to be told the body has a basis, is what it says it is, and
// is all that the question holds.
absl::Status CheckDisclosure(const v1::Referral& input, const Disclosure& disclosure, absl::string_view at,
                             absl::Time now) {
  const std::vector<DisclosedField>& fields = disclosure.fields;
  if (const std::optional<int> repeated = FirstRepeated(fields)) {
    return errors::FieldInvalid(absl::StrCat(at, ".disclosed[", *repeated, "].kind"), "同一种信息只能填一次",
                                "a kind may be disclosed once");
  }
  if (const std::optional<int> uncovered = FirstUncovered(disclosure.covered, fields)) {
    return errors::LawfulBasisMissing(absl::StrCat(at, ".disclosed[", *uncovered, "].kind"));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (IsOfItsKind(fields[i], calendar::ToCivilDay(now))) continue;
    return errors::FieldInvalid(absl::StrCat(at, ".disclosed[", i, "].value"),
                                absl::StrCat("填写的内容不是", LetterNameOf(fields[i].kind)),
                                "the value is not of its kind");
  }
  if (HoldsLongNumber(input.question(), fields)) {
    return errors::FieldInvalid(absl::StrCat(at, ".question"),
                                "问题中不能写证件号、电话等号码，需要时请列入要提供的信息",
                                "must not hold a number that is not disclosed");
  }
  return absl::OkStatus();
}

// The case is there, open, and of the caller's hall.
absl::Status CheckCase(const identity::Caller& caller, const v1::Referral& input, const Disclosure& disclosure,
                       absl::string_view at, const intake::Case& seen) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, seen.hall(), input.case_name()));
  if (seen.hall() != input.hall()) {
    return errors::FieldInvalid(absl::StrCat(at, ".hall"), "须填写该诉求所在的大厅", "must be the case's hall");
  }
  if (seen.state() == intake::Case::STATE_CLOSED) {
    return errors::StateForbids(input.case_name(), "诉求已办结", "the case is closed");
  }
  const bool open =
      seen.state() == intake::Case::STATE_IN_PROGRESS || seen.state() == intake::Case::STATE_CLOSURE_PROPOSED;
  if (!open) return errors::NewerState("case.state");
  std::vector<std::string> names;
  for (const intake::Party& party : seen.parties()) names.push_back(party.display_name());
  if (HoldsName(input.question(), disclosure.fields, names)) {
    return errors::FieldInvalid(absl::StrCat(at, ".question"), "问题中不能写当事人的姓名，需要时请列入要提供的信息",
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

}  // namespace

absl::Status CheckAsked(const Intake& peer, const Tx& tx, const v1::Referral& input, absl::string_view at) {
  const Disclosure disclosure = DisclosureOf(input);
  XXT_RETURN_IF_ERROR(CheckDisclosure(input, disclosure, at, tx.now));
  XXT_ASSIGN_OR_RETURN(const intake::Case seen, peer.LookUp(input.case_name(), tx.deadline));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, input.hall(), input.hall()));
  XXT_RETURN_IF_ERROR(CheckCase(tx.caller, input, disclosure, at, seen));
  return CheckRecorded(peer, input, at, tx.deadline);
}

absl::Status Create(const Intake& peer, Tx& tx, const v1::CreateReferralRequest& request, v1::Referral& made) {
  const v1::Referral& input = request.referral();
  XXT_RETURN_IF_ERROR(CheckAsked(peer, tx, input, "referral"));
  XXT_RETURN_IF_ERROR(consent::CheckStands(tx, input.lawful_basis(), "referral"));
  Chased chased{input, {}};
  XXT_ASSIGN_OR_RETURN(chased.body, body::Find(tx.session, input.body()));
  if (!chased.body.merged_into().empty()) {
    return errors::FieldInvalid("referral.body", "该单位已并入另一个单位，请向那个单位发起",
                                "the body is merged into another: ask that one");
  }
  XXT_RETURN_IF_ERROR(CheckUnit(tx, chased));
  chased.referral.set_owner(tx.caller.subject);
  Open(tx, &chased);
  made = std::move(chased.referral);
  return absl::OkStatus();
}

void Open(Tx& tx, Chased* asked) {
  Chased& chased = *asked;
  v1::Referral& referral = chased.referral;
  referral.set_name(referrals::kReferrals.NewName("", tx.now));
  referral.set_answer_code(identifiers::AnswerCode::New().text());
  Start(tx, &chased);
  referrals::TellCase(tx, referral, referrals::Report::KIND_OPENED,
                      absl::StrCat("已向", chased.body.title(), "发起协查"));
  // A mail waits until the case counts the referral: it may be closed by now.
  if (referral.connector() == v1::Referral::CONNECTOR_STAFF) EnqueueCarry(tx, chased, tx.now);
  tx.Insert(referrals::kReferrals, referral);
  XXT_CRASH_POINT("referral.inserted");
  SetTimer(tx, referral);
  tx.Tell(referral, "referral.created.v1", absl::StrCat("向", chased.body.title(), "发起协查"));
}

}  // namespace xxt::referral::chase
