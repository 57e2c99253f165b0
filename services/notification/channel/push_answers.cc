#include "services/notification/channel/push_answers.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace xxt::notification {
namespace {

using Json = nlohmann::json;
using Kind = SendOutcome::Kind;

// An unknown openid, one who does not follow the account, one who refuses its messages.
bool IsAboutThePerson(std::int64_t errcode) {
  return errcode == 40003 || errcode == 43004 || errcode == 43019 || errcode == 43101;
}

// The access token is not, or no longer, one.
bool IsAboutTheToken(std::int64_t errcode) {
  return errcode == 40001 || errcode == 40014 || errcode == 41001 || errcode == 42001;
}

}  // namespace

SendOutcome ReadWechatAnswer(long status, const std::string& body) {
  if (status == 429 || (status >= 300 && status < 500)) {
    return {Kind::kRefusedForNow, FailureKind::kTechnical, "", absl::StrCat("微信答复 ", status), {}};
  }
  const Json answer = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  const auto code = answer.is_object() ? answer.find("errcode") : answer.end();
  if (status != 200 || code == answer.end() || !code->is_number_integer()) {
    return {Kind::kUnknown, FailureKind::kTechnical, "", "微信的答复看不懂", {}};
  }
  const auto errcode = code->get<std::int64_t>();
  if (errcode == 0) {
    const auto id = answer.find("msgid");
    const bool named = id != answer.end() && id->is_number_integer();
    return {Kind::kAccepted, FailureKind::kNone, named ? absl::StrCat(id->get<std::int64_t>()) : "", "", {}};
  }
  const std::string detail = absl::StrCat("微信没有接受 ", errcode);
  if (IsAboutThePerson(errcode)) return {Kind::kRefusedForGood, FailureKind::kPermanent, "", detail, {}};
  return {Kind::kRefusedForNow, FailureKind::kTechnical, "", detail, {}, /*reached=*/!IsAboutTheToken(errcode)};
}

SendOutcome ReadWebhookAnswer(long status, absl::Duration retry_after) {
  const std::string detail = absl::StrCat("区里的系统答复 ", status);
  if (status >= 200 && status < 300) return {Kind::kAccepted, FailureKind::kNone, "", "", {}};
  if (status == 409) return {Kind::kAtIt, FailureKind::kTechnical, "", detail, {}};
  if (status == 400 || status == 410 || status == 422) {
    return {Kind::kRefusedForGood, FailureKind::kPermanent, "", detail, {}};
  }
  if (status == 503 || (status >= 300 && status < 500)) {
    return {Kind::kRefusedForNow, FailureKind::kTechnical, "", detail, retry_after};
  }
  return {Kind::kUnknown, FailureKind::kTechnical, "", detail, {}};
}

}  // namespace xxt::notification
