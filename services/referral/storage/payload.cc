#include "services/referral/storage/payload.h"

#include <cstdint>

#include "nlohmann/json.hpp"

namespace xxt::referral {
namespace {

using Json = nlohmann::json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <typename Payload, typename Reader>
std::optional<Payload> Reading(absl::string_view text, Reader reader) {
  try {
    Payload payload;
    if (!reader(Json::parse(text.begin(), text.end()), &payload)) return std::nullopt;
    return payload;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string WritePayload(const MailPayload& payload) {
  Json json = {{"purpose", std::string(NameOf(payload.purpose))}, {"ordinal", payload.ordinal}};
  if (payload.next_action_time.has_value()) {
    json["next_action_micros"] = absl::ToUnixMicros(*payload.next_action_time);
  }
  if (payload.again) json["again"] = true;
  json["body"] = payload.body;
  return Dump(json);
}

std::string WritePayload(const ReportPayload& payload) {
  Json json = {{"kind", std::string(NameOf(payload.kind))}, {"summary", payload.summary}};
  if (payload.last_safe_day.has_value()) json["last_safe_day"] = absl::FormatCivilTime(*payload.last_safe_day);
  return Dump(json);
}

std::string WritePayload(const WarningPayload& payload) {
  return Dump({{"rung", payload.rung}, {"last_safe_day", absl::FormatCivilTime(payload.last_safe_day)}});
}

std::optional<MailPayload> ReadMailPayload(absl::string_view text) {
  return Reading<MailPayload>(text, [](const Json& json, MailPayload* payload) {
    const std::optional<MailPurpose> purpose = FromName<MailPurpose>(json.value("purpose", std::string()));
    if (!purpose.has_value()) return false;
    payload->purpose = *purpose;
    payload->ordinal = json.value("ordinal", 0);
    if (json.contains("next_action_micros")) {
      payload->next_action_time = absl::FromUnixMicros(json.at("next_action_micros").get<std::int64_t>());
    }
    payload->again = json.value("again", false);
    payload->body = json.value("body", std::string());
    return true;
  });
}

std::optional<ReportPayload> ReadReportPayload(absl::string_view text) {
  return Reading<ReportPayload>(text, [](const Json& json, ReportPayload* payload) {
    const std::optional<ReportKind> kind = FromName<ReportKind>(json.value("kind", std::string()));
    if (!kind.has_value()) return false;
    payload->kind = *kind;
    payload->summary = json.value("summary", std::string());
    if (!json.contains("last_safe_day")) return true;
    return absl::ParseCivilTime(json.at("last_safe_day").get<std::string>(), &payload->last_safe_day.emplace());
  });
}

std::optional<WarningPayload> ReadWarningPayload(absl::string_view text) {
  return Reading<WarningPayload>(text, [](const Json& json, WarningPayload* payload) {
    payload->rung = json.value("rung", 0);
    return absl::ParseCivilTime(json.value("last_safe_day", std::string()), &payload->last_safe_day);
  });
}

}  // namespace xxt::referral
