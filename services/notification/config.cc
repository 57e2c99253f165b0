#include "services/notification/config.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/working_days.h"

namespace xxt::notification {
namespace {

// Text messages are personal data: they leave in the clear to this machine only.
bool IsSafe(const std::string& url) {
  for (const char* start : {"https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:"}) {
    if (absl::StartsWith(url, start)) return true;
  }
  return false;
}

void CheckUrl(std::vector<std::string>& problems, absl::string_view key, const std::string& url) {
  if (!IsSafe(url)) problems.push_back(absl::StrCat(key, ": must be https, or http on loopback with a port"));
}

// A handler has half its lease, and what came of the call must be stored in it.
void CheckTimeout(std::vector<std::string>& problems, absl::string_view key, absl::Duration timeout,
                  absl::Duration lease) {
  if (timeout <= absl::ZeroDuration() || timeout >= lease / 2) {
    problems.push_back(absl::StrCat(key, ": must be more than 0s and less than half of tasks.lease"));
  }
}

void CheckEmail(std::vector<std::string>& problems, const smtp::Server& email, absl::Duration lease) {
  if (email.url.empty()) return;
  if (email.timeout < absl::Seconds(1) || email.timeout >= lease / 2) {
    problems.emplace_back("email.timeout: must be from 1s on and less than half of tasks.lease");
  }
  if (!absl::StartsWith(email.url, "smtps://") && !absl::StartsWith(email.url, "smtp://")) {
    problems.emplace_back("email.smtp_url: must start with smtps:// or smtp://");
  }
  if (!absl::StrContains(email.address, '@')) problems.emplace_back("email.address: must be LOCAL@DOMAIN");
  if (!email.user.empty() && email.password.empty()) {
    problems.emplace_back("email.password_file: required where email.user is set");
  }
}

void CheckWechat(std::vector<std::string>& problems, const Wechat::Options& wechat, absl::Duration lease) {
  if (wechat.url.empty()) return;
  CheckUrl(problems, "wechat.url", wechat.url);
  CheckTimeout(problems, "wechat.timeout", wechat.timeout, lease);
  if (wechat.token.empty()) problems.emplace_back("wechat.token_file: required where wechat.url is set");
  if (wechat.template_id.empty()) problems.emplace_back("wechat.template_id: required where wechat.url is set");
}

void CheckWebhook(std::vector<std::string>& problems, const Webhook::Options& webhook, absl::Duration lease) {
  if (webhook.url.empty()) return;
  CheckUrl(problems, "webhook.url", webhook.url);
  CheckTimeout(problems, "webhook.timeout", webhook.timeout, lease);
  if (webhook.secret.empty()) problems.emplace_back("webhook.secret_file: required where webhook.url is set");
}

}  // namespace

std::vector<std::string> Config::Problems() const {
  std::vector<std::string> problems = service.Problems();
  CheckUrl(problems, "sms.url", sms_url);
  if (!sms_receipts_url.empty()) CheckUrl(problems, "sms.receipts_url", sms_receipts_url);
  if (!sms_query_url.empty()) CheckUrl(problems, "sms.query_url", sms_query_url);
  CheckTimeout(problems, "sms.timeout", sms_timeout, service.task_lease);
  if (sms_quiet_until < 0 || sms_quiet_until >= sms_quiet_from || sms_quiet_from > 24) {
    problems.emplace_back("sms.quiet_until, sms.quiet_from: must be hours, the first before the second");
  }
  CheckEmail(problems, email, service.task_lease);
  CheckWechat(problems, wechat, service.task_lease);
  CheckWebhook(problems, webhook, service.task_lease);
  if (letters_take <= absl::ZeroDuration()) problems.emplace_back("letters.take: must be more than 0s");
  if (pause_asked_after <= absl::ZeroDuration() || pause_asked_after > longest_pause) {
    problems.emplace_back("channels.ask_after, channels.longest_pause: must be more than 0s, the first not the longer");
  }
  if (call_tries < 1) problems.emplace_back("calls.tries: must be 1 or more");
  if (const auto hours = calendar::OpeningHours::Parse(call_hours, calendar::WorkingDays::China()); !hours.ok()) {
    problems.push_back(absl::StrCat("calls.hours: ", hours.status().message()));
  }
  return problems;
}

}  // namespace xxt::notification
