#include "services/notification/storage/message_doc.h"

#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/json/number.h"
#include "common/status/errors.h"
#include "services/notification/storage/names.h"

namespace xxt::notification::message_doc {
namespace {

using Json = nlohmann::json;

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
  if (!object.contains("date")) return Text(object, "text");
  absl::CivilDay day;
  if (!absl::ParseCivilTime(object.at("date").get<std::string>(), &day)) throw std::invalid_argument("date");
  return day;
}

Json RecipientToJson(const Recipient& recipient) {
  return {{"display_name", recipient.display_name},
          {"phone_number", recipient.phone_number},
          {"extension", recipient.extension},
          {"masked_phone_number", recipient.masked_phone_number},
          {"mobile", recipient.mobile},
          {"no_sms", recipient.no_sms},
          {"language_code", recipient.language_code},
          {"revision", recipient.revision}};
}

Recipient RecipientFrom(const Json& object) {
  return {Text(object, "display_name"),  Text(object, "phone_number"),
          Text(object, "extension"),     Text(object, "masked_phone_number"),
          object.value("mobile", false), object.value("no_sms", false),
          Text(object, "language_code"), json::Whole(object, "revision", std::int64_t{0})};
}

void ReadMembers(const Json& doc, Message& message) {
  message.recipient = RecipientFrom(doc.at("recipient"));
  if (const auto found = doc.find("correction"); found != doc.end()) {
    message.correction = {RecipientFrom(found->at("recipient")), Text(*found, "sms_text"), Text(*found, "call_text"),
                          Text(*found, "late_text")};
  }
  for (const auto& [name, value] : doc.at("parameters").items()) message.parameters.emplace(name, ParameterFrom(value));
  message.sms_text = Text(doc, "sms_text");
  message.call_text = Text(doc, "call_text");
  message.late_text = Text(doc, "late_text");
  if (doc.contains("true_until"))
    message.true_until = absl::FromUnixMicros(json::Whole<std::int64_t>(doc.at("true_until")));
  message.headline = Text(doc, "headline");
  message.state_reason = Text(doc, "state_reason");
  message.report_count = json::Whole(doc, "report_count", 0);
  message.topic = Text(doc, "topic");
  message.revision = json::Whole(doc, "revision", std::int64_t{0});
  message.overtaken = doc.value("overtaken", false);
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

}  // namespace

std::string Write(const Message& message) {
  Json parameters = Json::object();
  for (const auto& [name, value] : message.parameters) parameters[name] = ParameterToJson(value);
  Json doc = {{"recipient", RecipientToJson(message.recipient)},
              {"parameters", std::move(parameters)},
              {"sms_text", message.sms_text},
              {"call_text", message.call_text},
              {"late_text", message.late_text},
              {"headline", message.headline},
              {"state_reason", message.state_reason},
              {"report_count", message.report_count}};
  if (message.correction.has_value()) {
    doc["correction"] = {{"recipient", RecipientToJson(message.correction->recipient)},
                         {"sms_text", message.correction->sms_text},
                         {"call_text", message.correction->call_text},
                         {"late_text", message.correction->late_text}};
  }
  if (!message.topic.empty()) {
    doc["topic"] = message.topic;
    doc["revision"] = message.revision;
    doc["overtaken"] = message.overtaken;
  }
  if (message.true_until != absl::InfiniteFuture()) doc["true_until"] = absl::ToUnixMicros(message.true_until);
  return doc.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status Read(absl::string_view doc, Message* message) {
  try {
    ReadMembers(Json::parse(doc.begin(), doc.end()), *message);
    return absl::OkStatus();
  } catch (const std::exception&) {  // its text may hold what was stored
    return errors::Internal("message.doc");
  }
}

absl::Status ReadDeliveries(absl::string_view list, Message* message) {
  try {
    for (const Json& one : Json::parse(list.begin(), list.end())) message->deliveries.push_back(DeliveryFrom(one));
    return absl::OkStatus();
  } catch (const std::exception&) {
    return errors::Internal("message.deliveries");
  }
}

}  // namespace xxt::notification::message_doc
