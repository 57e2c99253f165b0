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

namespace xxt::intake {
namespace {

constexpr int kMaxCopies = 20;
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

std::vector<Paper>::const_iterator FindPaper(const std::vector<Paper>& papers, absl::string_view title) {
  const std::string key = TitleKey(title);
  return std::find_if(papers.begin(), papers.end(),
                      [&key](const Paper& paper) { return TitleKey(paper.title) == key; });
}

// Makes `into` serve what `other` is needed for, too.
void MergeInto(Paper& into, const Paper& other) {
  for (const std::string& item : other.service_items) {
    if (!Contains(into.service_items, item)) into.service_items.push_back(item);
  }
  const std::vector<std::string> sources = absl::StrSplit(into.source, std::string(kSourceSeparator));
  if (!Contains(sources, other.source)) absl::StrAppend(&into.source, kSourceSeparator, other.source);
  into.copies = std::max(into.copies, other.copies);
  if (into.form != other.form) into.form = PaperForm::kOriginalAndCopy;
  const auto not_taken_by_other = [&other](const std::string& text) { return !Contains(other.alternatives, text); };
  into.alternatives.erase(std::remove_if(into.alternatives.begin(), into.alternatives.end(), not_taken_by_other),
                          into.alternatives.end());
}

std::vector<Paper> MergePapers(const std::vector<Paper>& papers) {
  std::vector<Paper> merged;
  for (const Paper& paper : papers) {
    const auto found = FindPaper(merged, paper.title);
    if (found == merged.end()) {
      merged.push_back(paper);
    } else {
      MergeInto(merged[static_cast<std::size_t>(found - merged.cbegin())], paper);
    }
  }
  return merged;
}

absl::StatusOr<std::vector<Paper>> CheckAndMerge(const std::vector<Paper>& papers) {
  if (papers.empty()) return errors::FieldInvalid("papers", "不能为空", "must hold at least one paper");
  for (std::size_t i = 0; i < papers.size(); ++i) {
    const absl::Status checked = CheckPaper(papers[i], absl::StrCat("papers[", i, "]."));
    if (!checked.ok()) return checked;
  }
  return MergePapers(papers);
}

// Titles in `papers` that are not in `others`.
std::vector<std::string> TitlesMissingFrom(const std::vector<Paper>& others, const std::vector<Paper>& papers) {
  std::vector<std::string> titles;
  for (const Paper& paper : papers) {
    if (FindPaper(others, paper.title) == others.end()) titles.push_back(paper.title);
  }
  return titles;
}

}  // namespace

std::string TitleKey(absl::string_view title) {
  return absl::StrReplaceAll(title, {{" ", ""}, {"\t", ""}, {"　", ""}});
}

absl::Status CheckPaper(const Paper& paper, const std::string& prefix) {
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
  if (paper.service_items.empty()) {
    return errors::FieldInvalid(prefix + "service_items", "不能为空", "is empty: nothing needs this paper");
  }
  if (paper.copies < 1 || paper.copies > kMaxCopies) {
    return errors::FieldInvalid(prefix + "copies", "份数应为 1 到 20", "must be 1 to 20");
  }
  return absl::OkStatus();
}

std::vector<std::size_t> FindSeen(const std::vector<Paper>& papers, const std::vector<std::string>& seen) {
  std::vector<std::string> keys;
  for (const std::string& title : seen) keys.push_back(TitleKey(title));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < papers.size(); ++i) {
    if (Contains(keys, TitleKey(papers[i].title))) found.push_back(i);
  }
  return found;
}

absl::StatusOr<Checklist> IssueChecklist(const std::vector<Paper>& papers) {
  absl::StatusOr<std::vector<Paper>> merged = CheckAndMerge(papers);
  if (!merged.ok()) return merged.status();
  for (Paper& paper : *merged) paper.since_version = 1;
  return Checklist{1, *std::move(merged), {}};
}

absl::StatusOr<Checklist> AmendChecklist(const Checklist& told, const std::vector<Paper>& papers,
                                         absl::string_view reason, absl::string_view actor, absl::Time now) {
  if (told.version == 0) return absl::FailedPreconditionError("nothing was told yet; issue it first");
  if (absl::StripAsciiWhitespace(reason).empty()) {
    return errors::FieldInvalid("amendment_reason", "不能为空", "required to amend what was told as complete");
  }
  absl::StatusOr<std::vector<Paper>> merged = CheckAndMerge(papers);
  if (!merged.ok()) return merged.status();
  const int version = told.version + 1;
  for (Paper& paper : *merged) {
    const auto before = FindPaper(told.papers, paper.title);
    paper.since_version = before == told.papers.end() ? version : before->since_version;
  }
  if (std::is_permutation(merged->begin(), merged->end(), told.papers.begin(), told.papers.end())) {
    return absl::FailedPreconditionError("the amendment changes nothing");
  }
  Checklist next{version, *std::move(merged), told.amendments};
  next.amendments.push_back({version, std::string(reason), std::string(actor), now,
                             TitlesMissingFrom(told.papers, next.papers), TitlesMissingFrom(next.papers, told.papers)});
  return next;
}

}  // namespace xxt::intake
