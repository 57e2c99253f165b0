#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edge/fields.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "common/identifiers/uuid.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/slices.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/intake/v1/party.grpc.pb.h"

namespace xxt::intake {
namespace {

using google::protobuf::FieldDescriptor;

struct Corrected {
  std::vector<std::string> fields;
  std::vector<std::string> titles;
};

// Takes over what `right` says: what may be corrected is what it has in common with a party.
Corrected Apply(const v1::CorrectPartyRequest& right, v1::Party& party) {
  Corrected corrected;
  std::vector<const FieldDescriptor*> said;
  right.GetReflection()->ListFields(right, &said);
  for (const FieldDescriptor* from : said) {
    const FieldDescriptor* to = v1::Party::descriptor()->FindFieldByName(from->name());
    if (to == nullptr || !edge::SaidByCallers(*to)) continue;
    if (from->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      party.GetReflection()->SetBool(&party, to, right.GetReflection()->GetBool(right, from));
    } else if (from->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      party.GetReflection()->SetEnumValue(&party, to, right.GetReflection()->GetEnumValue(right, from));
    } else {
      party.GetReflection()->SetString(&party, to, right.GetReflection()->GetString(right, from));
    }
    corrected.fields.push_back(from->name());
    corrected.titles.push_back(from->options().GetExtension(::xixinting::common::v1::zh));
  }
  if (party.language_code().empty()) party.set_language_code("zh-CN");
  return corrected;
}

absl::Status Check(const v1::Party& party, const v1::CorrectPartyRequest& right, const Corrected& corrected) {
  if (corrected.fields.empty()) {
    return errors::FieldInvalid("phone_number", "请写明要更正的内容", "nothing is to be corrected");
  }
  if (party.display_name().empty()) return errors::FieldInvalid("display_name", "不能为空", "must not be empty");
  if (!right.resident_id().empty() && !party.credit_code().empty()) {
    return errors::FieldInvalid("resident_id", "身份证号和统一社会信用代码只能填一个",
                                "resident_id and credit_code exclude each other");
  }
  if (!cases::IsTold(party.preferred_channel())) {
    return errors::FieldInvalid("preferred_channel", "只能是短信、微信、网上、邮件、电话或邮寄",
                                "must be SMS, WECHAT, WEB, EMAIL, PHONE or POST");
  }
  return absl::OkStatus();
}

absl::Status Correct(Tx& tx, const v1::CorrectPartyRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  const auto party = std::find_if(found.mutable_parties()->begin(), found.mutable_parties()->end(),
                                  [&](const v1::Party& one) { return one.name() == request.name(); });
  if (party == found.mutable_parties()->end()) return errors::NotFound("intake.xixinting/Party", request.name());
  XXT_RETURN_IF_ERROR(edge::CheckRoom(found, "corrections", cases::kKeptCorrections));
  const Corrected corrected = Apply(request, *party);
  XXT_RETURN_IF_ERROR(Check(*party, request, corrected));
  v1::Correction& noted = *found.add_corrections();
  noted.set_party(party->name());
  noted.mutable_fields()->Assign(corrected.fields.begin(), corrected.fields.end());
  noted.set_reason(request.reason());
  noted.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, noted.mutable_correct_time());
  cases::CorrectRecipient(tx, *party, corrected.fields);
  cases::Save(tx, found, "case.party_corrected.v1",
              absl::StrCat("已更正当事人信息：", absl::StrJoin(corrected.titles, "、")));
  return absl::OkStatus();
}

absl::Status CheckAdded(const v1::Party& party) {
  if (party.role() == v1::Party::ROLE_APPLICANT) {
    return errors::FieldInvalid("party.role", "每件诉求只有一位申请人", "a case keeps its one applicant");
  }
  if (!party.resident_id().empty() && !party.credit_code().empty()) {
    return errors::FieldInvalid("party.credit_code", "身份证号和统一社会信用代码只能填一个",
                                "resident_id and credit_code exclude each other");
  }
  if (!cases::IsTold(party.preferred_channel())) {
    return errors::FieldInvalid("party.preferred_channel", "只能是短信、微信、网上、邮件、电话或邮寄",
                                "must be SMS, WECHAT, WEB, EMAIL, PHONE or POST");
  }
  if (party.deceased() && party.role() != v1::Party::ROLE_SUBJECT) {
    return errors::FieldInvalid("party.deceased", "只有诉求所涉的人可以标为已故", "only a SUBJECT may be deceased");
  }
  return absl::OkStatus();
}

absl::Status Add(Tx& tx, const v1::AddPartyRequest& request, v1::Case& found) {
  XXT_RETURN_IF_ERROR(CheckAdded(request.party()));
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(found, "parties"));
  v1::Party& added = *found.add_parties();
  added = request.party();
  added.set_name(absl::StrCat(found.name(), "/parties/", identifiers::NewUuid(tx.now)));
  if (added.language_code().empty()) added.set_language_code("zh-CN");
  cases::Save(tx, found, "case.party_added.v1", "补登一位相关人");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PartyService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(AddParty, Case, Add)
  XXT_CHANGE(CorrectParty, Case, Correct)
};

}  // namespace

edge::Slice PeopleSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
