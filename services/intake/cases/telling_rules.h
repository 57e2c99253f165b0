#ifndef XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_
#define XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_

#include <optional>
#include <string>

#include "absl/time/civil_time.h"

namespace xxt::intake {

// A message to the applicant, as far as the case may make it untrue.
struct MessageFacts {
  std::string template_id;                      // "case-received"
  std::string event;                            // what happened in the case: "received"
  std::optional<absl::CivilDay> last_day = {};  // that it names
};

// What becomes of a message whose time to be told has come: the case may have
// moved on since it was queued.
enum class Telling {
  kTell,
  kLeave,      // said by what was told since: a newer checklist, another last day, the closing; or not so any more
  kAskPerson,  // it promises a next step that nobody takes in a closed case
};

// What is known now of a case and of the referral that the message names.
struct TellingFacts {
  bool closed = false;
  int checklist_version = 0;
  bool knows_referral = false;
  std::optional<absl::CivilDay> last_day = {};  // of the referral
  bool taken_back = false;                      // the answer that the message is about
};

Telling DecideTelling(const TellingFacts& facts, const MessageFacts& message);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_TELLING_RULES_H_
