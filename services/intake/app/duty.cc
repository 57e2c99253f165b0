#include "services/intake/app/duty.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/opening_hours.h"
#include "common/events/events.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/storage/duty_store.h"

namespace xxt::intake::app {
namespace {

bool IsAmong(const std::vector<Staff>& people, absl::string_view name) {
  return std::any_of(people.begin(), people.end(), [name](const Staff& one) { return one.name == name; });
}

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
    if (name.empty() || IsAmong(people, name)) return;
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

absl::StatusOr<Rota> ReplaceRota(pg::Session& session, const identity::Caller& caller, const Rota& rota,
                                 absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, rota.hall, rota.hall));
  XXT_ASSIGN_OR_RETURN(const Hall hall, duty_store::LoadHall(session, rota.hall));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, HoursOf(hall));
  XXT_RETURN_IF_ERROR(CheckStaff(session, rota));
  XXT_ASSIGN_OR_RETURN(const std::vector<Shift> before, duty_store::LoadDayForChange(session, rota.hall, rota.day));
  absl::StatusOr<std::vector<Shift>> after = ReplaceDay(before, rota.day, rota.shifts, hours);
  if (absl::IsInvalidArgument(after.status())) {
    return errors::FieldInvalid("rota.shifts", "班次有重叠、越界或空档", std::string(after.status().message()));
  }
  if (!after.ok()) return after.status();
  duty_store::ReplaceDay(session, rota.hall, rota.day, *after);
  events::Append(session, {"", "rota.replaced.v1", rota.hall, rota.hall, caller.subject,
                           absl::StrCat("已更新排班：", absl::FormatCivilTime(rota.day)), now});
  return Rota{rota.hall, rota.day, *std::move(after)};
}

absl::StatusOr<DutyOfficer> LookupDutyOfficer(pg::Session& session, absl::string_view hall, absl::Time at) {
  XXT_ASSIGN_OR_RETURN(const duty_store::Duty duty, duty_store::Load(session, hall, at, ""));
  const absl::StatusOr<DutyPick> pick = PickDutyOfficer(duty.shifts, at);
  if (absl::IsNotFound(pick.status())) return errors::NobodyOnDuty(hall);
  if (!pick.ok()) return pick.status();
  const auto person =
      std::find_if(duty.people.begin(), duty.people.end(), [&](const Staff& one) { return one.name == pick->staff; });
  return DutyOfficer{person == duty.people.end() ? Staff{pick->staff, "", std::string(hall)} : *person, pick->later,
                     pick->attend_time};
}

}  // namespace xxt::intake::app
