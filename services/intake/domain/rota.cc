#include "services/intake/domain/rota.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"

namespace xxt::intake {
namespace {

std::vector<Shift> ByStart(std::vector<Shift> shifts) {
  std::stable_sort(shifts.begin(), shifts.end(),
                   [](const Shift& a, const Shift& b) { return a.start_time < b.start_time; });
  return shifts;
}

// Who sits at the window in `shift`; empty if nobody.
const std::string& AttendantOf(const Shift& shift) { return shift.away ? shift.deputy : shift.staff; }

absl::Status Unfit(std::size_t index, absl::string_view field, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("shifts[", index, "].", field, ": ", why));
}

absl::Status CheckShift(const Shift& shift, std::size_t index, absl::CivilDay day) {
  if (shift.end_time <= shift.start_time) return Unfit(index, "end_time", "must be after start_time");
  if (shift.start_time < calendar::StartOfDay(day) || shift.end_time > calendar::EndOfDay(day)) {
    return Unfit(index, "start_time", absl::StrCat("the shift is not within ", absl::FormatCivilTime(day)));
  }
  if (shift.staff.empty()) return Unfit(index, "staff", "is missing");
  if (shift.deputy == shift.staff) return Unfit(index, "deputy", "is the officer");
  return absl::OkStatus();
}

absl::Status CheckShifts(const std::vector<Shift>& shifts, absl::CivilDay day) {
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    if (absl::Status checked = CheckShift(shifts[i], i, day); !checked.ok()) return checked;
    for (std::size_t j = 0; j < i; ++j) {
      if (shifts[i].start_time < shifts[j].end_time && shifts[j].start_time < shifts[i].end_time) {
        return Unfit(i, "start_time", absl::StrCat("overlaps shifts[", j, "]"));
      }
    }
  }
  return absl::OkStatus();
}

std::string FormatClock(absl::Time t) { return absl::FormatTime("%H:%M", t, calendar::Shanghai()); }

// Finds the first stretch of `span` that no shift of `ordered` covers with somebody there.
absl::Status CheckCovered(const calendar::OpenSpan& span, const std::vector<Shift>& ordered) {
  absl::Time covered = span.start;
  absl::Time gap_end = span.end;
  for (const Shift& shift : ordered) {
    if (AttendantOf(shift).empty() || shift.end_time <= covered) continue;
    if (shift.start_time > covered) {
      gap_end = std::min(gap_end, shift.start_time);
      break;
    }
    covered = shift.end_time;
  }
  if (covered >= span.end) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("shifts: nobody from ", FormatClock(covered), " to ",
                                                 FormatClock(gap_end), ", when the hall is open"));
}

}  // namespace

absl::StatusOr<DutyPick> PickDutyOfficer(const std::vector<Shift>& shifts, absl::Time now) {
  for (const Shift& shift : ByStart(shifts)) {
    const std::string& attendant = AttendantOf(shift);
    if (shift.end_time <= now || attendant.empty()) continue;
    return DutyPick{attendant, shift.start_time > now, std::max(shift.start_time, now)};
  }
  return absl::NotFoundError("rota: nobody is on duty now or later");
}

absl::StatusOr<std::vector<Shift>> ReplaceDay(const std::vector<Shift>& shifts, absl::CivilDay day,
                                              const std::vector<Shift>& replacement,
                                              const calendar::OpeningHours& hours) {
  if (const absl::Status checked = CheckShifts(replacement, day); !checked.ok()) return checked;
  const std::vector<Shift> ordered = ByStart(replacement);
  for (const calendar::OpenSpan& span : hours.SpansOn(day)) {
    if (const absl::Status covered = CheckCovered(span, ordered); !covered.ok()) return covered;
  }
  std::vector<Shift> result;
  for (const Shift& shift : shifts) {
    if (calendar::ToCivilDay(shift.start_time) != day) result.push_back(shift);
  }
  result.insert(result.end(), ordered.begin(), ordered.end());
  return ByStart(std::move(result));
}

}  // namespace xxt::intake
