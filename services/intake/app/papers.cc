#include "services/intake/app/papers.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/tell_tasks.h"
#include "services/intake/domain/checklist.h"

namespace xxt::intake::app {
namespace {

// The rules' view of a paper: one case asks for it for one service item.
Paper ToRule(const Case& found, const CasePaper& paper) {
  Paper rule;
  rule.title = paper.title;
  rule.form = paper.form;
  rule.copies = paper.copies;
  rule.provider = paper.provider;
  rule.service_items = {found.service_item};
  rule.alternatives = paper.alternatives;
  rule.source = paper.source;
  rule.since_version = paper.since_version;
  return rule;
}

std::vector<Paper> ToRules(const Case& found, const std::vector<CasePaper>& papers) {
  std::vector<Paper> rules;
  for (const CasePaper& paper : papers) rules.push_back(ToRule(found, paper));
  return rules;
}

// What a list already told holds; papers only found missing are not on it.
Checklist ToldOf(const Case& found) {
  Checklist told;
  told.version = found.checklist_version;
  for (const CasePaper& paper : found.papers) {
    if (paper.since_version > 0) told.papers.push_back(ToRule(found, paper));
  }
  told.amendments = found.checklist_amendments;
  return told;
}

const char* Chinese(absl::string_view field) {
  if (absl::EndsWith(field, ".title")) return "须写明具体的材料名称，不得用“其他材料”之类的兜底条款";
  if (absl::EndsWith(field, ".source")) return "须写明依据哪份公开清单或规定";
  if (absl::EndsWith(field, ".copies")) return "份数应为 1 到 20";
  return "不能为空";
}

// The domain names the field first: "papers[0].title: is missing". `item` is
// the request's name for it where there is one paper only.
absl::Status ToFieldError(const absl::Status& status, absl::string_view name, absl::string_view item) {
  const std::string message(status.message());
  if (absl::IsFailedPrecondition(status)) return errors::StateForbids(name, "清单没有变化，不必重新告知", message);
  if (!absl::IsInvalidArgument(status)) return status;
  const std::size_t colon = message.find(": ");
  std::string field = message.substr(0, colon);
  if (field == "reason") field = "amendment_reason";
  field = absl::StrReplaceAll(field, {{"papers[0]", item}});
  return errors::FieldInvalid(field, Chinese(field), colon == std::string::npos ? message : message.substr(colon + 2));
}

absl::Status CheckNotSeen(const Case& found, const std::vector<Paper>& rules) {
  if (!found.hand_off.has_value()) return absl::OkStatus();
  std::vector<errors::Violation> seen;
  for (const std::size_t i : FindSeen(rules, found.hand_off->papers_seen)) {
    seen.push_back({absl::StrCat("papers[", i, "].title"), "柜台已看过这份材料，不得再要",
                    "the counter has seen this paper already"});
  }
  return seen.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(seen));
}

absl::StatusOr<Checklist> Decide(const Case& found, const std::vector<CasePaper>& papers, absl::string_view reason,
                                 absl::string_view actor, absl::Time now) {
  const std::vector<Paper> rules = ToRules(found, papers);
  XXT_RETURN_IF_ERROR(CheckNotSeen(found, rules));
  absl::StatusOr<Checklist> next =
      found.checklist_version == 0 ? IssueChecklist(rules) : AmendChecklist(ToldOf(found), rules, reason, actor, now);
  if (!next.ok()) return ToFieldError(next.status(), found.name(), "papers[0]");
  return next;
}

// Puts the list into the case: papers it had keep their state, papers no
// longer asked for go.
void Take(const Checklist& next, Case& found) {
  for (const Paper& rule : next.papers) {
    CasePaper* paper = FindPaper(found, rule.title);
    if (paper == nullptr) {
      CasePaper added;
      added.title = rule.title;
      paper = &AddPaper(found, std::move(added));
    }
    paper->form = rule.form;
    paper->copies = rule.copies;
    paper->provider = rule.provider;
    paper->alternatives = rule.alternatives;
    paper->source = rule.source;
    paper->since_version = rule.since_version;
  }
  const auto not_asked_for = [&next](const CasePaper& paper) {
    return paper.since_version > 0 && std::none_of(next.papers.begin(), next.papers.end(), [&paper](const Paper& rule) {
             return TitleKey(rule.title) == TitleKey(paper.title);
           });
  };
  found.papers.erase(std::remove_if(found.papers.begin(), found.papers.end(), not_asked_for), found.papers.end());
  found.checklist_version = next.version;
  found.checklist_amendments = next.amendments;
}

}  // namespace

absl::StatusOr<Case> RecordGap(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                               absl::string_view etag, const CasePaper& paper, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(session, caller, name, etag));
  // The rules for one paper are those for a list of one.
  const absl::StatusOr<Checklist> checked = IssueChecklist({ToRule(found, paper)});
  if (!checked.ok()) return ToFieldError(checked.status(), found.name(), "paper");
  if (FindPaper(found, paper.title) != nullptr) return found;
  CasePaper missing = paper;
  missing.state = CasePaper::State::kNeeded;
  missing.found_missing_time = now;
  AddPaper(found, std::move(missing));
  Save(session, caller, found, "case.gap_recorded.v1", absl::StrCat("发现缺少材料：", paper.title), now);
  return found;
}

absl::StatusOr<Case> IssueCaseChecklist(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                        absl::string_view etag, const std::vector<CasePaper>& papers,
                                        absl::string_view amendment_reason, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(session, caller, name, etag));
  XXT_ASSIGN_OR_RETURN(const Checklist next, Decide(found, papers, amendment_reason, caller.subject, now));
  Take(next, found);
  TellApplicant(session, found,
                {"checklist-issued",
                 absl::StrCat("checklist.", next.version),
                 {{"count", static_cast<std::int64_t>(next.papers.size())}}});
  Save(session, caller, found, "case.checklist_issued.v1", absl::StrCat("已一次性告知清单第 ", next.version, " 版"),
       now);
  return found;
}

}  // namespace xxt::intake::app
