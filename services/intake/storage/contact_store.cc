#include "services/intake/storage/contact_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/storage/names.h"

namespace xxt::intake::contact_store {
namespace {

constexpr pg::Statement kInsert{"contact.insert", R"sql(
  INSERT INTO intake.contacts (id, case_id, channel, counterpart, direction, result, summary, occur_time,
                               record_time, author)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql"};

constexpr pg::Statement kLoad{"contact.load", R"sql(
  SELECT id, case_id, channel, counterpart, direction, result, summary, occur_time, record_time, author,
         record_number
    FROM intake.contacts
   WHERE case_id = $1 AND id = $2)sql"};

constexpr pg::Statement kList{"contact.list", R"sql(
  SELECT id, case_id, channel, counterpart, direction, result, summary, occur_time, record_time, author,
         record_number
    FROM intake.contacts
   WHERE case_id = $1 AND record_number > $2
   ORDER BY record_number
   LIMIT $3)sql"};

absl::StatusOr<Contact> ReadContact(const pg::Row& row) {
  const auto channel = names::Parse<Channel>(row.View(2));
  const auto counterpart = names::Parse<Contact::Counterpart>(row.View(3));
  const auto direction = names::Parse<Contact::Direction>(row.View(4));
  const auto result = names::Parse<Contact::Result>(row.View(5));
  if (!channel || !counterpart || !direction || !result) return errors::Internal("contact.row");
  Contact contact;
  contact.id = row.Text(0);
  contact.case_id = row.Text(1);
  contact.channel = *channel;
  contact.counterpart = *counterpart;
  contact.direction = *direction;
  contact.result = *result;
  contact.summary = row.Text(6);
  contact.occur_time = row.Time(7);
  contact.record_time = row.Time(8);
  contact.author = row.Text(9);
  contact.record_number = row.Int(10);
  return contact;
}

}  // namespace

void Insert(pg::Session& session, const Contact& contact) {
  session.Queue(kInsert, contact.id, contact.case_id, names::Of(contact.channel), names::Of(contact.counterpart),
                names::Of(contact.direction), names::Of(contact.result), contact.summary, contact.occur_time,
                contact.record_time, contact.author);
}

absl::StatusOr<Contact> Load(pg::Session& session, absl::string_view case_id, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLoad, case_id, id));
  if (rows.empty()) {
    return errors::NotFound("intake.xixinting/Contact", absl::StrCat("cases/", case_id, "/contacts/", id));
  }
  return ReadContact(rows[0]);
}

absl::StatusOr<std::vector<Contact>> List(pg::Session& session, absl::string_view case_id, std::int64_t after,
                                          int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kList, case_id, after, limit));
  std::vector<Contact> contacts;
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Contact contact, ReadContact(rows[i]));
    contacts.push_back(std::move(contact));
  }
  return contacts;
}

}  // namespace xxt::intake::contact_store
