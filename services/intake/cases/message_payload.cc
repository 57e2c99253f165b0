#include "services/intake/cases/message_payload.h"

#include <stdexcept>

#include "absl/time/time.h"
#include "common/json/number.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"

namespace xxt::intake::message_payload {
namespace {

using Json = nlohmann::json;

Json WriteValue(const MessageValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {{"text", *text}};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return {{"number", *number}};
  if (const auto* day = std::get_if<absl::CivilDay>(&value)) return {{"date", absl::FormatCivilTime(*day)}};
  return {{"time", absl::ToUnixMicros(std::get<absl::Time>(value))}};
}

MessageValue ReadValue(const Json& json) {
  if (json.contains("text")) return json.at("text").get<std::string>();
  if (json.contains("number")) return json::Whole<std::int64_t>(json.at("number"));
  if (json.contains("time")) return absl::FromUnixMicros(json::Whole<std::int64_t>(json.at("time")));
  absl::CivilDay day;
  if (!absl::ParseCivilTime(json.at("date").get<std::string>(), &day)) throw std::invalid_argument("date");
  return day;
}

}  // namespace

std::string Write(const Message& message) {
  Json parameters = Json::object();
  for (const auto& [key, value] : message.parameters) parameters[key] = WriteValue(value);
  return Json{{"template", message.template_id},
              {"event", message.event},
              {"referral", message.referral},
              {"parameters", std::move(parameters)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Message> Read(absl::string_view payload) {
  try {
    const Json json = Json::parse(payload.begin(), payload.end());
    Message message{json.at("template").get<std::string>(), json.at("event").get<std::string>(), {}};
    message.referral = json.at("referral").get<std::string>();
    for (const auto& [key, value] : json.at("parameters").items()) message.parameters[key] = ReadValue(value);
    return message;
  } catch (const std::exception&) {
    return errors::Internal("case.tell payload");
  }
}

}  // namespace xxt::intake::message_payload
