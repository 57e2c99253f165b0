#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/referral/body/learned.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/consent/consent.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/referrals/report.h"
#include "services/referral/search/candidates.h"
#include "services/referral/search/moves.h"
#include "services/referral/search/search_rules.h"
#include "services/referral/slices.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/referral/v1/search.grpc.pb.h"

namespace xxt::referral {
namespace search {
namespace {

constexpr char kCancelled[] = "查找已结束，谢谢，不必再查";

// As much of what each body is asked as can be judged before it is known which.
v1::Referral AskedOfEach(const v1::Search& search) {
  v1::Referral referral;
  referral.set_case_name(search.case_name());
  referral.set_hall(search.hall());
  referral.set_question(search.question());
  *referral.mutable_lawful_basis() = search.lawful_basis();
  *referral.mutable_disclosed() = search.disclosed();
  return referral;
}

// What stands on the case's list is sought once it was weighed whether it is needed at all, or why it is sought all the
// same was said there (AllowSearch). Nobody weighs what is on no list.
absl::Status CheckAllowed(const Intake& intake, const v1::Search& search, SteadyTime deadline) {
  using ::xixinting::intake::v1::Paper;
  XXT_ASSIGN_OR_RETURN(const std::vector<Paper> papers, intake.LookUpPapers(search.case_name(), deadline));
  for (const Paper& paper : papers) {
    if (!IsSameTitle(paper.title(), search.document())) continue;
    if (paper.state() == Paper::STATE_NOT_NEEDED) {
      return errors::StateForbids(paper.name(), "这份材料不再需要，不必查找", "the paper is not needed any more");
    }
    if (paper.state() == Paper::STATE_RECEIVED || paper.state() == Paper::STATE_VERIFIED ||
        paper.state() == Paper::STATE_SUBSTITUTED) {
      return errors::StateForbids(paper.name(), "这份材料已在手里，不必查找", "the paper is in hand");
    }
    const bool wanted = paper.state() == Paper::STATE_NEEDED || paper.state() == Paper::STATE_DEFICIENT;
    if (wanted && !paper.has_search_allowance()) {
      return errors::StateForbids(paper.name(), "尚未准予查找：请先认定能否免交，或写明为何先查找",
                                  "no search for the paper was allowed: see AllowSearch");
    }
  }
  return absl::OkStatus();
}

absl::Status Create(const Intake& intake, Tx& tx, const v1::CreateSearchRequest& request, v1::Search& made) {
  XXT_RETURN_IF_ERROR(chase::CheckAsked(intake, tx, AskedOfEach(request.search()), "search"));
  XXT_RETURN_IF_ERROR(CheckAllowed(intake, request.search(), tx.deadline));
  XXT_RETURN_IF_ERROR(consent::CheckStands(tx, request.search().lawful_basis(), "search"));
  made = request.search();
  made.set_name(kSearches.NewName("", tx.now));
  made.set_owner(tx.caller.subject);
  made.set_state(v1::Search::STATE_RUNNING);
  XXT_RETURN_IF_ERROR(Propose(tx, &made));
  tx.Tell(made, "search.created.v1", absl::StrCat("开始查找，候选单位 ", made.candidates_size(), " 家"));
  XXT_RETURN_IF_ERROR(Move(tx, &made));
  tx.Insert(kSearches, made);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetSearchRequest& request, v1::Search& found) {
  return tx.Get(kSearches, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListSearchesRequest& request, v1::ListSearchesResponse& response) {
  XXT_RETURN_IF_ERROR(tx.List(kSearches, request.case_name().empty() ? "of_halls" : "of_case", request, &response));
  // What kinds of data are told of somebody is theirs, too.
  for (v1::Search& found : *response.mutable_searches()) found.clear_disclosed();
  return absl::OkStatus();
}

// The search that is not cancelled, for change.
absl::Status LoadOpen(Tx& tx, const std::string& name, const std::string& etag, v1::Search* search) {
  XXT_RETURN_IF_ERROR(tx.Load(kSearches, name, etag, search));
  if (search->state() != v1::Search::STATE_CANCELLED) return absl::OkStatus();
  return errors::StateForbids(name, "查找已结束", "the search is cancelled");
}

// The same with one of its candidates. Errors: RESOURCE_NOT_FOUND.
absl::Status LoadWith(Tx& tx, const std::string& name, const std::string& etag, const std::string& body,
                      v1::Search* search, v1::Candidate** candidate) {
  XXT_RETURN_IF_ERROR(LoadOpen(tx, name, etag, search));
  *candidate = FindCandidate(search, body);
  return *candidate == nullptr ? errors::NotFound("referral.xixinting/Body", body) : absl::OkStatus();
}

// Goes on after what was noted, and stores it.
absl::Status GoOn(Tx& tx, v1::Search* search) {
  XXT_RETURN_IF_ERROR(Move(tx, search));
  tx.Save(kSearches, *search);
  return absl::OkStatus();
}

absl::Status RecordReply(Tx& tx, const v1::RecordCandidateReplyRequest& request, v1::Search& search) {
  v1::Candidate* candidate = nullptr;
  XXT_RETURN_IF_ERROR(LoadWith(tx, request.name(), request.etag(), request.body(), &search, &candidate));
  if (candidate->state() != v1::Candidate::STATE_ASKED) {
    return errors::StateForbids(search.name(), "现在没有在询问该单位", "the body is not being asked");
  }
  v1::RecordReplyRequest said;
  said.set_name(*candidate->referrals().rbegin());
  *said.mutable_reply() = request.reply();
  v1::Referral referral;
  XXT_RETURN_IF_ERROR(chase::RecordReply(tx, said, referral));
  Note(referral, candidate);
  return GoOn(tx, &search);
}

absl::Status ArrangeAll(Tx& tx, const v1::ArrangeCandidatesRequest& request, v1::Search& search) {
  XXT_RETURN_IF_ERROR(LoadOpen(tx, request.name(), request.etag(), &search));
  if (search.state() == v1::Search::STATE_FOUND) {
    return errors::StateForbids(search.name(), "已有单位说在他们那里", "a body says that it has it");
  }
  if (search.has_basis_withdraw_time()) {
    return errors::StateForbids(search.name(), "本人已撤回同意，不能再凭此询问单位",
                                "the consent was taken back: nobody is asked any more");
  }
  XXT_RETURN_IF_ERROR(Arrange(tx, request, &search));
  tx.Tell(search, "search.arranged.v1", "添加了候选单位，或调整了询问顺序");
  return GoOn(tx, &search);
}

absl::Status Exclude(Tx& tx, const v1::ExcludeCandidateRequest& request, v1::Search& search) {
  v1::Candidate* candidate = nullptr;
  XXT_RETURN_IF_ERROR(LoadWith(tx, request.name(), request.etag(), request.body(), &search, &candidate));
  if (candidate->state() == v1::Candidate::STATE_ASKED) {
    XXT_RETURN_IF_ERROR(Stop(tx, candidate, kCancelled, v1::Candidate::STATE_EXCLUDED));
  } else if (candidate->state() == v1::Candidate::STATE_WAITING) {
    candidate->set_state(v1::Candidate::STATE_EXCLUDED);
  } else {
    return errors::StateForbids(search.name(), "该单位已有结果", "the body has said something already");
  }
  candidate->set_remark(request.reason());
  tx.Tell(search, "search.excluded.v1", "一个候选单位不再询问");
  return GoOn(tx, &search);
}

// The case has heard that it is there.
absl::Status TellTakenBack(Tx& tx, const v1::Candidate& candidate) {
  XXT_ASSIGN_OR_RETURN(v1::Referral referral, referrals::Lock(tx, *candidate.referrals().rbegin()));
  referrals::TellCase(tx, referral, referrals::Report::KIND_TAKEN_BACK,
                      "该单位收回了说法：材料并不在他们那里，继续查找");
  tx.Save(referrals::kReferrals, referral);
  return absl::OkStatus();
}

absl::Status TakeBack(Tx& tx, const v1::TakeBackHeldRequest& request, v1::Search& search) {
  v1::Candidate* candidate = nullptr;
  XXT_RETURN_IF_ERROR(LoadWith(tx, request.name(), request.etag(), request.body(), &search, &candidate));
  if (candidate->state() != v1::Candidate::STATE_HELD) {
    return errors::StateForbids(search.name(), "该单位没有说过在他们那里", "the body has not said that it has it");
  }
  candidate->set_state(v1::Candidate::STATE_NOT_HELD);
  candidate->set_remark(request.reason());
  XXT_RETURN_IF_ERROR(TellTakenBack(tx, *candidate));
  body::LearnTakenBack(tx.session, candidate->body(), search.document());
  // They were told to stop because of what is not so.
  for (v1::Candidate& other : *search.mutable_candidates()) {
    if (other.state() == v1::Candidate::STATE_STOPPED) other.set_state(v1::Candidate::STATE_WAITING);
  }
  tx.Tell(search, "search.taken_back.v1", "一个单位收回了“在我处”的说法");
  return GoOn(tx, &search);
}

absl::Status Cancel(Tx& tx, const v1::CancelSearchRequest& request, v1::Search& search) {
  XXT_RETURN_IF_ERROR(LoadOpen(tx, request.name(), request.etag(), &search));
  for (v1::Candidate& candidate : *search.mutable_candidates()) {
    if (candidate.state() != v1::Candidate::STATE_ASKED) continue;
    XXT_RETURN_IF_ERROR(Stop(tx, &candidate, kCancelled, v1::Candidate::STATE_STOPPED));
  }
  search.set_state(v1::Search::STATE_CANCELLED);
  search.set_cancel_reason(request.reason());
  DropWork(tx, search);
  tx.Tell(search, "search.cancelled.v1", "查找已结束");
  tx.Save(kSearches, search);
  return absl::OkStatus();
}

// A referral of the search has ended, by whatever.
absl::Status Follow(Tx& tx, const tasks::Task& task) {
  v1::Search search;
  XXT_RETURN_IF_ERROR(tx.Load(kSearches, task.subject, "", &search));
  if (search.state() == v1::Search::STATE_CANCELLED) return absl::OkStatus();
  bool news = false;
  for (v1::Candidate& candidate : *search.mutable_candidates()) {
    if (candidate.state() != v1::Candidate::STATE_ASKED) continue;
    v1::Referral referral;
    XXT_RETURN_IF_ERROR(tx.Get(referrals::kReferrals, *candidate.referrals().rbegin(), &referral));
    Note(referral, &candidate);
    news = news || candidate.state() != v1::Candidate::STATE_ASKED;
  }
  return news ? GoOn(tx, &search) : absl::OkStatus();
}

absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view) {
  XXT_ASSIGN_OR_RETURN(const std::string hall, tx.HallOf(kSearches, dead.subject));
  // One that cannot be read is anybody's of the hall.
  v1::Search about;
  tx.Get(kSearches, dead.subject, &about).IgnoreError();
  edge::ShowDead(tx, dead,
                 {.kind = kReturnedKind,
                  .subject = dead.subject,
                  .hall = hall,
                  .assignee = about.owner(),
                  .summary = "系统没能继续查找，请查看候选单位，补充后继续或结束，并告知管理员"});
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::SearchService, const Intake*> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateSearch, Search, std::bind_front(Create, std::cref(*settings_)))
  XXT_READ(GetSearch, Search, Get)
  XXT_READ(ListSearches, ListSearchesResponse, List)
  XXT_CHANGE(RecordCandidateReply, Search, RecordReply)
  XXT_CHANGE(ArrangeCandidates, Search, ArrangeAll)
  XXT_CHANGE(ExcludeCandidate, Search, Exclude)
  XXT_CHANGE(TakeBackHeld, Search, TakeBack)
  XXT_CHANGE(CancelSearch, Search, Cancel)
};

}  // namespace
}  // namespace search

edge::Slice SearchSlice(const edge::Host& host, const Intake& intake) {
  const Intake* const asked = &intake;
  return {{edge::Timer(host, chase::kFollowSearchKind, search::Follow, search::ShowDead)},
          {edge::Settled(search::kReturnedKind, "请补充候选单位继续查找，或结束查找",
                         "settled by ArrangeCandidates or CancelSearch"),
           edge::Desk(host, search::kTwoHoldKind, {"SEEN"}, edge::Seen)},
          {edge::ServiceOf<search::Service>(asked)}};
}

}  // namespace xxt::referral
