#include "services/referral/referrals/payload.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>

#include "common/json/number.h"
#include "nlohmann/json.hpp"

namespace xxt::referral {
namespace {

using Json = nlohmann::json;

// In the order of MailPurpose.
constexpr std::array<const char*, 3> kPurposes = {"REQUEST", "REMINDER", "WITHDRAWAL"};

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
  Json json = {{"purpose", kPurposes[static_cast<std::size_t>(payload.purpose)]}, {"ordinal", payload.ordinal}};
  if (payload.again) json["again"] = true;
  if (!payload.mail.empty()) json["mail"] = payload.mail;
  json["body"] = payload.body;
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
    const auto* const purpose = std::find(kPurposes.begin(), kPurposes.end(), json.value("purpose", std::string()));
    if (purpose == kPurposes.end()) return false;
    payload->purpose = static_cast<MailPurpose>(purpose - kPurposes.begin());
    payload->ordinal = json::Whole(json, "ordinal", 0);
    payload->again = json.value("again", false);
    payload->mail = json.value("mail", std::string());
    payload->body = json.value("body", std::string());
    return true;
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
