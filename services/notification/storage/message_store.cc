#include "services/notification/storage/message_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/events.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/storage/message_doc.h"
#include "services/notification/storage/names.h"

namespace xxt::notification::message_store {
namespace {

constexpr absl::string_view kType = "notification.xixinting/Message";

// What LoadFrom reads: a message with its deliveries in one row, so that it is
// always seen whole.
#define XXT_MESSAGE_COLUMNS                                                                     \
  "SELECT id, event, audience, case_id, hall, state, template, template_version, urgent, doc, " \
  "create_time, update_time, deliveries "
#define XXT_SELECT_MESSAGE XXT_MESSAGE_COLUMNS "FROM notification.whole_messages "

constexpr pg::Statement kInsert{"message.insert", R"sql(
  INSERT INTO notification.messages (id, event, audience, case_id, hall, state, template, template_version, urgent, doc,
                                     create_time, update_time)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT (case_id, event, audience) DO NOTHING
  RETURNING 1)sql"};

constexpr pg::Statement kUpdate{"message.update", R"sql(
  UPDATE notification.messages SET state = $2, doc = $3, update_time = $4 WHERE id = $1)sql"};

constexpr pg::Statement kUpsertDelivery{"message.upsert_delivery", R"sql(
  INSERT INTO notification.deliveries AS d (id, message_id, channel, ordinal, state, failure, detail,
                                            provider_reference, attempt_count, in_flight_since, create_time, update_time)
  VALUES ($1, $2, $3, $4, $5, NULLIF($6, ''), $7, $8, $9, CASE WHEN $10::boolean THEN now() END, $11, $12)
  ON CONFLICT (id) DO UPDATE
    SET state = excluded.state, failure = excluded.failure, detail = excluded.detail,
        provider_reference = excluded.provider_reference, attempt_count = excluded.attempt_count,
        in_flight_since = CASE WHEN $10::boolean THEN coalesce(d.in_flight_since, now()) END,
        update_time = excluded.update_time)sql"};

constexpr pg::Statement kSelect{"message.select", XXT_SELECT_MESSAGE R"sql( WHERE id = $1)sql"};

constexpr pg::Statement kSelectByEvent{"message.select_by_event", XXT_SELECT_MESSAGE R"sql(
   WHERE case_id = $1 AND event = $2 AND audience = $3)sql"};

constexpr pg::Statement kSelectByDelivery{"message.select_by_delivery", XXT_SELECT_MESSAGE R"sql(
   WHERE id = (SELECT message_id FROM notification.deliveries WHERE id = $1))sql"};

constexpr pg::Statement kSelectId{"message.select_id", "SELECT message_id FROM notification.deliveries WHERE id = $1"};

constexpr pg::Statement kSelectHall{"message.select_hall", "SELECT hall FROM notification.messages WHERE id = $1"};

// The lock comes first and alone: a statement that waits for a lock sees the
// message as it is then, but its deliveries as they were before.
constexpr pg::Statement kLock{"message.lock", R"sql(
  SELECT FROM notification.messages WHERE id = $1 FOR UPDATE)sql"};

// As events::QueueTurn.
constexpr pg::Statement kTurnByDelivery{"message.turn_by_delivery", R"sql(
  SELECT pg_advisory_xact_lock(hashtextextended('messages/' || message_id, 0))
    FROM notification.deliveries WHERE id = $1)sql"};

constexpr pg::Statement kLockByDelivery{"message.lock_by_delivery", R"sql(
  SELECT FROM notification.messages
   WHERE id = (SELECT message_id FROM notification.deliveries WHERE id = $1) FOR UPDATE)sql"};

constexpr pg::Statement kLockTopic{"message.lock_topic",
                                   "SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2, 0))"};

// A case has few messages.
constexpr pg::Statement kRevisions{"message.revisions", R"sql(
  SELECT id, (doc->>'revision')::bigint FROM notification.messages
   WHERE case_id = $1 AND doc->>'topic' = $2 AND id <> $3 ORDER BY id)sql"};

// A case has few messages.
constexpr pg::Statement kOpenOfAudience{"message.open_of_audience", R"sql(
  SELECT id FROM notification.messages
   WHERE case_id = $1 AND audience = $2 AND state NOT IN ('DELIVERED', 'NOT_REACHED', 'SUPPRESSED') ORDER BY id)sql"};

// Lists: $1 of a case, a hall or all, $2 in which states (NULL: any), before
// ($3, $4), at most $5. Each state is read along an index, and they are merged.
#define XXT_PAGE "AND (create_time, id) < ($3, $4::uuid) ORDER BY create_time DESC, id DESC LIMIT $5"
#define XXT_OF_STATE(scope, state)                                                                               \
  "(SELECT * FROM notification.whole_messages WHERE " scope " AND state = '" state "' AND coalesce($2 = '" state \
  "', true) " XXT_PAGE ")"
#define XXT_LIST_MESSAGES(scope) \
  XXT_MESSAGE_COLUMNS "FROM (" XXT_OF_STATE(scope, "SENDING") " UNION ALL " XXT_OF_STATE(scope, "DELIVERED") \
      " UNION ALL " XXT_OF_STATE(scope, "HANDED_TO_STAFF") " UNION ALL " XXT_OF_STATE(scope, "IN_DOUBT")     \
      " UNION ALL " XXT_OF_STATE(scope, "NOT_REACHED") " UNION ALL " XXT_OF_STATE(scope, "SUPPRESSED")       \
      ") AS found WHERE true " XXT_PAGE

constexpr pg::Statement kListOfHall{"message.list_of_hall", XXT_LIST_MESSAGES("hall = $1")};
constexpr pg::Statement kListAll{"message.list_all", XXT_LIST_MESSAGES("hall <> '' AND $1 = ''")};

// A case has few messages.
constexpr pg::Statement kListOfCase{
    "message.list_of_case",
    XXT_SELECT_MESSAGE "WHERE case_id = $1 AND coalesce($2 = state, true) AND coalesce($6 = hall, true) " XXT_PAGE};

#undef XXT_LIST_MESSAGES
#undef XXT_OF_STATE
#undef XXT_PAGE
#undef XXT_SELECT_MESSAGE
#undef XXT_MESSAGE_COLUMNS

constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

absl::StatusOr<Message> LoadFrom(const pg::Row& row) {
  Message message;
  message.id = row.Text(0);
  message.event = row.Text(1);
  message.audience = row.Text(2);
  message.case_id = row.Text(3);
  message.hall = row.Text(4);
  message.state = MessageStateFrom(row.View(5));
  message.template_id = row.Text(6);
  message.template_version = static_cast<int>(row.Int(7));
  message.urgent = row.Bool(8);
  XXT_RETURN_IF_ERROR(message_doc::Read(row.View(9), &message));
  message.create_time = row.Time(10);
  message.update_time = row.Time(11);
  XXT_RETURN_IF_ERROR(message_doc::ReadDeliveries(row.View(12), &message));
  return message;
}

absl::StatusOr<Message> LoadOne(absl::StatusOr<pg::Result> rows, absl::string_view name) {
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return errors::NotFound(kType, name);
  return LoadFrom((*rows)[0]);
}

absl::StatusOr<std::string> TextOf(absl::StatusOr<pg::Result> rows, absl::string_view name) {
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return errors::NotFound(kType, name);
  return (*rows)[0].Text(0);
}

void QueueDeliveries(pg::Session& session, const Message& message) {
  for (const Delivery& delivery : message.deliveries) {
    session.Queue(kUpsertDelivery, delivery.id, message.id, StoredName(delivery.channel), delivery.ordinal,
                  NameOf(delivery.state), StoredName(delivery.failure), delivery.detail, delivery.provider_reference,
                  delivery.attempt_count, delivery.in_flight, delivery.create_time, delivery.update_time);
  }
}

}  // namespace

absl::StatusOr<bool> Insert(pg::Session& session, const Message& message) {
  XXT_ASSIGN_OR_RETURN(const pg::Result inserted,
                       session.Run(kInsert, message.id, message.event, message.audience, message.case_id, message.hall,
                                   NameOf(message.state), message.template_id, message.template_version, message.urgent,
                                   message_doc::Write(message), message.create_time, message.update_time));
  if (inserted.empty()) return false;
  QueueDeliveries(session, message);
  return true;
}

absl::StatusOr<Message> Load(pg::Session& session, absl::string_view id) {
  return LoadOne(session.Run(kSelect, id), absl::StrCat("messages/", id));
}

absl::StatusOr<Message> LoadForUpdate(pg::Session& session, absl::string_view id) {
  events::QueueTurn(session, absl::StrCat("messages/", id));
  session.Queue(kLock, id);
  return Load(session, id);
}

absl::StatusOr<Message> LoadByEvent(pg::Session& session, absl::string_view case_id, absl::string_view event,
                                    absl::string_view audience) {
  return LoadOne(session.Run(kSelectByEvent, case_id, event, audience), event);
}

absl::StatusOr<std::string> IdByDelivery(pg::Session& session, absl::string_view delivery_id) {
  return TextOf(session.Run(kSelectId, delivery_id), absl::StrCat("deliveries/", delivery_id));
}

absl::StatusOr<std::string> HallOf(pg::Session& session, absl::string_view id) {
  return TextOf(session.Run(kSelectHall, id), absl::StrCat("messages/", id));
}

absl::StatusOr<Message> LoadForUpdateByDelivery(pg::Session& session, absl::string_view delivery_id) {
  session.Queue(kTurnByDelivery, delivery_id);
  session.Queue(kLockByDelivery, delivery_id);
  return LoadOne(session.Run(kSelectByDelivery, delivery_id), absl::StrCat("deliveries/", delivery_id));
}

absl::StatusOr<std::vector<Revision>> OthersOfTopic(pg::Session& session, const Message& message) {
  session.Queue(kLockTopic, message.case_id, message.topic);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRevisions, message.case_id, message.topic, message.id));
  std::vector<Revision> others;
  for (int i = 0; i < rows.size(); ++i) others.push_back({rows[i].Text(0), rows[i].Int(1)});
  return others;
}

absl::StatusOr<std::vector<std::string>> OpenOfAudience(pg::Session& session, absl::string_view case_id,
                                                        absl::string_view audience) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kOpenOfAudience, case_id, audience));
  std::vector<std::string> ids;
  for (int i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Text(0));
  return ids;
}

void Save(pg::Session& session, const Message& message) {
  session.Queue(kUpdate, message.id, NameOf(message.state), message_doc::Write(message), message.update_time);
  QueueDeliveries(session, message);
}

absl::StatusOr<std::vector<Message>> List(pg::Session& session, const Filter& filter) {
  if (filter.halls.none()) return std::vector<Message>();
  const std::optional<std::string> hall = filter.halls.sql();
  std::optional<std::string> state;
  if (filter.state.has_value()) state = std::string(NameOf(*filter.state));
  const std::string before_id = filter.before_id.empty() ? kLastId : filter.before_id;
  absl::StatusOr<pg::Result> found;
  if (!filter.case_id.empty()) {
    found = session.Run(kListOfCase, filter.case_id, state, filter.before_time, before_id, filter.limit, hall);
  } else {
    found = session.Run(hall ? kListOfHall : kListAll, hall.value_or(""), state, filter.before_time, before_id,
                        filter.limit);
  }
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, std::move(found));
  std::vector<Message> messages;
  messages.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Message message, LoadFrom(rows[i]));
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace xxt::notification::message_store
