#ifndef XXT_SERVICES_REFERRAL_DOMAIN_LAWFUL_BASIS_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_LAWFUL_BASIS_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/referral/domain/names.h"

namespace xxt::referral {

// Kinds of data that may be told to a body.
enum class DataKind {
  kSubjectName,
  kSubjectResidentId,
  kEventDate,
  kDocumentNumber,
  kApplicantName,
  kRelationship,
  kApplicantPhone,
};
template <>
inline constexpr std::array<absl::string_view, 7> kNames<DataKind> = {
    "SUBJECT_NAME",   "SUBJECT_RESIDENT_ID", "EVENT_DATE",     "DOCUMENT_NUMBER",
    "APPLICANT_NAME", "RELATIONSHIP",        "APPLICANT_PHONE"};

// What a kind is called in a letter: "当事人姓名".
absl::string_view LetterNameOf(DataKind kind);

// One datum that travels to the body. Personal data.
struct DisclosedField {
  DataKind kind = DataKind::kSubjectName;
  std::string value;
};

// Why a body may be given personal data (个人信息保护法 13, 23, 29, 35, 49).
struct LawfulBasis {
  enum class Kind { kConsent, kStatutoryDuty, kNearKinOfDeceased };
  Kind kind = Kind::kConsent;
  std::string purpose;
  std::string evidence;
  std::vector<DataKind> data_kinds;
};
template <>
inline constexpr std::array<absl::string_view, 3> kNames<LawfulBasis::Kind> = {"CONSENT", "STATUTORY_DUTY",
                                                                               "NEAR_KIN_OF_DECEASED"};

// The place in `disclosed` of the first datum whose kind `basis` does not
// cover; nullopt if it covers all.
std::optional<int> FirstUncovered(const LawfulBasis& basis, const std::vector<DisclosedField>& disclosed);

// The place in `disclosed` of the first datum whose kind came before.
std::optional<int> FirstRepeated(const std::vector<DisclosedField>& disclosed);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_LAWFUL_BASIS_H_
