#include "services/intake/closing/dispute.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/acting/mandate.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/cases/told.h"
#include "services/intake/closing/follow_up.h"
#include "services/intake/closing/follow_up_rules.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"
#include "services/intake/plan/plan.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/dispute.grpc.pb.h"

namespace xxt::intake {
namespace dispute {
namespace {

constexpr char kDecideKind[] = "dispute.decide";
constexpr char kRetellKind[] = "dispute.retell";
constexpr char kDisputeDueKind[] = "dispute.due";
constexpr char kOverdueKind[] = "dispute.overdue";

const store::Table<v1::Dispute> kDisputes(
    "intake.disputes", &cases::kCases,
    {.columns = {"hall", "state", "due_time"},
     .lists = {{"of_case", {"case_id"}, "id DESC"},
               {"overdue", {}, "due_time, id", store::Of::kHalls, {{"state", v1::Dispute::STATE_OVERDUE}}}}});

absl::Status Get(Tx& tx, const v1::GetDisputeRequest& request, v1::Dispute& found) {
  return tx.Get(kDisputes, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListDisputesRequest& request, v1::ListDisputesResponse& response) {
  return tx.List(kDisputes, request.parent() == "cases/-" ? "overdue" : "of_case", request, &response);
}

// Whether the case may be disputed now.
absl::Status CheckWindow(const Policy& policy, Tx& tx, const v1::Case& about) {
  XXT_RETURN_IF_ERROR(cases::CheckNotMerged(about));
  if (cases::IsOpen(about)) {
    return errors::StateForbids(about.name(), "诉求还在办理，请直接告诉首接负责人", "the case is open: tell its owner");
  }
  const absl::CivilDay closed = calendar::ToCivilDay(rpc::FromProto(about.close_time()));
  if (calendar::ToCivilDay(tx.now) > LastDayToDispute(policy, closed)) {
    return errors::StateForbids(about.name(), "已过提出异议的期限，请作为新诉求受理",
                                "the window is over: take it in as a new case");
  }
  google::protobuf::RepeatedPtrField<v1::Dispute> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kDisputes, "of_case", about.name(), &before));
  const bool waits = std::any_of(before.begin(), before.end(),
                                 [](const v1::Dispute& other) { return other.state() == v1::Dispute::STATE_FILED; });
  if (!waits) return absl::OkStatus();
  return errors::StateForbids(about.name(), "已有一次异议待决定", "another dispute waits to be decided");
}

// What a window writes down for somebody was said in some contact; its own errors it finds by itself.
absl::Status CheckSaid(Tx& tx, const v1::Case& about, const v1::Dispute& made) {
  const bool window = tx.caller.Has("officer") || tx.caller.Has("leader");
  if (made.contact().empty()) {
    if (!window || made.ground() == v1::Dispute::GROUND_OUR_ERROR) return absl::OkStatus();
    return errors::FieldInvalid("dispute.contact", "请写明当事人在哪次联系中提出", "say in which contact it was said");
  }
  return follow_up::CheckContact(tx, about, made.contact(), rpc::FromProto(about.close_time()), /*reached=*/true,
                                 "dispute.contact");
}

absl::Status File(const Policy& policy, Tx& tx, const v1::FileDisputeRequest& request, v1::Dispute& made) {
  made = request.dispute();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckWindow(policy, tx, about));
  XXT_RETURN_IF_ERROR(CheckSaid(tx, about, made));
  made.set_name(kDisputes.NewName(about.name(), tx.now));
  made.set_state(v1::Dispute::STATE_FILED);
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kDisputes, made);
  cases::Ask(tx, about, kDecideKind, made.name(), "",
             absl::StrCat("对办结有异议，请决定是否重新办理：", about.display_code()));
  tx.Tell(about, "dispute.filed.v1", "对办结提出异议");
  return absl::OkStatus();
}

// Its case, locked, if nobody has decided yet.
absl::StatusOr<v1::Case> LockFiled(Tx& tx, const std::string& name, const std::string& etag, v1::Dispute* it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kDisputes, name, etag, it));
  if (it->state() == v1::Dispute::STATE_FILED) return about;
  return errors::StateForbids(name, "这次异议已有决定", "the dispute has been decided");
}

void Decide(Tx& tx, v1::Dispute& it, v1::Dispute::State state) {
  it.set_state(state);
  it.set_decider(tx.caller.subject);
  rpc::ToProto(tx.now, it.mutable_decide_time());
  edge::Never(tx, kDecideKind, it.name());
}

// Who had answered is to be told again; who gave nothing has nothing to take back.
void NoteBodies(const v1::Case& about, v1::Dispute& it) {
  std::set<std::string> answered;
  for (const auto& [name, news] : about.referrals()) {
    it.add_referrals_before(name);
    if (news.state() == v1::ReferralNews::STATE_ANSWERED) answered.insert(name);
  }
  for (const std::string& name : answered) it.add_retellings()->set_referral(name);
}

// The case as it goes on: what the person had confirmed and holds is what they dispute.
void Reopen(Tx& tx, const calendar::OpeningHours& hours, const v1::Dispute& it, v1::Case& about) {
  about.set_state(v1::Case::STATE_IN_PROGRESS);
  about.clear_close_time();
  about.clear_outcome();
  about.set_holds_route_sheet(false);
  about.set_owes_retelling(it.retellings_size() > 0);
  about.set_reopen_count(about.reopen_count() + 1);
  rpc::ToProto(tx.now, about.mutable_reopen_time());
  cases::SetNextAction(tx, about, "诉求重新办理，先联系当事人", hours.NextOpen(tx.now));
  // Its clocks are looked at again, once the person may have heard of it.
  edge::Later(tx, cases::kLookKind, about.name(), tx.now + absl::Hours(24));
  cases::TellApplicant(tx, about, "case-reopened", absl::StrCat("reopened.", about.reopen_count()),
                       {cases::Named("by", rpc::FromProto(it.due_time()))});
}

absl::Status Accept(const Policy& policy, Tx& tx, const v1::AcceptDisputeRequest& request, v1::Dispute& it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, LockFiled(tx, request.name(), request.etag(), &it));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, about.hall()));
  XXT_RETURN_IF_ERROR(follow_up::Overtake(tx, about));
  const absl::Time due = hours.AddOpenWorkdays(tx.now, policy.reopened_workdays);
  Decide(tx, it, v1::Dispute::STATE_REOPENED);
  rpc::ToProto(due, it.mutable_due_time());
  if (about.has_outcome()) *it.mutable_former_outcome() = about.outcome();
  *it.mutable_former_close_time() = about.close_time();
  NoteBodies(about, it);
  tx.Save(kDisputes, it);
  edge::Later(tx, kDisputeDueKind, it.name(), due);
  Reopen(tx, hours, it, about);
  XXT_RETURN_IF_ERROR(plan::Resume(tx, about));
  XXT_RETURN_IF_ERROR(mandate::AskOfExpired(tx, about, rpc::FromProto(it.former_close_time())));
  if (about.owes_retelling()) {
    cases::AskOwner(tx, about, kRetellKind, it.name(),
                    absl::StrCat("诉求重新办理，请再次告知答复过的外单位：", about.display_code()));
  }
  cases::Save(tx, about, "case.reopened.v1", "异议已接受，诉求重新办理");
  return absl::OkStatus();
}

absl::Status Uphold(Tx& tx, const v1::UpholdDisputeRequest& request, v1::Dispute& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockFiled(tx, request.name(), request.etag(), &it));
  std::vector<std::string> involved = cases::OwnersOf(about);
  involved.insert(involved.end(), {about.closure().proposer(), about.closure().reviewer()});
  if (std::find(involved.begin(), involved.end(), tx.caller.subject) != involved.end()) {
    return errors::SecondReviewerNeeded(about.name());
  }
  XXT_RETURN_IF_ERROR(follow_up::CheckContact(tx, about, request.told_in(), rpc::FromProto(it.create_time()),
                                              /*reached=*/true, "told_in"));
  it.set_basis(request.basis());
  it.set_answer(request.answer());
  it.set_told_in(request.told_in());
  Decide(tx, it, v1::Dispute::STATE_UPHELD);
  tx.Save(kDisputes, it);
  tx.Tell(about, "dispute.upheld.v1", "维持原办结，理由已告知当事人");
  return absl::OkStatus();
}

// Whether two referrals may ask one body: of those of an older version it is not known whom they ask.
bool MayAskTheSame(const v1::ReferralNews& one, const v1::ReferralNews& other) {
  return one.body().empty() || other.body().empty() || one.body() == other.body();
}

// Whether a referral of the case, opened since, tells the body of `referral` anew.
absl::Status CheckToldBy(const v1::Case& about, const v1::Dispute& it, const std::string& told_by,
                         const std::string& referral) {
  const auto news = about.referrals().find(told_by);
  if (news == about.referrals().end()) return errors::NotFound("referral.xixinting/Referral", told_by);
  const auto& before = it.referrals_before();
  const bool used = std::any_of(it.retellings().begin(), it.retellings().end(),
                                [&told_by](const v1::Dispute::Retelling& one) { return one.told_by() == told_by; });
  const auto asked = about.referrals().find(referral);
  if (asked != about.referrals().end() && !MayAskTheSame(asked->second, news->second)) {
    return errors::FieldInvalid("told_by", "须是向同一家单位发起的协查", "must ask the body that is to be told again");
  }
  if (!used && std::find(before.begin(), before.end(), told_by) == before.end()) return absl::OkStatus();
  return errors::FieldInvalid("told_by", "须是重新办理之后新发起、没有登记过的协查",
                              "must be a referral that was opened since, and of which nothing is recorded");
}

absl::Status CheckToldIn(Tx& tx, const v1::Case& about, const v1::Dispute& it, const std::string& told_in) {
  XXT_ASSIGN_OR_RETURN(const v1::Contact found, contact::Load(tx, about, told_in));
  const bool used = std::any_of(it.retellings().begin(), it.retellings().end(),
                                [&told_in](const v1::Dispute::Retelling& one) { return one.told_in() == told_in; });
  const bool told = !used && found.counterpart() == v1::Contact::COUNTERPART_BODY &&
                    found.result() == v1::Contact::RESULT_REACHED &&
                    rpc::FromProto(found.occur_time()) >= rpc::FromProto(it.decide_time());
  if (told) return absl::OkStatus();
  return errors::FieldInvalid(
      "told_in", "须是重新办理之后与这家单位接通、没有登记过的联系",
      "must be with the body, that was reached since the case was reopened, and not used before");
}

v1::Dispute::Retelling* FindRetelling(v1::Dispute& it, const std::string& referral) {
  for (v1::Dispute::Retelling& one : *it.mutable_retellings()) {
    if (one.referral() == referral) return &one;
  }
  return nullptr;
}

bool IsTold(const v1::Dispute::Retelling& one) { return !one.told_by().empty() || !one.told_in().empty(); }

absl::Status Retell(Tx& tx, const v1::RetellDisputeRequest& request, v1::Dispute& it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kDisputes, request.name(), request.etag(), &it));
  if (it.state() != v1::Dispute::STATE_REOPENED && it.state() != v1::Dispute::STATE_OVERDUE) {
    return errors::StateForbids(it.name(), "诉求不在重新办理中", "the case is not being done again");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(it, "retellings"));
  v1::Dispute::Retelling* retelling =
      request.referral().empty() ? it.add_retellings() : FindRetelling(it, request.referral());
  if (retelling == nullptr) return errors::NotFound("referral.xixinting/Referral", request.referral());
  if (IsTold(*retelling)) return errors::StateForbids(it.name(), "这家单位已再次告知", "the body was told again");
  if (request.told_by().empty() == request.told_in().empty()) {
    return errors::FieldInvalid("told_by", "新协查和联系记录须填且只填一个",
                                "exactly one of told_by and told_in is needed");
  }
  XXT_RETURN_IF_ERROR(request.told_in().empty() ? CheckToldBy(about, it, request.told_by(), request.referral())
                                                : CheckToldIn(tx, about, it, request.told_in()));
  retelling->set_told_by(request.told_by());
  retelling->set_told_in(request.told_in());
  tx.Save(kDisputes, it);
  if (!about.owes_retelling() || !std::all_of(it.retellings().begin(), it.retellings().end(), IsTold)) {
    tx.Tell(about, "dispute.body_told.v1", "已再次告知一家外单位");
    return absl::OkStatus();
  }
  about.set_owes_retelling(false);
  edge::Never(tx, kRetellKind, it.name());
  cases::Save(tx, about, "case.bodies_told_again.v1", "答复过的外单位都已再次告知");
  return absl::OkStatus();
}

// Its day has come, and the case is open still.
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Dispute it;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kDisputes, task.subject, "", &it));
  if (it.state() != v1::Dispute::STATE_REOPENED) return absl::OkStatus();
  it.set_state(v1::Dispute::STATE_OVERDUE);
  tx.Save(kDisputes, it);
  tx.Tell(about, "dispute.overdue.v1", "重新办理逾期");
  cases::Ask(tx, about, kOverdueKind, it.name(), "",
             absl::StrCat("重新办理已逾期，请窗口负责人督办：", about.display_code()));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::DisputeService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(FileDispute, Dispute, std::bind_front(File, settings_))
  XXT_READ(GetDispute, Dispute, Get)
  XXT_READ(ListDisputes, ListDisputesResponse, List)
  XXT_CHANGE(AcceptDispute, Dispute, std::bind_front(Accept, settings_))
  XXT_CHANGE(UpholdDispute, Dispute, Uphold)
  XXT_CHANGE(RetellDispute, Dispute, Retell)
};

}  // namespace

absl::Status Settle(Tx& tx, const v1::Case& closing) {
  if (closing.reopen_count() == 0) return absl::OkStatus();
  google::protobuf::RepeatedPtrField<v1::Dispute> all;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kDisputes, "of_case", closing.name(), &all));
  for (v1::Dispute& one : all) {
    if (one.state() != v1::Dispute::STATE_REOPENED && one.state() != v1::Dispute::STATE_OVERDUE) continue;
    one.set_state(v1::Dispute::STATE_SETTLED);
    tx.Save(kDisputes, one);
    for (const char* kind : {kDisputeDueKind, kOverdueKind, kRetellKind}) edge::Never(tx, kind, one.name());
  }
  return absl::OkStatus();
}

}  // namespace dispute

// What is not decided stays on the desk; what is not done again in time is brought to the window, and ends with the
// closing.
edge::Slice DisputeSlice(const edge::Host& host, const Policy& policy) {
  return {{edge::Timer(host, dispute::kDisputeDueKind, dispute::Due, cases::ShowDead)},
          {edge::Settled(dispute::kDecideKind, "请用接受异议或维持原结果来完成",
                         "settled by AcceptDispute or UpholdDispute"),
           edge::Settled(dispute::kRetellKind, "请用登记已再次告知来完成", "settled by RetellDispute"),
           edge::Settled(dispute::kOverdueKind, "再次办结后自动了结", "settled when the case is closed again")},
          {edge::ServiceOf<dispute::Service>(policy)}};
}

}  // namespace xxt::intake
