#include "services/intake/app/create_case.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/display_code.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/tell_tasks.h"
#include "services/intake/hall/duty_rules.h"
#include "services/intake/hall/shift.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {
namespace {

// A new case, ready to insert but for its next action.
absl::StatusOr<Case> Prepare(const Case& input, absl::string_view owner, const Opening& opening, absl::Time now) {
  Case created;
  created.id = identifiers::NewUuid(now);
  created.title = input.title;
  created.summary = input.summary;
  created.hall = input.hall;
  created.channel = input.channel;
  created.service_item = input.service_item;
  created.difficulties = input.difficulties;
  created.parties = input.parties;
  for (Party& party : created.parties) party.id = identifiers::NewUuid(now);
  created.owner = std::string(owner);
  created.create_time = now;
  created.update_time = now;
  XXT_ASSIGN_OR_RETURN(const int serial, opening.serials.Next(opening.deadline));
  XXT_ASSIGN_OR_RETURN(created.display_code,
                       identifiers::MakeDisplayCode(hall::DivisionOf(created.hall),
                                                    static_cast<int>(calendar::ToCivilDay(now).year()), serial));
  return created;
}

// Queues the case, its first action and the message to the person. The officer
// is there from `attend_time` on.
absl::Status Store(pg::Session& session, const identity::Caller& caller, const hall::v1::Hall& where,
                   absl::Time attend_time, const Opening& opening, absl::string_view event_summary, Case& created,
                   absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::HoursOf(where.opening_hours()));
  const absl::Time contact_by = hall::AddOpenTime(hours, attend_time, opening.policy.first_contact);
  SetFirstAction(session, created, {"首次联系当事人", contact_by});
  case_store::Insert(session, created, opening.keys.Make(created.name()).wrapped);
  XXT_CRASH_POINT("intake.case_inserted");
  AppendEvent(session, caller, created, "case.created.v1", absl::StrCat(event_summary, created.title), now);
  TellApplicant(session, created, {"case-received", "received", {{"by", contact_by}}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HandedOff> HandOffFromCounter(pg::Session& session, const identity::Caller& caller, const Case& input,
                                             const HandOff& hand_off, const Opening& opening, absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  XXT_ASSIGN_OR_RETURN(const auto duty, opening.duties.Load(session, input.hall, now));
  XXT_ASSIGN_OR_RETURN(const hall::DutyPick pick, hall::PickFrom(*duty, now));
  XXT_ASSIGN_OR_RETURN(Case created, Prepare(input, pick.staff, opening, now));
  created.hand_off = hand_off;
  created.hand_off->clerk = caller.subject;
  created.hand_off->hand_off_time = now;
  XXT_RETURN_IF_ERROR(Store(session, caller, duty->hall, pick.attend_time, opening, "柜台转办：", created, now));
  Ticket ticket{created.display_code,      duty->hall.title(), created.owner,   duty->DisplayNameOf(created.owner),
                duty->hall.phone_number(), pick.later,         pick.attend_time};
  return HandedOff{std::move(ticket), std::move(created)};
}

absl::StatusOr<Case> CreateCase(pg::Session& session, const identity::Caller& caller, const Case& input,
                                const Opening& opening, absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  XXT_ASSIGN_OR_RETURN(const auto duty, opening.duties.Load(session, input.hall, now));
  hall::DutyPick owner{caller.subject, false, now};
  if (!caller.Has("officer")) {
    XXT_ASSIGN_OR_RETURN(owner, hall::PickFrom(*duty, now));
  }
  XXT_ASSIGN_OR_RETURN(Case created, Prepare(input, owner.staff, opening, now));
  XXT_RETURN_IF_ERROR(Store(session, caller, duty->hall, owner.attend_time, opening, "新事项：", created, now));
  return created;
}

}  // namespace xxt::intake::app
