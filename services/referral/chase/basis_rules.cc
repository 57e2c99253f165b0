#include "services/referral/chase/basis_rules.h"

#include <algorithm>
#include <cstddef>

namespace xxt::referral {

absl::string_view LetterNameOf(DataKind kind) {
  switch (kind) {
    case DataKind::kSubjectName:
      return "当事人姓名";
    case DataKind::kSubjectResidentId:
      return "当事人身份证号";
    case DataKind::kEventDate:
      return "事件日期";
    case DataKind::kDocumentNumber:
      return "证件或档案编号";
    case DataKind::kApplicantName:
      return "申请人姓名";
    case DataKind::kRelationship:
      return "申请人与当事人的关系";
    case DataKind::kApplicantPhone:
      return "申请人电话";
  }
  return "";
}

std::optional<int> FirstUncovered(const std::vector<DataKind>& covered, const std::vector<DisclosedField>& disclosed) {
  for (std::size_t i = 0; i < disclosed.size(); ++i) {
    if (std::find(covered.begin(), covered.end(), disclosed[i].kind) == covered.end()) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::optional<int> FirstRepeated(const std::vector<DisclosedField>& disclosed) {
  for (std::size_t i = 1; i < disclosed.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (disclosed[i].kind == disclosed[j].kind) return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

}  // namespace xxt::referral
