#include "services/intake/app/duty.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/events/events.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::intake::app {
namespace {

// Everybody named must work at the hall.
absl::Status CheckStaff(pg::Session& session, const Rota& rota) {
  std::vector<std::string> named;
  for (const Shift& shift : rota.shifts) {
    named.push_back(shift.staff);
    if (!shift.deputy.empty()) named.push_back(shift.deputy);
  }
  XXT_ASSIGN_OR_RETURN(const std::vector<Staff> people, duty_store::LoadStaff(session, rota.hall, named));
  std::vector<errors::Violation> strangers;
  const auto check = [&](const std::string& name, const std::string& field) {
    if (name.empty() || FindStaff(people, name) != nullptr) return;
    strangers.push_back({field, "不是这个大厅的工作人员", "is not staff of the hall"});
  };
  for (std::size_t i = 0; i < rota.shifts.size(); ++i) {
    check(rota.shifts[i].staff, absl::StrCat("rota.shifts[", i, "].staff"));
    check(rota.shifts[i].deputy, absl::StrCat("rota.shifts[", i, "].deputy"));
  }
  return strangers.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(strangers));
}

}  // namespace

absl::StatusOr<HallPage> ListHalls(pg::Session& session, absl::string_view after, int page_size) {
  HallPage page;
  XXT_ASSIGN_OR_RETURN(page.halls, duty_store::ListHalls(session, after, page_size + 1));
  if (page.halls.size() > static_cast<std::size_t>(page_size)) {
    page.halls.pop_back();
    page.next_after = page.halls.back().name;
  }
  return page;
}

absl::StatusOr<Hall> GetHall(pg::Session& session, absl::string_view name) {
  return duty_store::LoadHall(session, name);
}

absl::StatusOr<StaffPage> ListStaff(pg::Session& session, absl::string_view hall, absl::string_view after,
                                    int page_size) {
  XXT_RETURN_IF_ERROR(duty_store::LoadHall(session, hall).status());
  StaffPage page;
  XXT_ASSIGN_OR_RETURN(page.people, duty_store::ListStaff(session, hall, after, page_size + 1));
  if (page.people.size() > static_cast<std::size_t>(page_size)) {
    page.people.pop_back();
    page.next_after = page.people.back().name;
  }
  return page;
}

absl::StatusOr<Staff> GetStaff(pg::Session& session, absl::string_view name) {
  return duty_store::GetStaff(session, name);
}

absl::StatusOr<Rota> GetRota(pg::Session& session, const identity::Caller& caller, absl::string_view hall,
                             absl::CivilDay day) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, hall, hall));
  XXT_RETURN_IF_ERROR(duty_store::LoadHall(session, hall).status());
  Rota rota{std::string(hall), day, {}};
  XXT_ASSIGN_OR_RETURN(rota.shifts, duty_store::LoadDay(session, hall, day));
  return rota;
}

absl::StatusOr<calendar::OpeningHours> LoadHours(pg::Session& session, absl::string_view hall) {
  XXT_ASSIGN_OR_RETURN(const Hall found, duty_store::LoadHall(session, hall));
  return HoursOf(found);
}

absl::StatusOr<DutyPick> PickFrom(const duty_store::Duty& duty, absl::Time at) {
  absl::StatusOr<DutyPick> pick = PickDutyOfficer(duty.shifts, at);
  if (absl::IsNotFound(pick.status())) return errors::NobodyOnDuty(duty.hall.name);
  return pick;
}

absl::StatusOr<Rota> ReplaceRota(pg::Session& session, DutyCache& duties, const identity::Caller& caller,
                                 const Rota& rota, absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, rota.hall, rota.hall));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, LoadHours(session, rota.hall));
  XXT_RETURN_IF_ERROR(CheckStaff(session, rota));
  XXT_ASSIGN_OR_RETURN(const std::vector<Shift> before, duty_store::LoadDayForChange(session, rota.hall, rota.day));
  absl::StatusOr<std::vector<Shift>> after = ReplaceDay(before, rota.day, rota.shifts, hours);
  if (absl::IsInvalidArgument(after.status())) {
    return errors::FieldInvalid("rota.shifts", "班次有重叠、越界或空档", std::string(after.status().message()));
  }
  if (!after.ok()) return after.status();
  duties.Forget(rota.hall);
  duty_store::ReplaceDay(session, rota.hall, rota.day, *after);
  events::Append(session, {"", "rota.replaced.v1", rota.hall, rota.hall, caller.subject,
                           absl::StrCat("已更新排班：", absl::FormatCivilTime(rota.day)), now});
  return Rota{rota.hall, rota.day, *std::move(after)};
}

absl::StatusOr<DutyOfficer> LookupDutyOfficer(pg::Session& session, absl::string_view hall, absl::Time at) {
  XXT_ASSIGN_OR_RETURN(const duty_store::Duty duty, duty_store::Load(session, hall, at));
  XXT_ASSIGN_OR_RETURN(const DutyPick pick, PickFrom(duty, at));
  const Staff* person = FindStaff(duty.people, pick.staff);
  return DutyOfficer{person == nullptr ? Staff{pick.staff, "", duty.hall.name} : *person, pick.later, pick.attend_time};
}

}  // namespace xxt::intake::app
