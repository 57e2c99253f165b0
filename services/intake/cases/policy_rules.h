#ifndef XXT_SERVICES_INTAKE_CASES_POLICY_RULES_H_
#define XXT_SERVICES_INTAKE_CASES_POLICY_RULES_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace xxt::intake {

// Limits that the district sets; from the configuration.
struct Policy {
  // Opening time within which the officer first contacts the person. The
  // Beijing hotline regulation, art. 15, says "promptly"; how long that is, is
  // local policy.
  absl::Duration first_contact = absl::Hours(4);
  // Working days within which a proposed closure is reviewed. Local policy.
  int review_workdays = 1;
  // Working days within which the officer's own next action must lie. Local
  // policy; districts give 5 to 15 for a complex matter.
  int next_action_workdays = 15;
  // The same while a body is being asked: it may take 20, and 10 more with a
  // reason (Administrative Licensing Law 42). Its own chase reminds earlier.
  int waiting_workdays = 30;
  // Days after which an open case in which the person was told nothing is
  // silent, and how many days before they are told that nothing is new. Ours:
  // no rule names them.
  int silence_days = 30;
  int silence_notice_days = 5;
  // Most working days by which a term is extended at a time (Administrative
  // Licensing Law 42).
  int term_extension_workdays = 10;
  // Days within which aftercare gets in touch again. Local policy: what a household
  // has is mostly reviewed once a year.
  int aftercare_days = 366;
  // How much sooner than their next action is due cases of these levels have
  // their place in the work list. Local policy: what waits longer goes first.
  absl::Duration high_head_start = absl::Hours(24);
  absl::Duration urgent_head_start = absl::Hours(72);
  // Working days after a closing within which the person is called, and how often
  // nobody must have been reached before somebody may give up. The Beijing hotline
  // regulation, art. 23, wants the call when the time is up; how soon is local policy.
  int follow_up_workdays = 3;
  int follow_up_tries = 3;
  // Days after a closing within which it may be disputed, as long as administrative
  // reconsideration may be asked for (Administrative Reconsideration Law 20), and
  // working days within which what is reopened is closed again. Local policy.
  int dispute_days = 60;
  int reopened_workdays = 5;
  // Working days within which somebody judges whether a policy is for a household.
  // Ours: no rule names them.
  int judge_workdays = 3;
};

// The last day to which the next action of an open case may be put off, so
// that no case sleeps: the policy's working days from `today`, for an action of
// the officer's own or one that `waits` for a body.
absl::CivilDay LastDayToAct(bool waits, const Policy& policy, absl::CivilDay today);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_POLICY_RULES_H_
