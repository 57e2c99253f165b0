#include "services/intake/paper/paper.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/prepare.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/tell.h"
#include "services/intake/paper/checklist_rules.h"
#include "services/intake/paper/ladder.h"
#include "services/intake/paper/life.h"
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

bool InHand(const v1::Paper& paper) {
  return paper.state() == v1::Paper::STATE_RECEIVED || paper.state() == v1::Paper::STATE_VERIFIED ||
         paper.state() == v1::Paper::STATE_SUBSTITUTED;
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
  NoteSought(about, *paper);
  return *paper;
}

void NoteSought(const v1::Case& about, v1::Paper& paper) {
  for (const auto& [referral, news] : about.referrals()) {
    if (news.state() != v1::ReferralNews::STATE_OPEN) continue;
    if (TitleKey(news.paper_title()) != TitleKey(paper.title())) continue;
    paper.set_state(v1::Paper::STATE_SOURCING);
    paper.set_referral(referral);
  }
}

}  // namespace paper

namespace {

using google::protobuf::util::MessageDifferencer;
using paper::kPapers;
using paper::Papers;

// Most papers of a case, those that it does not need any more included: each change looks at all of them.
constexpr int kMostPapers = 500;

// What a caller leaves open: one original, from the applicant.
void FillIn(v1::Paper* paper) {
  if (paper->form() == v1::Paper::FORM_UNSPECIFIED) paper->set_form(v1::Paper::FORM_ORIGINAL);
  if (paper->provider() == v1::Paper::PROVIDER_UNSPECIFIED) paper->set_provider(v1::Paper::PROVIDER_APPLICANT);
  if (paper->copies() == 0) paper->set_copies(1);
}

PaperFacts FactsOf(const v1::Paper& paper) {
  return {paper.title(),
          paper.form(),
          paper.copies(),
          {paper.alternatives().begin(), paper.alternatives().end()},
          paper.source()};
}

absl::Status CheckNotSeen(const v1::Case& about, const std::vector<PaperFacts>& asked) {
  const auto& papers_seen = about.hand_off().papers_seen();
  std::vector<errors::Violation> seen;
  for (const std::size_t i : FindSeen(asked, {papers_seen.begin(), papers_seen.end()})) {
    seen.push_back({absl::StrCat("papers[", i, "].title"), "柜台已看过这份材料，不得再要",
                    "the counter has seen this paper already"});
  }
  return seen.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(seen));
}

// The list of all that the request asks for: whole papers, so that none loses what the rules do not look at.
absl::StatusOr<Papers> ListOf(const v1::Case& about, const v1::IssueChecklistRequest& request) {
  Papers asked = request.papers();
  std::vector<PaperFacts> facts;
  for (v1::Paper& paper : asked) {
    FillIn(&paper);
    facts.push_back(FactsOf(paper));
  }
  XXT_RETURN_IF_ERROR(CheckNotSeen(about, facts));
  XXT_ASSIGN_OR_RETURN(const std::vector<ListedPaper> checklist, MakeChecklist(facts));
  Papers list;
  for (const ListedPaper& one : checklist) {
    v1::Paper& paper = *list.Add();
    paper = asked[static_cast<int>(one.first)];
    if (one.several_forms) paper.set_form(v1::Paper::FORM_ORIGINAL_AND_COPY);
    paper.set_copies(one.facts.copies);
    paper.mutable_alternatives()->Assign(one.facts.alternatives.begin(), one.facts.alternatives.end());
    paper.set_source(one.facts.source);
  }
  return list;
}

bool Asks(const Papers& list, const std::string& title) {
  return std::any_of(list.begin(), list.end(),
                     [&title](const v1::Paper& one) { return TitleKey(one.title()) == TitleKey(title); });
}

// What the list makes of the case's papers, and which of them come and go with it. Those that it names keep their
// state; those that it does not name any more are not needed, but what was received stays received.
v1::Amendment Take(const Papers& list, const v1::Case& about, Papers& papers) {
  v1::Amendment amendment;
  for (const v1::Paper& one : list) {
    v1::Paper& listed = paper::AskFor(about, one.title(), papers);
    edge::TakeOver(one, &listed);
    if (listed.since_version() > 0) continue;
    listed.set_since_version(about.checklist_version());
    amendment.add_added(listed.title());
  }
  for (v1::Paper& paper : papers) {
    if (paper.since_version() == 0 || Asks(list, paper.title())) continue;
    paper.set_since_version(0);
    if (!paper::InHand(paper)) paper.set_state(v1::Paper::STATE_NOT_NEEDED);
    amendment.add_removed(paper.title());
  }
  return amendment;
}

// Counts what a list already told lacked: our defect.
void Note(const Tx& tx, const std::string& reason, v1::Amendment amendment, v1::Case& about) {
  amendment.set_version(about.checklist_version());
  amendment.set_reason(reason);
  amendment.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, amendment.mutable_amend_time());
  *about.add_amendments() = std::move(amendment);
  about.set_checklist_amendment_count(about.amendments_size());
}

bool AreSame(const Papers& some, const Papers& others) {
  return std::equal(
      some.begin(), some.end(), others.begin(), others.end(),
      [](const v1::Paper& one, const v1::Paper& other) { return MessageDifferencer::Equals(one, other); });
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
  v1::Paper asked = request.paper();
  FillIn(&asked);
  XXT_RETURN_IF_ERROR(CheckPaper(FactsOf(asked), "paper."));
  XXT_ASSIGN_OR_RETURN(Papers papers, paper::LoadAll(tx, about));
  if (const v1::Paper* known = paper::Find(papers, asked.title());
      known != nullptr && known->state() != v1::Paper::STATE_NOT_NEEDED) {
    recorded = *known;
    return absl::OkStatus();
  }
  const Papers before = papers;
  v1::Paper& missing = paper::AskFor(about, asked.title(), papers);
  edge::TakeOver(asked, &missing);
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

absl::Status Issue(Tx& tx, const v1::IssueChecklistRequest& request, v1::Checklist& told) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.parent(), request.etag()));
  const bool amends = about.checklist_version() > 0;
  if (amends && request.amendment_reason().empty()) {
    return errors::FieldInvalid("amendment_reason", "不能为空", "required to amend what was told as complete");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(about, "amendments"));
  XXT_ASSIGN_OR_RETURN(const Papers list, ListOf(about, request));
  XXT_ASSIGN_OR_RETURN(Papers papers, paper::LoadAll(tx, about));
  const Papers before = papers;
  about.set_checklist_version(about.checklist_version() + 1);
  v1::Amendment amendment = Take(list, about, papers);
  if (amends && AreSame(before, papers)) {
    return errors::StateForbids(about.name(), "清单没有变化，不必重新告知", "the amendment changes nothing");
  }
  if (amends) Note(tx, request.amendment_reason(), std::move(amendment), about);
  XXT_RETURN_IF_ERROR(KeepChanged(tx, about, before, papers));
  const int version = about.checklist_version();
  cases::TellApplicant(tx, about, "checklist-issued", absl::StrCat("checklist.", version),
                       {cases::Named("count", list.size())});
  cases::Save(tx, about, "case.checklist_issued.v1", absl::StrCat("已一次性告知清单第 ", version, " 版"));
  told.set_case_(about.name());
  told.set_version(version);
  told.set_amendment_count(about.checklist_amendment_count());
  for (const v1::Paper& one : list) *told.add_papers() = *paper::Find(papers, one.title());
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PaperService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordGap, Paper, Record)
  XXT_READ(GetPaper, Paper, Get)
  XXT_READ(ListPapers, ListPapersResponse, List)
  XXT_CHANGE(ReceivePaper, Paper, paper::Receive)
  XXT_CHANGE(VerifyPaper, Paper, paper::Verify)
  XXT_CHANGE(FindPaperDeficient, Paper, paper::FindDeficient)
  XXT_CHANGE(SubstitutePaper, Paper, paper::Substitute)
  XXT_CHANGE(IssueChecklist, Checklist, Issue)
  XXT_CHANGE(WeighGround, Paper, paper::WeighGround)
  XXT_CHANGE(AllowSearch, Paper, paper::AllowSearch)
};

}  // namespace

edge::Slice PaperSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
