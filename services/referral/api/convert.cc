#include "services/referral/api/convert.h"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/chase/root.h"
#include "services/referral/entry/entry.h"

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

void ToProto(const UnmatchedMail& mail, v1::UnmatchedMail* proto) {
  proto->set_name(mail.name());
  proto->set_from_address(mail.from_address);
  proto->set_subject(mail.subject);
  proto->set_text(mail.text);
  SetTime(mail.receive_time, proto->mutable_receive_time());
  for (const Attachment& file : mail.attachments) {
    *proto->add_attachments() = entry::AttachmentOf(file, mail.name(), proto->attachments_size() + 1);
  }
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

}  // namespace xxt::referral
