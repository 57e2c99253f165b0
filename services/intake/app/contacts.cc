#include "services/intake/app/contacts.h"

#include <string>

#include "common/identifiers/resource_name.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/read_cases.h"
#include "services/intake/storage/contact_store.h"

namespace xxt::intake::app {
namespace {

const char* SummaryOf(Contact::Result result) {
  switch (result) {
    case Contact::Result::kReached:
      return "新的联系记录";
    case Contact::Result::kNotReached:
      return "新的联系记录：未联系上";
    case Contact::Result::kInDoubt:
      break;
  }
  return "新的联系记录：是否联系上不明";
}

}  // namespace

absl::StatusOr<Contact> LogContact(pg::Session& session, const identity::Caller& caller, absl::string_view parent,
                                   const Contact& input, absl::Time now) {
  if (input.occur_time > now) {
    return errors::FieldInvalid("contact.occur_time", "不能晚于现在", "must not lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(Case found, LoadForChange(session, caller, parent, ""));
  Contact contact = input;
  contact.id = identifiers::NewUuid(now);
  contact.case_id = found.id;
  if (contact.occur_time == absl::InfinitePast()) contact.occur_time = now;
  contact.record_time = now;
  contact.author = caller.subject;
  Count(contact, found.effort);
  contact_store::Insert(session, contact);
  Save(session, caller, found, "case.contact_logged.v1", SummaryOf(contact.result), now);
  return contact;
}

absl::StatusOr<Contact> GetContact(pg::Session& session, const identity::Caller& caller, absl::string_view name) {
  const absl::StatusOr<identifiers::ChildName> parsed = identifiers::ParseChildName(name, "cases", "contacts");
  if (!parsed.ok()) return errors::FieldInvalid("name", "不是联系记录的名称", "not a name of a contact");
  XXT_RETURN_IF_ERROR(GetCase(session, caller, "cases/" + parsed->parent_id).status());
  return contact_store::Load(session, parsed->parent_id, parsed->id);
}

absl::StatusOr<ContactPage> ListContacts(pg::Session& session, const identity::Caller& caller, absl::string_view parent,
                                         std::int64_t after, int page_size) {
  XXT_ASSIGN_OR_RETURN(const Case found, GetCase(session, caller, parent));
  ContactPage page;
  XXT_ASSIGN_OR_RETURN(page.contacts, contact_store::List(session, found.id, after, page_size + 1));
  if (page.contacts.size() > static_cast<std::size_t>(page_size)) {
    page.contacts.pop_back();
    page.next_after = page.contacts.back().record_number;
  }
  return page;
}

}  // namespace xxt::intake::app
