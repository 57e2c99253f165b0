#include "services/intake/storage/names.h"

#include <array>
#include <cstddef>

namespace xxt::intake::names {
namespace {

// The words of an enum, in the order of its values.
template <typename Enum>
constexpr std::array<absl::string_view, 0> kWords = {};
template <>
constexpr std::array<absl::string_view, 3> kWords<CaseState> = {"IN_PROGRESS", "CLOSURE_PROPOSED", "CLOSED"};
template <>
constexpr std::array<absl::string_view, 8> kWords<Channel> = {"WINDOW", "PHONE", "WEB",  "WECHAT",
                                                              "SMS",    "EMAIL", "POST", "VISIT"};
template <>
constexpr std::array<absl::string_view, 7> kWords<Difficulty> = {
    "PAPER_MISSING", "RECORD_NOT_LOCATED", "NOT_OURS",      "ENTITLEMENT_UNKNOWN",
    "MOBILITY",      "COMPREHENSION",      "RULES_CONFLICT"};
template <>
constexpr std::array<absl::string_view, 5> kWords<Party::Role> = {"APPLICANT", "SUBJECT", "BENEFICIARY", "KIN",
                                                                  "PROXY"};
template <>
constexpr std::array<absl::string_view, 3> kWords<PaperForm> = {"ORIGINAL", "COPY", "ORIGINAL_AND_COPY"};
template <>
constexpr std::array<absl::string_view, 3> kWords<PaperProvider> = {"APPLICANT", "BODY", "HALL"};
template <>
constexpr std::array<absl::string_view, 4> kWords<CasePaper::State> = {"NEEDED", "SOURCING", "LOCATED", "RECEIVED"};
template <>
constexpr std::array<absl::string_view, 5> kWords<Resolution> = {"RESOLVED", "GUIDED", "HANDED_OVER", "WITHDRAWN",
                                                                 "NOT_POSSIBLE"};
template <>
constexpr std::array<absl::string_view, 3> kWords<ReferralStatus::State> = {"OPEN", "ANSWERED", "ENDED"};

template <typename Enum>
absl::string_view WordOf(Enum value) {
  return kWords<Enum>[static_cast<std::size_t>(value)];
}

}  // namespace

absl::string_view Of(CaseState value) { return WordOf(value); }
absl::string_view Of(Channel value) { return WordOf(value); }
absl::string_view Of(Difficulty value) { return WordOf(value); }
absl::string_view Of(Party::Role value) { return WordOf(value); }
absl::string_view Of(PaperForm value) { return WordOf(value); }
absl::string_view Of(PaperProvider value) { return WordOf(value); }
absl::string_view Of(CasePaper::State value) { return WordOf(value); }
absl::string_view Of(Resolution value) { return WordOf(value); }
absl::string_view Of(ReferralStatus::State value) { return WordOf(value); }

template <typename Enum>
std::optional<Enum> Parse(absl::string_view word) {
  for (std::size_t i = 0; i < kWords<Enum>.size(); ++i) {
    if (kWords<Enum>[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template std::optional<CaseState> Parse(absl::string_view);
template std::optional<Channel> Parse(absl::string_view);
template std::optional<Difficulty> Parse(absl::string_view);
template std::optional<Party::Role> Parse(absl::string_view);
template std::optional<PaperForm> Parse(absl::string_view);
template std::optional<PaperProvider> Parse(absl::string_view);
template std::optional<CasePaper::State> Parse(absl::string_view);
template std::optional<Resolution> Parse(absl::string_view);
template std::optional<ReferralStatus::State> Parse(absl::string_view);

}  // namespace xxt::intake::names
