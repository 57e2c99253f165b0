#include "services/referral/search/search_rules.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace xxt::referral {
namespace {

constexpr int kPriorAnswers = 3;

// Of three answers that nobody gave: how many would say that it is there. In tenths.
int PriorTenths(const Prospect& prospect) {
  if (prospect.hinted) return 25;
  return prospect.listed ? 20 : 5;
}

std::string WithoutSpaces(absl::string_view title) {
  return absl::StrReplaceAll(title, {{" ", ""}, {"\t", ""}, {"　", ""}});
}

}  // namespace

bool IsSameTitle(absl::string_view one, absl::string_view other) { return WithoutSpaces(one) == WithoutSpaces(other); }

SearchMove DecideMove(const std::vector<CandidateState>& candidates, int parallel) {
  SearchMove move;
  std::vector<std::size_t> asked;
  std::optional<std::size_t> next;
  bool held = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    held = held || candidates[i] == CandidateState::kHeld;
    if (candidates[i] == CandidateState::kAsked) asked.push_back(i);
    if (candidates[i] == CandidateState::kWaiting && !next.has_value()) next = i;
  }
  if (held) {
    move.stop = std::move(asked);
    move.state = SearchState::kFound;
  } else if (next.has_value() && asked.size() < static_cast<std::size_t>(std::max(parallel, 1))) {
    move.ask = next;
  } else if (asked.empty()) {
    move.state = SearchState::kWithWindow;
  }
  return move;
}

int ChanceOf(const Prospect& prospect) {
  return (10 * prospect.held + PriorTenths(prospect)) * 1000 / (prospect.asked + kPriorAnswers);
}

void Rank(std::vector<Prospect>* prospects) {
  const auto key = [](const Prospect& one) { return std::tuple(-ChanceOf(one), one.median_workdays, one.body); };
  std::sort(prospects->begin(), prospects->end(),
            [&key](const Prospect& a, const Prospect& b) { return key(a) < key(b); });
}

std::string GroundsOf(const Prospect& prospect) {
  std::vector<std::string> grounds;
  if (prospect.hinted) grounds.emplace_back("有线索");
  if (prospect.listed) grounds.emplace_back("名录登记保存该材料");
  if (prospect.asked > 0) {
    grounds.push_back(absl::StrCat("问过", prospect.asked, "次，", prospect.held, "次在该处，一般",
                                   prospect.median_workdays, "个工作日答复"));
  }
  return absl::StrJoin(grounds, "；");
}

}  // namespace xxt::referral
