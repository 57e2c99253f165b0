#include "services/referral/search/moves.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/sentinels.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/body/body.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/search/candidates.h"
#include "services/referral/search/search_rules.h"

namespace xxt::referral::search {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(CandidateState::kWaiting) == v1::Candidate::STATE_WAITING);
static_assert(static_cast<int>(CandidateState::kExcluded) == v1::Candidate::STATE_EXCLUDED);
static_assert(static_cast<int>(CandidateState::kExcluded) == v1::Candidate::State_MAX);
static_assert(static_cast<int>(SearchState::kRunning) == v1::Search::STATE_RUNNING);
static_assert(static_cast<int>(SearchState::kCancelled) == v1::Search::STATE_CANCELLED);

constexpr char kFoundElsewhere[] = "已在其他单位找到，谢谢，不必再查";

void LeaveOut(v1::Candidate* candidate, absl::string_view why) {
  candidate->set_state(v1::Candidate::STATE_EXCLUDED);
  candidate->set_grounds(candidate->grounds().empty() ? std::string(why)
                                                      : absl::StrCat(candidate->grounds(), "；", why));
}

// What is asked of `asked.body` for the search.
void FillReferral(const v1::Search& search, chase::Chased* asked) {
  v1::Referral& referral = asked->referral;
  referral.set_case_name(search.case_name());
  referral.set_hall(search.hall());
  referral.set_body(asked->body.name());
  referral.set_ask(search.ask());
  referral.set_question(search.question());
  *referral.mutable_lawful_basis() = search.lawful_basis();
  *referral.mutable_disclosed() = search.disclosed();
  referral.set_paper_title(search.document());
  referral.set_owner(search.owner());
  referral.set_search(search.name());
}

// Asks the body that `candidate` has become, if it was merged meanwhile; leaves out who is a candidate twice then, who
// is asked as another, and who cannot be reached.
absl::Status Ask(Tx& tx, v1::Search* search, v1::Candidate* candidate) {
  chase::Chased asked;
  XXT_ASSIGN_OR_RETURN(asked.body, body::FindMerged(tx.session, candidate->body()));
  if (asked.body.name() != candidate->body()) {
    if (FindCandidate(search, asked.body.name()) != nullptr) {
      LeaveOut(candidate, "已并入另一个候选单位");
      return absl::OkStatus();
    }
    candidate->set_body(asked.body.name());
  }
  XXT_ASSIGN_OR_RETURN(const bool asked_already, IsAskedAsMerged(tx, *search, asked.body));
  if (asked_already) {
    LeaveOut(candidate, "并入它的单位已经问过，或正在询问");
    return absl::OkStatus();
  }
  FillReferral(*search, &asked);
  if (asked.unit() == nullptr) {
    LeaveOut(candidate, "名录中没有联系方式");
    return absl::OkStatus();
  }
  XXT_ASSIGN_OR_RETURN(const bool bounced, chase::HasBounced(tx.session, asked));
  const bool by_mail = asked.mail_address() != nullptr && !bounced;
  asked.referral.set_connector(by_mail ? v1::Referral::CONNECTOR_EMAIL : v1::Referral::CONNECTOR_STAFF);
  chase::Open(tx, &asked);
  candidate->set_state(v1::Candidate::STATE_ASKED);
  candidate->add_referrals(asked.referral.name());
  return absl::OkStatus();
}

void EnqueueDesk(Tx& tx, const v1::Search& search, const char* kind, std::string summary) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = search.name();
  task.dedupe_key = absl::StrCat(kind, "/", search.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(tx.now);
  task.hall = search.hall();
  task.assignee = search.owner();
  task.summary = std::move(summary);
  tasks::Enqueue(tx.session, std::move(task));
}

// The body that has it: who was known to have it, as long as it does, else the first that does.
std::string HolderOf(const v1::Search& search) {
  std::string first;
  for (const v1::Candidate& candidate : search.candidates()) {
    if (candidate.state() != v1::Candidate::STATE_HELD) continue;
    if (candidate.body() == search.holder()) return search.holder();
    if (first.empty()) first = candidate.body();
  }
  return first;
}

// What the search has come to, and who has to do something about it.
void Settle(Tx& tx, v1::Search* search, v1::Search::State state) {
  const bool changed = search->state() != state;
  search->set_state(state);
  search->set_holder(HolderOf(*search));
  const auto held =
      std::count_if(search->candidates().begin(), search->candidates().end(),
                    [](const v1::Candidate& candidate) { return candidate.state() == v1::Candidate::STATE_HELD; });
  if (state == v1::Search::STATE_WITH_WINDOW) {
    EnqueueDesk(tx, *search, kReturnedKind,
                search->has_basis_withdraw_time() ? "本人已撤回同意，不能再凭此询问单位，请结束查找"
                                                  : "查找的候选单位都问过了，没有找到，请补充单位继续，或结束查找");
  } else {
    tasks::CancelAll(tx.session, kReturnedKind, search->name());
  }
  if (held > 1) {
    EnqueueDesk(tx, *search, kTwoHoldKind, "查找中两个单位都说材料在他们那里，请核实是哪一家");
  } else {
    tasks::CancelAll(tx.session, kTwoHoldKind, search->name());
  }
  if (!changed) return;
  if (state == v1::Search::STATE_FOUND) {
    tx.Tell(*search, "search.found.v1", "查找有结果：有单位说在他们那里");
  } else if (state == v1::Search::STATE_WITH_WINDOW) {
    tx.Tell(*search, "search.returned.v1", "候选单位都问过了，查找交回窗口");
  } else {
    tx.Tell(*search, "search.resumed.v1", "继续查找");
  }
}

}  // namespace

const store::Table<v1::Search> kSearches("referral.searches",
                                         {.columns = {"case_name", "hall"},
                                          .lists = {{"of_case", {"case_name"}, "id DESC", store::Of::kHalls},
                                                    {"of_halls", {}, "id DESC", store::Of::kHalls}}});

void Note(const v1::Referral& referral, v1::Candidate* candidate) {
  switch (referral.state()) {
    case v1::Referral::STATE_QUEUED:
    case v1::Referral::STATE_SENT:
    case v1::Referral::STATE_ACCEPTED:
    case v1::Referral::STATE_NEEDS_INPUT:
      return candidate->set_state(v1::Candidate::STATE_ASKED);
    case v1::Referral::STATE_ANSWERED:
      return candidate->set_state(v1::Candidate::STATE_HELD);
    case v1::Referral::STATE_NOT_HELD:
      return candidate->set_state(v1::Candidate::STATE_NOT_HELD);
    case v1::Referral::STATE_REDIRECTED:
    case v1::Referral::STATE_DECLINED:
    case v1::Referral::STATE_NO_ANSWER:
    case v1::Referral::STATE_CANCELLED:
      return candidate->set_state(v1::Candidate::STATE_NO_HELP);
    case v1::Referral::STATE_UNSPECIFIED:
    case XXT_SENTINELS(v1::Referral_State_Referral_State):
      break;
  }
  // Of a newer version: it is asked as long as nobody here can say what came of it.
}

absl::Status Stop(Tx& tx, v1::Candidate* candidate, absl::string_view reason, v1::Candidate::State state) {
  const std::string& name = *candidate->referrals().rbegin();
  XXT_ASSIGN_OR_RETURN(v1::Referral referral, referrals::Lock(tx, name));
  if (referrals::HasEnded(referral)) {
    Note(referral, candidate);
    return absl::OkStatus();
  }
  v1::CancelReferralRequest request;
  request.set_name(name);
  request.set_reason(std::string(reason));
  XXT_RETURN_IF_ERROR(chase::Cancel(tx, request, referral));
  candidate->set_state(state);
  return absl::OkStatus();
}

absl::Status Move(Tx& tx, v1::Search* search) {
  for (;;) {
    std::vector<CandidateState> states;
    for (const v1::Candidate& candidate : search->candidates()) {
      states.push_back(static_cast<CandidateState>(candidate.state()));
    }
    const SearchMove move = DecideMove(states, search->parallel());
    for (const std::size_t i : move.stop) {
      XXT_RETURN_IF_ERROR(
          Stop(tx, search->mutable_candidates(static_cast<int>(i)), kFoundElsewhere, v1::Candidate::STATE_STOPPED));
    }
    // Nobody can be asked without a question, which was erased with the people of the search, nor without a basis.
    if (move.ask.has_value() && (search->question().empty() || search->has_basis_withdraw_time())) {
      Settle(tx, search, v1::Search::STATE_WITH_WINDOW);
      return absl::OkStatus();
    }
    if (!move.ask.has_value()) {
      Settle(tx, search, static_cast<v1::Search::State>(move.state));
      return absl::OkStatus();
    }
    XXT_RETURN_IF_ERROR(Ask(tx, search, search->mutable_candidates(static_cast<int>(*move.ask))));
  }
}

void DropWork(Tx& tx, const v1::Search& search) {
  for (const char* kind : {kReturnedKind, kTwoHoldKind}) tasks::CancelAll(tx.session, kind, search.name());
}

}  // namespace xxt::referral::search
