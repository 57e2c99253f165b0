#include "services/notification/receipt/receipt_payload.h"

#include <exception>
#include <nlohmann/json.hpp>

#include "common/status/errors.h"

namespace xxt::notification::receipt {

using Json = nlohmann::json;

std::string WritePayload(const Receipt& receipt) {
  return Json{{"delivery", receipt.delivery_id},
              {"delivered", receipt.state == Receipt::State::kDelivered},
              {"detail", receipt.detail}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Receipt> ReadPayload(absl::string_view payload) {
  try {
    const Json json = Json::parse(payload.begin(), payload.end());
    Receipt receipt;
    receipt.delivery_id = json.at("delivery").get<std::string>();
    receipt.state = json.at("delivered").get<bool>() ? Receipt::State::kDelivered : Receipt::State::kFailed;
    receipt.detail = json.at("detail").get<std::string>();
    return receipt;
  } catch (const std::exception&) {
    return errors::Internal("message.take_receipt payload");
  }
}

}  // namespace xxt::notification::receipt
