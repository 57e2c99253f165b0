#ifndef XXT_SERVICES_INTAKE_ACTING_LIFE_EVENT_RULES_H_
#define XXT_SERVICES_INTAKE_ACTING_LIFE_EVENT_RULES_H_

#include <cstddef>
#include <vector>

namespace xxt::intake {

// What has happened to somebody; the proto's numbers.
enum class LifeEventKind { kDeath = 1, kIncapacity };

// Why somebody may take the matter on; the proto's numbers.
enum class SuccessionBasis { kHeir = 1, kWill, kGuardian, kAgreedGuardian };

// Whether a matter passes on that basis after such an event: what is inherited after a death, who is guarded without
// one.
bool Fits(LifeEventKind kind, SuccessionBasis basis);

// What a party is in its case; the proto's numbers.
enum class PartyRole { kApplicant = 1, kSubject, kBeneficiary, kKin, kProxy };

// A party of the case, at its place in the list.
struct PartyFacts {
  PartyRole role = PartyRole::kApplicant;
  bool may_act = true;  // neither dead nor unable, and no organisation
};

// Who of the parties may take the matter on, the likeliest first, by their places. An agent's mandate ends with who
// gave it, and makes nobody an heir or a guardian.
std::vector<std::size_t> FindSuccessors(const std::vector<PartyFacts>& parties);

// The basis on which kin are offered after such an event, until an officer knows better.
SuccessionBasis OfferedBasis(LifeEventKind kind);

// What is known of a party when something is to be recorded of it.
struct StandingFacts {
  bool deceased = false;
  bool not_told = false;
  bool successor_sought = false;  // after an earlier event of the same party
};

// Whether the event may be recorded: once, but that who could not act may die once it is known who has taken the matter
// on, or that nobody has.
bool MayRecord(LifeEventKind kind, const StandingFacts& facts);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_ACTING_LIFE_EVENT_RULES_H_
