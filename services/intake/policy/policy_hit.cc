#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/benefit/benefit.h"
#include "services/intake/benefit/entitlement.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/hall/hall.h"
#include "services/intake/policy/match_rules.h"
#include "services/intake/policy/watch.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/policy_hit.grpc.pb.h"

namespace xxt::intake {
namespace policy {
namespace {

constexpr char kPolicyLookKind[] = "policy.look";
constexpr char kJudgeKind[] = "policy.judge";
constexpr char kJudgeDueKind[] = "policy.judge_due";

const store::Table<v1::PolicyHit> kHits(
    "intake.policy_hits", &cases::kCases,
    {.columns = {"hall", "state", "policy", "next_action_time"},
     .lists = {{"of_case", {"case_id"}, "id DESC"},
               {"open", {}, "next_action_time, id", store::Of::kHalls, {{"state", v1::PolicyHit::STATE_PROPOSED}}}}});

using Hits = google::protobuf::RepeatedPtrField<v1::PolicyHit>;

absl::Status Get(Tx& tx, const v1::GetPolicyHitRequest& request, v1::PolicyHit& found) {
  return tx.Get(kHits, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListPolicyHitsRequest& request, v1::ListPolicyHitsResponse& response) {
  return tx.List(kHits, request.parent() == "cases/-" ? "open" : "of_case", request, &response);
}

// Has somebody judge it in some working days: `assignee`, or anybody of the hall if that is empty.
absl::Status AskFor(const Policy& limits, Tx& tx, const v1::Case& about, const std::string& assignee,
                    absl::string_view words, v1::PolicyHit* hit) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, about.hall()));
  const absl::Time due = hours.AddOpenWorkdays(tx.now, limits.judge_workdays);
  hit->set_state(v1::PolicyHit::STATE_PROPOSED);
  rpc::ToProto(due, hit->mutable_next_action_time());
  cases::Ask(tx, about, kJudgeKind, hit->name(), assignee, absl::StrCat(words, about.display_code()));
  edge::Later(tx, kJudgeDueKind, hit->name(), due);
  return absl::OkStatus();
}

absl::Status Propose(const Policy& limits, Tx& tx, const v1::Case& about, v1::PolicyHit* hit) {
  tx.Tell(about, "policy_hit.proposed.v1", "发现一项可能适用的政策，待人判断");
  return AskFor(limits, tx, about, about.owner(), "一项政策可能适合这家，请判断：", hit);
}

// Nobody has to judge it any more.
void End(Tx& tx, v1::PolicyHit& hit, v1::PolicyHit::State state) {
  hit.set_state(state);
  hit.clear_next_action_time();
  tx.Save(kHits, hit);
  for (const char* kind : {kJudgeKind, kJudgeDueKind}) edge::Never(tx, kind, hit.name());
}

// The household, and those in the scope of the consent who live; nobody without one.
std::vector<std::string> SubjectsOf(const v1::Case& about, const v1::PolicyConsent& consent) {
  if (consent.name().empty()) return {};
  std::vector<std::string> subjects = {""};
  for (const std::string& name : consent.parties()) {
    const v1::Party* party = cases::FindParty(about, name);
    if (party != nullptr && !party->deceased()) subjects.push_back(name);
  }
  return subjects;
}

// Whether it may be about whom it is, still, and by what.
bool StillStands(const Tx& tx, const std::vector<std::string>& subjects, const v1::PolicyHit& hit,
                 const v1::Policy& policy) {
  return std::find(subjects.begin(), subjects.end(), hit.party()) != subjects.end() &&
         Stands(policy, calendar::ToCivilDay(tx.now));
}

// The catalogue, with the rules that were published in the place of those that it has now.
absl::StatusOr<std::vector<v1::Benefit>> ReadPublished(Tx& tx, const std::vector<v1::Policy>& policies) {
  XXT_ASSIGN_OR_RETURN(std::vector<v1::Benefit> catalogue, benefit::ReadCatalogue(tx));
  for (v1::Benefit& one : catalogue) {
    for (const v1::Policy& policy : policies) {
      if (policy.benefit() != one.name()) continue;
      one.clear_rules();
      *one.add_rules() = policy.rule();
    }
  }
  return catalogue;
}

// What was found of one benefit; an empty one if no rule of it holds.
v1::Entitlement::Finding FindingOf(const v1::Entitlement& found, const std::string& benefit) {
  for (const v1::Entitlement::Finding& one : found.findings()) {
    if (one.benefit() == benefit) return one;
  }
  v1::Entitlement::Finding none;
  none.set_verdict(v1::Entitlement::VERDICT_NOT_ELIGIBLE);
  return none;
}

Match MatchOf(const v1::Entitlement::Finding& finding) {
  return {static_cast<benefit::Verdict>(finding.verdict()),
          std::any_of(finding.reasons().begin(), finding.reasons().end(), [](const v1::Entitlement::Reason& reason) {
            return reason.standing() == v1::Entitlement::STANDING_MET ||
                   reason.standing() == v1::Entitlement::STANDING_MET_LONG_AGO;
          })};
}

// Adds a hit for each policy that fits and has none in the case: decided or void, one is enough.
absl::Status MatchAll(const Policy& limits, Tx& tx, const v1::Case& about, const v1::PolicyConsent& consent) {
  const absl::CivilDay today = calendar::ToCivilDay(tx.now);
  Hits before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kHits, "of_case", about.name(), &before));
  XXT_ASSIGN_OR_RETURN(const std::vector<v1::Policy> policies, ReadStanding(tx, today));
  XXT_ASSIGN_OR_RETURN(const std::vector<v1::Benefit> catalogue, ReadPublished(tx, policies));
  const std::vector<std::string> subjects = SubjectsOf(about, consent);
  std::vector<v1::Entitlement> found(subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(found[i], benefit::FindEntitlement(tx, about, subjects[i], today, catalogue));
  }
  for (const v1::Policy& policy : policies) {
    if (std::any_of(before.begin(), before.end(),
                    [&policy](const v1::PolicyHit& hit) { return hit.policy() == policy.name(); })) {
      continue;
    }
    std::vector<Match> matches;
    for (const v1::Entitlement& one : found) matches.push_back(MatchOf(FindingOf(one, policy.benefit())));
    const std::optional<std::size_t> best = BestOf(matches);
    if (!best.has_value()) continue;
    v1::PolicyHit made;
    made.set_name(kHits.NewName(about.name(), tx.now));
    made.set_policy(policy.name());
    made.set_consent(consent.name());
    made.set_party(subjects[*best]);
    *made.mutable_finding() = FindingOf(found[*best], policy.benefit());
    made.set_hall(about.hall());
    XXT_RETURN_IF_ERROR(Propose(limits, tx, about, &made));
    tx.Insert(kHits, made);
  }
  return absl::OkStatus();
}

absl::Status Look(const Policy& limits, Tx& tx, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, task.subject));
  XXT_RETURN_IF_ERROR(ReviewAll(limits, tx, about));
  XXT_ASSIGN_OR_RETURN(const v1::PolicyConsent consent, CountingConsent(tx, about));
  return consent.name().empty() ? absl::OkStatus() : MatchAll(limits, tx, about, consent);
}

// Nobody has judged it in time: now anybody of the hall may, and in some days it is asked again.
absl::Status JudgeDue(const Policy& limits, Tx& tx, const tasks::Task& task) {
  v1::PolicyHit hit;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kHits, task.subject, "", &hit));
  if (hit.state() != v1::PolicyHit::STATE_PROPOSED) return absl::OkStatus();
  edge::Never(tx, kJudgeKind, hit.name());
  XXT_RETURN_IF_ERROR(AskFor(limits, tx, about, "", "政策匹配逾期没有人判断，请任何一位同事判断：", &hit));
  tx.Save(kHits, hit);
  tx.Tell(about, "policy_hit.overdue.v1", "政策匹配逾期没有人判断");
  return absl::OkStatus();
}

// Its case, locked, if nobody has decided.
absl::StatusOr<v1::Case> LockProposed(Tx& tx, const std::string& name, const std::string& etag, v1::PolicyHit* hit) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kHits, name, etag, hit));
  if (hit->state() == v1::PolicyHit::STATE_PROPOSED) return about;
  return errors::StateForbids(name, "已判断或已作废", "was decided, or is void");
}

void Decide(Tx& tx, v1::PolicyHit& hit, v1::PolicyHit::State state) {
  hit.set_decider(tx.caller.subject);
  rpc::ToProto(tx.now, hit.mutable_decide_time());
  End(tx, hit, state);
}

absl::Status Accept(Tx& tx, const v1::AcceptPolicyHitRequest& request, v1::PolicyHit& hit) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockProposed(tx, request.name(), request.etag(), &hit));
  XXT_ASSIGN_OR_RETURN(const v1::PolicyConsent consent, CountingConsent(tx, about));
  // Locked: what is told of it is told before it is repealed, or not at all.
  v1::Policy policy;
  XXT_RETURN_IF_ERROR(tx.Load(kPolicies, hit.policy(), "", &policy));
  if (!StillStands(tx, SubjectsOf(about, consent), hit, policy)) {
    return errors::StateForbids(hit.name(), "同意或政策已不再有效",
                                "the consent or the policy does not stand any more");
  }
  Decide(tx, hit, v1::PolicyHit::STATE_ACCEPTED);
  tx.Tell(about, "policy_hit.accepted.v1", "认定一项政策适用，告知当事人");
  cases::TellApplicant(tx, about, "policy-fits", absl::StrCat("policy.", hit.name().substr(hit.name().rfind('/') + 1)));
  return absl::OkStatus();
}

absl::Status Dismiss(Tx& tx, const v1::DismissPolicyHitRequest& request, v1::PolicyHit& hit) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockProposed(tx, request.name(), request.etag(), &hit));
  hit.set_dismiss_reason(request.reason());
  Decide(tx, hit, v1::PolicyHit::STATE_DISMISSED);
  tx.Tell(about, "policy_hit.dismissed.v1", "认定一项政策不适用");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PolicyHitService> {
 public:
  using Serves::Serves;
  XXT_READ(GetPolicyHit, PolicyHit, Get)
  XXT_READ(ListPolicyHits, ListPolicyHitsResponse, List)
  XXT_CHANGE(AcceptPolicyHit, PolicyHit, Accept)
  XXT_CHANGE(DismissPolicyHit, PolicyHit, Dismiss)
};

}  // namespace

void LookAt(Tx& tx, const std::string& consent, absl::Time when) {
  tasks::NewTask task;
  task.kind = kPolicyLookKind;
  task.subject = consent;
  task.lane = tasks::Lane::kBulk;
  task.due = tasks::Due::At(when, tx.now);
  tasks::Enqueue(tx.session, std::move(task));
}

absl::Status ReviewAll(const Policy& limits, Tx& tx, const v1::Case& about) {
  Hits hits;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kHits, "of_case", about.name(), &hits));
  XXT_ASSIGN_OR_RETURN(const v1::PolicyConsent consent, CountingConsent(tx, about));
  const std::vector<std::string> subjects = SubjectsOf(about, consent);
  for (v1::PolicyHit& hit : hits) {
    const bool open = hit.state() == v1::PolicyHit::STATE_PROPOSED;
    if (!open && hit.state() != v1::PolicyHit::STATE_VOID) continue;
    v1::Policy policy;
    XXT_RETURN_IF_ERROR(tx.Get(kPolicies, hit.policy(), &policy));
    if (StillStands(tx, subjects, hit, policy) == open) continue;
    if (open) {
      End(tx, hit, v1::PolicyHit::STATE_VOID);
      tx.Tell(about, "policy_hit.voided.v1", "一项政策匹配已作废");
      continue;
    }
    XXT_RETURN_IF_ERROR(Propose(limits, tx, about, &hit));
    tx.Save(kHits, hit);
  }
  return absl::OkStatus();
}

}  // namespace policy

// What the machine finds is a task of a person, and stays one until somebody decides.
edge::Slice PolicyHitSlice(const edge::Host& host, const Policy& limits) {
  tasks::MachineKind look =
      edge::Timer(host, policy::kPolicyLookKind, std::bind_front(policy::Look, std::cref(limits)), cases::ShowDead);
  look.lanes = {tasks::Lane::kBulk};
  return {
      {std::move(look),
       edge::Timer(host, policy::kJudgeDueKind, std::bind_front(policy::JudgeDue, std::cref(limits)), cases::ShowDead)},
      {edge::Settled(policy::kJudgeKind, "请认定适用或不适用来完成", "settled by AcceptPolicyHit or DismissPolicyHit")},
      {edge::ServiceOf<policy::Service>()}};
}

}  // namespace xxt::intake
