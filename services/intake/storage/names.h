#ifndef XXT_SERVICES_INTAKE_STORAGE_NAMES_H_
#define XXT_SERVICES_INTAKE_STORAGE_NAMES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "services/intake/domain/case.h"

// The words that enums are stored as.
namespace xxt::intake::names {

absl::string_view Of(CaseState value);
absl::string_view Of(Channel value);
absl::string_view Of(Difficulty value);
absl::string_view Of(Party::Role value);
absl::string_view Of(PaperForm value);
absl::string_view Of(PaperProvider value);
absl::string_view Of(CasePaper::State value);
absl::string_view Of(Resolution value);
absl::string_view Of(ReferralStatus::State value);

// The value of a stored word: `Parse<Channel>("SMS")`; nullopt for one that
// this file does not write.
template <typename Enum>
std::optional<Enum> Parse(absl::string_view word);

}  // namespace xxt::intake::names

#endif  // XXT_SERVICES_INTAKE_STORAGE_NAMES_H_
