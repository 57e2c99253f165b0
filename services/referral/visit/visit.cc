#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/referral/appointment/appointment.h"
#include "services/referral/referrals/dead_task.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/referrals/report.h"
#include "services/referral/slices.h"
#include "services/referral/visit/visit_rules.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/referral/v1/visit.grpc.pb.h"

namespace xxt::referral {
namespace visit {
namespace {

using referrals::Report;

// The rules' numbers are the proto's.
static_assert(static_cast<int>(VisitState::kPlanned) == v1::Visit::STATE_PLANNED);
static_assert(static_cast<int>(VisitState::kCancelled) == v1::Visit::State_MAX);
static_assert(static_cast<int>(VisitLeg::kPickUp) == v1::Visit::Leg::KIND_PICK_UP);
static_assert(static_cast<int>(VisitLeg::kReturnHome) == v1::Visit::Leg::Kind_MAX);
static_assert(static_cast<int>(SafetyCheck::kHealth) == v1::Visit::SafetyCheck::KIND_HEALTH);
static_assert(static_cast<int>(SafetyCheck::kKin) == v1::Visit::SafetyCheck::Kind_MAX);

constexpr char kVisitKind[] = "referral.visit";
constexpr char kVisitIncidentKind[] = "referral.visit_incident";
constexpr char kVisitAffectedKind[] = "referral.visit_affected";

const store::Table<v1::Visit> kVisits("referral.visits", &referrals::kReferrals,
                                      {.lists = {{"of_referral", {"referral_id"}, "id DESC"}}});

struct Parts {
  const Intake* intake;
  VisitPolicy policy;
};

std::optional<VisitLeg> LastLeg(const v1::Visit& it) {
  std::optional<VisitLeg> last;
  for (const v1::Visit::Leg& leg : it.legs()) {
    if (leg.has_actual_time()) last = static_cast<VisitLeg>(leg.kind());
  }
  return last;
}

// The leg of that kind: a visit has one of each, in their order.
v1::Visit::Leg& LegOf(v1::Visit& it, VisitLeg leg) { return *it.mutable_legs(static_cast<int>(leg) - 1); }

absl::Status CheckPlan(const v1::Visit& plan, const VisitPolicy& policy, absl::Time now) {
  std::vector<PlannedLeg> legs;
  for (const v1::Visit::Leg& leg : plan.legs()) {
    legs.push_back({static_cast<VisitLeg>(leg.kind()), rpc::FromProto(leg.planned_time())});
  }
  if (const auto fault = FindPlanFault(legs, policy, now)) {
    return errors::FieldInvalid(absl::StrCat("visit.", fault->field), fault->zh, fault->en);
  }
  const auto& companions = plan.companions();
  if (std::find(companions.begin(), companions.end(), plan.leader()) == companions.end()) return absl::OkStatus();
  return errors::FieldInvalid("visit.leader", "窗口负责人须留在大厅，不能是陪同人员",
                              "must stay: none of the companions");
}

// Where one of its people works, and what callers call the field.
struct Worker {
  std::string at;
  std::string hall;
};

// All who go along, and who leads. Intake is asked, before the store is: no connection waits for it. Errors:
// RESOURCE_NOT_FOUND, PEER_UNAVAILABLE.
absl::StatusOr<std::vector<Worker>> FindStaff(const Intake& peer, const Tx& tx, const v1::Visit& plan) {
  std::vector<std::pair<std::string, std::string>> named = {{"visit.leader", plan.leader()}};
  for (int i = 0; i < plan.companions_size(); ++i) {
    named.emplace_back(absl::StrCat("visit.companions[", i, "]"), plan.companions(i));
  }
  std::vector<Worker> found;
  for (const auto& [at, name] : named) {
    XXT_ASSIGN_OR_RETURN(const ::xixinting::intake::v1::Staff person, peer.LookUpStaff(name, tx.deadline));
    found.push_back({at, person.hall()});
  }
  return found;
}

// What they have to do is shown to the people of the referral's hall alone.
absl::Status CheckHall(const v1::Referral& about, const std::vector<Worker>& people) {
  for (const Worker& one : people) {
    if (one.hall == about.hall()) continue;
    return errors::FieldInvalid(one.at, "不是这个大厅的工作人员", "is not staff of the hall");
  }
  return absl::OkStatus();
}

// The appointment, if it names one, is the referral's and not over.
absl::Status CheckAppointment(Tx& tx, const v1::Referral& about, const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  if (store::RootNameOf(name) != about.name()) {
    return errors::FieldInvalid("visit.appointment", "须是这件协查的预约", "must be one of the referral");
  }
  v1::Appointment kept;
  XXT_RETURN_IF_ERROR(tx.Get(appointment::kAppointments, name, &kept));
  if (!appointment::IsOver(kept)) return absl::OkStatus();
  return errors::FieldInvalid("visit.appointment", "该预约已赴约或已取消", "is kept or cancelled");
}

std::string KeyOfIncident(const v1::Visit& it, int number) {
  return absl::StrCat(edge::KeyOf(kVisitIncidentKind, it.name()), "/", number);
}

tasks::NewTask TaskOf(const v1::Referral& about, const v1::Visit& it, const char* kind, absl::Time due) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = it.name();
  task.dedupe_key = edge::KeyOf(kind, it.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = about.hall();
  task.assignee = it.leader();
  return task;
}

// Before they set out the first companion is asked, when it is time; then the leader, when they should be home. Nothing
// ends by itself: whoever is out is brought home, and somebody writes it down.
void AskAfter(Tx& tx, const VisitPolicy& policy, const v1::Referral& about, const v1::Visit& it) {
  edge::Never(tx, kVisitKind, it.name());
  if (it.state() == v1::Visit::STATE_PLANNED) {
    tasks::NewTask task = TaskOf(about, it, kVisitKind, rpc::FromProto(it.legs(0).planned_time()));
    task.assignee = it.companions(0);
    task.summary = "陪同该出发了：完成安全检查，接到人后登记；去不成的，请取消";
    tasks::Enqueue(tx.session, std::move(task));
  } else if (it.state() == v1::Visit::STATE_UNDER_WAY) {
    const absl::Time home = rpc::FromProto(it.legs(it.legs_size() - 1).planned_time());
    tasks::NewTask task = TaskOf(about, it, kVisitKind, home + policy.grace);
    task.summary = "陪同外出的人还没有登记送回家，请马上联系陪同人员";
    tasks::Enqueue(tx.session, std::move(task));
  } else {
    edge::Never(tx, kVisitAffectedKind, it.name());
  }
}

Report ReportOf(const v1::Referral& about, Report::Kind kind, absl::string_view words) {
  Report report;
  report.set_kind(kind);
  report.set_summary(std::string(words));
  if (kind == Report::KIND_VISIT) report.set_open_visits(about.open_visits());
  return report;
}

// Those who follow and the case learn of it. Saves the referral.
void TellOf(Tx& tx, v1::Referral& about, const char* type, const char* words) {
  tx.Tell(about, type, words);
  referrals::TellCase(tx, about, ReportOf(about, Report::KIND_VISIT, words));
  tx.Save(referrals::kReferrals, about);
}

// The referral, locked, and the visit that hangs on it.
absl::StatusOr<v1::Referral> LockWith(Tx& tx, const std::string& name, const std::string& etag, v1::Visit* it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(kVisits, name, etag, it));
  return about;
}

absl::Status CheckPlanned(const v1::Visit& it) {
  if (it.state() == v1::Visit::STATE_PLANNED) return absl::OkStatus();
  return errors::StateForbids(it.name(), "已接到人出发，或已结束", "they have set out, or the visit is over");
}

absl::Status Create(const Parts& parts, Tx& tx, const v1::CreateVisitRequest& request, v1::Visit& made) {
  made = request.visit();
  XXT_RETURN_IF_ERROR(CheckPlan(made, parts.policy, tx.now));
  XXT_RETURN_IF_ERROR(appointment::FindPerson(*parts.intake, tx, made.passenger(), "visit.passenger").status());
  XXT_ASSIGN_OR_RETURN(const std::vector<Worker> people, FindStaff(*parts.intake, tx, made));
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckHall(about, people));
  XXT_RETURN_IF_ERROR(appointment::CheckOfCase(about, made.passenger(), "visit.passenger"));
  XXT_RETURN_IF_ERROR(CheckAppointment(tx, about, made.appointment()));
  made.set_name(kVisits.NewName(about.name(), tx.now));
  made.set_state(v1::Visit::STATE_PLANNED);
  made.set_author(tx.caller.subject);
  tx.Insert(kVisits, made);
  AskAfter(tx, parts.policy, about, made);
  about.set_open_visits(about.open_visits() + 1);
  TellOf(tx, about, "visit.planned.v1", "已安排陪同外出");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetVisitRequest& request, v1::Visit& found) {
  return tx.Get(kVisits, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListVisitsRequest& request, v1::ListVisitsResponse& response) {
  return tx.List(kVisits, "of_referral", request, &response);
}

absl::Status Check(Tx& tx, const v1::RecordSafetyCheckRequest& request, v1::Visit& it) {
  if (!request.check().passed() && request.check().remark().empty()) {
    return errors::FieldInvalid("check.remark", "没有通过的，须写明缺什么", "say what is lacking");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Referral about, LockWith(tx, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckPlanned(it));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(it, "checks"));
  v1::Visit::SafetyCheck& check = *it.add_checks();
  check = request.check();
  check.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, check.mutable_check_time());
  tx.Save(kVisits, it);
  tx.Tell(about, "visit.checked.v1", check.passed() ? "一项出行安全检查已通过" : "一项出行安全检查没有通过");
  return absl::OkStatus();
}

// STATE_FORBIDS, naming them, if safety checks have not passed.
absl::Status CheckSafe(const v1::Visit& it) {
  std::vector<Checked> checks;
  for (const v1::Visit::SafetyCheck& one : it.checks()) {
    checks.push_back({static_cast<SafetyCheck>(one.kind()), one.passed()});
  }
  std::string zh;
  std::string en;
  for (const SafetyCheck unsafe : FindUnsafe(checks)) {
    const auto* kind = v1::Visit::SafetyCheck::Kind_descriptor()->FindValueByNumber(static_cast<int>(unsafe));
    absl::StrAppend(&zh, zh.empty() ? "" : "、", kind->options().GetExtension(::xixinting::common::v1::value_zh));
    absl::StrAppend(&en, en.empty() ? "" : ", ", kind->name());
  }
  if (en.empty()) return absl::OkStatus();
  return errors::StateForbids(it.name(), absl::StrCat("出发前的安全检查还没有通过：", zh),
                              absl::StrCat("safety checks have not passed: ", en));
}

// Whether `leg` may be written down as reached at `when`.
absl::Status CheckLeg(v1::Visit& it, VisitLeg leg, absl::Time when, absl::Time now) {
  const std::optional<VisitLeg> last = LastLeg(it);
  if (it.state() == v1::Visit::STATE_CANCELLED || !MayFollow(last, leg)) {
    return errors::StateForbids(it.name(), "行程须依次登记：接到人、途中、到达单位、送回家；接到人之后可以随时送回家",
                                "legs follow each other; home may come at any time after the pick-up");
  }
  if (when > now) return errors::FieldInvalid("occur_time", "不能晚于现在", "must not lie in the future");
  if (!last.has_value()) return CheckSafe(it);
  if (when >= rpc::FromProto(LegOf(it, *last).actual_time())) return absl::OkStatus();
  return errors::FieldInvalid("occur_time", "不能早于前一段", "must not be before the last leg");
}

const char* WordsFor(VisitLeg leg) {
  switch (leg) {
    case VisitLeg::kPickUp:
      return "陪同：已接到当事人";
    case VisitLeg::kInTransit:
      return "陪同：正在途中";
    case VisitLeg::kAtBody:
      return "陪同：已到达单位";
    case VisitLeg::kReturnHome:
      return "陪同：已送当事人回家";
  }
  return "陪同：行程有进展";
}

absl::Status Record(const Parts& parts, Tx& tx, const v1::RecordLegRequest& request, v1::Visit& it) {
  const auto reached = static_cast<VisitLeg>(request.kind());
  const absl::Time when = request.has_occur_time() ? rpc::FromProto(request.occur_time()) : tx.now;
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckLeg(it, reached, when, tx.now));
  v1::Visit::Leg& leg = LegOf(it, reached);
  rpc::ToProto(when, leg.mutable_actual_time());
  leg.set_remark(request.remark());
  leg.set_author(tx.caller.subject);
  const v1::Visit::State before = it.state();
  it.set_state(static_cast<v1::Visit::State>(StateAfter(reached)));
  tx.Save(kVisits, it);
  if (it.state() != before) AskAfter(tx, parts.policy, about, it);
  const bool home = it.state() == v1::Visit::STATE_DONE;
  if (home) about.set_open_visits(std::max(0, about.open_visits() - 1));
  TellOf(tx, about, home ? "visit.done.v1" : "visit.leg_reached.v1", WordsFor(reached));
  return absl::OkStatus();
}

absl::Status TakeIncident(Tx& tx, const v1::ReportIncidentRequest& request, v1::Visit& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, request.name(), "", &it));
  if (it.state() == v1::Visit::STATE_CANCELLED) {
    return errors::StateForbids(it.name(), "这次陪同已取消", "the visit was cancelled");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(it, "incidents"));
  v1::Visit::Incident& incident = *it.add_incidents();
  incident = request.incident();
  if (!incident.has_occur_time()) rpc::ToProto(tx.now, incident.mutable_occur_time());
  if (rpc::FromProto(incident.occur_time()) > tx.now) {
    return errors::FieldInvalid("incident.occur_time", "不能晚于现在", "must not lie in the future");
  }
  incident.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, incident.mutable_report_time());
  tx.Save(kVisits, it);
  tasks::NewTask task = TaskOf(about, it, kVisitIncidentKind, tx.now);
  task.dedupe_key = KeyOfIncident(it, it.incidents_size());
  task.summary = "陪同途中出了情况，请马上联系陪同人员并登记处置";
  tasks::Enqueue(tx.session, std::move(task));
  tx.Tell(about, "visit.incident_reported.v1", "陪同途中出了情况");
  referrals::TellCase(tx, about, ReportOf(about, Report::KIND_INCIDENT, "陪同途中出了情况，已请窗口负责人处置"),
                      tasks::Lane::kUrgent);
  tx.Save(referrals::kReferrals, about);
  return absl::OkStatus();
}

absl::Status Handle(Tx& tx, const v1::HandleIncidentRequest& request, v1::Visit& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, request.name(), request.etag(), &it));
  if (request.number() > it.incidents_size()) {
    return errors::FieldInvalid("number", "没有这一条", "there is no such incident");
  }
  v1::Visit::Incident& incident = *it.mutable_incidents(request.number() - 1);
  if (incident.has_handle_time()) {
    return errors::StateForbids(it.name(), "这一条的处置已登记", "what was done about it is written down");
  }
  incident.set_action(request.action());
  incident.set_handler(tx.caller.subject);
  rpc::ToProto(tx.now, incident.mutable_handle_time());
  tx.Save(kVisits, it);
  tasks::Cancel(tx.session, KeyOfIncident(it, request.number()));
  TellOf(tx, about, "visit.incident_handled.v1", "陪同途中的情况已处置");
  return absl::OkStatus();
}

absl::Status Cancel(const Parts& parts, Tx& tx, const v1::CancelVisitRequest& request, v1::Visit& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckPlanned(it));
  it.set_state(v1::Visit::STATE_CANCELLED);
  it.set_cancel_reason(request.reason());
  tx.Save(kVisits, it);
  AskAfter(tx, parts.policy, about, it);
  about.set_open_visits(std::max(0, about.open_visits() - 1));
  TellOf(tx, about, "visit.cancelled.v1", "陪同已取消");
  return absl::OkStatus();
}

// The appointment of the task has another time, or is cancelled. Only people know whether those who are to set out
// still should, and when; those who are out have to be told.
absl::Status Affected(Tx& tx, const tasks::Task& of) {
  XXT_ASSIGN_OR_RETURN(const v1::Referral about, referrals::Lock(tx, of.subject));
  google::protobuf::RepeatedPtrField<v1::Visit> visits;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kVisits, "of_referral", about.name(), &visits));
  for (const v1::Visit& it : visits) {
    const bool over = it.state() == v1::Visit::STATE_DONE || it.state() == v1::Visit::STATE_CANCELLED;
    if (over || it.appointment() != of.subject) continue;
    tasks::NewTask task = TaskOf(about, it, kVisitAffectedKind, tx.now);
    task.summary = "预约改期或取消了，为它安排的陪同仍是原来的时间：请通知陪同人员，需要的取消后重新安排";
    tasks::Enqueue(tx.session, std::move(task));
  }
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::VisitService, Parts> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateVisit, Visit, std::bind_front(Create, settings_))
  XXT_READ(GetVisit, Visit, Get)
  XXT_READ(ListVisits, ListVisitsResponse, List)
  XXT_CHANGE(RecordSafetyCheck, Visit, Check)
  XXT_CHANGE(RecordLeg, Visit, std::bind_front(Record, settings_))
  XXT_CHANGE(ReportIncident, Visit, TakeIncident)
  XXT_CHANGE(HandleIncident, Visit, Handle)
  XXT_CHANGE(CancelVisit, Visit, std::bind_front(Cancel, settings_))
};

}  // namespace
}  // namespace visit

edge::Slice VisitSlice(const edge::Host& host, const Intake& intake, const VisitPolicy& policy) {
  const visit::Parts parts{&intake, policy};
  return {{edge::Timer(host, appointment::kVisitsAffectedKind, visit::Affected, referrals::ShowDead)},
          {edge::Settled(visit::kVisitKind, "请登记行程或取消陪同来完成", "settled by RecordLeg or CancelVisit"),
           edge::Settled(visit::kVisitIncidentKind, "请登记处置来完成", "settled by HandleIncident"),
           edge::Desk(host, visit::kVisitAffectedKind, {"SEEN"}, edge::Seen)},
          {edge::ServiceOf<visit::Service>(parts)}};
}

}  // namespace xxt::referral
