#include "services/intake/plan/plan.h"

#include <google/protobuf/repeated_field.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/edge/noun.h"
#include "common/edge/prepare.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/contact/contact.h"
#include "services/intake/paper/paper.h"
#include "services/intake/plan/plan_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/plan.grpc.pb.h"

namespace xxt::intake {
namespace {

using Step = v1::Plan::Step;
using Steps = google::protobuf::RepeatedPtrField<Step>;

constexpr char kStepDueKind[] = "plan.due";
constexpr char kStepLateKind[] = "plan.late";
constexpr char kStepCoachKind[] = "plan.coach";

// The rules' numbers are the proto's.
static_assert(static_cast<int>(StepState::kWaiting) == Step::STATE_WAITING);
static_assert(static_cast<int>(StepState::kOpen) == Step::STATE_OPEN);
static_assert(static_cast<int>(StepState::kDone) == Step::STATE_DONE);
static_assert(static_cast<int>(StepState::kSkipped) == Step::STATE_SKIPPED);

const store::Table<v1::Plan> kPlans("intake.plans", &cases::kCases, {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

bool IsSettled(const Step& step) { return step.state() == Step::STATE_DONE || step.state() == Step::STATE_SKIPPED; }

std::vector<PlanStep> FactsOf(const Steps& steps) {
  std::vector<PlanStep> facts;
  for (const Step& step : steps) {
    PlanStep& made = facts.emplace_back();
    made.key = step.key();
    made.after.assign(step.after().begin(), step.after().end());
    made.workdays = step.workdays();
    made.state = static_cast<StepState>(step.state());
    if (step.has_open_time()) made.day = calendar::ToCivilDay(rpc::FromProto(step.open_time()));
    if (IsSettled(step)) made.day = calendar::ToCivilDay(rpc::FromProto(step.settle_time()));
  }
  return facts;
}

// Says when it is done at the earliest: looked at each time, never stored.
void Foresee(absl::Time now, v1::Plan& plan) {
  const Forecast forecast = ForecastOf(FactsOf(plan.steps()), calendar::ToCivilDay(now));
  for (int i = 0; i < plan.steps_size(); ++i) {
    Step& step = *plan.mutable_steps(i);
    if (step.state() == Step::STATE_SKIPPED) continue;
    rpc::ToProto(forecast.finish[static_cast<std::size_t>(i)], step.mutable_finish_date());
  }
  if (forecast.last.has_value()) rpc::ToProto(*forecast.last, plan.mutable_finish_date());
  plan.set_provisional(forecast.provisional);
  for (const std::size_t i : forecast.critical) plan.add_critical_path(plan.steps(static_cast<int>(i)).key());
}

// In its working days from when it opened, the last of them whole.
void SetDue(absl::Time now, Step& step) {
  const absl::CivilDay opened = calendar::ToCivilDay(rpc::FromProto(step.open_time()));
  const absl::CivilDay last = calendar::WorkingDays::China().AddWorkdays(opened, step.workdays()).day;
  rpc::ToProto(calendar::EndOfDay(last), step.mutable_due_time());
  if (calendar::EndOfDay(last) > now) step.set_late(false);
}

// As if it had never been open.
void Reset(Step& step) {
  step.set_state(Step::STATE_WAITING);
  step.clear_open_time();
  step.clear_due_time();
  step.clear_late();
  step.clear_coached_in();
  step.clear_note();
  step.clear_settle_time();
}

// Opens what waits for nothing any more, and closes what waits again.
void Follow(absl::Time now, v1::Plan& plan) {
  const std::vector<StepState> states = StatesOf(FactsOf(plan.steps()));
  for (int i = 0; i < plan.steps_size(); ++i) {
    Step& step = *plan.mutable_steps(i);
    const auto state = static_cast<Step::State>(states[static_cast<std::size_t>(i)]);
    if (state == step.state()) continue;
    Reset(step);
    if (state != Step::STATE_OPEN) continue;
    step.set_state(state);
    rpc::ToProto(now, step.mutable_open_time());
    SetDue(now, step);
  }
  const bool done = std::all_of(plan.steps().begin(), plan.steps().end(), IsSettled);
  plan.set_state(done ? v1::Plan::STATE_DONE : v1::Plan::STATE_UNDER_WAY);
}

void EnqueueDue(Tx& tx, const v1::Plan& plan, const Step& step) {
  tasks::NewTask task;
  task.kind = kStepDueKind;
  task.subject = plan.name();
  task.dedupe_key = absl::StrCat(edge::KeyOf(kStepDueKind, plan.name()), "/", step.key());
  task.due = tasks::Due::At(rpc::FromProto(step.due_time()), tx.now);
  tasks::Enqueue(tx.session, std::move(task));
}

void AskOwner(Tx& tx, const v1::Case& about, const char* kind, const v1::Plan& plan, const char* words) {
  cases::AskOwner(tx, about, kind, plan.name(), absl::StrCat(words, about.display_code()));
}

// A timer for each step that may become late; the owner is asked once for all that are, and once for whoever is to be
// shown how to do theirs.
void Schedule(Tx& tx, const v1::Case& about, const v1::Plan& plan) {
  bool late = false;
  bool coach = false;
  tasks::CancelAll(tx.session, kStepDueKind, plan.name());
  for (const Step& step : plan.steps()) {
    if (step.state() != Step::STATE_OPEN) continue;
    late = late || step.late();
    coach = coach || (!step.party().empty() && step.coached_in().empty());
    if (!step.late()) EnqueueDue(tx, plan, step);
  }
  if (!late) edge::Never(tx, kStepLateKind, plan.name());
  if (!coach) return edge::Never(tx, kStepCoachKind, plan.name());
  AskOwner(tx, about, kStepCoachKind, plan, "计划有一步由当事人办，请教会并登记：");
}

// What every change ends with.
void Store(Tx& tx, const v1::Case& about, v1::Plan& plan, const char* event, const char* summary) {
  Follow(tx.now, plan);
  tx.Save(kPlans, plan);
  tx.Tell(about, event, summary);
  Schedule(tx, about, plan);
  Foresee(tx.now, plan);
}

// What steps name must be of the case. `field` is the path of the list.
absl::Status CheckSteps(Tx& tx, const v1::Case& about, const Steps& steps, const std::string& field) {
  const std::optional<errors::Violation> fault = FindGraphFault(FactsOf(steps), field);
  if (fault.has_value()) return errors::FieldsInvalid({*fault});
  XXT_ASSIGN_OR_RETURN(const paper::Papers papers, paper::LoadAll(tx, about));
  std::set<std::string> known;
  for (const v1::Paper& one : papers) known.insert(one.name());
  for (int i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (step.party().empty() != step.coaching().empty()) {
      return errors::FieldInvalid(absl::StrCat(field, "[", i, "].coaching"), "由当事人办的要写怎样办，其他的不写",
                                  "goes with the party who does it, and only with one");
    }
    if (!step.party().empty() && !cases::HasParty(about, step.party())) {
      return errors::NotFound("intake.xixinting/Party", step.party());
    }
    for (const std::string& name : step.papers()) {
      if (known.count(name) == 0) return errors::NotFound("intake.xixinting/Paper", name);
    }
    for (const std::string& name : step.referrals()) {
      if (about.referrals().count(name) == 0) return errors::NotFound("referral.xixinting/Referral", name);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNoneUnderWay(Tx& tx, const v1::Case& about) {
  google::protobuf::RepeatedPtrField<v1::Plan> plans;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kPlans, "of_case", about.name(), &plans));
  for (const v1::Plan& other : plans) {
    if (other.state() != v1::Plan::STATE_UNDER_WAY) continue;
    return errors::StateForbids(other.name(), "已有一份进行中的计划，请修改它", "another plan is under way: revise it");
  }
  return absl::OkStatus();
}

absl::Status Create(Tx& tx, const v1::CreatePlanRequest& request, v1::Plan& made) {
  made = request.plan();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckSteps(tx, about, made.steps(), "plan.steps"));
  XXT_RETURN_IF_ERROR(CheckNoneUnderWay(tx, about));
  made.set_name(kPlans.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  Follow(tx.now, made);
  tx.Insert(kPlans, made);
  tx.Tell(about, "plan.made.v1", absl::StrCat("制定办理计划，共 ", made.steps_size(), " 步"));
  Schedule(tx, about, made);
  Foresee(tx.now, made);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPlanRequest& request, v1::Plan& found) {
  XXT_RETURN_IF_ERROR(tx.Get(kPlans, request.name(), &found));
  Foresee(tx.now, found);
  return absl::OkStatus();
}

absl::Status List(Tx& tx, const v1::ListPlansRequest& request, v1::ListPlansResponse& response) {
  XXT_RETURN_IF_ERROR(tx.List(kPlans, "of_case", request, &response));
  for (v1::Plan& plan : *response.mutable_plans()) Foresee(tx.now, plan);
  return absl::OkStatus();
}

// For what changes how an open case is done.
absl::StatusOr<v1::Case> LockOpenWith(Tx& tx, const std::string& name, const std::string& etag, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(kPlans, name, etag, &plan));
  return about;
}

// Its place in the plan.
absl::StatusOr<int> FindStep(const v1::Plan& plan, const std::string& key) {
  for (int i = 0; i < plan.steps_size(); ++i) {
    if (plan.steps(i).key() == key) return i;
  }
  return errors::FieldInvalid("step", "计划里没有这一步", "names no step of the plan");
}

// Notes a change; the caller adds what more there is to say of it.
absl::StatusOr<v1::Plan::Change*> AddChange(const Tx& tx, v1::Plan& plan, v1::Plan::Change::Kind kind,
                                            const std::string& reason) {
  XXT_RETURN_IF_ERROR(edge::CheckRoom(plan, "changes"));
  v1::Plan::Change* const change = plan.add_changes();
  change->set_kind(kind);
  change->set_reason(reason);
  change->set_author(tx.caller.subject);
  rpc::ToProto(tx.now, change->mutable_change_time());
  return change;
}

// Makes of `said` the step that `old` becomes. False if that may not be: what is settled stays as it is.
bool CarryOver(absl::Time now, const Step& old, Step& said) {
  Step becomes = old;
  edge::TakeOver(said, &becomes);
  if (IsSettled(old) && !google::protobuf::util::MessageDifferencer::Equals(old, becomes)) return false;
  if (becomes.party() != old.party() || becomes.coaching() != old.coaching()) becomes.clear_coached_in();
  if (becomes.state() == Step::STATE_OPEN) SetDue(now, becomes);
  said = std::move(becomes);
  return true;
}

absl::Status Revise(Tx& tx, const v1::RevisePlanRequest& request, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockOpenWith(tx, request.name(), request.etag(), plan));
  if (plan.state() == v1::Plan::STATE_DONE) return errors::StateForbids(plan.name(), "计划已办完", "the plan is done");
  Steps steps = request.steps();
  XXT_RETURN_IF_ERROR(CheckSteps(tx, about, steps, "steps"));
  for (const Step& old : plan.steps()) {
    const auto said =
        std::find_if(steps.begin(), steps.end(), [&old](const Step& step) { return step.key() == old.key(); });
    if (said == steps.end() ? !IsSettled(old) : CarryOver(tx.now, old, *said)) continue;
    return errors::FieldInvalid("steps", "已办好或不用办的步骤不能去掉或改动",
                                "what is done or skipped neither goes nor changes");
  }
  XXT_RETURN_IF_ERROR(AddChange(tx, plan, v1::Plan::Change::KIND_REVISED, request.reason()).status());
  *plan.mutable_steps() = std::move(steps);
  Store(tx, about, plan, "plan.revised.v1", "办理计划有修改");
  return absl::OkStatus();
}

absl::Status Settle(Tx& tx, const v1::SettlePlanStepRequest& request, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kPlans, request.name(), request.etag(), &plan));
  XXT_ASSIGN_OR_RETURN(const int at, FindStep(plan, request.step()));
  Step& step = *plan.mutable_steps(at);
  const bool skipped = request.outcome() == v1::SettlePlanStepRequest::OUTCOME_SKIPPED;
  if (IsSettled(step)) {
    return errors::StateForbids(plan.name(), "这一步已办好或不用办", "the step is done or skipped already");
  }
  if (!skipped && step.state() != Step::STATE_OPEN) {
    return errors::StateForbids(plan.name(), "前面的步骤还没办好", "the step waits for another");
  }
  step.set_state(skipped ? Step::STATE_SKIPPED : Step::STATE_DONE);
  step.set_note(request.note());
  step.set_late(false);
  rpc::ToProto(tx.now, step.mutable_settle_time());
  Store(tx, about, plan, "plan.step_settled.v1", skipped ? "计划有一步不用办" : "计划的一步已办好");
  return absl::OkStatus();
}

absl::Status Redo(Tx& tx, const v1::RedoPlanStepRequest& request, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockOpenWith(tx, request.name(), request.etag(), plan));
  XXT_ASSIGN_OR_RETURN(const int at, FindStep(plan, request.step()));
  if (!IsSettled(plan.steps(at))) {
    return errors::StateForbids(plan.name(), "这一步还没有办好", "the step is neither done nor skipped");
  }
  if (plan.state() == v1::Plan::STATE_DONE) XXT_RETURN_IF_ERROR(CheckNoneUnderWay(tx, about));
  XXT_ASSIGN_OR_RETURN(v1::Plan::Change* const change,
                       AddChange(tx, plan, v1::Plan::Change::KIND_REDONE, request.reason()));
  change->set_step(request.step());
  for (const std::size_t i : StandingOn(FactsOf(plan.steps()), static_cast<std::size_t>(at))) {
    Step& standing = *plan.mutable_steps(static_cast<int>(i));
    if (standing.state() == Step::STATE_DONE) Reset(standing);
  }
  Reset(*plan.mutable_steps(at));
  Store(tx, about, plan, "plan.step_redone.v1", "计划有一步重新办理");
  return absl::OkStatus();
}

absl::Status Expedite(Tx& tx, const v1::ExpeditePlanStepRequest& request, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockOpenWith(tx, request.name(), request.etag(), plan));
  XXT_ASSIGN_OR_RETURN(const int at, FindStep(plan, request.step()));
  Step& step = *plan.mutable_steps(at);
  if (IsSettled(step)) return errors::StateForbids(plan.name(), "这一步已办好或不用办", "the step is done or skipped");
  if (request.workdays() >= step.workdays()) {
    return errors::FieldInvalid("workdays", "须少于原来的工作日", "must be fewer than were planned");
  }
  XXT_ASSIGN_OR_RETURN(v1::Plan::Change* const change,
                       AddChange(tx, plan, v1::Plan::Change::KIND_EXPEDITED, request.reason()));
  change->set_step(request.step());
  change->set_approver(request.approver());
  change->set_former_workdays(step.workdays());
  step.set_workdays(request.workdays());
  if (step.state() == Step::STATE_OPEN) SetDue(tx.now, step);
  Store(tx, about, plan, "plan.step_expedited.v1", "计划有一步加急办理");
  return absl::OkStatus();
}

absl::Status Coach(Tx& tx, const v1::CoachPlanStepRequest& request, v1::Plan& plan) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kPlans, request.name(), request.etag(), &plan));
  XXT_ASSIGN_OR_RETURN(const int at, FindStep(plan, request.step()));
  Step& step = *plan.mutable_steps(at);
  if (step.state() != Step::STATE_OPEN || step.party().empty()) {
    return errors::StateForbids(plan.name(), "这一步不由当事人办，或现在不办",
                                "the step is not a party's, or not open");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Contact talk, contact::Load(tx, about, request.contact()));
  if (!contact::HasTheirWord(talk)) {
    return errors::FieldInvalid("contact", "须是联系上当事人的记录", "did not reach the person");
  }
  step.set_coached_in(talk.name());
  Store(tx, about, plan, "plan.step_coached.v1", "已教当事人怎样办计划的一步");
  return absl::OkStatus();
}

// The time of a step has come. It stays open: nothing is skipped by time. In a closed case nobody asks, before it is
// reopened (Resume).
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Plan plan;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kPlans, task.subject, "", &plan));
  if (!cases::IsOpen(about)) return absl::OkStatus();
  bool late = false;
  for (Step& step : *plan.mutable_steps()) {
    if (step.state() != Step::STATE_OPEN || step.late() || rpc::FromProto(step.due_time()) > tx.now) continue;
    step.set_late(true);
    late = true;
  }
  if (!late) return absl::OkStatus();
  tx.Save(kPlans, plan);
  tx.Tell(about, "plan.step_late.v1", "计划有一步逾期");
  AskOwner(tx, about, kStepLateKind, plan, "计划有一步逾期，请查问并登记：");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PlanService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreatePlan, Plan, Create)
  XXT_READ(GetPlan, Plan, Get)
  XXT_READ(ListPlans, ListPlansResponse, List)
  XXT_CHANGE(RevisePlan, Plan, Revise)
  XXT_CHANGE(SettlePlanStep, Plan, Settle)
  XXT_CHANGE(RedoPlanStep, Plan, Redo)
  XXT_CHANGE(ExpeditePlanStep, Plan, Expedite)
  XXT_CHANGE(CoachPlanStep, Plan, Coach)
};

}  // namespace

absl::Status plan::Resume(Tx& tx, const v1::Case& reopened) {
  google::protobuf::RepeatedPtrField<v1::Plan> all;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kPlans, "of_case", reopened.name(), &all));
  for (const v1::Plan& one : all) Schedule(tx, reopened, one);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> plan::StepsOfParties(Tx& tx, const std::string& about) {
  v1::ListPlansRequest all;
  all.set_parent(about);
  all.set_page_size(100);
  v1::ListPlansResponse found;
  XXT_RETURN_IF_ERROR(tx.List(kPlans, "of_case", all, &found));
  std::vector<std::string> titles;
  for (const v1::Plan& one : found.plans()) {
    for (const Step& step : one.steps()) {
      if (step.state() == Step::STATE_OPEN && !step.party().empty()) titles.push_back(step.title());
    }
  }
  return titles;
}

// What is open when it is due stays open, and the case's owner is asked about it.
edge::Slice PlanSlice(const edge::Host& host) {
  return {
      {edge::Timer(host, kStepDueKind, Due, cases::ShowDead)},
      {edge::Settled(kStepLateKind, "请登记这一步的结果或修改计划来完成", "settled by SettlePlanStep or RevisePlan"),
       edge::Settled(kStepCoachKind, "请登记已教当事人来完成", "settled by CoachPlanStep")},
      {edge::ServiceOf<Service>()}};
}

}  // namespace xxt::intake
