#include "services/notification/config.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

}  // namespace

std::vector<std::string> Config::Problems() const {
  std::vector<std::string> problems = service.Problems();
  const auto check_url = [&problems](const char* key, const std::string& url) {
    if (!IsSafe(url)) problems.push_back(absl::StrCat(key, ": must be https, or http on loopback with a port"));
  };
  check_url("sms.url", sms_url);
  if (!sms_receipts_url.empty()) check_url("sms.receipts_url", sms_receipts_url);
  if (!sms_query_url.empty()) check_url("sms.query_url", sms_query_url);
  // A handler has half its lease, and what came of the call must be stored in it.
  if (sms_timeout <= absl::ZeroDuration() || sms_timeout >= service.task_lease / 2) {
    problems.emplace_back("sms.timeout: must be more than 0s and less than half of tasks.lease");
  }
  if (sms_quiet_until < 0 || sms_quiet_until >= sms_quiet_from || sms_quiet_from > 24) {
    problems.emplace_back("sms.quiet_until, sms.quiet_from: must be hours, the first before the second");
  }
  if (!email.url.empty()) {
    if (email.timeout < absl::Seconds(1) || email.timeout >= service.task_lease / 2) {
      problems.emplace_back("email.timeout: must be from 1s on and less than half of tasks.lease");
    }
    if (!absl::StartsWith(email.url, "smtps://") && !absl::StartsWith(email.url, "smtp://")) {
      problems.emplace_back("email.smtp_url: must start with smtps:// or smtp://");
    }
    if (!absl::StrContains(email.address, '@')) problems.emplace_back("email.address: must be LOCAL@DOMAIN");
  }
  const auto check_push = [&](const std::string& of, const std::string& url, absl::Duration timeout) {
    if (url.empty()) return;
    check_url(absl::StrCat(of, ".url").c_str(), url);
    if (timeout <= absl::ZeroDuration() || timeout >= service.task_lease / 2) {
      problems.push_back(absl::StrCat(of, ".timeout: must be more than 0s and less than half of tasks.lease"));
    }
  };
  check_push("wechat", wechat.url, wechat.timeout);
  check_push("webhook", webhook.url, webhook.timeout);
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
