#include "services/intake/paper/paper.h"

#include <google/protobuf/util/message_differencer.h>

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

const store::Table<v1::Paper> kPapers("intake.papers", &cases::kCases, {.lists = {{"of_case", {"case_id"}, "id"}}});

absl::StatusOr<Papers> LoadAll(Tx& tx, const v1::Case& about) {
  Papers papers;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kPapers, "of_case", about.name(), &papers));
  return papers;
}

v1::Paper* Find(Papers& papers, absl::string_view title) {
  const std::string key = TitleKey(title);
  const auto one = std::find_if(papers.begin(), papers.end(),
                                [&key](const v1::Paper& candidate) { return TitleKey(candidate.title()) == key; });
  return one == papers.end() ? nullptr : &*one;
}

v1::Paper& AskFor(const v1::Case& about, absl::string_view title, Papers& papers) {
  v1::Paper* paper = Find(papers, title);
  if (paper != nullptr && paper->state() != v1::Paper::STATE_NOT_NEEDED) return *paper;
  if (paper == nullptr) {
    paper = papers.Add();
    paper->set_title(std::string(title));
  }
  paper->set_state(v1::Paper::STATE_NEEDED);
  paper->clear_referral();
  for (const auto& [referral, news] : about.referrals()) {
    if (news.state() != v1::ReferralNews::STATE_OPEN || TitleKey(news.paper_title()) != TitleKey(title)) continue;
    paper->set_state(v1::Paper::STATE_SOURCING);
    paper->set_referral(referral);
  }
  return *paper;
}

}  // namespace paper

namespace {

using google::protobuf::util::MessageDifferencer;
using paper::kPapers;
using paper::Papers;

// Most papers of a case, those that it does not need any more included: each change looks at all of them.
constexpr int kMostPapers = 500;

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
Paper ToRule(const v1::Case& about, v1::Paper paper) {
  FillIn(&paper);
  Paper rule;
  rule.title = paper.title();
  rule.form = Ruled<PaperForm>(paper.form());
  rule.copies = paper.copies();
  rule.provider = Ruled<PaperProvider>(paper.provider());
  rule.service_items = {about.service_item()};
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
Checklist ToldOf(const v1::Case& about, const Papers& papers) {
  Checklist told;
  told.version = about.checklist_version();
  for (const v1::Paper& paper : papers) {
    if (paper.since_version() > 0) told.papers.push_back(ToRule(about, paper));
  }
  return told;
}

absl::Status CheckNotSeen(const v1::Case& about, const std::vector<Paper>& rules) {
  const auto& papers_seen = about.hand_off().papers_seen();
  std::vector<errors::Violation> seen;
  for (const std::size_t i : FindSeen(rules, {papers_seen.begin(), papers_seen.end()})) {
    seen.push_back({absl::StrCat("papers[", i, "].title"), "柜台已看过这份材料，不得再要",
                    "the counter has seen this paper already"});
  }
  return seen.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(seen));
}

absl::StatusOr<Checklist> Decide(const Tx& tx, const v1::Case& about, const Papers& papers,
                                 const v1::IssueChecklistRequest& request) {
  std::vector<Paper> rules;
  for (const v1::Paper& paper : request.papers()) rules.push_back(ToRule(about, paper));
  XXT_RETURN_IF_ERROR(CheckNotSeen(about, rules));
  if (about.checklist_version() == 0) return IssueChecklist(rules);
  absl::StatusOr<Checklist> next =
      AmendChecklist(ToldOf(about, papers), rules, request.amendment_reason(), tx.caller.subject, tx.now);
  if (absl::IsFailedPrecondition(next.status())) {
    return errors::StateForbids(about.name(), "清单没有变化，不必重新告知", "the amendment changes nothing");
  }
  return next;
}

bool Asks(const Checklist& list, const std::string& title) {
  return std::any_of(list.papers.begin(), list.papers.end(),
                     [&title](const Paper& rule) { return TitleKey(rule.title) == TitleKey(title); });
}

// What the list makes of the case's papers. Those that it names keep their state; those that it does not name any more
// are not needed, but what was received stays received.
void Take(const Checklist& next, const v1::Case& about, Papers& papers) {
  for (const Paper& rule : next.papers) WriteRule(rule, &paper::AskFor(about, rule.title, papers));
  for (v1::Paper& paper : papers) {
    if (paper.since_version() == 0 || Asks(next, paper.title())) continue;
    paper.set_since_version(0);
    if (paper.state() != v1::Paper::STATE_RECEIVED) paper.set_state(v1::Paper::STATE_NOT_NEEDED);
  }
}

void Note(const Amendment& amendment, v1::Case& about) {
  v1::Amendment& noted = *about.add_amendments();
  noted.set_version(amendment.version);
  noted.set_reason(amendment.reason);
  noted.set_author(amendment.actor);
  rpc::ToProto(amendment.amend_time, noted.mutable_amend_time());
  noted.mutable_added()->Assign(amendment.added.begin(), amendment.added.end());
  noted.mutable_removed()->Assign(amendment.removed.begin(), amendment.removed.end());
  about.set_checklist_amendment_count(about.amendments_size());
}

// Queues the papers that differ from what they were, and no other: who changes another one meanwhile is not disturbed.
// `before` are the first ones of `papers`. Errors: STATE_FORBIDS (too many).
absl::Status KeepChanged(Tx& tx, const v1::Case& about, const Papers& before, Papers& papers) {
  if (papers.size() > kMostPapers) {
    return errors::StateForbids(about.name(), "这件诉求的材料太多了", "the case has too many papers");
  }
  for (int i = 0; i < papers.size(); ++i) {
    v1::Paper& paper = papers[i];
    if (i >= before.size()) {
      paper.set_name(kPapers.NewName(about.name(), tx.now));
      tx.Insert(kPapers, paper);
    } else if (!MessageDifferencer::Equals(before[i], paper)) {
      tx.Save(kPapers, paper);
    }
  }
  return absl::OkStatus();
}

absl::Status Record(Tx& tx, const v1::RecordGapRequest& request, v1::Paper& recorded) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  const Paper rule = ToRule(about, request.paper());
  XXT_RETURN_IF_ERROR(CheckPaper(rule, "paper."));
  XXT_ASSIGN_OR_RETURN(Papers papers, paper::LoadAll(tx, about));
  if (const v1::Paper* known = paper::Find(papers, rule.title);
      known != nullptr && known->state() != v1::Paper::STATE_NOT_NEEDED) {
    recorded = *known;
    return absl::OkStatus();
  }
  const Papers before = papers;
  v1::Paper& missing = paper::AskFor(about, rule.title, papers);
  WriteRule(rule, &missing);
  rpc::ToProto(tx.now, missing.mutable_found_missing_time());
  XXT_RETURN_IF_ERROR(KeepChanged(tx, about, before, papers));
  tx.Tell(about, "paper.gap_recorded.v1", absl::StrCat("发现缺少材料：", missing.title()));
  recorded = missing;
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPaperRequest& request, v1::Paper& found) {
  return tx.Get(kPapers, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListPapersRequest& request, v1::ListPapersResponse& response) {
  return tx.List(kPapers, "of_case", request, &response);
}

absl::Status Receive(Tx& tx, const v1::ReceivePaperRequest& request, v1::Paper& received) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kPapers, request.name(), request.etag(), &received));
  if (received.state() == v1::Paper::STATE_RECEIVED) return absl::OkStatus();
  if (received.state() == v1::Paper::STATE_NOT_NEEDED) {
    return errors::StateForbids(received.name(), "这份材料已不再需要", "the paper is not needed any more");
  }
  received.set_state(v1::Paper::STATE_RECEIVED);
  tx.Save(kPapers, received);
  tx.Tell(about, "paper.received.v1", absl::StrCat("已收到材料：", received.title()));
  return absl::OkStatus();
}

absl::Status Issue(Tx& tx, const v1::IssueChecklistRequest& request, v1::Checklist& told) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.parent(), request.etag()));
  XXT_ASSIGN_OR_RETURN(Papers papers, paper::LoadAll(tx, about));
  XXT_ASSIGN_OR_RETURN(const Checklist next, Decide(tx, about, papers, request));
  const Papers before = papers;
  Take(next, about, papers);
  XXT_RETURN_IF_ERROR(KeepChanged(tx, about, before, papers));
  about.set_checklist_version(next.version);
  for (const Amendment& amendment : next.amendments) Note(amendment, about);
  cases::TellApplicant(tx, about,
                       {"checklist-issued",
                        absl::StrCat("checklist.", next.version),
                        {{"count", static_cast<std::int64_t>(next.papers.size())}}});
  cases::Save(tx, about, "case.checklist_issued.v1", absl::StrCat("已一次性告知清单第 ", next.version, " 版"));
  told.set_case_(about.name());
  told.set_version(next.version);
  told.set_amendment_count(about.checklist_amendment_count());
  for (const Paper& rule : next.papers) *told.add_papers() = *paper::Find(papers, rule.title);
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PaperService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordGap, Paper, Record)
  XXT_READ(GetPaper, Paper, Get)
  XXT_READ(ListPapers, ListPapersResponse, List)
  XXT_CHANGE(ReceivePaper, Paper, Receive)
  XXT_CHANGE(IssueChecklist, Checklist, Issue)
};

}  // namespace

edge::Slice PaperSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
