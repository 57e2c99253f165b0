#ifndef XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_
#define XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::intake {

// Guards the end of a case: nothing closes untold, and "no" needs the most.

// Where the case stands.
enum class CaseState { kInProgress, kClosureProposed, kClosed };

enum class Resolution {
  kResolved,     // done; the outcome was confirmed by the person
  kGuided,       // the person holds a checked route sheet
  kHandedOver,   // another office has accepted it
  kWithdrawn,    // the person does not want it any more, in their own word
  kNotPossible,  // the only "no"
};

// Another way that was tried or weighed before saying "no".
struct Alternative {
  std::string summary;
  std::string outcome;
};

// How a case is to end.
struct Closure {
  Resolution resolution = Resolution::kResolved;
  std::string explanation;                // what is told to the person
  std::string told_in;                    // contact in which it was told; kWithdrawn: with the person's own word
  std::string basis;                      // kNotPossible: law or rule
  std::vector<Alternative> alternatives;  // kNotPossible: at least one, each with its outcome
  std::string next_route;                 // kNotPossible: where the person may still turn
  std::string accepted_by;                // kHandedOver: the office that accepted
};

// A contact of the log, as far as closing looks at it.
struct ContactFact {
  std::string name;
  absl::Time occur_time;
  // The applicant, or kin or proxy who speaks for them, was at the other end.
  bool with_person = false;
  // Tried and not reached does not count as told.
  bool reached = false;
};

// A referral of the case, as far as closing looks at it.
struct ReferralFact {
  std::string name;
  bool open = false;
  // Ended without what was asked: not held, redirected, declined, no answer, cancelled.
  bool negative = false;
  // What followed on a negative end: the next referral, or what was done instead.
  std::string successor;
};

// What is known of the case when somebody wants to close it.
struct CaseFacts {
  CaseState state = CaseState::kInProgress;
  std::string owner;
  // What was told before that does not count.
  absl::Time opened_time;
  bool outcome_confirmed = false;
  bool holds_route_sheet = false;
  std::vector<ContactFact> contacts;
  std::vector<ReferralFact> referrals;
};

// What can be wrong with a closure or its review.
enum class ClosureProblem {
  kStateForbids,
  kExplanationMissing,
  kNotTold,
  kOutcomeUnconfirmed,
  kRouteMissing,
  kAcceptanceMissing,
  kPersonsWordMissing,
  kBasisMissing,
  kAlternativesMissing,
  kAlternativeOutcomeMissing,
  kNextRouteMissing,
  kReferralOpen,
  kSuccessorMissing,
  kSecondReviewerNeeded,
  kCommentMissing,
};

// One thing that is missing, told to a person. The texts hold no personal data.
struct ClosureViolation {
  ClosureProblem problem = ClosureProblem::kStateForbids;
  std::string field;  // "closure.alternatives[0].outcome"
  std::string text_zh;
  std::string text_en;
};

// Returns everything that stands against proposing to close the case so, all at once;
// empty if nothing does.
std::vector<ClosureViolation> FindClosureProblems(const CaseFacts& facts, const Closure& closure, absl::Time now);

// A closure waiting for its reviewer.
struct ProposedClosure {
  Closure closure;
  std::string proposer;
};

// What the reviewer says.
struct Review {
  bool approve = false;
  std::string comment;  // what else to try; mandatory to return
};

// Returns everything that stands against this review by `reviewer` ("staff/li"), who is
// never the proposer, and of a "no" not the owner either. The facts are looked at again:
// a referral opened since the proposal stands against approving.
std::vector<ClosureViolation> FindReviewProblems(const CaseFacts& facts, const ProposedClosure& proposed,
                                                 const Review& review, absl::string_view reviewer, absl::Time now);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_
