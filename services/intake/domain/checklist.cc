#include "services/intake/domain/checklist.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace xxt::intake {
namespace {

constexpr int kMaxCopies = 20;
constexpr absl::string_view kSourceSeparator = "；";

// Titles, and parts of titles, that would let a counter ask for anything later.
constexpr std::array<absl::string_view, 5> kBareCatchAlls = {"其他", "其它", "有关", "相关", "等"};
constexpr std::array<absl::string_view, 9> kCatchAlls = {"其他材料", "其它材料", "有关材料", "相关材料", "其他证明",
                                                         "其它证明", "有关证明", "相关证明", "其他有关"};

absl::Status Unfit(std::size_t index, absl::string_view field, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("papers[", index, "].", field, ": ", why));
}

bool IsCatchAll(const std::string& key) {
  return std::find(kBareCatchAlls.begin(), kBareCatchAlls.end(), key) != kBareCatchAlls.end() ||
         std::any_of(kCatchAlls.begin(), kCatchAlls.end(),
                     [&key](absl::string_view part) { return absl::StrContains(key, part); });
}

absl::Status CheckPaper(const Paper& paper, std::size_t index) {
  const std::string key = TitleKey(paper.title);
  if (key.empty()) return Unfit(index, "title", "is missing");
  if (IsCatchAll(key)) return Unfit(index, "title", "names no particular paper (Beijing text of 2024, art. 31)");
  if (absl::StripAsciiWhitespace(paper.source).empty()) {
    return Unfit(index, "source", "is missing: no proof outside the published list (regulation, art. 44)");
  }
  if (paper.service_items.empty()) return Unfit(index, "service_items", "is empty: nothing needs this paper");
  if (paper.copies < 1 || paper.copies > kMaxCopies) return Unfit(index, "copies", "must be 1 to 20");
  return absl::OkStatus();
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
  if (papers.empty()) return absl::InvalidArgumentError("papers: at least one");
  for (std::size_t i = 0; i < papers.size(); ++i) {
    if (const absl::Status checked = CheckPaper(papers[i], i); !checked.ok()) return checked;
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
  if (told.version == 0) return absl::FailedPreconditionError("checklist: nothing was told yet; issue it first");
  if (absl::StripAsciiWhitespace(reason).empty()) {
    return absl::InvalidArgumentError("reason: required to amend what was told as complete");
  }
  absl::StatusOr<std::vector<Paper>> merged = CheckAndMerge(papers);
  if (!merged.ok()) return merged.status();
  const int version = told.version + 1;
  for (Paper& paper : *merged) {
    const auto before = FindPaper(told.papers, paper.title);
    paper.since_version = before == told.papers.end() ? version : before->since_version;
  }
  if (*merged == told.papers) return absl::FailedPreconditionError("checklist: the amendment changes nothing");
  Checklist next{version, *std::move(merged), told.amendments};
  next.amendments.push_back({version, std::string(reason), std::string(actor), now,
                             TitlesMissingFrom(told.papers, next.papers), TitlesMissingFrom(next.papers, told.papers)});
  return next;
}

}  // namespace xxt::intake
