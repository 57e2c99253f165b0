#include "services/intake/policy/match_rules.h"

namespace xxt::intake::policy {
namespace {

// 0: it is no match; else the lower the surer.
int RankOf(const Match& match) {
  switch (match.verdict) {
    case benefit::Verdict::kEligible:
      return 1;
    case benefit::Verdict::kLikely:
      return 2;
    case benefit::Verdict::kNeedFact:
      return match.knows_something ? 3 : 0;
    case benefit::Verdict::kNotEligible:
      return 0;
  }
  return 0;
}

}  // namespace

bool Counts(const ConsentFacts& consent, absl::CivilDay today) {
  return consent.given && consent.giver_is_applicant && consent.giver_can_act && consent.start <= today;
}

std::optional<std::size_t> BestOf(const std::vector<Match>& matches) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const int rank = RankOf(matches[i]);
    if (rank != 0 && (!best.has_value() || rank < RankOf(matches[*best]))) best = i;
  }
  return best;
}

}  // namespace xxt::intake::policy
