#include "services/intake/api/convert.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/credit_code.h"
#include "common/identifiers/phone_number.h"
#include "common/identifiers/resident_id.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "services/intake/app/case_change.h"

namespace xxt::intake::api {
namespace {

using Violations = std::vector<errors::Violation>;

// The domain's enums have the protos' values in the same order, without
// UNSPECIFIED. `unset` is what UNSPECIFIED means.
template <typename Enum>
Enum FromEnum(int value, Enum unset) {
  return value == 0 ? unset : static_cast<Enum>(value - 1);
}
template <typename Proto, typename Enum>
Proto ToEnum(Enum value) {
  return static_cast<Proto>(static_cast<int>(value) + 1);
}
template <typename Enum>
constexpr bool Same(Enum value, int proto) {
  return static_cast<int>(value) + 1 == proto;
}
namespace common = ::xixinting::common::v1;
static_assert(Same(Channel::kWindow, common::CHANNEL_WINDOW) && Same(Channel::kSms, common::CHANNEL_SMS) &&
              Same(Channel::kVisit, common::CHANNEL_VISIT));
static_assert(Same(Difficulty::kPaperMissing, v1::Case::DIFFICULTY_PAPER_MISSING) &&
              Same(Difficulty::kRulesConflict, v1::Case::DIFFICULTY_RULES_CONFLICT));
static_assert(Same(CaseState::kInProgress, v1::Case::STATE_IN_PROGRESS) &&
              Same(CaseState::kClosureProposed, v1::Case::STATE_CLOSURE_PROPOSED) &&
              Same(CaseState::kClosed, v1::Case::STATE_CLOSED));
static_assert(Same(Party::Role::kApplicant, v1::Party::ROLE_APPLICANT) &&
              Same(Party::Role::kProxy, v1::Party::ROLE_PROXY));
static_assert(Same(PaperForm::kOriginal, v1::Paper::FORM_ORIGINAL) && Same(PaperForm::kCopy, v1::Paper::FORM_COPY));
static_assert(Same(PaperProvider::kApplicant, v1::Paper::PROVIDER_APPLICANT) &&
              Same(PaperProvider::kHall, v1::Paper::PROVIDER_HALL));
static_assert(Same(CasePaper::State::kNeeded, v1::Paper::STATE_NEEDED) &&
              Same(CasePaper::State::kReceived, v1::Paper::STATE_RECEIVED));
static_assert(Same(Resolution::kResolved, v1::Closure::RESOLUTION_RESOLVED) &&
              Same(Resolution::kNotPossible, v1::Closure::RESOLUTION_NOT_POSSIBLE));
static_assert(Same(ReferralReport::Kind::kOpened, v1::ReportReferralRequest::KIND_OPENED) &&
              Same(ReferralReport::Kind::kCutOffPassed, v1::ReportReferralRequest::KIND_CUT_OFF_PASSED));
static_assert(Same(app::MessageReport::Kind::kDelivered, v1::ReportMessageRequest::KIND_DELIVERED) &&
              Same(app::MessageReport::Kind::kNotReached, v1::ReportMessageRequest::KIND_NOT_REACHED));

// PostgreSQL keeps microseconds: so that the first answer equals later ones.
void WriteTime(absl::Time time, google::protobuf::Timestamp* proto) {
  rpc::ToProto(absl::FromUnixMicros(absl::ToUnixMicros(time)), proto);
}

// --- Parties --------------------------------------------------------------

void ReadResidentId(const v1::Party& proto, absl::CivilDay today, const std::string& path, Party& party,
                    Violations& violations) {
  if (proto.resident_id().empty()) return;
  const auto parsed = identifiers::ResidentId::Parse(proto.resident_id(), today);
  if (!parsed.ok()) {
    violations.push_back({path + "resident_id", "身份证号不对，请核对校验位和出生日期",
                          "is no valid resident identity number (GB 11643)"});
    return;
  }
  party.resident_id = parsed->value();
  party.masked_resident_id = parsed->Masked();
}

void ReadCreditCode(const v1::Party& proto, const std::string& path, Party& party, Violations& violations) {
  if (proto.credit_code().empty()) return;
  const auto parsed = identifiers::CreditCode::Parse(proto.credit_code());
  if (!parsed.ok()) {
    violations.push_back(
        {path + "credit_code", "统一社会信用代码不对，请核对校验位", "is no valid credit code (GB 32100)"});
    return;
  }
  party.credit_code = parsed->value();
}

void ReadPhoneNumber(const v1::Party& proto, const std::string& path, Party& party, Violations& violations) {
  if (proto.phone_number().empty()) return;
  const auto parsed = identifiers::PhoneNumber::Parse(proto.phone_number());
  if (!parsed.ok()) {
    violations.push_back({path + "phone_number", "电话号码不对", "is no telephone number that can be rung"});
    return;
  }
  party.phone_number = parsed->value();
  party.phone_extension = parsed->extension();
}

Party ReadParty(const v1::Party& proto, absl::CivilDay today, const std::string& path, Violations& violations) {
  Party party;
  party.role = FromEnum(proto.role(), Party::Role::kApplicant);
  party.display_name = proto.display_name();
  ReadResidentId(proto, today, path, party, violations);
  ReadCreditCode(proto, path, party, violations);
  ReadPhoneNumber(proto, path, party, violations);
  party.no_sms = proto.no_sms();
  party.deceased = proto.deceased();
  party.relationship = proto.relationship();
  party.language_code = proto.language_code().empty() ? "zh-CN" : proto.language_code();
  if (!proto.resident_id().empty() && !proto.credit_code().empty()) {
    violations.push_back({path + "credit_code", "身份证号和统一社会信用代码只能填一个",
                          "resident_id and credit_code exclude each other"});
  }
  if (party.deceased && party.role != Party::Role::kSubject) {
    violations.push_back({path + "deceased", "只有事项所涉的人可以标为已故", "only a SUBJECT may be deceased"});
  }
  return party;
}

std::vector<Party> ReadParties(const v1::Case& proto, absl::CivilDay today, Violations& violations) {
  std::vector<Party> parties;
  int applicants = 0;
  for (int i = 0; i < proto.parties_size(); ++i) {
    parties.push_back(ReadParty(proto.parties(i), today, absl::StrCat("case.parties[", i, "]."), violations));
    if (parties.back().role == Party::Role::kApplicant) ++applicants;
  }
  if (applicants != 1) {
    violations.push_back({"case.parties", "须有且只有一位申请人", "exactly one APPLICANT is needed"});
  }
  return parties;
}

void WriteParty(const Case& found, const Party& party, v1::Party* proto) {
  proto->set_name(absl::StrCat(found.name(), "/parties/", party.id));
  proto->set_role(ToEnum<v1::Party::Role>(party.role));
  proto->set_display_name(party.display_name);
  proto->set_masked_resident_id(party.masked_resident_id);
  proto->set_credit_code(party.credit_code);
  proto->set_phone_number(party.phone_extension.empty()
                              ? party.phone_number
                              : absl::StrCat(party.phone_number, " 转 ", party.phone_extension));
  proto->set_no_sms(party.no_sms);
  proto->set_deceased(party.deceased);
  proto->set_relationship(party.relationship);
  proto->set_language_code(party.language_code);
}

// --- Parts of a case ------------------------------------------------------

void WriteHandOff(const HandOff& hand_off, View view, v1::HandOff* proto) {
  proto->set_counter(hand_off.counter);
  proto->set_clerk(hand_off.clerk);
  if (view == View::kFull) proto->set_reason(hand_off.reason);
  for (const std::string& paper : hand_off.papers_seen) proto->add_papers_seen(paper);
  WriteTime(hand_off.hand_off_time, proto->mutable_hand_off_time());
}

void WritePaper(const CasePaper& paper, v1::Paper* proto) {
  proto->set_id(paper.id);
  proto->set_title(paper.title);
  // Both are asked for: whoever has the original has the copy.
  proto->set_form(paper.form == PaperForm::kCopy ? v1::Paper::FORM_COPY : v1::Paper::FORM_ORIGINAL);
  proto->set_copies(paper.copies);
  proto->set_provider(ToEnum<v1::Paper::Provider>(paper.provider));
  for (const std::string& alternative : paper.alternatives) proto->add_alternatives(alternative);
  proto->set_source(paper.source);
  proto->set_state(ToEnum<v1::Paper::State>(paper.state));
  proto->set_since_version(paper.since_version);
  proto->set_referral(paper.referral);
  if (paper.found_missing_time.has_value()) WriteTime(*paper.found_missing_time, proto->mutable_found_missing_time());
}

// The free words of a closure: they may be about people.
void WriteWords(const RecordedClosure& recorded, v1::Closure* proto) {
  const Closure& closure = recorded.closure;
  proto->set_explanation(closure.explanation);
  for (const Alternative& alternative : closure.alternatives) {
    v1::Alternative& added = *proto->add_alternatives();
    added.set_summary(alternative.summary);
    added.set_outcome(alternative.outcome);
  }
  proto->set_next_route(closure.next_route);
  proto->set_review_comment(recorded.review_comment);
}

void WriteClosure(const RecordedClosure& recorded, View view, v1::Closure* proto) {
  const Closure& closure = recorded.closure;
  proto->set_resolution(ToEnum<v1::Closure::Resolution>(closure.resolution));
  proto->set_told_in(closure.told_in);
  proto->set_basis(closure.basis);
  proto->set_accepted_by(closure.accepted_by);
  proto->set_proposer(recorded.proposer);
  WriteTime(recorded.propose_time, proto->mutable_propose_time());
  proto->set_reviewer(recorded.reviewer);
  if (view == View::kFull) WriteWords(recorded, proto);
}

void WriteEffort(const Case& found, v1::Effort* proto) {
  proto->set_calls(found.effort.calls);
  proto->set_meetings(found.effort.meetings);
  proto->set_messages(found.effort.messages);
  proto->set_referrals(static_cast<int>(found.referrals.size()));
}

void WriteCorrection(const Case& found, const Correction& correction, v1::Correction* proto) {
  proto->set_party(absl::StrCat(found.name(), "/parties/", correction.party));
  for (const std::string& field : correction.fields) proto->add_fields(field);
  proto->set_reason(correction.reason);
  proto->set_author(correction.author);
  WriteTime(correction.time, proto->mutable_correct_time());
}

void WritePeople(const Case& found, v1::Case* proto) {
  proto->set_summary(found.summary);
  for (const Party& party : found.parties) WriteParty(found, party, proto->add_parties());
  for (const Correction& correction : found.corrections) WriteCorrection(found, correction, proto->add_corrections());
}

void WriteProgress(const Case& found, View view, v1::Case* proto) {
  if (found.next_action.has_value()) {
    proto->mutable_next_action()->set_summary(found.next_action->summary);
    WriteTime(found.next_action->due_time, proto->mutable_next_action()->mutable_due_time());
  }
  for (const CasePaper& paper : found.papers) WritePaper(paper, proto->add_papers());
  proto->set_checklist_version(found.checklist_version);
  proto->set_checklist_amendment_count(static_cast<int>(found.checklist_amendments.size()));
  if (found.outcome.has_value()) {
    if (view == View::kFull) proto->mutable_outcome()->set_text(found.outcome->text);
    proto->mutable_outcome()->set_contact(found.outcome->contact);
    WriteTime(found.outcome->confirm_time, proto->mutable_outcome()->mutable_confirm_time());
  }
  if (found.closure.has_value()) WriteClosure(*found.closure, view, proto->mutable_closure());
  for (const RecordedClosure& returned : found.returned_closures) {
    WriteClosure(returned, view, proto->add_returned_closures());
  }
  WriteEffort(found, proto->mutable_effort());
  for (const auto& [name, status] : found.referrals) {
    if (status.state == ReferralStatus::State::kOpen) proto->add_open_referrals(name);
  }
}

}  // namespace

absl::StatusOr<Case> FromProto(const v1::Case& proto, absl::Time now) {
  Violations violations;
  Case input;
  input.title = proto.title();
  input.summary = proto.summary();
  input.hall = proto.hall();
  input.channel = FromEnum(proto.channel(), Channel::kWindow);
  input.service_item = proto.service_item();
  for (const int difficulty : proto.difficulties()) {
    input.difficulties.push_back(FromEnum(difficulty, Difficulty::kPaperMissing));
  }
  input.parties = ReadParties(proto, calendar::ToCivilDay(now), violations);
  if (!violations.empty()) return errors::FieldsInvalid(std::move(violations));
  return input;
}

HandOff FromProto(const v1::HandOff& proto) {
  HandOff hand_off;
  hand_off.counter = proto.counter();
  hand_off.reason = proto.reason();
  hand_off.papers_seen.assign(proto.papers_seen().begin(), proto.papers_seen().end());
  return hand_off;
}

CasePaper FromProto(const v1::Paper& proto) {
  CasePaper paper;
  paper.title = proto.title();
  paper.form = FromEnum(proto.form(), PaperForm::kOriginal);
  paper.copies = proto.copies() == 0 ? 1 : proto.copies();
  paper.provider = FromEnum(proto.provider(), PaperProvider::kApplicant);
  paper.alternatives.assign(proto.alternatives().begin(), proto.alternatives().end());
  paper.source = proto.source();
  return paper;
}

Closure FromProto(const v1::Closure& proto) {
  Closure closure;
  closure.resolution = FromEnum(proto.resolution(), Resolution::kResolved);
  closure.explanation = proto.explanation();
  closure.told_in = proto.told_in();
  closure.basis = proto.basis();
  for (const v1::Alternative& alternative : proto.alternatives()) {
    closure.alternatives.push_back({alternative.summary(), alternative.outcome()});
  }
  closure.next_route = proto.next_route();
  closure.accepted_by = proto.accepted_by();
  return closure;
}

std::vector<CaseState> FromProto(const google::protobuf::RepeatedField<int>& states) {
  std::vector<CaseState> found;
  for (const int state : states) {
    if (state != v1::Case::STATE_UNSPECIFIED) found.push_back(FromEnum(state, CaseState::kInProgress));
  }
  return found;
}

ReferralReport FromProto(const v1::ReportReferralRequest& proto) {
  ReferralReport report;
  report.referral = proto.referral();
  report.kind = FromEnum(proto.kind(), ReferralReport::Kind::kProgress);
  report.summary = proto.summary();
  report.paper_title = proto.paper_title();
  report.body_title = proto.body_title();
  if (proto.has_last_safe_day()) report.last_safe_day = rpc::FromProto(proto.last_safe_day());
  report.version = proto.version();
  report.route_sheet_version = proto.route_sheet_version();
  return report;
}

app::MessageReport FromProto(const v1::ReportMessageRequest& proto) {
  return {proto.message(), proto.version(), FromEnum(proto.kind(), app::MessageReport::Kind::kDelivered),
          proto.channel(), proto.text(),    rpc::FromProto(proto.occur_time())};
}

absl::StatusOr<PartyFields> FromProto(const v1::CorrectPartyRequest& proto, absl::Time now) {
  v1::Party said;
  said.set_resident_id(proto.resident_id());
  said.set_phone_number(proto.phone_number());
  Party read;
  Violations violations;
  ReadResidentId(said, calendar::ToCivilDay(now), "", read, violations);
  ReadPhoneNumber(said, "", read, violations);
  if (!violations.empty()) return errors::FieldsInvalid(std::move(violations));
  PartyFields right;
  if (proto.has_display_name()) right.display_name = proto.display_name();
  if (proto.has_resident_id()) right.resident_id = read.resident_id;
  right.masked_resident_id = read.masked_resident_id;
  if (proto.has_phone_number()) right.phone_number = read.phone_number;
  right.phone_extension = read.phone_extension;
  if (proto.has_no_sms()) right.no_sms = proto.no_sms();
  if (proto.has_relationship()) right.relationship = proto.relationship();
  if (proto.has_language_code()) {
    right.language_code = proto.language_code().empty() ? "zh-CN" : proto.language_code();
  }
  return right;
}

void ToProto(const Case& found, View view, v1::Case* proto) {
  proto->set_name(found.name());
  proto->set_display_code(found.display_code);
  proto->set_title(found.title);
  proto->set_hall(found.hall);
  proto->set_channel(ToEnum<common::Channel>(found.channel));
  proto->set_service_item(found.service_item);
  for (const Difficulty difficulty : found.difficulties) {
    proto->add_difficulties(ToEnum<v1::Case::Difficulty>(difficulty));
  }
  if (found.hand_off.has_value()) WriteHandOff(*found.hand_off, view, proto->mutable_hand_off());
  proto->set_state(ToEnum<v1::Case::State>(found.state));
  proto->set_owner(found.owner);
  WriteProgress(found, view, proto);
  if (view == View::kFull) WritePeople(found, proto);
  WriteTime(found.create_time, proto->mutable_create_time());
  WriteTime(found.update_time, proto->mutable_update_time());
  if (found.close_time.has_value()) WriteTime(*found.close_time, proto->mutable_close_time());
  proto->set_etag(app::EtagOf(found));
}

void ToProto(const app::Ticket& ticket, v1::Ticket* proto) {
  proto->set_display_code(ticket.display_code);
  proto->set_hall_title(ticket.hall_title);
  proto->set_owner(ticket.owner);
  proto->set_owner_display_name(ticket.owner_display_name);
  proto->set_phone_number(ticket.phone_number);
  proto->set_later(ticket.later);
  WriteTime(ticket.attend_time, proto->mutable_attend_time());
}

}  // namespace xxt::intake::api
