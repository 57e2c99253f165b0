#include "services/referral/storage/docs.h"

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "common/json/number.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"

namespace xxt::referral {
namespace {

using Json = nlohmann::json;

std::string Text(const Json& json, const char* key) { return json.value(key, std::string()); }

Attachment ReadOne(const Json& json) {
  const std::optional<Attachment::State> state = FromName<Attachment::State>(Text(json, "state"));
  if (!state.has_value()) throw std::invalid_argument("state");
  return {Text(json, "file_name"), Text(json, "media_type"), json::Whole(json, "size", std::int64_t{0}),
          Text(json, "sha256"), *state};
}

}  // namespace

std::string WriteDoc(const std::vector<Attachment>& attachments) {
  Json json = Json::array();
  for (const Attachment& one : attachments) {
    json.push_back({{"file_name", one.file_name},
                    {"media_type", one.media_type},
                    {"size", one.size},
                    {"sha256", one.sha256},
                    {"state", std::string(NameOf(one.state))}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status ReadDoc(absl::string_view doc, std::vector<Attachment>* attachments) {
  try {
    const Json json = Json::parse(doc.begin(), doc.end());
    attachments->clear();
    for (const Json& one : json) attachments->push_back(ReadOne(one));
    return absl::OkStatus();
  } catch (const std::exception&) {
    return errors::Internal("attachments.doc");
  }
}

}  // namespace xxt::referral
