#ifndef XXT_SERVICES_REFERRAL_STORAGE_PAYLOAD_H_
#define XXT_SERVICES_REFERRAL_STORAGE_PAYLOAD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/mail.h"

// What this service's tasks carry besides their subject; JSON in the task's
// row. Names, codes and times only, never personal data.
namespace xxt::referral {

// referral.send_mail, referral.mail_trouble.
struct MailPayload {
  std::string body;  // id of the body it goes to
  MailPurpose purpose = MailPurpose::kRequest;
  int ordinal = 0;     // of a reminder, from 1
  bool again = false;  // a person decided to send it, whatever is known of the address
  std::string mail;    // of the trouble: the task of the mail
};

// What the case is told; the names of ReportReferralRequest.Kind.
enum class ReportKind { kOpened, kProgress, kAnswered, kEnded, kRouteSheet, kCutOffNear, kCutOffPassed };
template <>
inline constexpr std::array<absl::string_view, 7> kNames<ReportKind> = {
    "OPENED", "PROGRESS", "ANSWERED", "ENDED", "ROUTE_SHEET", "CUT_OFF_NEAR", "CUT_OFF_PASSED"};

// referral.report_case.
struct ReportPayload {
  ReportKind kind = ReportKind::kProgress;
  std::string summary;
  std::optional<absl::CivilDay> last_safe_day = std::nullopt;
  int route_sheet_version = 0;
  std::int64_t version = 0;  // its place among the referral's reports; set by Report
};

// referral.warn_cut_off.
struct WarningPayload {
  int rung = 0;
  absl::CivilDay last_safe_day;
};

// referral.verify_contact: the directory's address that did not take a mail.
struct ContactPayload {
  std::string body_id;
  std::string unit;
  std::string address;
};

std::string WritePayload(const MailPayload& payload);
std::string WritePayload(const ReportPayload& payload);
std::string WritePayload(const WarningPayload& payload);
std::string WritePayload(const ContactPayload& payload);

// nullopt if the text is none of ours.
std::optional<MailPayload> ReadMailPayload(absl::string_view text);
std::optional<ReportPayload> ReadReportPayload(absl::string_view text);
std::optional<WarningPayload> ReadWarningPayload(absl::string_view text);
std::optional<ContactPayload> ReadContactPayload(absl::string_view text);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_STORAGE_PAYLOAD_H_
