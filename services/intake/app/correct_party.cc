#include "services/intake/app/correct_party.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/identifiers/resource_name.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"

namespace xxt::intake::app {
namespace {

// For people.
std::string TitleOf(const std::string& field) {
  if (field == "display_name") return "姓名";
  if (field == "resident_id") return "身份证号";
  if (field == "phone_number") return "电话";
  if (field == "no_sms") return "能否收短信";
  if (field == "relationship") return "关系";
  return "语言";
}

absl::Status Check(const Party& party, const PartyFields& right, const std::vector<std::string>& fields) {
  if (fields.empty()) {
    return errors::FieldInvalid("phone_number", "请写明要更正的内容", "nothing is to be corrected");
  }
  if (party.display_name.empty()) return errors::FieldInvalid("display_name", "不能为空", "must not be empty");
  if (!right.resident_id.value_or("").empty() && !party.credit_code.empty()) {
    return errors::FieldInvalid("resident_id", "身份证号和统一社会信用代码只能填一个",
                                "resident_id and credit_code exclude each other");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Case> CorrectParty(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                  absl::string_view etag, const PartyFields& right, const std::string& reason,
                                  absl::Time now) {
  const absl::StatusOr<identifiers::ChildName> parsed = identifiers::ParseChildName(name, "cases", "parties");
  if (!parsed.ok()) return errors::FieldInvalid("name", "不是当事人的名称", "not a name of a party");
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(session, caller, absl::StrCat("cases/", parsed->parent_id), etag));
  const auto party = std::find_if(found.parties.begin(), found.parties.end(),
                                  [&parsed](const Party& other) { return other.id == parsed->id; });
  if (party == found.parties.end()) return errors::NotFound("intake.xixinting/Party", name);
  std::vector<std::string> fields = Correct(*party, right);
  XXT_RETURN_IF_ERROR(Check(*party, right, fields));
  const std::string titles = absl::StrJoin(
      fields, "、", [](std::string* out, const std::string& field) { absl::StrAppend(out, TitleOf(field)); });
  found.corrections.push_back({party->id, std::move(fields), reason, caller.subject, now});
  Save(session, caller, found, "case.party_corrected.v1", absl::StrCat("已更正当事人信息：", titles), now);
  return found;
}

}  // namespace xxt::intake::app
