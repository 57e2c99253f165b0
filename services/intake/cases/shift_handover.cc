#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/hall/hall.h"
#include "services/intake/hall/rota_rules.h"
#include "services/intake/hall/shift.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/shift_handover.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kShiftOfferedKind[] = "shift.handover_offered";

const store::Table<v1::ShiftHandover> kShiftHandovers(
    "intake.shift_handovers", {.columns = {"hall", "recipient"},
                               .lists = {{"of_halls", {}, "id DESC", store::Of::kHalls},
                                         {"of_recipient", {"recipient"}, "id DESC", store::Of::kHalls}}});

// What of the cases of $1 comes due until $2; of the hall $3, as almost all of them are.
constexpr pg::Statement kDue{"shift_handover.due", R"sql(
  SELECT 'cases/' || id, display_code, next_action_time
    FROM intake.cases
   WHERE owner = $1 AND state = 1 AND next_action_time <= $2 AND coalesce($3 = hall, true)
   ORDER BY next_action_time, id
   LIMIT 50)sql"};

// Who has the window next.
struct Next {
  std::string staff;  // empty: nobody is planned
  absl::Time from;
  absl::Time until;
};

absl::StatusOr<Next> LoadNext(Tx& tx, const std::string& window) {
  XXT_ASSIGN_OR_RETURN(hall::Duty duty, hall::LoadDuty(tx.session, window, tx.now));
  if (!duty.shifts.empty() && duty.shifts[0].start_time <= tx.now) {
    const absl::Time over = duty.shifts[0].end_time;
    XXT_ASSIGN_OR_RETURN(duty, hall::LoadDuty(tx.session, window, over));
  }
  const std::optional<hall::DutyPick> pick = hall::PickDutyOfficer(duty.shifts, tx.now);
  if (!pick.has_value()) return Next{"", tx.now, tx.now + absl::Hours(24)};
  return Next{pick->staff, pick->attend_time, duty.shifts[0].end_time};
}

absl::Status ChooseRecipient(Tx& tx, const Next& next, v1::ShiftHandover& made) {
  if (made.recipient().empty()) {
    if (next.staff.empty()) return errors::NobodyOnDuty(made.hall());
    made.set_recipient(next.staff);
  } else {
    XXT_ASSIGN_OR_RETURN(const std::string works_at, hall::HallOf(tx.session, made.recipient()));
    if (works_at != made.hall()) return errors::NotFound("intake.xixinting/Staff", made.recipient());
  }
  if (made.recipient() != tx.caller.subject) return absl::OkStatus();
  return errors::FieldInvalid("shift_handover.recipient", "下一班还是本人，请写明交给谁",
                              "is the caller: name somebody else");
}

absl::Status CheckItems(Tx& tx, const v1::ShiftHandover& made) {
  for (int i = 0; i < made.items_size(); ++i) {
    v1::Case about;
    XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, made.items(i).case_name(), &about));
    if (about.hall() == made.hall() && cases::IsOpen(about)) continue;
    return errors::FieldInvalid(absl::StrCat("shift_handover.items[", i, "].case_name"), "须是本厅尚未办结的诉求",
                                "must be an open case of the hall");
  }
  return absl::OkStatus();
}

absl::Status ListDue(Tx& tx, absl::Time until, v1::ShiftHandover& made) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kDue, tx.caller.subject, until, made.hall()));
  for (int i = 0; i < rows.size(); ++i) {
    v1::ShiftHandover::Due& due = *made.add_due_cases();
    due.set_case_name(rows[i].Text(0));
    due.set_display_code(rows[i].Text(1));
    rpc::ToProto(rows[i].Time(2), due.mutable_due_time());
  }
  return absl::OkStatus();
}

void AskRecipient(Tx& tx, const v1::ShiftHandover& made, absl::Time from) {
  tasks::NewTask task;
  task.kind = kShiftOfferedKind;
  task.subject = made.name();
  task.dedupe_key = edge::KeyOf(kShiftOfferedKind, made.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(from);
  task.hall = made.hall();
  task.assignee = made.recipient();
  task.summary = "请接班：查看交班说明和要留意的诉求";
  tasks::Enqueue(tx.session, std::move(task));
}

absl::Status Create(Tx& tx, const v1::CreateShiftHandoverRequest& request, v1::ShiftHandover& made) {
  made = request.shift_handover();
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, made.hall(), made.hall()));
  XXT_ASSIGN_OR_RETURN(const Next next, LoadNext(tx, made.hall()));
  XXT_RETURN_IF_ERROR(ChooseRecipient(tx, next, made));
  XXT_RETURN_IF_ERROR(CheckItems(tx, made));
  XXT_RETURN_IF_ERROR(ListDue(tx, next.until, made));
  made.set_name(kShiftHandovers.NewName("", tx.now));
  made.set_state(v1::ShiftHandover::STATE_OFFERED);
  made.set_author(tx.caller.subject);
  rpc::ToProto(next.from, made.mutable_attend_time());
  tx.Insert(kShiftHandovers, made);
  tx.Tell(made, "shift_handover.offered.v1", "已交班，等待接班");
  AskRecipient(tx, made, next.from);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetShiftHandoverRequest& request, v1::ShiftHandover& found) {
  return tx.Get(kShiftHandovers, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListShiftHandoversRequest& request, v1::ListShiftHandoversResponse& response) {
  return tx.List(kShiftHandovers, request.recipient().empty() ? "of_halls" : "of_recipient", request, &response);
}

// It ends once.
absl::Status End(Tx& tx, v1::ShiftHandover& it, v1::ShiftHandover::State state) {
  if (it.state() != v1::ShiftHandover::STATE_OFFERED) {
    return errors::StateForbids(it.name(), "这次交接班已了结", "the shift handover has ended");
  }
  it.set_state(state);
  rpc::ToProto(tx.now, it.mutable_end_time());
  tx.Save(kShiftHandovers, it);
  edge::Never(tx, kShiftOfferedKind, it.name());
  return absl::OkStatus();
}

absl::Status Take(Tx& tx, const v1::TakeShiftHandoverRequest& request, v1::ShiftHandover& it) {
  XXT_RETURN_IF_ERROR(tx.Load(kShiftHandovers, request.name(), request.etag(), &it));
  const bool may = tx.caller.subject == it.recipient() || (tx.caller.Has("leader") && tx.caller.subject != it.author());
  if (!may) {
    return errors::StateForbids(it.name(), "只有接班人或窗口负责人可以接班", "only the recipient or a leader may");
  }
  it.set_taker(tx.caller.subject);
  XXT_RETURN_IF_ERROR(End(tx, it, v1::ShiftHandover::STATE_TAKEN));
  tx.Tell(it, "shift_handover.taken.v1", "已接班");
  return absl::OkStatus();
}

absl::Status Withdraw(Tx& tx, const v1::WithdrawShiftHandoverRequest& request, v1::ShiftHandover& it) {
  XXT_RETURN_IF_ERROR(tx.Load(kShiftHandovers, request.name(), request.etag(), &it));
  if (tx.caller.subject != it.author() && !tx.caller.Has("leader")) {
    return errors::StateForbids(it.name(), "只有交班人或窗口负责人可以收回", "only its author or a leader may");
  }
  XXT_RETURN_IF_ERROR(End(tx, it, v1::ShiftHandover::STATE_WITHDRAWN));
  tx.Tell(it, "shift_handover.withdrawn.v1", "已收回交班");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::ShiftHandoverService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateShiftHandover, ShiftHandover, Create)
  XXT_READ(GetShiftHandover, ShiftHandover, Get)
  XXT_READ(ListShiftHandovers, ListShiftHandoversResponse, List)
  XXT_CHANGE(TakeShiftHandover, ShiftHandover, Take)
  XXT_CHANGE(WithdrawShiftHandover, ShiftHandover, Withdraw)
};

}  // namespace

edge::Slice ShiftHandoverSlice() {
  return {{},
          {edge::Settled(kShiftOfferedKind, "请用接班来完成", "settled by TakeShiftHandover or WithdrawShiftHandover")},
          {edge::ServiceOf<Service>()}};
}

}  // namespace xxt::intake
