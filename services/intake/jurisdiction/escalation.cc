#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/escalation.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kAnswerDueKind[] = "escalation.due";
constexpr char kSilentKind[] = "escalation.silent";

const store::Table<v1::Escalation> kEscalations("intake.escalations", &cases::kCases,
                                                {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

// The district is asked before the city is.
absl::Status CheckLevel(Tx& tx, const v1::Case& about, v1::Escalation::Level level) {
  if (level != v1::Escalation::LEVEL_CITY) return absl::OkStatus();
  google::protobuf::RepeatedPtrField<v1::Escalation> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kEscalations, "of_case", about.name(), &before));
  const bool asked = std::any_of(before.begin(), before.end(), [](const v1::Escalation& other) {
    return other.level() == v1::Escalation::LEVEL_DISTRICT && other.state() == v1::Escalation::STATE_ANSWERED;
  });
  if (asked) return absl::OkStatus();
  return errors::FieldInvalid("escalation.level", "须先提到区级并已得到答复", "the district must have answered first");
}

absl::Status Create(const Policy& policy, Tx& tx, const v1::CreateEscalationRequest& request, v1::Escalation& made) {
  made = request.escalation();
  const absl::Time due = rpc::FromProto(made.answer_due_time());
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(cases::CheckActionTime(about, due, policy, tx.now, "escalation.answer_due_time"));
  if (about.awaits_escalation()) {
    return errors::StateForbids(about.name(), "已有一次提级等待答复", "another escalation waits for its answer");
  }
  XXT_RETURN_IF_ERROR(CheckLevel(tx, about, made.level()));
  made.set_name(kEscalations.NewName(about.name(), tx.now));
  made.set_state(v1::Escalation::STATE_WAITING);
  made.set_author(tx.caller.subject);
  tx.Insert(kEscalations, made);
  edge::Later(tx, kAnswerDueKind, made.name(), due);
  about.set_awaits_escalation(true);
  cases::Save(tx, about, "case.escalated.v1", "已提级，等待上级答复");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetEscalationRequest& request, v1::Escalation& found) {
  return tx.Get(kEscalations, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListEscalationsRequest& request, v1::ListEscalationsResponse& response) {
  return tx.List(kEscalations, "of_case", request, &response);
}

bool Ended(const v1::Escalation& it) {
  return it.state() != v1::Escalation::STATE_WAITING && it.state() != v1::Escalation::STATE_SILENT;
}

absl::Status CheckWaits(const v1::Escalation& it) {
  if (!Ended(it)) return absl::OkStatus();
  return errors::StateForbids(it.name(), "这次提级已了结", "the escalation has ended");
}

void ForgetTasks(Tx& tx, const v1::Escalation& it) {
  for (const char* kind : {kAnswerDueKind, kSilentKind}) edge::Never(tx, kind, it.name());
}

void End(Tx& tx, v1::Case& about, v1::Escalation& it, v1::Escalation::State state) {
  it.set_state(state);
  rpc::ToProto(tx.now, it.mutable_end_time());
  tx.Save(kEscalations, it);
  ForgetTasks(tx, it);
  about.set_awaits_escalation(false);
}

absl::Status Answer(Tx& tx, const v1::AnswerEscalationRequest& request, v1::Escalation& it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kEscalations, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckWaits(it));
  it.set_counterpart(request.counterpart());
  it.set_answer(request.answer());
  End(tx, about, it, v1::Escalation::STATE_ANSWERED);
  about.set_escalation_answered(true);
  about.set_leads_on(false);
  cases::Save(tx, about, "case.escalation_answered.v1", "上级已答复并指定对接人");
  return absl::OkStatus();
}

absl::Status Chase(const Policy& policy, Tx& tx, const v1::ChaseEscalationRequest& request, v1::Escalation& it) {
  const absl::Time due = rpc::FromProto(request.answer_due_time());
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kEscalations, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckWaits(it));
  XXT_RETURN_IF_ERROR(cases::CheckActionTime(about, due, policy, tx.now, "answer_due_time"));
  it.set_state(v1::Escalation::STATE_WAITING);
  it.set_chase_count(it.chase_count() + 1);
  *it.mutable_answer_due_time() = request.answer_due_time();
  tx.Save(kEscalations, it);
  ForgetTasks(tx, it);
  edge::Later(tx, kAnswerDueKind, it.name(), due);
  tx.Tell(about, "escalation.chased.v1", "已向上级催办");
  return absl::OkStatus();
}

absl::Status Withdraw(Tx& tx, const v1::WithdrawEscalationRequest& request, v1::Escalation& it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kEscalations, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckWaits(it));
  it.set_withdraw_reason(request.reason());
  End(tx, about, it, v1::Escalation::STATE_WITHDRAWN);
  cases::Save(tx, about, "case.escalation_withdrawn.v1", "已撤回提级");
  return absl::OkStatus();
}

// Its time has come. The answer may still come: nothing ends here.
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Escalation it;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kEscalations, task.subject, "", &it));
  if (it.state() != v1::Escalation::STATE_WAITING) return absl::OkStatus();
  it.set_state(v1::Escalation::STATE_SILENT);
  tx.Save(kEscalations, it);
  tx.Tell(about, "escalation.silent.v1", "上级逾期未答复");
  cases::AskOwner(tx, about, kSilentKind, it.name(),
                  absl::StrCat("上级逾期未答复，请催办并登记：", about.display_code()));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::EscalationService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateEscalation, Escalation, std::bind_front(Create, settings_))
  XXT_READ(GetEscalation, Escalation, Get)
  XXT_READ(ListEscalations, ListEscalationsResponse, List)
  XXT_CHANGE(AnswerEscalation, Escalation, Answer)
  XXT_CHANGE(ChaseEscalation, Escalation, std::bind_front(Chase, settings_))
  XXT_CHANGE(WithdrawEscalation, Escalation, Withdraw)
};

}  // namespace

// What is not answered in time is brought to the case's owner, and never ends by itself.
edge::Slice EscalationSlice(const edge::Host& host, const Policy& policy) {
  return {{edge::Timer(host, kAnswerDueKind, Due, cases::ShowDead)},
          {edge::Settled(kSilentKind, "请用登记答复、催办或撤回来完成",
                         "settled by AnswerEscalation, ChaseEscalation or WithdrawEscalation")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
