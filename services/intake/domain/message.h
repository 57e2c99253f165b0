#ifndef XXT_SERVICES_INTAKE_DOMAIN_MESSAGE_H_
#define XXT_SERVICES_INTAKE_DOMAIN_MESSAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace xxt::intake {

// A value that goes into the words of a message.
using MessageValue = std::variant<std::string, std::int64_t, absl::CivilDay, absl::Time>;

// What to tell the applicant of a case. Holds no personal data: whom to tell,
// and what can be read from the case and its hall, is added when it is told.
struct Message {
  std::string template_id;  // "case-received"
  std::string event;        // what happened in the case, told once: "received"
  std::map<std::string, MessageValue> parameters;
  std::string referral = {};  // whose last day it names, "referrals/{uuid}"; empty: none

  friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_MESSAGE_H_
