#include "services/intake/paper/checklist_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::intake {
namespace {

constexpr absl::string_view kSourceSeparator = "；";
constexpr char kNeedsTitle[] = "须写明具体的材料名称，不得用“其他材料”之类的兜底条款";

// Titles, and parts of titles, that would let a counter ask for anything later.
constexpr std::array<absl::string_view, 5> kBareCatchAlls = {"其他", "其它", "有关", "相关", "等"};
constexpr std::array<absl::string_view, 9> kCatchAlls = {"其他材料", "其它材料", "有关材料", "相关材料", "其他证明",
                                                         "其它证明", "有关证明", "相关证明", "其他有关"};

bool IsCatchAll(const std::string& key) {
  return std::find(kBareCatchAlls.begin(), kBareCatchAlls.end(), key) != kBareCatchAlls.end() ||
         std::any_of(kCatchAlls.begin(), kCatchAlls.end(),
                     [&key](absl::string_view part) { return absl::StrContains(key, part); });
}

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Makes `into` serve who asks for `other`, too.
void MergeInto(ListedPaper& into, const PaperFacts& other) {
  PaperFacts& facts = into.facts;
  const std::vector<std::string> sources = absl::StrSplit(facts.source, std::string(kSourceSeparator));
  if (!Contains(sources, other.source)) absl::StrAppend(&facts.source, kSourceSeparator, other.source);
  facts.copies = std::max(facts.copies, other.copies);
  into.several_forms = into.several_forms || facts.form != other.form;
  const auto not_taken_by_other = [&other](const std::string& text) { return !Contains(other.alternatives, text); };
  facts.alternatives.erase(std::remove_if(facts.alternatives.begin(), facts.alternatives.end(), not_taken_by_other),
                           facts.alternatives.end());
}

}  // namespace

std::string TitleKey(absl::string_view title) {
  return absl::StrReplaceAll(title, {{" ", ""}, {"\t", ""}, {"　", ""}});
}

absl::Status CheckPaper(const PaperFacts& paper, const std::string& prefix) {
  const std::string key = TitleKey(paper.title);
  if (key.empty()) return errors::FieldInvalid(prefix + "title", kNeedsTitle, "is missing");
  if (IsCatchAll(key)) {
    return errors::FieldInvalid(prefix + "title", kNeedsTitle,
                                "names no particular paper (Beijing text of 2024, art. 31)");
  }
  if (absl::StripAsciiWhitespace(paper.source).empty()) {
    return errors::FieldInvalid(prefix + "source", "须写明依据哪份公开清单或规定",
                                "is missing: no proof outside the published list (regulation, art. 44)");
  }
  return absl::OkStatus();
}

std::vector<std::size_t> FindSeen(const std::vector<PaperFacts>& papers, const std::vector<std::string>& seen) {
  std::vector<std::string> keys;
  for (const std::string& title : seen) keys.push_back(TitleKey(title));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < papers.size(); ++i) {
    if (Contains(keys, TitleKey(papers[i].title))) found.push_back(i);
  }
  return found;
}

absl::StatusOr<std::vector<ListedPaper>> MakeChecklist(const std::vector<PaperFacts>& asked) {
  std::vector<ListedPaper> list;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    XXT_RETURN_IF_ERROR(CheckPaper(asked[i], absl::StrCat("papers[", i, "].")));
    const auto same = std::find_if(list.begin(), list.end(), [key = TitleKey(asked[i].title)](const ListedPaper& one) {
      return TitleKey(one.facts.title) == key;
    });
    if (same == list.end()) {
      list.push_back({i, asked[i]});
    } else {
      MergeInto(*same, asked[i]);
    }
  }
  return list;
}

}  // namespace xxt::intake
