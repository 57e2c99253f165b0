#include "services/intake/hall/rota_rules.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"

namespace xxt::intake::hall {
namespace {

using errors::Violation;

std::vector<Shift> ByStart(std::vector<Shift> shifts) {
  std::stable_sort(shifts.begin(), shifts.end(),
                   [](const Shift& a, const Shift& b) { return a.start_time < b.start_time; });
  return shifts;
}

// Who sits at the window in `shift`; empty if nobody.
const std::string& AttendantOf(const Shift& shift) { return shift.away ? shift.deputy : shift.staff; }

Violation Unfit(std::size_t index, absl::string_view field, std::string zh, std::string en) {
  return {absl::StrCat("rota.shifts[", index, "].", field), std::move(zh), std::move(en)};
}

std::optional<Violation> FaultOfShift(const Shift& shift, std::size_t index, absl::CivilDay day) {
  if (shift.end_time <= shift.start_time) return Unfit(index, "end_time", "须晚于开始时间", "must be after start_time");
  if (shift.start_time < calendar::StartOfDay(day) || shift.end_time > calendar::EndOfDay(day)) {
    const std::string on = absl::FormatCivilTime(day);
    return Unfit(index, "start_time", absl::StrCat("班次须在 ", on, " 这一天之内"),
                 absl::StrCat("the shift is not within ", on));
  }
  if (shift.staff.empty()) return Unfit(index, "staff", "不能为空", "is missing");
  if (shift.deputy == shift.staff) return Unfit(index, "deputy", "不能是值班员本人", "is the officer");
  return std::nullopt;
}

std::optional<Violation> FaultOfShifts(const std::vector<Shift>& shifts, absl::CivilDay day) {
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    if (std::optional<Violation> fault = FaultOfShift(shifts[i], i, day)) return fault;
    for (std::size_t j = 0; j < i; ++j) {
      if (shifts[i].start_time < shifts[j].end_time && shifts[j].start_time < shifts[i].end_time) {
        return Unfit(i, "start_time", absl::StrCat("与 rota.shifts[", j, "] 重叠"),
                     absl::StrCat("overlaps rota.shifts[", j, "]"));
      }
    }
  }
  return std::nullopt;
}

std::string FormatClock(absl::Time t) { return absl::FormatTime("%H:%M", t, calendar::Shanghai()); }

// The first stretch of `span` that no shift of `ordered` covers with somebody there.
std::optional<Violation> GapIn(const calendar::OpenSpan& span, const std::vector<Shift>& ordered) {
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
  if (covered >= span.end) return std::nullopt;
  const std::string from = FormatClock(covered);
  const std::string to = FormatClock(gap_end);
  return Violation{"rota.shifts", absl::StrCat(from, " 至 ", to, " 开门而无人值班"),
                   absl::StrCat("nobody from ", from, " to ", to, ", when the hall is open")};
}

}  // namespace

std::optional<DutyPick> PickDutyOfficer(const std::vector<Shift>& shifts, absl::Time now) {
  for (const Shift& shift : ByStart(shifts)) {
    const std::string& attendant = AttendantOf(shift);
    if (shift.end_time <= now || attendant.empty()) continue;
    return DutyPick{attendant, shift.start_time > now, std::max(shift.start_time, now)};
  }
  return std::nullopt;
}

std::optional<Violation> FindRotaFault(const std::vector<Shift>& shifts, absl::CivilDay day,
                                       const calendar::OpeningHours& hours) {
  if (std::optional<Violation> fault = FaultOfShifts(shifts, day)) return fault;
  const std::vector<Shift> ordered = ByStart(shifts);
  for (const calendar::OpenSpan& span : hours.SpansOn(day)) {
    if (std::optional<Violation> gap = GapIn(span, ordered)) return gap;
  }
  return std::nullopt;
}

}  // namespace xxt::intake::hall
