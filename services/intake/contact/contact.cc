#include "services/intake/contact/contact.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/root.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"

namespace xxt::intake {
namespace contact {
namespace {

namespace common = ::xixinting::common::v1;

const store::Table<v1::Contact> kContacts("intake.contacts", &cases::kRoot,
                                          {.lists = {{"of_case", {"case_id"}, "record_number"}},
                                           .append_only = true,
                                           .serial = "record_number"});

// Words among colleagues are no effort for the person.
void Count(const v1::Contact& made, Effort& effort) {
  if (made.counterpart() == v1::Contact::COUNTERPART_COLLEAGUE) return;
  switch (made.channel()) {
    case common::CHANNEL_PHONE:
      ++effort.calls;
      return;
    case common::CHANNEL_WINDOW:
    case common::CHANNEL_VISIT:
      ++effort.meetings;
      return;
    default:
      ++effort.messages;
  }
}

const char* SummaryOf(v1::Contact::Result result) {
  if (result == v1::Contact::RESULT_REACHED) return "新的联系记录";
  if (result == v1::Contact::RESULT_NOT_REACHED) return "新的联系记录：未联系上";
  return "新的联系记录：是否联系上不明";
}

absl::Status Get(Tx& tx, const v1::GetContactRequest& request, v1::Contact& found) {
  return tx.Get(kContacts, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListContactsRequest& request, v1::ListContactsResponse& response) {
  return tx.List(kContacts, "of_case", request, &response);
}

class Service final : public edge::Serves<v1::ContactService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(LogContact, Contact, Log)
  XXT_READ(GetContact, Contact, Get)
  XXT_READ(ListContacts, ListContactsResponse, List)
};

}  // namespace

void Write(Tx& tx, Case& about, v1::Contact& made) {
  tx.Locked(about.name(), about.key);
  made.set_name(kContacts.NewName(about.name(), tx.now));
  if (!made.has_occur_time()) rpc::ToProto(tx.now, made.mutable_occur_time());
  rpc::ToProto(tx.now, made.mutable_record_time());
  made.set_author(tx.caller.subject);
  tx.Insert(kContacts, made);
  Count(made, about.effort);
}

absl::StatusOr<ContactFact> FactOf(Tx& tx, const Case& about, absl::string_view name) {
  if (!absl::StartsWith(name, absl::StrCat(about.name(), "/")))
    return errors::NotFound("intake.xixinting/Contact", name);
  v1::Contact found;
  XXT_RETURN_IF_ERROR(tx.Get(kContacts, name, &found));
  const bool with_person =
      found.counterpart() == v1::Contact::COUNTERPART_APPLICANT || found.counterpart() == v1::Contact::COUNTERPART_KIN;
  return ContactFact{found.name(), rpc::FromProto(found.occur_time()), with_person,
                     found.result() == v1::Contact::RESULT_REACHED};
}

absl::Status Log(Tx& tx, const v1::LogContactRequest& request, v1::Contact& made) {
  made = request.contact();
  if (rpc::FromProto(made.occur_time()) > tx.now) {
    return errors::FieldInvalid("contact.occur_time", "不能晚于现在", "must not lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(Case about, cases::LockWhole(tx, request.parent()));
  Write(tx, about, made);
  cases::Save(tx, about, "case.contact_logged.v1", SummaryOf(made.result()));
  return absl::OkStatus();
}

}  // namespace contact

edge::Slice ContactSlice() { return {.services = {edge::ServiceOf<contact::Service>()}}; }

}  // namespace xxt::intake
