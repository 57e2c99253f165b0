#include "services/referral/storage/payload.h"

#include <cstdint>

#include "common/json/number.h"
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
  if (payload.again) json["again"] = true;
  if (!payload.mail.empty()) json["mail"] = payload.mail;
  json["body"] = payload.body;
  return Dump(json);
}

std::string WritePayload(const ReportPayload& payload) {
  Json json = {{"kind", std::string(NameOf(payload.kind))}, {"summary", payload.summary}, {"version", payload.version}};
  if (payload.route_sheet_version != 0) json["route_sheet"] = payload.route_sheet_version;
  if (payload.last_safe_day.has_value()) json["last_safe_day"] = absl::FormatCivilTime(*payload.last_safe_day);
  return Dump(json);
}

std::string WritePayload(const WarningPayload& payload) {
  return Dump({{"rung", payload.rung}, {"last_safe_day", absl::FormatCivilTime(payload.last_safe_day)}});
}

std::string WritePayload(const ContactPayload& payload) {
  return Dump({{"body", payload.body_id}, {"unit", payload.unit}, {"address", payload.address}});
}

std::optional<MailPayload> ReadMailPayload(absl::string_view text) {
  return Reading<MailPayload>(text, [](const Json& json, MailPayload* payload) {
    const std::optional<MailPurpose> purpose = FromName<MailPurpose>(json.value("purpose", std::string()));
    if (!purpose.has_value()) return false;
    payload->purpose = *purpose;
    payload->ordinal = json::Whole(json, "ordinal", 0);
    payload->again = json.value("again", false);
    payload->mail = json.value("mail", std::string());
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
    payload->version = json::Whole(json, "version", std::int64_t{0});
    payload->route_sheet_version = json::Whole(json, "route_sheet", 0);
    if (!json.contains("last_safe_day")) return true;
    return absl::ParseCivilTime(json.at("last_safe_day").get<std::string>(), &payload->last_safe_day.emplace());
  });
}

std::optional<WarningPayload> ReadWarningPayload(absl::string_view text) {
  return Reading<WarningPayload>(text, [](const Json& json, WarningPayload* payload) {
    payload->rung = json::Whole(json, "rung", 0);
    return absl::ParseCivilTime(json.value("last_safe_day", std::string()), &payload->last_safe_day);
  });
}

std::optional<ContactPayload> ReadContactPayload(absl::string_view text) {
  return Reading<ContactPayload>(text, [](const Json& json, ContactPayload* payload) {
    payload->body_id = json.value("body", std::string());
    payload->unit = json.value("unit", std::string());
    payload->address = json.value("address", std::string());
    return !payload->body_id.empty();
  });
}

}  // namespace xxt::referral
