#ifndef XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_
#define XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/status/errors.h"

namespace xxt::intake {

// Guards the end of a case: nothing closes untold, and "no" needs the most.

// The proto's numbers.
enum class Resolution {
  kResolved = 1,     // done; the outcome was confirmed by the person
  kGuided = 2,       // the person holds a checked route sheet
  kHandedOver = 3,   // another office has accepted it
  kWithdrawn = 4,    // the person does not want it any more, in their own word
  kNotPossible = 5,  // the only "no"
  kMerged = 6,       // the duplicate of another case, in which the matter goes on
};

// A contact of the log, as far as closing looks at it.
struct ContactFact {
  absl::Time occur_time;
  // The applicant, or kin or proxy who speaks for them, was at the other end.
  bool with_person = false;
  // It was the applicant.
  bool with_applicant = false;
  // Tried and not reached does not count as told.
  bool reached = false;
  // Somebody spoke with them: a message that arrived is neither telling nor their word.
  bool spoken = false;
  // The contact that counts instead, for this one was corrected.
  std::string corrected_by = {};
  // An office outside was at the other end.
  bool with_body = false;
};

// Another way that was tried or weighed before saying "no".
struct AlternativeFact {
  bool has_summary = false;
  bool has_outcome = false;
};

// How a case is to end: what there is of what may be needed.
struct ClosureFacts {
  Resolution resolution = Resolution::kResolved;
  bool has_explanation = false;                    // what is told to the person
  std::optional<ContactFact> told_in = {};         // where it was told; kWithdrawn: with the person's own word
  bool has_basis = false;                          // kNotPossible: law or rule
  std::vector<AlternativeFact> alternatives = {};  // kNotPossible: at least one, each with its outcome
  bool has_next_route = false;                     // kNotPossible: where the person may still turn
  bool has_acceptance = false;                     // kHandedOver: the office that accepted
  std::optional<ContactFact> accepted_in = {};     // kHandedOver: where it did, if it answered no referral that asks so
};

// A referral of the case, as far as closing looks at it.
struct ReferralFact {
  std::string name;
  bool open = false;
  // Ended without what was asked: not held, redirected, declined, no answer, cancelled.
  bool negative = false;
  // What followed on a negative end: the next referral, or what was done instead.
  std::string successor;
  // Somebody is to be fetched, or was and is not home yet.
  bool away = false;
};

// What is known of the case when somebody wants to close it.
struct CaseFacts {
  // What was told before that does not count.
  absl::Time opened_time;
  // In a contact that stands.
  bool outcome_confirmed = false;
  bool holds_route_sheet = false;
  // Its newest verdict on jurisdiction leads on: unclear, or not ours and helped along or not yet answered from above.
  bool leads_on = false;
  // That verdict says that it is not ours or unclear, whatever was answered from above.
  bool not_ours = false;
  // A body has answered that it takes the case over.
  bool taken_over = false;
  // The level above was asked and has not answered.
  bool awaits_escalation = false;
  // Originals that a body was sent and that are not back with their person.
  int unreturned_originals = 0;
  // It was reopened, and a body that had answered does not know.
  bool owes_retelling = false;
  // Its applicant is dead or cannot act, and who takes it on is not known yet.
  bool seeks_successor = false;
  std::vector<ReferralFact> referrals = {};
};

// Returns everything that is missing to close the case so, all at once; empty if nothing
// is. Who approves asks again: a referral opened since the proposal stands against it.
std::vector<errors::Violation> FindMissing(const CaseFacts& facts, const ClosureFacts& closure, absl::Time now);

// What of that hangs on how far the case itself is: what is under way and would vanish with its end, however it ends.
std::vector<errors::Violation> FindUnfinished(const CaseFacts& facts, Resolution resolution);

// Whether nobody who owns the case or owned it may review its end: of a "no", and of handing on what the hall has found
// not to be its own, which is the "no" of a counter under another name.
bool NeedsOutsider(const CaseFacts& facts, Resolution resolution);

// Whether `reviewer` ("staff/li") may review what `proposer` has proposed: never oneself, nor one of `owners` where an
// outsider is needed.
bool MayReview(bool needs_outsider, absl::string_view proposer, const std::vector<std::string>& owners,
               absl::string_view reviewer);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CLOSING_CLOSURE_RULES_H_
