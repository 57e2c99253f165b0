#ifndef XXT_SERVICES_REFERRAL_REFERRALS_PAYLOAD_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_PAYLOAD_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

// What this service's tasks carry besides their subject; JSON in the task's
// row. Names, codes and times only, never personal data.
namespace xxt::referral {

// Why a mail is written to a body.
enum class MailPurpose { kRequest, kReminder, kWithdrawal };

// referral.send_mail, referral.mail_trouble.
struct MailPayload {
  std::string body;  // it goes to: "bodies/babaoshan"
  MailPurpose purpose = MailPurpose::kRequest;
  int ordinal = 0;     // of a reminder, from 1
  bool again = false;  // a person decided to send it, whatever is known of the address
  std::string mail;    // of the trouble: the task of the mail
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
std::string WritePayload(const WarningPayload& payload);
std::string WritePayload(const ContactPayload& payload);

// nullopt if the text is none of ours.
std::optional<MailPayload> ReadMailPayload(absl::string_view text);
std::optional<WarningPayload> ReadWarningPayload(absl::string_view text);
std::optional<ContactPayload> ReadContactPayload(absl::string_view text);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_PAYLOAD_H_
