#include "services/intake/hall/hall.h"

#include <algorithm>

#include "common/edge/noun.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "services/intake/hall/duty_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"

namespace xxt::intake {
namespace hall {
namespace {

// By hand, for these are no rows of a store::Table: their columns are the
// state, written in SQL by migrations and by who sets a district up; and whoever
// may call sees those of all halls.
constexpr pg::Statement kLoad{"hall.load", R"sql(
  SELECT name, title, opening_hours, phone_number FROM intake.halls WHERE name = $1)sql"};

constexpr pg::Statement kLoadWindow{"hall.load_window", R"sql(
  SELECT h.name, h.title, h.opening_hours, h.phone_number, coalesce(s.display_name, '')
    FROM intake.halls AS h
    LEFT JOIN intake.staff AS s ON s.name = $2
   WHERE h.name = $1)sql"};

constexpr pg::Statement kList{"hall.list", R"sql(
  SELECT name, title, opening_hours, phone_number
    FROM intake.halls
   WHERE name > $1
   ORDER BY name
   LIMIT $2)sql"};

constexpr pg::Statement kGetStaff{"staff.get", "SELECT name, display_name, hall FROM intake.staff WHERE name = $1"};

constexpr pg::Statement kListStaff{"staff.list", R"sql(
  SELECT name, display_name, hall
    FROM intake.staff
   WHERE hall = $1 AND name > $2 COLLATE "C"
   ORDER BY name COLLATE "C"
   LIMIT $3)sql"};

constexpr pg::Statement kNames{"hall.names", "SELECT name FROM intake.halls"};

v1::Staff ReadStaff(const pg::Row& row) {
  v1::Staff person;
  person.set_name(row.Text(0));
  person.set_display_name(row.Text(1));
  person.set_hall(row.Text(2));
  return person;
}

// The name that the page begins behind.
std::string After(const paging::Page& page) { return page.after.empty() ? "" : page.after[0]; }

// Reads the rows of the page into `items`; returns the token of the next one.
template <typename Item>
std::string ReadItems(const paging::Page& page, const pg::Result& rows, Item (*read)(const pg::Row&),
                      google::protobuf::RepeatedPtrField<Item>* items) {
  for (int i = 0; i < std::min(rows.size(), page.size); ++i) *items->Add() = read(rows[i]);
  return rows.size() > page.size ? paging::MakeToken(page.scope, {items->Get(page.size - 1).name()}) : "";
}

absl::Status Get(Tx& tx, const v1::GetHallRequest& request, v1::Hall& found) {
  XXT_ASSIGN_OR_RETURN(found, Load(tx.session, request.name()));
  return absl::OkStatus();
}

absl::Status List(Tx& tx, const v1::ListHallsRequest& request, v1::ListHallsResponse& response) {
  XXT_ASSIGN_OR_RETURN(const paging::Page page, tx.PageOf(request, {paging::Part::kText}));
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kList, After(page), page.size + 1));
  response.set_next_page_token(ReadItems(page, rows, ReadHall, response.mutable_halls()));
  return absl::OkStatus();
}

absl::Status GetStaff(Tx& tx, const v1::GetStaffRequest& request, v1::Staff& found) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kGetStaff, request.name()));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Staff", request.name());
  found = ReadStaff(rows[0]);
  return absl::OkStatus();
}

absl::Status ListStaff(Tx& tx, const v1::ListStaffRequest& request, v1::ListStaffResponse& response) {
  XXT_ASSIGN_OR_RETURN(const paging::Page page, tx.PageOf(request, {paging::Part::kText}));
  XXT_RETURN_IF_ERROR(Load(tx.session, request.hall()).status());
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kListStaff, request.hall(), After(page), page.size + 1));
  response.set_next_page_token(ReadItems(page, rows, ReadStaff, response.mutable_staff()));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::HallService> {
 public:
  using Serves::Serves;
  XXT_READ(ListHalls, ListHallsResponse, List)
  XXT_READ(GetHall, Hall, Get)
  XXT_READ(ListStaff, ListStaffResponse, hall::ListStaff)
  XXT_READ(GetStaff, Staff, hall::GetStaff)
};

}  // namespace

absl::StatusOr<v1::Hall> Load(pg::Session& session, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoad, name));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", name);
  return ReadHall(rows[0]);
}

absl::StatusOr<calendar::OpeningHours> LoadHours(pg::Session& session, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const v1::Hall found, Load(session, name));
  return HoursOf(found.opening_hours());
}

absl::StatusOr<Window> LoadWindow(pg::Session& session, absl::string_view hall, absl::string_view staff) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoadWindow, hall, staff));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Hall", hall);
  return Window{ReadHall(rows[0]), rows[0].Text(4)};
}

absl::StatusOr<std::string> HallOf(pg::Session& session, absl::string_view staff) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGetStaff, staff));
  if (rows.empty()) return errors::NotFound("intake.xixinting/Staff", staff);
  return rows[0].Text(2);
}

absl::StatusOr<std::vector<std::string>> NamesFor(Tx& tx, const std::string& hall) {
  if (!hall.empty()) {
    XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, hall, hall));
    return std::vector<std::string>{hall};
  }
  if (!tx.caller.halls.all()) return std::vector<std::string>{tx.caller.halls.sql().value_or("")};
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kNames));
  std::vector<std::string> halls;
  for (int i = 0; i < rows.size(); ++i) halls.push_back(rows[i].Text(0));
  return halls;
}

v1::Hall ReadHall(const pg::Row& row) {
  v1::Hall hall;
  hall.set_name(row.Text(0));
  hall.set_title(row.Text(1));
  hall.set_opening_hours(row.Text(2));
  hall.set_phone_number(row.Text(3));
  return hall;
}

}  // namespace hall

edge::Slice HallSlice() { return {{}, {}, {edge::ServiceOf<hall::Service>()}}; }

}  // namespace xxt::intake
