#include "services/referral/appointment/appointment.h"

#include <functional>
#include <utility>

#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "common/identity/caller.h"
#include "services/referral/appointment/appointment_rules.h"
#include "services/referral/body/body.h"
#include "services/referral/referrals/report.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/appointment.grpc.pb.h"

namespace xxt::referral {
namespace appointment {

namespace intake = ::xixinting::intake::v1;

const store::Table<v1::Appointment> kAppointments("referral.appointments", &referrals::kReferrals,
                                                  {.lists = {{"of_referral", {"referral_id"}, "id DESC"}}});

namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(AppointmentState::kProposed) == v1::Appointment::STATE_PROPOSED);
static_assert(static_cast<int>(AppointmentState::kNoShow) == v1::Appointment::STATE_NO_SHOW);
static_assert(static_cast<int>(AppointmentState::kCancelled) == v1::Appointment::STATE_CANCELLED);
static_assert(static_cast<int>(AppointmentState::kCancelled) == v1::Appointment::State_MAX);

constexpr char kAppointmentKind[] = "referral.appointment";

AppointmentState StateOf(const v1::Appointment& it) { return static_cast<AppointmentState>(it.state()); }

// What somebody has to do about one that is not over.
const char* ToDo(v1::Appointment::State state) {
  switch (state) {
    case v1::Appointment::STATE_CONFIRMED:
      return "预约时间已到，请登记是否赴约，或改期、取消";
    case v1::Appointment::STATE_NO_SHOW:
      return "当事人没有赴约，请联系当事人，改期或取消";
    case v1::Appointment::STATE_PROPOSED:
    case v1::Appointment::STATE_MOVED:
    case v1::Appointment::STATE_KEPT:
    case v1::Appointment::STATE_CANCELLED:
    case v1::Appointment::STATE_UNSPECIFIED:
    case XXT_SENTINELS(v1::Appointment_State_Appointment_State):
      break;
  }
  return "预约还没有对方确认，请联系对方并登记";
}

// Somebody sees to it as long as it is not over.
void AskAfter(Tx& tx, const v1::Referral& about, const v1::Appointment& it) {
  edge::Never(tx, kAppointmentKind, it.name());
  if (IsOver(it)) return;
  tasks::NewTask task;
  task.kind = kAppointmentKind;
  task.subject = it.name();
  task.dedupe_key = edge::KeyOf(kAppointmentKind, it.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(TimeToAct(StateOf(it), rpc::FromProto(it.start_time()), tx.now));
  task.hall = about.hall();
  task.assignee = about.owner();
  task.summary = ToDo(it.state());
  tasks::Enqueue(tx.session, std::move(task));
}

// Those who follow and the case learn of it, and somebody sees to it. Saves the referral.
void TellOf(Tx& tx, v1::Referral& about, const v1::Appointment& it, const char* type, const char* words) {
  tx.Tell(about, type, words);
  referrals::TellCase(tx, about, referrals::Report::KIND_PROGRESS, words);
  tx.Save(referrals::kReferrals, about);
  AskAfter(tx, about, it);
}

// Whoever accompanies somebody to it learns that it is not as they planned.
void TellVisits(Tx& tx, const v1::Referral& about, const v1::Appointment& it) {
  if (about.open_visits() == 0) return;
  // Each change has a task of its own: one that is running may have looked already.
  tasks::NewTask task;
  task.kind = kVisitsAffectedKind;
  task.subject = it.name();
  tasks::Enqueue(tx.session, std::move(task));
}

// The unit is one of the body's.
absl::Status CheckUnit(Tx& tx, const v1::Referral& about, const std::string& unit) {
  if (unit.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const v1::Body asked, body::FindMerged(tx.session, about.body()));
  if (body::FindUnit(asked, unit) != nullptr) return absl::OkStatus();
  return errors::FieldInvalid("appointment.unit", "该单位没有这个科室", "the body has no such unit");
}

// The referral, locked, and the appointment that hangs on it.
absl::StatusOr<v1::Referral> LockWith(Tx& tx, const std::string& name, const std::string& etag, v1::Appointment* it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(kAppointments, name, etag, it));
  return about;
}

// The same of one that is not over. Errors: STATE_FORBIDS, too.
absl::StatusOr<v1::Referral> LockOpen(Tx& tx, const std::string& name, const std::string& etag, v1::Appointment* it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, name, etag, it));
  if (IsOver(*it)) return errors::StateForbids(name, "预约已赴约或已取消", "the appointment is kept or cancelled");
  return about;
}

bool ActsForAnother(const intake::Party& person) {
  return person.role() == intake::Party::ROLE_PROXY || person.role() == intake::Party::ROLE_KIN;
}

absl::Status Create(const Intake& peer, Tx& tx, const v1::CreateAppointmentRequest& request, v1::Appointment& made) {
  made = request.appointment();
  XXT_RETURN_IF_ERROR(referrals::CheckPlanned(rpc::FromProto(made.start_time()), tx.now, "appointment.start_time"));
  XXT_ASSIGN_OR_RETURN(const intake::Party person, FindPerson(peer, tx, made.attendee(), "appointment.attendee"));
  if (made.in_person() && ActsForAnother(person)) {
    return errors::FieldInvalid("appointment.attendee", "须本人到场，不能由代办人或亲属去",
                                "it must be done in person: neither a proxy nor kin may go");
  }
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckOfCase(about, made.attendee(), "appointment.attendee"));
  XXT_RETURN_IF_ERROR(CheckUnit(tx, about, made.unit()));
  made.set_name(kAppointments.NewName(about.name(), tx.now));
  made.set_state(v1::Appointment::STATE_PROPOSED);
  made.set_author(tx.caller.subject);
  tx.Insert(kAppointments, made);
  TellOf(tx, about, made, "appointment.proposed.v1", "已提出预约时间，待对方确认");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetAppointmentRequest& request, v1::Appointment& found) {
  return tx.Get(kAppointments, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListAppointmentsRequest& request, v1::ListAppointmentsResponse& response) {
  return tx.List(kAppointments, "of_referral", request, &response);
}

absl::Status Confirm(Tx& tx, const v1::ConfirmAppointmentRequest& request, v1::Appointment& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockWith(tx, request.name(), request.etag(), &it));
  if (!MayConfirm(StateOf(it))) {
    return errors::StateForbids(it.name(), "这次预约现在不待确认", "the appointment waits for no confirmation");
  }
  it.set_state(v1::Appointment::STATE_CONFIRMED);
  it.set_confirmed_by(request.confirmed_by());
  tx.Save(kAppointments, it);
  TellOf(tx, about, it, "appointment.confirmed.v1", "对方已确认预约");
  return absl::OkStatus();
}

void AddMove(const Tx& tx, const v1::MoveAppointmentRequest& request, v1::Appointment* it) {
  v1::Appointment::Move& move = *it->add_moves();
  *move.mutable_from_time() = it->start_time();
  move.set_reason(request.reason());
  move.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, move.mutable_move_time());
  *it->mutable_start_time() = request.start_time();
  it->set_state(v1::Appointment::STATE_MOVED);
  it->clear_confirmed_by();
}

absl::Status Move(Tx& tx, const v1::MoveAppointmentRequest& request, v1::Appointment& it) {
  XXT_RETURN_IF_ERROR(referrals::CheckPlanned(rpc::FromProto(request.start_time()), tx.now, "start_time"));
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockOpen(tx, request.name(), request.etag(), &it));
  if (rpc::FromProto(request.start_time()) == rpc::FromProto(it.start_time())) {
    return errors::FieldInvalid("start_time", "与原定时间相同", "is the time that it has");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(it, "moves"));
  AddMove(tx, request, &it);
  tx.Save(kAppointments, it);
  TellVisits(tx, about, it);
  TellOf(tx, about, it, "appointment.moved.v1",
         about.open_visits() > 0 ? "预约已改期，待对方确认；安排了陪同的，请一并调整" : "预约已改期，待对方确认");
  return absl::OkStatus();
}

absl::Status Attend(Tx& tx, const v1::RecordAttendanceRequest& request, v1::Appointment& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockOpen(tx, request.name(), request.etag(), &it));
  const bool kept = request.attendance() == v1::Appointment::ATTENDANCE_KEPT;
  if (!kept && !MayMiss(StateOf(it), rpc::FromProto(it.start_time()), tx.now)) {
    return errors::StateForbids(it.name(), "还没到预约时间，或已记为未赴约",
                                "its time has not come, or the no-show is written down");
  }
  it.set_state(kept ? v1::Appointment::STATE_KEPT : v1::Appointment::STATE_NO_SHOW);
  it.set_outcome(request.outcome());
  tx.Save(kAppointments, it);
  TellOf(tx, about, it, kept ? "appointment.kept.v1" : "appointment.missed.v1",
         kept ? "当事人已赴约" : "当事人没有赴约，请另约时间");
  return absl::OkStatus();
}

absl::Status Cancel(Tx& tx, const v1::CancelAppointmentRequest& request, v1::Appointment& it) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, LockOpen(tx, request.name(), request.etag(), &it));
  it.set_state(v1::Appointment::STATE_CANCELLED);
  it.set_outcome(request.reason());
  tx.Save(kAppointments, it);
  TellVisits(tx, about, it);
  TellOf(tx, about, it, "appointment.cancelled.v1",
         about.open_visits() > 0 ? "预约已取消；安排了陪同的，请一并处理" : "预约已取消");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::AppointmentService, const Intake*> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateAppointment, Appointment, std::bind_front(Create, std::cref(*settings_)))
  XXT_READ(GetAppointment, Appointment, Get)
  XXT_READ(ListAppointments, ListAppointmentsResponse, List)
  XXT_CHANGE(ConfirmAppointment, Appointment, Confirm)
  XXT_CHANGE(MoveAppointment, Appointment, Move)
  XXT_CHANGE(RecordAttendance, Appointment, Attend)
  XXT_CHANGE(CancelAppointment, Appointment, Cancel)
};

// The case is open, and of the caller's hall.
absl::Status CheckCase(const Tx& tx, const intake::Case& seen) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, seen.hall(), seen.name()));
  if (seen.state() == intake::Case::STATE_CLOSED) {
    return errors::StateForbids(seen.name(), "诉求已办结", "the case is closed");
  }
  const bool open =
      seen.state() == intake::Case::STATE_IN_PROGRESS || seen.state() == intake::Case::STATE_CLOSURE_PROPOSED;
  return open ? absl::OkStatus() : errors::NewerState("case.state");
}

}  // namespace

bool IsOver(const v1::Appointment& it) { return referral::IsOver(StateOf(it)); }

absl::StatusOr<intake::Party> FindPerson(const Intake& peer, const Tx& tx, const std::string& name,
                                         const std::string& at) {
  XXT_ASSIGN_OR_RETURN(const intake::Case seen, peer.LookUp(std::string(store::RootNameOf(name)), tx.deadline));
  XXT_RETURN_IF_ERROR(CheckCase(tx, seen));
  for (const intake::Party& party : seen.parties()) {
    if (party.name() != name) continue;
    if (!party.deceased()) return party;
    return errors::FieldInvalid(at, "不能填已故的人", "the party is dead");
  }
  return errors::NotFound("intake.xixinting/Party", name);
}

absl::Status CheckOfCase(const v1::Referral& about, const std::string& party, const std::string& at) {
  if (store::RootNameOf(party) == about.case_name()) return absl::OkStatus();
  return errors::FieldInvalid(at, "须是这件诉求的当事人", "must be a party of the referral's case");
}

}  // namespace appointment

edge::Slice AppointmentSlice(const Intake& intake) {
  const Intake* const asked = &intake;
  return {{},
          {edge::Settled(appointment::kAppointmentKind, "请登记对方已确认、是否赴约，或改期、取消来完成",
                         "settled by ConfirmAppointment, RecordAttendance, MoveAppointment or CancelAppointment")},
          {edge::ServiceOf<appointment::Service>(asked)}};
}

}  // namespace xxt::referral
