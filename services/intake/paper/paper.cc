#include "services/intake/paper/paper.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/tell.h"
#include "services/intake/paper/checklist_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"

namespace xxt::intake {
namespace paper {

v1::Paper* Find(v1::Case& found, absl::string_view title) {
  const std::string key = TitleKey(title);
  auto& papers = *found.mutable_papers();
  const auto one = std::find_if(papers.begin(), papers.end(),
                                [&key](const v1::Paper& candidate) { return TitleKey(candidate.title()) == key; });
  return one == papers.end() ? nullptr : &*one;
}

v1::Paper& Add(v1::Case& found, v1::Paper paper) {
  found.set_paper_count(found.paper_count() + 1);
  paper.set_id(absl::StrCat("p", found.paper_count()));
  paper.set_state(v1::Paper::STATE_NEEDED);
  for (const auto& [referral, news] : found.referrals()) {
    if (news.state() != v1::ReferralNews::STATE_OPEN || TitleKey(news.paper_title()) != TitleKey(paper.title())) {
      continue;
    }
    paper.set_state(v1::Paper::STATE_SOURCING);
    paper.set_referral(referral);
  }
  return *found.add_papers() = std::move(paper);
}

}  // namespace paper

namespace {

// The rules' enums are the protos' without UNSPECIFIED, in the same order.
template <typename Enum>
Enum Ruled(int value) {
  return static_cast<Enum>(value - 1);
}
static_assert(static_cast<int>(PaperForm::kOriginalAndCopy) + 1 == v1::Paper::FORM_ORIGINAL_AND_COPY);
static_assert(static_cast<int>(PaperProvider::kHall) + 1 == v1::Paper::PROVIDER_HALL);

// What a caller leaves open: one original, from the applicant.
void FillIn(v1::Paper* paper) {
  if (paper->form() == v1::Paper::FORM_UNSPECIFIED) paper->set_form(v1::Paper::FORM_ORIGINAL);
  if (paper->provider() == v1::Paper::PROVIDER_UNSPECIFIED) paper->set_provider(v1::Paper::PROVIDER_APPLICANT);
  if (paper->copies() == 0) paper->set_copies(1);
}

// The rules' view of a paper: one case asks for it for one service item.
Paper ToRule(const v1::Case& found, v1::Paper paper) {
  FillIn(&paper);
  Paper rule;
  rule.title = paper.title();
  rule.form = Ruled<PaperForm>(paper.form());
  rule.copies = paper.copies();
  rule.provider = Ruled<PaperProvider>(paper.provider());
  rule.service_items = {found.service_item()};
  rule.alternatives = {paper.alternatives().begin(), paper.alternatives().end()};
  rule.source = paper.source();
  rule.since_version = paper.since_version();
  return rule;
}

void WriteRule(const Paper& rule, v1::Paper* paper) {
  paper->set_title(rule.title);
  paper->set_form(static_cast<v1::Paper::Form>(static_cast<int>(rule.form) + 1));
  paper->set_copies(rule.copies);
  paper->set_provider(static_cast<v1::Paper::Provider>(static_cast<int>(rule.provider) + 1));
  paper->mutable_alternatives()->Assign(rule.alternatives.begin(), rule.alternatives.end());
  paper->set_source(rule.source);
  paper->set_since_version(rule.since_version);
}

// What a list already told holds; papers only found missing are not on it.
Checklist ToldOf(const v1::Case& found) {
  Checklist told;
  told.version = found.checklist_version();
  for (const v1::Paper& paper : found.papers()) {
    if (paper.since_version() > 0) told.papers.push_back(ToRule(found, paper));
  }
  return told;
}

absl::Status CheckNotSeen(const v1::Case& found, const std::vector<Paper>& rules) {
  const auto& papers_seen = found.hand_off().papers_seen();
  std::vector<errors::Violation> seen;
  for (const std::size_t i : FindSeen(rules, {papers_seen.begin(), papers_seen.end()})) {
    seen.push_back({absl::StrCat("papers[", i, "].title"), "柜台已看过这份材料，不得再要",
                    "the counter has seen this paper already"});
  }
  return seen.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(seen));
}

absl::StatusOr<Checklist> Decide(const Tx& tx, const v1::Case& found, const v1::IssueChecklistRequest& request) {
  std::vector<Paper> rules;
  for (const v1::Paper& paper : request.papers()) rules.push_back(ToRule(found, paper));
  XXT_RETURN_IF_ERROR(CheckNotSeen(found, rules));
  if (found.checklist_version() == 0) return IssueChecklist(rules);
  absl::StatusOr<Checklist> next =
      AmendChecklist(ToldOf(found), rules, request.amendment_reason(), tx.caller.subject, tx.now);
  if (absl::IsFailedPrecondition(next.status())) {
    return errors::StateForbids(found.name(), "清单没有变化，不必重新告知", "the amendment changes nothing");
  }
  return next;
}

bool Asks(const Checklist& list, const std::string& title) {
  return std::any_of(list.papers.begin(), list.papers.end(),
                     [&title](const Paper& rule) { return TitleKey(rule.title) == TitleKey(title); });
}

void Note(const Amendment& amendment, v1::Case& found) {
  v1::Amendment& noted = *found.add_amendments();
  noted.set_version(amendment.version);
  noted.set_reason(amendment.reason);
  noted.set_author(amendment.actor);
  rpc::ToProto(amendment.amend_time, noted.mutable_amend_time());
  noted.mutable_added()->Assign(amendment.added.begin(), amendment.added.end());
  noted.mutable_removed()->Assign(amendment.removed.begin(), amendment.removed.end());
  found.set_checklist_amendment_count(found.amendments_size());
}

// Puts the list into the case: papers it had keep their state, papers no
// longer asked for go.
void Take(const Checklist& next, v1::Case& found) {
  for (const Paper& rule : next.papers) {
    v1::Paper* paper = paper::Find(found, rule.title);
    if (paper == nullptr) {
      v1::Paper added;
      added.set_title(rule.title);
      paper = &paper::Add(found, std::move(added));
    }
    WriteRule(rule, paper);
  }
  auto& papers = *found.mutable_papers();
  papers.erase(std::remove_if(
                   papers.begin(), papers.end(),
                   [&next](const v1::Paper& paper) { return paper.since_version() > 0 && !Asks(next, paper.title()); }),
               papers.end());
  found.set_checklist_version(next.version);
  for (const Amendment& amendment : next.amendments) Note(amendment, found);
}

absl::Status Record(Tx& tx, const v1::RecordGapRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_RETURN_IF_ERROR(CheckPaper(ToRule(found, request.paper()), "paper."));
  if (paper::Find(found, request.paper().title()) != nullptr) return absl::OkStatus();
  v1::Paper& missing = paper::Add(found, request.paper());
  FillIn(&missing);
  rpc::ToProto(tx.now, missing.mutable_found_missing_time());
  cases::Save(tx, found, "case.gap_recorded.v1", absl::StrCat("发现缺少材料：", missing.title()));
  return absl::OkStatus();
}

absl::Status Issue(Tx& tx, const v1::IssueChecklistRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_ASSIGN_OR_RETURN(const Checklist next, Decide(tx, found, request));
  Take(next, found);
  cases::TellApplicant(tx, found,
                       {"checklist-issued",
                        absl::StrCat("checklist.", next.version),
                        {{"count", static_cast<std::int64_t>(next.papers.size())}}});
  cases::Save(tx, found, "case.checklist_issued.v1", absl::StrCat("已一次性告知清单第 ", next.version, " 版"));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PaperService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordGap, Case, Record)
  XXT_CHANGE(IssueChecklist, Case, Issue)
};

}  // namespace

edge::Slice PaperSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
