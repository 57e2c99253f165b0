#include "services/notification/storage/message_store.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json/number.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/storage/names.h"

namespace xxt::notification::message_store {
namespace {

using Json = nlohmann::json;

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

// The lock comes first and alone: a statement that waits for a lock sees the
// message as it is then, but its deliveries as they were before.
constexpr pg::Statement kLock{"message.lock", R"sql(
  SELECT FROM notification.messages WHERE id = $1 FOR UPDATE)sql"};

constexpr pg::Statement kLockByDelivery{"message.lock_by_delivery", R"sql(
  SELECT FROM notification.messages
   WHERE id = (SELECT message_id FROM notification.deliveries WHERE id = $1) FOR UPDATE)sql"};

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

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json ParameterToJson(const ParameterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {{"text", *text}};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return {{"number", *number}};
  if (const auto* day = std::get_if<absl::CivilDay>(&value)) return {{"date", absl::FormatCivilTime(*day)}};
  return {{"time", absl::ToUnixMicros(std::get<absl::Time>(value))}};
}

ParameterValue ParameterFrom(const Json& object) {
  if (object.contains("number")) return json::Whole<std::int64_t>(object.at("number"));
  if (object.contains("time")) return absl::FromUnixMicros(json::Whole<std::int64_t>(object.at("time")));
  if (object.contains("date")) {
    absl::CivilDay day;
    if (absl::ParseCivilTime(object.at("date").get<std::string>(), &day)) return day;
  }
  return Text(object, "text");
}

std::string DocOf(const Message& message) {
  const Recipient& recipient = message.recipient;
  Json parameters = Json::object();
  for (const auto& [name, value] : message.parameters) parameters[name] = ParameterToJson(value);
  Json doc = {{"recipient",
               {{"display_name", recipient.display_name},
                {"phone_number", recipient.phone_number},
                {"extension", recipient.extension},
                {"masked_phone_number", recipient.masked_phone_number},
                {"mobile", recipient.mobile},
                {"no_sms", recipient.no_sms},
                {"language_code", recipient.language_code}}},
              {"parameters", std::move(parameters)},
              {"sms_text", message.sms_text},
              {"call_text", message.call_text},
              {"late_text", message.late_text},
              {"headline", message.headline},
              {"state_reason", message.state_reason},
              {"report_count", message.report_count}};
  if (message.true_until != absl::InfiniteFuture()) doc["true_until"] = absl::ToUnixMicros(message.true_until);
  return doc.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ReadDoc(const std::string& text, Message& message) {
  const Json doc = Json::parse(text);
  const Json& recipient = doc.at("recipient");
  message.recipient = {Text(recipient, "display_name"),  Text(recipient, "phone_number"),
                       Text(recipient, "extension"),     Text(recipient, "masked_phone_number"),
                       recipient.value("mobile", false), recipient.value("no_sms", false),
                       Text(recipient, "language_code")};
  for (const auto& [name, value] : doc.at("parameters").items()) message.parameters.emplace(name, ParameterFrom(value));
  message.sms_text = Text(doc, "sms_text");
  message.call_text = Text(doc, "call_text");
  message.late_text = Text(doc, "late_text");
  if (doc.contains("true_until"))
    message.true_until = absl::FromUnixMicros(json::Whole<std::int64_t>(doc.at("true_until")));
  message.headline = Text(doc, "headline");
  message.state_reason = Text(doc, "state_reason");
  message.report_count = json::Whole(doc, "report_count", 0);
}

Delivery DeliveryFrom(const Json& object) {
  Delivery delivery;
  delivery.id = Text(object, "id");
  delivery.channel = ChannelFrom(Text(object, "channel"));
  delivery.ordinal = json::Whole<int>(object.at("ordinal"));
  delivery.state = DeliveryStateFrom(Text(object, "state"));
  delivery.failure = FailureFrom(Text(object, "failure"));
  delivery.detail = Text(object, "detail");
  delivery.provider_reference = Text(object, "provider_reference");
  delivery.attempt_count = json::Whole<int>(object.at("attempt_count"));
  delivery.in_flight = object.at("in_flight").get<bool>();
  delivery.in_flight_for = absl::Microseconds(json::Whole<std::int64_t>(object.at("in_flight_for")));
  delivery.create_time = absl::FromUnixMicros(json::Whole<std::int64_t>(object.at("create_time")));
  delivery.update_time = absl::FromUnixMicros(json::Whole<std::int64_t>(object.at("update_time")));
  return delivery;
}

// Throws where a document has another shape: LoadFrom ends that.
Message ReadRow(const pg::Row& row) {
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
  ReadDoc(row.Text(9), message);
  message.create_time = row.Time(10);
  message.update_time = row.Time(11);
  for (const Json& delivery : Json::parse(row.Text(12))) message.deliveries.push_back(DeliveryFrom(delivery));
  return message;
}

absl::StatusOr<Message> LoadFrom(const pg::Row& row) {
  try {
    return ReadRow(row);
  } catch (const std::exception&) {  // its text may hold what was stored
    return errors::Internal("message.doc");
  }
}

absl::StatusOr<Message> LoadOne(absl::StatusOr<pg::Result> rows, absl::string_view name) {
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return errors::NotFound(kType, name);
  return LoadFrom((*rows)[0]);
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
                                   DocOf(message), message.create_time, message.update_time));
  if (inserted.empty()) return false;
  QueueDeliveries(session, message);
  return true;
}

absl::StatusOr<Message> Load(pg::Session& session, absl::string_view id) {
  return LoadOne(session.Run(kSelect, id), absl::StrCat("messages/", id));
}

absl::StatusOr<Message> LoadForUpdate(pg::Session& session, absl::string_view id) {
  session.Queue(kLock, id);
  return Load(session, id);
}

absl::StatusOr<Message> LoadByEvent(pg::Session& session, absl::string_view case_id, absl::string_view event,
                                    absl::string_view audience) {
  return LoadOne(session.Run(kSelectByEvent, case_id, event, audience), event);
}

absl::StatusOr<Message> LoadForUpdateByDelivery(pg::Session& session, absl::string_view delivery_id) {
  session.Queue(kLockByDelivery, delivery_id);
  return LoadOne(session.Run(kSelectByDelivery, delivery_id), absl::StrCat("deliveries/", delivery_id));
}

void Save(pg::Session& session, const Message& message) {
  session.Queue(kUpdate, message.id, NameOf(message.state), DocOf(message), message.update_time);
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
