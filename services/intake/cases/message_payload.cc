#include "services/intake/cases/message_payload.h"

#include <cstdint>
#include <stdexcept>

#include "absl/time/civil_time.h"
#include "common/json/number.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"

namespace xxt::intake::message_payload {
namespace {

using Json = nlohmann::json;
using ::xixinting::notification::v1::Message;
using ::xixinting::notification::v1::Parameter;

Json WriteValue(const Parameter& parameter) {
  switch (parameter.value_case()) {
    case Parameter::kText:
      return {{"text", parameter.text()}};
    case Parameter::kNumber:
      return {{"number", parameter.number()}};
    case Parameter::kDate:
      return {{"date", absl::FormatCivilTime(rpc::FromProto(parameter.date()))}};
    case Parameter::kTime:
      return {{"time", parameter.time().seconds()}};
    case Parameter::VALUE_NOT_SET:
      break;
  }
  return Json::object();
}

void ReadValue(const Json& json, Parameter* parameter) {
  if (json.contains("text")) return parameter->set_text(json.at("text").get<std::string>());
  if (json.contains("number")) return parameter->set_number(json::Whole<std::int64_t>(json.at("number")));
  if (json.contains("time")) return parameter->mutable_time()->set_seconds(json::Whole<std::int64_t>(json.at("time")));
  absl::CivilDay day;
  if (!absl::ParseCivilTime(json.at("date").get<std::string>(), &day)) throw std::invalid_argument("date");
  rpc::ToProto(day, parameter->mutable_date());
}

}  // namespace

std::string Write(const Message& message) {
  Json parameters = Json::object();
  for (const Parameter& parameter : message.parameters()) parameters[parameter.name()] = WriteValue(parameter);
  return Json{{"template", message.template_()},
              {"event", message.event()},
              {"topic", message.topic()},
              {"audience", message.audience()},
              {"parameters", std::move(parameters)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Message> Read(absl::string_view payload) {
  try {
    const Json json = Json::parse(payload.begin(), payload.end());
    Message message;
    message.set_template_(json.at("template").get<std::string>());
    message.set_event(json.at("event").get<std::string>());
    message.set_topic(json.at("topic").get<std::string>());
    message.set_audience(json.value("audience", ""));
    for (const auto& [name, value] : json.at("parameters").items()) {
      Parameter& parameter = *message.add_parameters();
      parameter.set_name(name);
      ReadValue(value, &parameter);
    }
    return message;
  } catch (const std::exception&) {
    return errors::Internal("case.tell payload");
  }
}

}  // namespace xxt::intake::message_payload
