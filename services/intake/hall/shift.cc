#include "services/intake/hall/shift.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/hall/duty_cache.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/shift.grpc.pb.h"

namespace xxt::intake {
namespace hall {
namespace {

// By hand, for shifts are no resources: a day of a hall is replaced as a whole,
// and the key is a hall and a time.
//
// Shifts of a hall do not overlap: the first that somebody sits in and that is
// not over is the one now, or the next.
constexpr pg::Statement kLoadDuty{"duty.load", R"sql(
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

constexpr pg::Statement kLoadStaff{"staff.load", "SELECT name, hall FROM intake.staff WHERE name = ANY ($1)"};

// One lock per hall, held until the end of the transaction: two replacements
// wait for each other.
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

// What a change of the rota is told of.
struct Subject {
  std::string name;
  std::string hall;
};

v1::Staff MakeStaff(std::string name, std::string display_name, absl::string_view hall) {
  v1::Staff person;
  person.set_name(std::move(name));
  person.set_display_name(std::move(display_name));
  person.set_hall(std::string(hall));
  return person;
}

Shift FactsOf(const v1::Rota::Shift& shift) {
  return {rpc::FromProto(shift.start_time()), rpc::FromProto(shift.end_time()), shift.staff(), shift.deputy(),
          shift.away()};
}

// Everybody named must work at the hall.
absl::Status CheckStaff(pg::Session& session, const v1::Rota& rota) {
  std::vector<std::string> named;
  for (const v1::Rota::Shift& shift : rota.shifts()) {
    named.push_back(shift.staff());
    if (!shift.deputy().empty()) named.push_back(shift.deputy());
  }
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadStaff, named));
  std::set<std::string> people;
  for (int i = 0; i < rows.size(); ++i) {
    if (rows[i].View(1) == rota.hall()) people.insert(rows[i].Text(0));
  }
  std::vector<errors::Violation> strangers;
  const auto check = [&](const std::string& name, std::string field) {
    if (name.empty() || people.contains(name)) return;
    strangers.push_back({std::move(field), "不是这个大厅的工作人员", "is not staff of the hall"});
  };
  for (int i = 0; i < rota.shifts_size(); ++i) {
    check(rota.shifts(i).staff(), absl::StrCat("rota.shifts[", i, "].staff"));
    check(rota.shifts(i).deputy(), absl::StrCat("rota.shifts[", i, "].deputy"));
  }
  return strangers.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(strangers));
}

absl::Status Get(Tx& tx, const v1::GetRotaRequest& request, v1::Rota& rota) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, request.hall(), request.hall()));
  XXT_RETURN_IF_ERROR(Load(tx.session, request.hall()).status());
  const absl::CivilDay day = rpc::FromProto(request.day());
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       tx.session.Run(kLoadDay, request.hall(), calendar::StartOfDay(day), calendar::EndOfDay(day)));
  rota.set_hall(request.hall());
  *rota.mutable_day() = request.day();
  for (int i = 0; i < rows.size(); ++i) {
    v1::Rota::Shift& shift = *rota.add_shifts();
    rpc::ToProto(rows[i].Time(0), shift.mutable_start_time());
    rpc::ToProto(rows[i].Time(1), shift.mutable_end_time());
    shift.set_staff(rows[i].Text(2));
    shift.set_deputy(rows[i].Text(3));
    shift.set_away(rows[i].Bool(4));
  }
  return absl::OkStatus();
}

void Store(pg::Session& session, absl::string_view hall, absl::CivilDay day, const std::vector<Shift>& shifts) {
  session.Queue(kLockRota, hall);
  session.Queue(kDeleteDay, hall, calendar::StartOfDay(day), calendar::EndOfDay(day));
  for (const Shift& shift : shifts) {
    session.Queue(kInsertShift, hall, shift.start_time, shift.end_time, shift.staff, shift.deputy, shift.away);
  }
}

absl::Status Replace(DutyCache& duties, Tx& tx, const v1::ReplaceRotaRequest& request, v1::Rota& made) {
  made = request.rota();
  const std::string& hall = made.hall();
  const absl::CivilDay day = rpc::FromProto(made.day());
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, hall, hall));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, LoadHours(tx.session, hall));
  XXT_RETURN_IF_ERROR(CheckStaff(tx.session, made));
  std::vector<Shift> shifts;
  for (const v1::Rota::Shift& shift : made.shifts()) shifts.push_back(FactsOf(shift));
  if (std::optional<errors::Violation> fault = FindRotaFault(shifts, day, hours)) {
    return errors::FieldsInvalid({*std::move(fault)});
  }
  std::sort(made.mutable_shifts()->begin(), made.mutable_shifts()->end(), [](const auto& a, const auto& b) {
    return rpc::FromProto(a.start_time()) < rpc::FromProto(b.start_time());
  });
  duties.Forget(hall);
  Store(tx.session, hall, day, shifts);
  tx.Tell(Subject{hall, hall}, "rota.replaced.v1", absl::StrCat("已更新排班：", calendar::DayInWords(day)));
  return absl::OkStatus();
}

absl::Status Lookup(Tx& tx, const v1::LookupDutyOfficerRequest& request, v1::LookupDutyOfficerResponse& response) {
  const absl::Time at = request.has_at_time() ? rpc::FromProto(request.at_time()) : tx.now;
  XXT_ASSIGN_OR_RETURN(const Duty duty, LoadDuty(tx.session, request.hall(), at));
  XXT_ASSIGN_OR_RETURN(const DutyPick pick, PickFrom(duty, at));
  *response.mutable_staff() = MakeStaff(pick.staff, duty.DisplayNameOf(pick.staff), duty.hall.name());
  response.set_later(pick.later);
  rpc::ToProto(pick.attend_time, response.mutable_attend_time());
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::ShiftService> {
 public:
  Service(edge::Edge& edge, DutyCache& duties) : Serves(edge), duties_(duties) {}
  XXT_READ(GetRota, Rota, Get)
  XXT_CHANGE(ReplaceRota, Rota, std::bind_front(Replace, std::ref(duties_)))
  XXT_READ(LookupDutyOfficer, LookupDutyOfficerResponse, Lookup)

 private:
  DutyCache& duties_;
};

}  // namespace

std::string Duty::DisplayNameOf(absl::string_view staff) const {
  const auto found =
      std::find_if(people.begin(), people.end(), [staff](const auto& one) { return one.name() == staff; });
  return found == people.end() ? "" : found->display_name();
}

absl::StatusOr<Duty> LoadDuty(pg::Session& session, absl::string_view hall, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadDuty, hall, now));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", hall);
  const pg::Row row = rows[0];
  Duty duty{ReadHall(row), {}, {}};
  if (row.IsNull(4)) return duty;
  duty.shifts.push_back({row.Time(4), row.Time(5), row.Text(6), row.Text(7), row.Bool(8)});
  duty.people.push_back(MakeStaff(row.Text(6), row.Text(9), hall));
  if (!row.IsNull(7)) duty.people.push_back(MakeStaff(row.Text(7), row.Text(10), hall));
  return duty;
}

absl::StatusOr<DutyPick> PickFrom(const Duty& duty, absl::Time at) {
  std::optional<DutyPick> pick = PickDutyOfficer(duty.shifts, at);
  if (!pick.has_value()) return errors::NobodyOnDuty(duty.hall.name());
  return *std::move(pick);
}

}  // namespace hall

edge::Slice ShiftSlice(hall::DutyCache& duties) {
  return {{}, {}, {[&duties](edge::Edge& edge) { return std::make_unique<hall::Service>(edge, duties); }}};
}

}  // namespace xxt::intake
