#include "services/intake/contact/contact.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/told.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"

namespace xxt::intake {
namespace contact {
namespace {

// Words among colleagues are no effort for the person.
void Count(const v1::Contact& contact, v1::Effort* effort) {
  if (contact.counterpart() == v1::Contact::COUNTERPART_COLLEAGUE) return;
  switch (contact.channel()) {
    case ::xixinting::common::v1::CHANNEL_PHONE:
    case ::xixinting::common::v1::CHANNEL_HOTLINE:
      return effort->set_calls(effort->calls() + 1);
    case ::xixinting::common::v1::CHANNEL_WINDOW:
    case ::xixinting::common::v1::CHANNEL_VISIT:
      return effort->set_meetings(effort->meetings() + 1);
    case ::xixinting::common::v1::CHANNEL_WEB:
    case ::xixinting::common::v1::CHANNEL_WECHAT:
    case ::xixinting::common::v1::CHANNEL_SMS:
    case ::xixinting::common::v1::CHANNEL_EMAIL:
    case ::xixinting::common::v1::CHANNEL_POST:
    case ::xixinting::common::v1::CHANNEL_COMMUNITY:
    case ::xixinting::common::v1::CHANNEL_UNSPECIFIED:
    case XXT_SENTINELS(::xixinting::common::v1::Channel):
      break;
  }
  effort->set_messages(effort->messages() + 1);
}

// A day on which the person came counts once, however often it is written down.
void CountTrip(const v1::Contact& contact, v1::Case& about) {
  if (!WithThePerson(contact) || contact.channel() != ::xixinting::common::v1::CHANNEL_WINDOW ||
      contact.direction() != v1::Contact::DIRECTION_INBOUND || contact.result() != v1::Contact::RESULT_REACHED ||
      !contact.corrects().empty()) {
    return;
  }
  const auto day =
      static_cast<int>(calendar::ToCivilDay(rpc::FromProto(contact.occur_time())) - absl::CivilDay(1970, 1, 1));
  const auto& days = about.trip_days();
  if (std::find(days.begin(), days.end(), day) != days.end()) return;
  about.add_trip_days(day);
  about.mutable_effort()->set_trips(about.trip_days_size());
}

const char* SummaryOf(v1::Contact::Result result) {
  switch (result) {
    case v1::Contact::RESULT_REACHED:
      return "新的联系记录";
    case v1::Contact::RESULT_NOT_REACHED:
      return "新的联系记录：未联系上";
    case v1::Contact::RESULT_IN_DOUBT:
    case v1::Contact::RESULT_UNSPECIFIED:
    case XXT_SENTINELS(v1::Contact_Result_Contact_Result):
      break;
  }
  return "新的联系记录：是否联系上不明";
}

// Whether `caller` may read what was said, in a case that `owner` keeps. Whose hall it is was checked already.
bool MayRead(const identity::Caller& caller, const v1::Contact& contact, absl::string_view owner) {
  if (caller.subject == contact.author()) return true;
  switch (contact.visibility()) {
    case v1::Contact::VISIBILITY_OWNER:
      return caller.subject == owner;
    case v1::Contact::VISIBILITY_HALL:
      return caller.Has("officer") || caller.Has("leader");
    case v1::Contact::VISIBILITY_DISTRICT:
    case v1::Contact::VISIBILITY_UNSPECIFIED:
      return true;
    case XXT_SENTINELS(v1::Contact_Visibility_Contact_Visibility):
      break;
  }
  return false;  // of a newer version: nobody here knows for whom it is
}

// All of a case that correct another, in the order of writing: few.
constexpr pg::Statement kCorrections{"contact.corrections", R"sql(
  SELECT corrects, id FROM intake.contacts WHERE case_id = $1 AND corrects <> '' ORDER BY record_number)sql"};

// Says of each of `contacts`, all of the case `about`, what counts instead.
absl::Status NoteCorrections(Tx& tx, absl::string_view about,
                             google::protobuf::RepeatedPtrField<v1::Contact>* contacts) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kCorrections, absl::StripPrefix(about, "cases/")));
  std::map<std::string, std::string, std::less<>> corrected;
  // A correction is younger than what it corrects, so that the last one of each chain is known before the others.
  for (int i = rows.size() - 1; i >= 0; --i) {
    std::string name = absl::StrCat(about, "/contacts/", rows[i].View(1));
    const auto by = corrected.find(name);
    corrected.emplace(rows[i].View(0), by == corrected.end() ? std::move(name) : by->second);
  }
  for (v1::Contact& contact : *contacts) {
    const auto by = corrected.find(contact.name());
    if (by != corrected.end()) contact.set_corrected_by(by->second);
  }
  return absl::OkStatus();
}

// Leaves out what was said where it is not for the caller.
absl::Status Present(Tx& tx, absl::string_view about, google::protobuf::RepeatedPtrField<v1::Contact>* contacts) {
  const bool narrow = std::any_of(contacts->begin(), contacts->end(), [](const v1::Contact& contact) {
    return contact.visibility() == v1::Contact::VISIBILITY_OWNER;
  });
  XXT_RETURN_IF_ERROR(NoteCorrections(tx, about, contacts));
  v1::Case found;
  if (narrow) XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, about, &found));
  for (v1::Contact& contact : *contacts) {
    if (!MayRead(tx.caller, contact, found.owner())) contact.clear_summary();
  }
  return absl::OkStatus();
}

}  // namespace

const store::Table<v1::Contact> kContacts("intake.contacts", &cases::kCases,
                                          {.columns = {"corrects"},
                                           .lists = {{"of_case", {"case_id"}, "record_number"}},
                                           .append_only = true,
                                           .serial = "record_number"});

void Add(Tx& tx, v1::Case& about, v1::Contact& contact) {
  contact.set_name(kContacts.NewName(about.name(), tx.now));
  contact.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, contact.mutable_record_time());
  Count(contact, about.mutable_effort());
  CountTrip(contact, about);
  // That kin were told that there is news is no word to the person.
  const bool of_kin_alone =
      contact.counterpart() == v1::Contact::COUNTERPART_KIN && absl::StartsWith(contact.author(), "services/");
  if (WithThePerson(contact) && !of_kin_alone && contact.result() == v1::Contact::RESULT_REACHED) {
    // What the machine reports of a call is what an officer said.
    const bool by_officer =
        absl::StartsWith(contact.author(), "staff/") || contact.channel() == ::xixinting::common::v1::CHANNEL_PHONE;
    cases::NoteWord(tx, about, rpc::FromProto(contact.occur_time()), by_officer);
  }
  tx.Insert(kContacts, contact);
}

absl::Status Log(Tx& tx, const v1::LogContactRequest& request, v1::Contact& made) {
  made = request.contact();
  if (!made.has_occur_time()) rpc::ToProto(tx.now, made.mutable_occur_time());
  if (rpc::FromProto(made.occur_time()) > tx.now) {
    return errors::FieldInvalid("contact.occur_time", "不能晚于现在", "must not lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::Lock(tx, request.parent()));
  // One after the other: of two that correct the same nobody could say which counts.
  if (!made.corrects().empty()) XXT_RETURN_IF_ERROR(Load(tx, about, made.corrects()).status());
  Add(tx, about, made);
  cases::Save(tx, about, "case.contact_logged.v1", SummaryOf(made.result()));
  return absl::OkStatus();
}

absl::StatusOr<v1::Contact> Load(Tx& tx, const v1::Case& about, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(v1::Contact found, LoadAny(tx, about, name));
  if (!found.corrected_by().empty())
    return errors::StateForbids(found.corrected_by(), "所凭的联系记录已被更正，请以这次更正为准",
                                "corrects the contact that is named: it counts instead");
  return found;
}

absl::StatusOr<v1::Contact> LoadAny(Tx& tx, const v1::Case& about, const std::string& name) {
  if (!absl::StartsWith(name, absl::StrCat(about.name(), "/"))) {
    return errors::NotFound("intake.xixinting/Contact", name);
  }
  google::protobuf::RepeatedPtrField<v1::Contact> one;
  XXT_RETURN_IF_ERROR(tx.Get(kContacts, name, one.Add()));
  XXT_RETURN_IF_ERROR(NoteCorrections(tx, about.name(), &one));
  return std::move(*one.Mutable(0));
}

void Note(Tx& tx, v1::Case& about, absl::string_view words) {
  if (words.empty()) return;
  v1::Contact note;
  note.set_channel(::xixinting::common::v1::CHANNEL_WINDOW);
  note.set_counterpart(v1::Contact::COUNTERPART_COLLEAGUE);
  note.set_direction(v1::Contact::DIRECTION_OUTBOUND);
  note.set_result(v1::Contact::RESULT_REACHED);
  note.set_summary(std::string(words));
  rpc::ToProto(tx.now, note.mutable_occur_time());
  Add(tx, about, note);
}

bool WithThePerson(const v1::Contact& contact) {
  return contact.counterpart() == v1::Contact::COUNTERPART_APPLICANT ||
         contact.counterpart() == v1::Contact::COUNTERPART_KIN;
}

bool HasTheirWord(const v1::Contact& contact) {
  return WithThePerson(contact) && contact.result() == v1::Contact::RESULT_REACHED &&
         (absl::StartsWith(contact.author(), "staff/") || contact.channel() == ::xixinting::common::v1::CHANNEL_PHONE);
}

absl::Status CheckApplicantSaid(Tx& tx, const v1::Case& about, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, Load(tx, about, name));
  if (said.counterpart() == v1::Contact::COUNTERPART_APPLICANT && HasTheirWord(said)) return absl::OkStatus();
  return errors::StateForbids(said.name(), "这次联系中没有联系上当事人本人",
                              "the applicant was not reached in that contact");
}

}  // namespace contact

namespace {

absl::Status List(Tx& tx, const v1::ListContactsRequest& request, v1::ListContactsResponse& response) {
  XXT_RETURN_IF_ERROR(tx.List(contact::kContacts, "of_case", request, &response));
  return contact::Present(tx, request.parent(), response.mutable_contacts());
}

absl::Status Get(Tx& tx, const v1::GetContactRequest& request, v1::Contact& found) {
  google::protobuf::RepeatedPtrField<v1::Contact> one;
  XXT_RETURN_IF_ERROR(tx.Get(contact::kContacts, request.name(), one.Add()));
  XXT_RETURN_IF_ERROR(contact::Present(tx, store::RootNameOf(request.name()), &one));
  found = std::move(*one.Mutable(0));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::ContactService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(LogContact, Contact, contact::Log)
  XXT_READ(ListContacts, ListContactsResponse, List)
  XXT_READ(GetContact, Contact, Get)
};

}  // namespace

edge::Slice ContactSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
