#include "services/intake/cases/open.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/display_code.h"
#include "common/identifiers/uuid.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/difficulty.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/open_words_rules.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/cases/tell.h"
#include "services/intake/cases/told.h"
#include "services/intake/hall/duty_rules.h"
#include "services/intake/hall/shift.h"

namespace xxt::intake::cases {
namespace {

// What the proto cannot say of the parties, and of the words that everybody sees.
absl::Status CheckParties(const v1::Case& input) {
  std::vector<errors::Violation> violations;
  int applicants = 0;
  for (int i = 0; i < input.parties_size(); ++i) {
    const v1::Party& party = input.parties(i);
    const std::string path = absl::StrCat("case.parties[", i, "].");
    if (party.role() == v1::Party::ROLE_APPLICANT) ++applicants;
    if (!party.resident_id().empty() && !party.credit_code().empty()) {
      violations.push_back({path + "credit_code", "身份证号和统一社会信用代码只能填一个",
                            "resident_id and credit_code exclude each other"});
    }
    if (party.deceased() && party.role() != v1::Party::ROLE_SUBJECT) {
      violations.push_back({path + "deceased", "只有诉求所涉的人可以标为已故", "only a SUBJECT may be deceased"});
    }
    if (!IsTold(party.preferred_channel())) {
      violations.push_back({path + "preferred_channel", "只能是短信、微信、网上、邮件、电话或邮寄",
                            "must be SMS, WECHAT, WEB, EMAIL, PHONE or POST"});
    }
  }
  const std::vector<std::string> names = NamesOf(input);
  for (const auto& [field, text] :
       {std::pair("case.title", &input.title()), {"case.service_item", &input.service_item()}}) {
    if (!NamesPeople(*text, names)) continue;
    violations.push_back({field, "不能写当事人的姓名，原话请写在内容里", "must not name the people of the case"});
  }
  if (applicants != 1) {
    violations.push_back({"case.parties", "须有且只有一位申请人", "exactly one APPLICANT is needed"});
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(violations));
}

absl::StatusOr<int> NextSerial(const Opening& opening, Tx& tx) {
  if (const std::optional<int> serial = opening.serials.TryNext(); serial.has_value()) return *serial;
  XXT_RETURN_IF_ERROR(tx.session.MayWait());
  return opening.serials.Next(tx.deadline);
}

// Makes of `created`, which is what the caller said, a case that is ready to insert but for its next action.
absl::Status Complete(const Opening& opening, Tx& tx, absl::string_view owner, v1::Case& created) {
  created.set_name(kCases.NewName("", tx.now));
  created.set_state(v1::Case::STATE_IN_PROGRESS);
  created.set_owner(std::string(owner));
  if (created.channel() == ::xixinting::common::v1::CHANNEL_UNSPECIFIED)
    created.set_channel(::xixinting::common::v1::CHANNEL_WINDOW);
  for (v1::Party& party : *created.mutable_parties()) {
    party.set_name(absl::StrCat(created.name(), "/parties/", identifiers::NewUuid(tx.now)));
    if (party.language_code().empty()) party.set_language_code("zh-CN");
  }
  XXT_ASSIGN_OR_RETURN(const int serial, NextSerial(opening, tx));
  const int year = static_cast<int>(calendar::ToCivilDay(tx.now).year());
  XXT_ASSIGN_OR_RETURN(std::string code, identifiers::MakeDisplayCode(hall::DivisionOf(created.hall()), year, serial));
  created.set_display_code(std::move(code));
  return absl::OkStatus();
}

// Queues the case, its first action and the message to the person. The officer
// is there from `attend_time` on.
absl::Status Store(const Opening& opening, Tx& tx, const v1::Hall& hall, absl::Time attend_time,
                   absl::string_view event_summary, v1::Case& created) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::HoursOf(hall.opening_hours()));
  const absl::Time contact_by = hall::AddOpenTime(hours, attend_time, opening.policy.first_contact);
  AddNextAction(tx, created, "首次联系当事人", contact_by);
  rpc::ToProto(contact_by, created.mutable_respond_due_time());
  StartLooks(tx, created);
  tx.Insert(kCases, created);
  NoteDifficulties(tx, created);
  XXT_CRASH_POINT("intake.case_inserted");
  tx.Tell(created, "case.created.v1", absl::StrCat(event_summary, created.title()));
  TellApplicant(tx, created, "case-received", "received", {Named("by", contact_by)});
  return absl::OkStatus();
}

void WriteTicket(const hall::Duty& duty, const hall::DutyPick& pick, const v1::Case& created, v1::Ticket* ticket) {
  ticket->set_display_code(created.display_code());
  ticket->set_hall_title(duty.hall.title());
  ticket->set_owner(pick.staff);
  ticket->set_owner_display_name(duty.DisplayNameOf(pick.staff));
  ticket->set_phone_number(duty.hall.phone_number());
  ticket->set_later(pick.later);
  rpc::ToProto(pick.attend_time, ticket->mutable_attend_time());
}

// Opens the case for the officer on duty. Errors: those of HandOff.
absl::Status OpenForDuty(const Opening& opening, Tx& tx, absl::string_view event_summary, v1::Case& created,
                         v1::Ticket* ticket) {
  XXT_RETURN_IF_ERROR(CheckParties(created));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, created.hall(), created.hall()));
  XXT_ASSIGN_OR_RETURN(const auto duty, opening.duties.Load(tx.session, created.hall(), tx.now));
  XXT_ASSIGN_OR_RETURN(const hall::DutyPick pick, hall::PickFrom(*duty, tx.now));
  XXT_RETURN_IF_ERROR(Complete(opening, tx, pick.staff, created));
  XXT_RETURN_IF_ERROR(Store(opening, tx, duty->hall, pick.attend_time, event_summary, created));
  WriteTicket(*duty, pick, created, ticket);
  return absl::OkStatus();
}

}  // namespace

absl::Status HandOff(const Opening& opening, Tx& tx, const v1::HandOffFromCounterRequest& request,
                     v1::HandOffFromCounterResponse& response) {
  v1::Case& created = *response.mutable_case_();
  created = request.case_();
  *created.mutable_hand_off() = request.hand_off();
  created.mutable_hand_off()->set_clerk(tx.caller.subject);
  rpc::ToProto(tx.now, created.mutable_hand_off()->mutable_hand_off_time());
  return OpenForDuty(opening, tx, "柜台转办：", created, response.mutable_ticket());
}

absl::Status OpenFromAfar(const Opening& opening, Tx& tx, v1::Case& created, v1::Ticket& ticket) {
  return OpenForDuty(opening, tx, "网上或热线提交：", created, &ticket);
}

absl::Status Create(const Opening& opening, Tx& tx, const v1::CreateCaseRequest& request, v1::Case& created) {
  created = request.case_();
  XXT_RETURN_IF_ERROR(CheckParties(created));
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, created.hall(), created.hall()));
  XXT_ASSIGN_OR_RETURN(const auto duty, opening.duties.Load(tx.session, created.hall(), tx.now));
  hall::DutyPick owner{tx.caller.subject, false, tx.now};
  if (!tx.caller.Has("officer")) {
    XXT_ASSIGN_OR_RETURN(owner, hall::PickFrom(*duty, tx.now));
  }
  XXT_RETURN_IF_ERROR(Complete(opening, tx, owner.staff, created));
  return Store(opening, tx, duty->hall, owner.attend_time, "新诉求：", created);
}

}  // namespace xxt::intake::cases
