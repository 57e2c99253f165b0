#include <algorithm>
#include <string>

#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/kin_scope.grpc.pb.h"

namespace xxt::intake {
namespace {

using Topics = google::protobuf::RepeatedField<int>;

const store::Table<v1::KinScope> kKinScopes("intake.kin_scopes", &cases::kCases,
                                            {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

// Says on the case what `kin` is told from now on, as a correction: the copies that the notification service has of
// whom its messages are for follow.
void SetTopics(Tx& tx, v1::Case& about, const std::string& kin, const Topics& topics, const std::string& reason) {
  for (v1::Party& party : *about.mutable_parties()) {
    if (party.name() != kin) continue;
    *party.mutable_told_topics() = topics;
    v1::Correction& noted = *about.add_corrections();
    noted.set_party(kin);
    noted.add_fields("told_topics");
    noted.set_reason(reason);
    noted.set_author(tx.caller.subject);
    rpc::ToProto(tx.now, noted.mutable_correct_time());
    cases::CorrectRecipient(tx, party, {"not_told"});
  }
}

void End(Tx& tx, v1::KinScope& scope, v1::KinScope::State state) {
  scope.set_state(state);
  rpc::ToProto(tx.now, scope.mutable_end_time());
  tx.Save(kKinScopes, scope);
}

absl::Status CheckKin(const v1::Case& about, const std::string& name) {
  const v1::Party* kin = cases::FindParty(about, name);
  if (kin == nullptr) return errors::NotFound("intake.xixinting/Party", name);
  if (kin->role() != v1::Party::ROLE_KIN) {
    return errors::FieldInvalid("kin_scope.kin", "不是这件诉求登记的亲属", "is not of role KIN");
  }
  if (kin->deceased()) return errors::FieldInvalid("kin_scope.kin", "已经去世", "is dead");
  if (kin->phone_number().empty()) {
    return errors::FieldInvalid("kin_scope.kin", "没有登记电话，无法告知", "has no telephone to be told by");
  }
  return absl::OkStatus();
}

absl::Status Agree(Tx& tx, const v1::AgreeKinScopeRequest& request, v1::KinScope& made) {
  made = request.kin_scope();
  std::sort(made.mutable_topics()->begin(), made.mutable_topics()->end());
  made.mutable_topics()->erase(std::unique(made.mutable_topics()->begin(), made.mutable_topics()->end()),
                               made.mutable_topics()->end());
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckKin(about, made.kin()));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(about, "corrections", cases::kKeptCorrections));
  // Only the person says who of their kin may know.
  XXT_RETURN_IF_ERROR(contact::CheckApplicantSaid(tx, about, made.agreed_in()));
  google::protobuf::RepeatedPtrField<v1::KinScope> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kKinScopes, "of_case", about.name(), &before));
  for (v1::KinScope& one : before) {
    if (one.kin() == made.kin() && one.state() == v1::KinScope::STATE_AGREED)
      End(tx, one, v1::KinScope::STATE_REPLACED);
  }
  made.set_name(kKinScopes.NewName(about.name(), tx.now));
  made.set_state(v1::KinScope::STATE_AGREED);
  made.set_author(tx.caller.subject);
  tx.Insert(kKinScopes, made);
  SetTopics(tx, about, made.kin(), made.topics(), "当事人同意亲属知情");
  cases::Save(tx, about, "case.kin_scope_agreed.v1", "当事人同意亲属知情");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetKinScopeRequest& request, v1::KinScope& found) {
  return tx.Get(kKinScopes, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListKinScopesRequest& request, v1::ListKinScopesResponse& response) {
  return tx.List(kKinScopes, "of_case", request, &response);
}

absl::Status Withdraw(Tx& tx, const v1::WithdrawKinScopeRequest& request, v1::KinScope& scope) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kKinScopes, request.name(), request.etag(), &scope));
  if (scope.state() != v1::KinScope::STATE_AGREED) {
    return errors::StateForbids(scope.name(), "这项知情范围已终止", "the scope is not in force");
  }
  scope.set_withdraw_reason(request.reason());
  End(tx, scope, v1::KinScope::STATE_WITHDRAWN);
  SetTopics(tx, about, scope.kin(), {}, request.reason());
  cases::Save(tx, about, "case.kin_scope_withdrawn.v1", "当事人撤回亲属知情");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::KinScopeService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(AgreeKinScope, KinScope, Agree)
  XXT_READ(GetKinScope, KinScope, Get)
  XXT_READ(ListKinScopes, ListKinScopesResponse, List)
  XXT_CHANGE(WithdrawKinScope, KinScope, Withdraw)
};

}  // namespace

edge::Slice KinScopeSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
