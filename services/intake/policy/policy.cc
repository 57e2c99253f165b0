#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/benefit/benefit.h"
#include "services/intake/benefit/catalogue_rules.h"
#include "services/intake/hall/hall.h"
#include "services/intake/policy/watch.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/policy.grpc.pb.h"

namespace xxt::intake {
namespace policy {

const store::Table<v1::Policy> kPolicies(
    "intake.policies",
    {.columns = {"benefit", "state"},
     .lists = {{"of_benefit", {"benefit"}, "id DESC"},
               {"current", {}, "id DESC", store::Of::kParent, {{"state", v1::Policy::STATE_CURRENT}}}},
     .keyless = true});

namespace {

constexpr char kSearchKind[] = "policy.search";
constexpr char kStoppedKind[] = "policy.search_stopped";
// Of a page: so many looks are queued in one transaction.
constexpr int kHouseholds = 50;
constexpr char kPageToken[] = "page_token";

// Queues going through the households that consent, from `page_token` on; empty: from the first.
void SearchFrom(Tx& tx, const std::string& policy, const std::string& page_token) {
  tasks::NewTask task;
  task.kind = kSearchKind;
  task.subject = policy;
  task.payload = nlohmann::json({{kPageToken, page_token}}).dump();
  task.lane = tasks::Lane::kBulk;
  tasks::Enqueue(tx.session, std::move(task));
}

// A page of them. The looks and the next page are queued in the transaction that settles this one: wherever the process
// dies, it goes on from there.
absl::Status Search(Tx& tx, const tasks::Task& task) {
  const nlohmann::json from = nlohmann::json::parse(task.payload, nullptr, /*allow_exceptions=*/false);
  v1::ListPolicyConsentsRequest request;
  request.set_page_size(kHouseholds);
  if (from.is_object()) request.set_page_token(from.value(kPageToken, ""));
  v1::ListPolicyConsentsResponse page;
  XXT_RETURN_IF_ERROR(tx.List(kConsents, "given", request, &page));
  for (const v1::PolicyConsent& consent : page.policy_consents()) LookAt(tx, consent.name(), tx.now);
  if (!page.next_page_token().empty()) SearchFrom(tx, task.subject, page.next_page_token());
  return absl::OkStatus();
}

absl::Status ShowStopped(Tx& tx, const tasks::Task& dead, absl::string_view) {
  v1::Policy policy;
  XXT_RETURN_IF_ERROR(tx.Get(kPolicies, dead.subject, &policy));
  edge::ShowDead(tx, dead,
                 {.kind = kStoppedKind,
                  .subject = policy.name(),
                  .hall = policy.hall(),
                  .summary = "系统没能查完政策适用的家庭，排除故障后请重新查找：" + policy.title()});
  return absl::OkStatus();
}

absl::Status SearchAgain(Tx& tx, const tasks::Task& task, const tasks::Completion&) {
  SearchFrom(tx, task.subject, "");
  return absl::OkStatus();
}

// Ends the last version for the benefit, which is locked, and returns its number.
absl::StatusOr<int> ReplaceLast(Tx& tx, const std::string& benefit) {
  v1::ListPoliciesRequest request;
  request.set_benefit(benefit);
  request.set_page_size(1);
  v1::ListPoliciesResponse found;
  XXT_RETURN_IF_ERROR(tx.List(kPolicies, "of_benefit", request, &found));
  if (found.policies().empty()) return 0;
  v1::Policy last;
  XXT_RETURN_IF_ERROR(tx.Load(kPolicies, found.policies(0).name(), "", &last));
  if (last.state() == v1::Policy::STATE_CURRENT) {
    last.set_state(v1::Policy::STATE_REPLACED);
    tx.Save(kPolicies, last);
  }
  return last.revision();
}

absl::Status Publish(Tx& tx, const v1::PublishPolicyRequest& request, v1::Policy& made) {
  made = request.policy();
  XXT_RETURN_IF_ERROR(hall::Load(tx.session, made.hall()).status());
  v1::Benefit of;
  // The lock: of one benefit one version is published at a time.
  XXT_RETURN_IF_ERROR(tx.Load(benefit::kBenefits, made.benefit(), "", &of));
  const v1::Benefit::Rule* rule = benefit::RuleOn(of, calendar::ToCivilDay(tx.now));
  if (rule == nullptr) {
    return errors::FieldInvalid("policy.benefit", "这项待遇今天没有有效的规则", "has no rule that holds today");
  }
  XXT_ASSIGN_OR_RETURN(const int last, ReplaceLast(tx, of.name()));
  made.set_name(kPolicies.NewName("", tx.now));
  made.set_title(of.title());
  *made.mutable_rule() = *rule;
  made.set_revision(last + 1);
  made.set_state(v1::Policy::STATE_CURRENT);
  made.set_author(tx.caller.subject);
  tx.Insert(kPolicies, made);
  tx.Tell(made, "policy.published.v1", "发布一项政策");
  SearchFrom(tx, made.name(), "");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPolicyRequest& request, v1::Policy& found) {
  return tx.Get(kPolicies, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListPoliciesRequest& request, v1::ListPoliciesResponse& response) {
  return tx.List(kPolicies, request.benefit().empty() ? "current" : "of_benefit", request, &response);
}

absl::Status Repeal(Tx& tx, const v1::RepealPolicyRequest& request, v1::Policy& policy) {
  XXT_RETURN_IF_ERROR(tx.Load(kPolicies, request.name(), request.etag(), &policy));
  if (policy.state() != v1::Policy::STATE_CURRENT) {
    return errors::StateForbids(policy.name(), "这项政策已不是现行的", "the policy is not current");
  }
  policy.set_state(v1::Policy::STATE_REPEALED);
  tx.Save(kPolicies, policy);
  tx.Tell(policy, "policy.repealed.v1", "停用一项政策");
  SearchFrom(tx, policy.name(), "");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PolicyService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(PublishPolicy, Policy, Publish)
  XXT_READ(GetPolicy, Policy, Get)
  XXT_READ(ListPolicies, ListPoliciesResponse, List)
  XXT_CHANGE(RepealPolicy, Policy, Repeal)
};

}  // namespace

bool Stands(const v1::Policy& policy, absl::CivilDay day) {
  const v1::Benefit::Rule& rule = policy.rule();
  const absl::CivilDay to = rule.has_valid_to() ? rpc::FromProto(rule.valid_to()) : absl::CivilDay::max();
  return policy.state() == v1::Policy::STATE_CURRENT && benefit::HoldsOn(rpc::FromProto(rule.valid_from()), to, day);
}

absl::StatusOr<std::vector<v1::Policy>> ReadStanding(Tx& tx, absl::CivilDay day) {
  std::vector<v1::Policy> all;
  XXT_RETURN_IF_ERROR(benefit::ReadPages<v1::ListPoliciesResponse>(tx, kPolicies, "current", v1::ListPoliciesRequest(),
                                                                   [&](const v1::ListPoliciesResponse& page) {
                                                                     for (const v1::Policy& one : page.policies()) {
                                                                       if (Stands(one, day)) all.push_back(one);
                                                                     }
                                                                   }));
  return all;
}

}  // namespace policy

edge::Slice PolicySlice(const edge::Host& host) {
  tasks::MachineKind search = edge::Timer(host, policy::kSearchKind, policy::Search, policy::ShowStopped);
  search.lanes = {tasks::Lane::kBulk};
  return {{std::move(search)},
          {edge::Desk(host, policy::kStoppedKind, {"SEARCH_AGAIN"}, policy::SearchAgain)},
          {edge::ServiceOf<policy::Service>()}};
}

}  // namespace xxt::intake
