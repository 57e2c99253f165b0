#include "services/intake/storage/duty_store.h"

#include "common/calendar/shanghai_time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::intake::duty_store {
namespace {

// Shifts of a hall do not overlap: the first that somebody sits in and that is
// not over is the one now, or the next.
constexpr pg::Statement kLoad{"duty.load", R"sql(
  SELECT h.name, h.title, h.opening_hours, h.phone_number,
         s.start_time, s.end_time, s.staff, s.deputy, s.away, person.display_name, deputy.display_name
    FROM intake.halls AS h
    LEFT JOIN LATERAL (
           SELECT start_time, end_time, staff, deputy, away
             FROM intake.shifts
            WHERE hall = $1 AND end_time > $2 AND (NOT away OR deputy IS NOT NULL)
            ORDER BY end_time
            LIMIT 1) AS s ON true
    LEFT JOIN intake.staff AS person ON person.name = s.staff
    LEFT JOIN intake.staff AS deputy ON deputy.name = s.deputy
   WHERE h.name = $1)sql"};

constexpr pg::Statement kLoadHall{"hall.load", R"sql(
  SELECT name, title, opening_hours, phone_number FROM intake.halls WHERE name = $1)sql"};

constexpr pg::Statement kLoadWindow{"hall.load_window", R"sql(
  SELECT h.name, h.title, h.opening_hours, h.phone_number, coalesce(s.display_name, '')
    FROM intake.halls AS h
    LEFT JOIN intake.staff AS s ON s.name = $2
   WHERE h.name = $1)sql"};

constexpr pg::Statement kListHalls{"hall.list", R"sql(
  SELECT name, title, opening_hours, phone_number
    FROM intake.halls
   WHERE name > $1
   ORDER BY name
   LIMIT $2)sql"};

constexpr pg::Statement kLoadStaff{"staff.load", R"sql(
  SELECT name, display_name, hall FROM intake.staff WHERE hall = $1 AND name = ANY ($2))sql"};

constexpr pg::Statement kGetStaff{"staff.get", "SELECT name, display_name, hall FROM intake.staff WHERE name = $1"};

constexpr pg::Statement kListStaff{"staff.list", R"sql(
  SELECT name, display_name, hall
    FROM intake.staff
   WHERE hall = $1 AND name > $2 COLLATE "C"
   ORDER BY name COLLATE "C"
   LIMIT $3)sql"};

// One lock per hall, held until the end of the transaction.
constexpr pg::Statement kLockRota{"rota.lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};

constexpr pg::Statement kLoadDay{"rota.load_day", R"sql(
  SELECT start_time, end_time, staff, deputy, away
    FROM intake.shifts
   WHERE hall = $1 AND start_time >= $2 AND start_time < $3
   ORDER BY start_time)sql"};

constexpr pg::Statement kDeleteDay{"rota.delete_day", R"sql(
  DELETE FROM intake.shifts WHERE hall = $1 AND start_time >= $2 AND start_time < $3)sql"};

constexpr pg::Statement kInsertShift{"rota.insert_shift", R"sql(
  INSERT INTO intake.shifts (hall, start_time, end_time, staff, deputy, away)
  VALUES ($1, $2, $3, $4, nullif($5, ''), $6))sql"};

Hall ReadHall(const pg::Row& row) { return {row.Text(0), row.Text(1), row.Text(2), row.Text(3)}; }

std::vector<Staff> ReadStaff(const pg::Result& rows) {
  std::vector<Staff> people;
  for (int i = 0; i < rows.size(); ++i) people.push_back({rows[i].Text(0), rows[i].Text(1), rows[i].Text(2)});
  return people;
}

Shift ReadShift(const pg::Row& row, int column) {
  return {row.Time(column), row.Time(column + 1), row.Text(column + 2), row.Text(column + 3), row.Bool(column + 4)};
}

}  // namespace

absl::StatusOr<Duty> Load(pg::Session& session, absl::string_view hall, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoad, hall, now));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", hall);
  const pg::Row row = rows[0];
  Duty duty{ReadHall(row), {}, {}};
  if (row.IsNull(4)) return duty;
  duty.shifts.push_back(ReadShift(row, 4));
  duty.people.push_back({row.Text(6), row.Text(9), std::string(hall)});
  if (!row.IsNull(7)) duty.people.push_back({row.Text(7), row.Text(10), std::string(hall)});
  return duty;
}

absl::StatusOr<Window> LoadWindow(pg::Session& session, absl::string_view hall, absl::string_view staff) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadWindow, hall, staff));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", hall);
  return Window{ReadHall(rows[0]), rows[0].Text(4)};
}

absl::StatusOr<Hall> LoadHall(pg::Session& session, absl::string_view hall) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadHall, hall));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", hall);
  return ReadHall(rows[0]);
}

absl::StatusOr<std::vector<Hall>> ListHalls(pg::Session& session, absl::string_view after, int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kListHalls, after, limit));
  std::vector<Hall> halls;
  for (int i = 0; i < rows.size(); ++i) halls.push_back(ReadHall(rows[i]));
  return halls;
}

absl::StatusOr<std::vector<Staff>> LoadStaff(pg::Session& session, absl::string_view hall,
                                             const std::vector<std::string>& names) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadStaff, hall, names));
  return ReadStaff(rows);
}

absl::StatusOr<Staff> GetStaff(pg::Session& session, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGetStaff, name));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Staff", name);
  return ReadStaff(rows)[0];
}

absl::StatusOr<std::vector<Staff>> ListStaff(pg::Session& session, absl::string_view hall, absl::string_view after,
                                             int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kListStaff, hall, after, limit));
  return ReadStaff(rows);
}

absl::StatusOr<std::vector<Shift>> LoadDayForChange(pg::Session& session, absl::string_view hall, absl::CivilDay day) {
  session.Queue(kLockRota, hall);
  return LoadDay(session, hall, day);
}

absl::StatusOr<std::vector<Shift>> LoadDay(pg::Session& session, absl::string_view hall, absl::CivilDay day) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kLoadDay, hall, calendar::StartOfDay(day), calendar::EndOfDay(day)));
  std::vector<Shift> shifts;
  for (int i = 0; i < rows.size(); ++i) shifts.push_back(ReadShift(rows[i], 0));
  return shifts;
}

void ReplaceDay(pg::Session& session, absl::string_view hall, absl::CivilDay day, const std::vector<Shift>& shifts) {
  session.Queue(kDeleteDay, hall, calendar::StartOfDay(day), calendar::EndOfDay(day));
  for (const Shift& shift : shifts) {
    session.Queue(kInsertShift, hall, shift.start_time, shift.end_time, shift.staff, shift.deputy, shift.away);
  }
}

}  // namespace xxt::intake::duty_store
