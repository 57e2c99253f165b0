#ifndef XXT_SERVICES_INTAKE_CLOSING_MERGE_RULES_H_
#define XXT_SERVICES_INTAKE_CLOSING_MERGE_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/status/errors.h"

namespace xxt::intake {

// What a duplicate and the case that it is merged into have to do with each other.
struct MergeFacts {
  bool same_case = false;
  bool same_hall = false;
  // Keyed hashes of the applicants' numbers, of one kind each; empty: not known.
  std::string number_of_merged;
  std::string number_of_kept;
  bool says_why_same_person = false;
};

// Why the two cannot be one; nullopt if they can. Other numbers are other people whatever is said.
std::optional<errors::Violation> FindMergeFault(const MergeFacts& facts);

// The kinds of tasks that a duplicate may have: those that end with it, and those that go on as they do under a case
// that is closed (a mandate until its day, aftercare, policies that are watched, what is on its way to the person).
const std::vector<std::string>& KindsThatMayStand();

// What must be done first about an open task of any other kind ("promise.due") about `subject`.
errors::Violation ToSettleFirst(absl::string_view kind, std::string subject);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CLOSING_MERGE_RULES_H_
