#ifndef XXT_SERVICES_INTAKE_TERM_SILENCE_RULES_H_
#define XXT_SERVICES_INTAKE_TERM_SILENCE_RULES_H_

#include <optional>

#include "absl/time/time.h"
#include "services/intake/cases/policy_rules.h"

// The two clocks that every open case has: an officer contacts the person promptly, and no month passes without a word.
namespace xxt::intake {

// What a case knows of them.
struct CaseClocks {
  absl::Time opened;
  std::optional<absl::Time> respond_due = {};  // of cases from before there was one: unset
  std::optional<absl::Time> responded = {};
  std::optional<absl::Time> told = {};
  bool silent = false;                           // is listed as silent
  std::optional<absl::Time> no_news_since = {};  // the word after which "no news" was told
};

// What a look at them finds.
struct ClockLook {
  bool late_response = false;  // no officer had contacted the person when that was due
  bool tell_no_news = false;   // the month is nearly over: say at least that nothing is new
  bool falls_silent = false;   // it is over, and nobody has said a word
  bool heard = false;          // somebody has, at last
  absl::Time last_word;        // when the person was told something last; from the opening on
  absl::Time silent_from;      // when it is over
  absl::Time next;             // when to look again
};

ClockLook LookAt(const CaseClocks& clocks, const Policy& policy, absl::Time now);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_TERM_SILENCE_RULES_H_
