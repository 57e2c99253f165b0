#include "services/referral/api/convert.h"

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/chase/root.h"

namespace xxt::referral {
namespace {

// "STATE_" for an enum whose zero value is STATE_UNSPECIFIED.
template <typename Proto>
std::string PrefixOf(const google::protobuf::EnumDescriptor* descriptor) {
  const std::string& zero = descriptor->value(0)->name();
  return std::string(absl::StripSuffix(zero, "UNSPECIFIED"));
}

// Domain enums have the protos' names.
template <typename Proto, typename Enum>
Proto EnumToProto(Enum value) {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Proto>();
  const auto* found = descriptor->FindValueByName(absl::StrCat(PrefixOf<Proto>(descriptor), NameOf(value)));
  return found == nullptr ? static_cast<Proto>(0) : static_cast<Proto>(found->number());
}

template <typename Enum, typename Proto>
std::optional<Enum> EnumFromProto(Proto proto) {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Proto>();
  const auto* found = descriptor->FindValueByNumber(proto);
  if (found == nullptr) return std::nullopt;
  return FromName<Enum>(absl::StripPrefix(found->name(), PrefixOf<Proto>(descriptor)));
}

// For required fields: the edge lets no other value through.
template <typename Enum, typename Proto>
Enum EnumOr(Proto proto, Enum otherwise) {
  return EnumFromProto<Enum>(proto).value_or(otherwise);
}

// PostgreSQL keeps microseconds: so that the first answer equals later ones.
void SetTime(absl::Time time, google::protobuf::Timestamp* proto) {
  rpc::ToProto(absl::FromUnixMicros(absl::ToUnixMicros(time)), proto);
}

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

void Set(const std::vector<std::string>& values, google::protobuf::RepeatedPtrField<std::string>* field) {
  for (const std::string& value : values) *field->Add() = value;
}

void Set(const std::vector<Attachment>& attachments, const std::string& mail,
         google::protobuf::RepeatedPtrField<v1::Attachment>* field) {
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    ToProto(attachments[i], mail, static_cast<int>(i) + 1, field->Add());
  }
}

void ToProto(const Attempt& attempt, v1::Attempt* proto) {
  proto->set_channel(EnumToProto<xixinting::common::v1::Channel>(attempt.channel));
  proto->set_result(EnumToProto<v1::Attempt::Result>(attempt.result));
  proto->set_unit(attempt.unit);
  proto->set_person(attempt.person);
  proto->set_summary(attempt.summary);
}

Attempt FromProto(const v1::Attempt& proto) {
  return {EnumOr(proto.channel(), Channel::kPhone), EnumOr(proto.result(), Attempt::Result::kNoAnswer), proto.unit(),
          proto.person(), proto.summary()};
}

void ToProto(const Hop& hop, v1::Hop* proto) {
  proto->set_from_unit(hop.from_unit);
  proto->set_to_unit(hop.to_unit);
  proto->set_person(hop.person);
  proto->set_extension(hop.extension);
  proto->set_outcome(hop.outcome);
}

Hop FromProto(const v1::Hop& proto) {
  return {proto.from_unit(), proto.to_unit(), proto.person(), proto.extension(), proto.outcome()};
}

void ToProto(const Claim& claim, v1::Claim* proto) {
  proto->set_said_by(claim.said_by);
  proto->set_said_to(claim.said_to);
  proto->set_text(claim.text);
}

void ToProto(const ClaimVerdict& verdict, v1::Verdict* proto) {
  proto->set_claim(verdict.claim);
  proto->set_kind(EnumToProto<v1::Verdict::Kind>(verdict.kind));
  proto->set_basis(verdict.basis);
  proto->set_rule_note(verdict.rule_note);
}

void ToProto(const Finding& finding, v1::Finding* proto) {
  proto->set_reference_number(finding.reference_number);
  proto->set_holder_unit(finding.holder_unit);
  proto->set_text(finding.text);
}

Finding FromProto(const v1::Finding& proto) { return {proto.reference_number(), proto.holder_unit(), proto.text()}; }

void ToProto(const Mail& mail, v1::Mail* proto) {
  proto->set_direction(EnumToProto<v1::Mail::Direction>(mail.direction));
  proto->set_state(EnumToProto<v1::Mail::State>(mail.state));
  if (!mail.message_id.empty()) proto->set_message_id(absl::StrCat("<", mail.message_id, ">"));
  proto->set_subject(mail.subject);
  proto->set_text(mail.text);
  proto->set_address(mail.address);
  proto->set_bounced_mail(mail.bounced_mail);
  proto->set_bounce_status(mail.bounce_status);
}

void ToProto(const Reply& reply, v1::Reply* proto) {
  proto->set_kind(EnumToProto<v1::Reply::Kind>(reply.kind));
  proto->set_channel(EnumToProto<xixinting::common::v1::Channel>(reply.channel));
  proto->set_reason(reply.reason);
  if (reply.hop.has_value()) ToProto(*reply.hop, proto->mutable_hop());
  if (reply.finding.has_value()) ToProto(*reply.finding, proto->mutable_finding());
  proto->set_mail(reply.mail);
}

// Finds the proto's field for each kind of content.
struct ContentToProto {
  v1::Entry* entry;
  void operator()(const Attempt& content) const { ToProto(content, entry->mutable_attempt()); }
  void operator()(const Hop& content) const { ToProto(content, entry->mutable_hop()); }
  void operator()(const Claim& content) const { ToProto(content, entry->mutable_claim()); }
  void operator()(const ClaimVerdict& content) const { ToProto(content, entry->mutable_verdict()); }
  void operator()(const Finding& content) const { ToProto(content, entry->mutable_finding()); }
  void operator()(const Mail& content) const { ToProto(content, entry->mutable_mail()); }
  void operator()(const Reply& content) const { ToProto(content, entry->mutable_reply()); }
};

void ToProto(const LawfulBasis& basis, v1::LawfulBasis* proto) {
  proto->set_kind(EnumToProto<v1::LawfulBasis::Kind>(basis.kind));
  proto->set_purpose(basis.purpose);
  proto->set_evidence(basis.evidence);
  for (const DataKind kind : basis.data_kinds) proto->add_data_kinds(EnumToProto<v1::DataKind>(kind));
}

LawfulBasis FromProto(const v1::LawfulBasis& proto) {
  LawfulBasis basis;
  basis.kind = EnumOr(proto.kind(), LawfulBasis::Kind::kConsent);
  basis.purpose = proto.purpose();
  basis.evidence = proto.evidence();
  for (const int number : proto.data_kinds()) {
    const auto kind = EnumFromProto<DataKind>(static_cast<v1::DataKind>(number));
    if (kind.has_value()) basis.data_kinds.push_back(*kind);
  }
  return basis;
}

}  // namespace

void ToProto(const Referral& referral, v1::Referral* proto) {
  proto->set_name(referral.name());
  proto->set_case_name(referral.case_name());
  proto->set_hall(referral.hall);
  proto->set_body(absl::StrCat("bodies/", referral.body_id));
  proto->set_unit(referral.unit);
  proto->set_ask(EnumToProto<v1::Referral::Ask>(referral.ask));
  proto->set_question(referral.question);
  ToProto(referral.lawful_basis, proto->mutable_lawful_basis());
  for (const DisclosedField& field : referral.disclosed) {
    v1::DisclosedField* const to = proto->add_disclosed();
    to->set_kind(EnumToProto<v1::DataKind>(field.kind));
    to->set_value(field.value);
  }
  proto->set_paper_title(referral.paper_title);
  proto->set_connector(EnumToProto<v1::Referral::Connector>(referral.connector));
  proto->set_state(EnumToProto<v1::Referral::State>(referral.chase.state));
  proto->set_state_reason(referral.chase.reason);
  proto->set_owner(referral.owner);
  if (referral.chase.next_action_time.has_value()) {
    SetTime(*referral.chase.next_action_time, proto->mutable_next_action_time());
  }
  proto->set_reminder_count(referral.chase.reminders_sent);
  proto->set_answer_code(referral.answer_code);
  if (referral.cut_off.has_value()) *proto->mutable_cut_off() = chase::CutOffOf(*referral.cut_off);
  SetTime(referral.create_time, proto->mutable_create_time());
  SetTime(referral.update_time, proto->mutable_update_time());
  proto->set_etag(std::to_string(referral.version));
}

void ToListProto(const Referral& referral, v1::Referral* proto) {
  ToProto(referral, proto);
  proto->clear_question();
  proto->clear_disclosed();
  proto->clear_state_reason();
  proto->mutable_lawful_basis()->clear_purpose();
  proto->mutable_lawful_basis()->clear_evidence();
}

void ToProto(const Attachment& attachment, absl::string_view mail, int number, v1::Attachment* proto) {
  proto->set_name(absl::StrCat(mail, "/attachments/", number));
  proto->set_file_name(attachment.file_name);
  proto->set_media_type(attachment.media_type);
  proto->set_size(attachment.size);
  proto->set_state(EnumToProto<v1::Attachment::State>(attachment.state));
}

void ToProto(const Entry& entry, v1::Entry* proto) {
  proto->set_name(entry.name());
  std::visit(ContentToProto{proto}, entry.content);
  if (const Mail* mail = std::get_if<Mail>(&entry.content)) {
    Set(mail->attachments, entry.name(), proto->mutable_mail()->mutable_attachments());
  }
  SetTime(entry.occur_time, proto->mutable_occur_time());
  SetTime(entry.record_time, proto->mutable_record_time());
  proto->set_author(entry.author);
}

void ToProto(const UnmatchedMail& mail, v1::UnmatchedMail* proto) {
  proto->set_name(mail.name());
  proto->set_from_address(mail.from_address);
  proto->set_subject(mail.subject);
  proto->set_text(mail.text);
  SetTime(mail.receive_time, proto->mutable_receive_time());
  Set(mail.attachments, mail.name(), proto->mutable_attachments());
}

absl::StatusOr<Referral> FromProto(const v1::Referral& proto) {
  Referral referral;
  XXT_ASSIGN_OR_RETURN(referral.case_id, ParseId(proto.case_name(), "cases", "referral.case_name"));
  referral.hall = proto.hall();
  referral.body_id = BodyIdOf(proto.body());
  referral.unit = proto.unit();
  referral.ask = EnumOr(proto.ask(), Ask::kLocate);
  referral.question = proto.question();
  referral.lawful_basis = FromProto(proto.lawful_basis());
  for (const v1::DisclosedField& field : proto.disclosed()) {
    referral.disclosed.push_back({EnumOr(field.kind(), DataKind::kSubjectName), field.value()});
  }
  referral.paper_title = proto.paper_title();
  referral.connector = EnumOr(proto.connector(), Connector::kStaff);
  return referral;
}

absl::StatusOr<EntryContent> FromProto(const v1::Entry& proto) {
  switch (proto.content_case()) {
    case v1::Entry::kAttempt:
      return FromProto(proto.attempt());
    case v1::Entry::kHop:
      return FromProto(proto.hop());
    case v1::Entry::kClaim:
      return Claim{proto.claim().said_by(), proto.claim().said_to(), proto.claim().text()};
    case v1::Entry::kVerdict:
      return ClaimVerdict{proto.verdict().claim(), EnumOr(proto.verdict().kind(), ClaimVerdict::Kind::kConfirmed),
                          proto.verdict().basis(), proto.verdict().rule_note()};
    case v1::Entry::kFinding:
      return FromProto(proto.finding());
    case v1::Entry::kMail:
    case v1::Entry::kReply:
      return errors::FieldInvalid("entry", "邮件和答复不能这样登记", "mail and reply are not written this way");
    case v1::Entry::CONTENT_NOT_SET:
      break;
  }
  return errors::FieldInvalid("entry", "请填写要登记的内容", "content is required");
}

Reply FromProto(const v1::Reply& proto) {
  Reply reply;
  reply.kind = EnumOr(proto.kind(), Reply::Kind::kAcknowledged);
  reply.channel = EnumOr(proto.channel(), Channel::kPhone);
  reply.reason = proto.reason();
  if (proto.has_hop()) reply.hop = FromProto(proto.hop());
  if (proto.has_finding()) reply.finding = FromProto(proto.finding());
  reply.mail = proto.mail();
  return reply;
}

absl::StatusOr<std::string> ParseId(absl::string_view name, absl::string_view collection, absl::string_view field) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, collection) && absl::ConsumePrefix(&id, "/") && identifiers::IsUuid(id)) {
    return std::string(id);
  }
  return errors::FieldInvalid(std::string(field), "名称格式不对", absl::StrCat("must be ", collection, "/{uuid}"));
}

std::string BodyIdOf(absl::string_view name) { return std::string(absl::StripPrefix(name, "bodies/")); }

absl::StatusOr<RuleNoteIds> ParseRuleNote(absl::string_view name, absl::string_view field) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || !identifiers::IsUuid(parts[3])) {
    return errors::FieldInvalid(std::string(field), "名称格式不对", "must be bodies/{id}/ruleNotes/{uuid}");
  }
  return RuleNoteIds{parts[1], parts[3]};
}

absl::StatusOr<AttachmentIds> ParseAttachment(absl::string_view name, absl::string_view field) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  AttachmentIds ids;
  const std::size_t size = parts.size();
  const bool of_entry = size == 6;
  const bool known = (of_entry || size == 4) && identifiers::IsUuid(parts[size - 3]) &&
                     (!of_entry || identifiers::IsUuid(parts[1])) && absl::SimpleAtoi(parts[size - 1], &ids.number) &&
                     ids.number > 0;
  if (!known) return errors::FieldInvalid(std::string(field), "名称格式不对", "not a name of an attachment");
  if (of_entry) ids.referral_id = parts[1];
  ids.mail_id = parts[size - 3];
  return ids;
}

}  // namespace xxt::referral
