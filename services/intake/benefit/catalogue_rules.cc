#include "services/intake/benefit/catalogue_rules.h"

#include <cstddef>
#include <set>

#include "absl/strings/str_cat.h"

namespace xxt::intake::benefit {
namespace {

void CheckTime(const std::vector<RuleFacts>& rules, std::size_t at, const std::string& path,
               std::vector<errors::Violation>* found) {
  if (rules[at].valid_to < rules[at].valid_from) {
    found->push_back({path + ".valid_to", "不能早于开始之日", "must not be before valid_from"});
  }
  if (at > 0 && rules[at].valid_from <= rules[at - 1].valid_to) {
    found->push_back({path + ".valid_from", "须在前一条规则结束之后", "must be after the rule before it has ended"});
  }
}

void CheckTests(const RuleFacts& rule, const std::string& path, std::vector<errors::Violation>* found) {
  std::set<int> kinds;
  for (std::size_t i = 0; i < rule.kinds.size(); ++i) {
    if (kinds.insert(rule.kinds[i]).second) continue;
    found->push_back({absl::StrCat(path, ".tests[", i, "].kind"), "同一情况已有条件", "is tested already"});
  }
}

void CheckExcludes(const std::string& benefit, const RuleFacts& rule, const std::string& path,
                   std::vector<errors::Violation>* found) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < rule.excludes.size(); ++i) {
    const std::string field = absl::StrCat(path, ".excludes[", i, "]");
    if (rule.excludes[i] == benefit) found->push_back({field, "不能排除自己", "must be another benefit"});
    if (!names.insert(rule.excludes[i]).second) found->push_back({field, "写了两次", "is named twice"});
  }
}

}  // namespace

bool HoldsOn(absl::CivilDay valid_from, absl::CivilDay valid_to, absl::CivilDay day) {
  return valid_from <= day && day <= valid_to;
}

std::vector<errors::Violation> FindRuleFaults(const std::string& benefit, const std::vector<RuleFacts>& rules) {
  std::vector<errors::Violation> found;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string path = absl::StrCat("benefit.rules[", i, "]");
    CheckTime(rules, i, path, &found);
    CheckTests(rules[i], path, &found);
    CheckExcludes(benefit, rules[i], path, &found);
  }
  return found;
}

}  // namespace xxt::intake::benefit
