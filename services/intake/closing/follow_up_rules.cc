#include "services/intake/closing/follow_up_rules.h"

namespace xxt::intake {

bool IsBad(Rating rating) {
  return rating != Rating::kVerySatisfied && rating != Rating::kSatisfied && rating != Rating::kFair;
}

std::optional<errors::Violation> FindContactFault(const ContactFact& contact, absl::Time since, bool reached,
                                                  const char* field) {
  if (!contact.with_person) {
    return errors::Violation{field, "对方须是当事人或亲属", "must be with the applicant or kin"};
  }
  if (contact.occur_time < since) {
    return errors::Violation{field, "发生得太早，不能作为依据", "happened before what it is to show"};
  }
  if (reached && contact.spoken) return std::nullopt;
  if (reached) return errors::Violation{field, "这次没有与人说上话", "nobody was spoken with in it"};
  if (!contact.reached) return std::nullopt;
  return errors::Violation{field, "这次联系上了，请登记结果", "somebody was reached in it"};
}

absl::CivilDay LastDayToDispute(const Policy& policy, absl::CivilDay closed) { return closed + policy.dispute_days; }

}  // namespace xxt::intake
