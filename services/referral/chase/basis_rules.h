#ifndef XXT_SERVICES_REFERRAL_CHASE_BASIS_RULES_H_
#define XXT_SERVICES_REFERRAL_CHASE_BASIS_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::referral {

// Kinds of data that may be told to a body; the proto's numbers.
enum class DataKind {
  kSubjectName = 1,
  kSubjectResidentId,
  kEventDate,
  kDocumentNumber,
  kApplicantName,
  kRelationship,
  kApplicantPhone,
};

// What a kind is called in a letter: "当事人姓名"; empty for one of a newer version,
// whose value does not go out under another name.
absl::string_view LetterNameOf(DataKind kind);

// One datum that travels to the body. Personal data.
struct DisclosedField {
  DataKind kind = DataKind::kSubjectName;
  std::string value;
};

// The place in `disclosed` of the first datum whose kind the lawful basis does not
// cover; nullopt if it covers all (个人信息保护法 13, 23, 29, 35, 49).
std::optional<int> FirstUncovered(const std::vector<DataKind>& covered, const std::vector<DisclosedField>& disclosed);

// The place in `disclosed` of the first datum whose kind came before.
std::optional<int> FirstRepeated(const std::vector<DisclosedField>& disclosed);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CHASE_BASIS_RULES_H_
