#ifndef XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_
#define XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/contact.pb.h"

// The contact log of a case: written once, never changed. What a newer contact corrects counts no more.
namespace xxt::intake::contact {

extern const store::Table<v1::Contact> kContacts;

// Queues a new contact of `about`, which this transaction has locked and saves:
// gives it its name, author and time of writing, counts it in the case's effort,
// and notes the word if the person was reached.
void Add(Tx& tx, v1::Case& about, v1::Contact& contact);

// LogContact. Errors: FIELD_INVALID (in the future), RESOURCE_NOT_FOUND, OTHER_HALL, STATE_FORBIDS (corrected before).
absl::Status Log(Tx& tx, const v1::LogContactRequest& request, v1::Contact& made);

// The contact called `name`, if it is one of `about`, for what rests on it: that somebody was told, or agreed. Errors:
// RESOURCE_NOT_FOUND; STATE_FORBIDS, of the contact that counts instead, if it was corrected.
absl::StatusOr<v1::Contact> Load(Tx& tx, const v1::Case& about, const std::string& name);

// The same, corrected or not: `corrected_by` says.
absl::StatusOr<v1::Contact> LoadAny(Tx& tx, const v1::Case& about, const std::string& name);

// Adds what an officer noted for the colleagues; nothing if there are no words.
void Note(Tx& tx, v1::Case& about, absl::string_view words);

// Whether the applicant, or kin who speak for them, were at the other end.
bool WithThePerson(const v1::Contact& contact);

// Whether somebody spoke with them in it: a message of the machine that arrived is no word of theirs. Who telephones is
// a person, whatever service writes it down.
bool HasTheirWord(const v1::Contact& contact);

// Whether the applicant said so in the contact called `name`, nobody else. Errors: those of Load, STATE_FORBIDS.
absl::Status CheckApplicantSaid(Tx& tx, const v1::Case& about, const std::string& name);

}  // namespace xxt::intake::contact

#endif  // XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_
