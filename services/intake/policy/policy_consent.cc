#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/contact/contact.h"
#include "services/intake/policy/match_rules.h"
#include "services/intake/policy/watch.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/policy_consent.grpc.pb.h"

namespace xxt::intake {
namespace policy {

const store::Table<v1::PolicyConsent> kConsents(
    "intake.policy_consents", &cases::kCases,
    {.columns = {"hall", "state"},
     .lists = {{"of_case", {"case_id"}, "id DESC"},
               {"given", {}, "id", store::Of::kHalls, {{"state", v1::PolicyConsent::STATE_GIVEN}}}}});

namespace {

// The one that was not taken back; without a name if there is none.
absl::StatusOr<v1::PolicyConsent> FindGiven(Tx& tx, const v1::Case& about) {
  google::protobuf::RepeatedPtrField<v1::PolicyConsent> all;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kConsents, "of_case", about.name(), &all));
  const auto given = std::find_if(all.begin(), all.end(), [](const v1::PolicyConsent& one) {
    return one.state() == v1::PolicyConsent::STATE_GIVEN;
  });
  return given == all.end() ? v1::PolicyConsent() : *given;
}

// Only the person says whether somebody looks. Errors: STATE_FORBIDS, RESOURCE_NOT_FOUND.
absl::Status CheckAgreed(Tx& tx, const v1::Case& about, const v1::PolicyConsent& consent) {
  for (const std::string& party : consent.parties()) {
    if (!cases::HasParty(about, party)) return errors::NotFound("intake.xixinting/Party", party);
  }
  const v1::Party& applicant = cases::ApplicantOf(about);
  if (!cases::CanAct(applicant)) {
    return errors::StateForbids(applicant.name(), "申请人已故或不能自理", "the applicant is dead or cannot act");
  }
  return contact::CheckApplicantSaid(tx, about, consent.agreed_in());
}

absl::Status Record(Tx& tx, const v1::RecordPolicyConsentRequest& request, v1::PolicyConsent& made) {
  made = request.policy_consent();
  const absl::CivilDay today = calendar::ToCivilDay(tx.now);
  if (!made.has_start_date()) rpc::ToProto(today, made.mutable_start_date());
  const absl::CivilDay start = rpc::FromProto(made.start_date());
  if (start < today) {
    return errors::FieldInvalid("policy_consent.start_date", "不能早于今天", "must not lie in the past");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckAgreed(tx, about, made));
  XXT_ASSIGN_OR_RETURN(const v1::PolicyConsent before, FindGiven(tx, about));
  if (!before.name().empty()) {
    return errors::StateForbids(before.name(), "已有一次同意，范围不同的请先撤回",
                                "another stands: withdraw that first");
  }
  made.set_name(kConsents.NewName(about.name(), tx.now));
  made.set_giver(cases::ApplicantOf(about).name());
  made.set_state(v1::PolicyConsent::STATE_GIVEN);
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kConsents, made);
  tx.Tell(about, "policy_consent.given.v1", "当事人同意政策留心");
  LookAt(tx, made.name(), calendar::StartOfDay(start));
  return absl::OkStatus();
}

absl::Status List(Tx& tx, const v1::ListPolicyConsentsRequest& request, v1::ListPolicyConsentsResponse& response) {
  return tx.List(kConsents, request.parent() == "cases/-" ? "given" : "of_case", request, &response);
}

absl::Status Withdraw(const Policy& limits, Tx& tx, const v1::WithdrawPolicyConsentRequest& request,
                      v1::PolicyConsent& consent) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kConsents, request.name(), request.etag(), &consent));
  if (consent.state() != v1::PolicyConsent::STATE_GIVEN) {
    return errors::StateForbids(consent.name(), "这次同意已撤回", "the consent was withdrawn before");
  }
  consent.set_state(v1::PolicyConsent::STATE_WITHDRAWN);
  rpc::ToProto(tx.now, consent.mutable_withdraw_time());
  tx.Save(kConsents, consent);
  tx.Tell(about, "policy_consent.withdrawn.v1", "当事人撤回政策留心的同意");
  return ReviewAll(limits, tx, about);
}

class Service final : public edge::Serves<v1::PolicyConsentService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordPolicyConsent, PolicyConsent, Record)
  XXT_READ(ListPolicyConsents, ListPolicyConsentsResponse, List)
  XXT_CHANGE(WithdrawPolicyConsent, PolicyConsent, std::bind_front(Withdraw, settings_))
};

}  // namespace

absl::StatusOr<v1::PolicyConsent> CountingConsent(Tx& tx, const v1::Case& about) {
  XXT_ASSIGN_OR_RETURN(v1::PolicyConsent given, FindGiven(tx, about));
  const v1::Party& applicant = cases::ApplicantOf(about);
  const ConsentFacts facts{.given = !given.name().empty() && !tx.IsErased(about.name()),
                           .giver_is_applicant = given.giver() == applicant.name(),
                           .giver_can_act = cases::CanAct(applicant),
                           .start = rpc::FromProto(given.start_date())};
  if (!Counts(facts, calendar::ToCivilDay(tx.now))) return v1::PolicyConsent();
  return given;
}

}  // namespace policy

edge::Slice PolicyConsentSlice(const Policy& limits) { return {{}, {}, {edge::ServiceOf<policy::Service>(limits)}}; }

}  // namespace xxt::intake
