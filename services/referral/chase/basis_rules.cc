#include "services/referral/chase/basis_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace xxt::referral {

absl::string_view LetterNameOf(DataKind kind) {
  constexpr std::array<absl::string_view, 7> kLetterNames = {
      "当事人姓名", "当事人身份证号", "事件日期", "证件或档案编号", "申请人姓名", "申请人与当事人的关系", "申请人电话"};
  static_assert(kLetterNames.size() == static_cast<std::size_t>(DataKind::kApplicantPhone) + 1);
  return kLetterNames[static_cast<std::size_t>(kind)];
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
