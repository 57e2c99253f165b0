#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/party.grpc.pb.h"

namespace xxt::intake {
namespace {

// What may be corrected, as Party and the request call it, and for people.
constexpr std::array<std::pair<const char*, const char*>, 6> kCorrectable = {{{"display_name", "姓名"},
                                                                              {"resident_id", "身份证号"},
                                                                              {"phone_number", "电话"},
                                                                              {"no_sms", "能否收短信"},
                                                                              {"relationship", "关系"},
                                                                              {"language_code", "语言"}}};

struct Corrected {
  std::vector<std::string> fields;
  std::vector<std::string> titles;
};

// Takes over what `right` says.
Corrected Apply(const v1::CorrectPartyRequest& right, v1::Party& party) {
  Corrected corrected;
  const google::protobuf::Reflection& reflection = *right.GetReflection();
  for (const auto& [field, title] : kCorrectable) {
    const auto* from = right.GetDescriptor()->FindFieldByName(field);
    const auto* to = party.GetDescriptor()->FindFieldByName(field);
    if (!reflection.HasField(right, from)) continue;
    if (from->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL) {
      party.GetReflection()->SetBool(&party, to, reflection.GetBool(right, from));
    } else {
      party.GetReflection()->SetString(&party, to, reflection.GetString(right, from));
    }
    corrected.fields.emplace_back(field);
    corrected.titles.emplace_back(title);
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
  return absl::OkStatus();
}

absl::Status Correct(Tx& tx, const v1::CorrectPartyRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  const auto party = std::find_if(found.mutable_parties()->begin(), found.mutable_parties()->end(),
                                  [&](const v1::Party& one) { return one.name() == request.name(); });
  if (party == found.mutable_parties()->end()) return errors::NotFound("intake.xixinting/Party", request.name());
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

class Service final : public edge::Serves<v1::PartyService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CorrectParty, Case, Correct)
};

}  // namespace

edge::Slice PeopleSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
