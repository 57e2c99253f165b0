#ifndef XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_
#define XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_

#include <cstdint>
#include <map>
#include <optional>
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

// What becomes of a message whose time to be told has come: the case may have
// moved on since it was queued.
enum class Telling {
  kTell,
  kLeave,      // said by what was told since: a newer checklist, another last day, the closing
  kAskPerson,  // it promises a next step that nobody takes in a closed case
};

// What is known now of a case and of the referral that the message names.
struct TellingFacts {
  bool closed = false;
  int checklist_version = 0;
  bool knows_referral = false;
  std::optional<absl::CivilDay> last_day = {};  // of the referral
};

Telling DecideTelling(const TellingFacts& facts, const Message& message);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_
