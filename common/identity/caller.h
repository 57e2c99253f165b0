#ifndef XXT_COMMON_IDENTITY_CALLER_H_
#define XXT_COMMON_IDENTITY_CALLER_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/identity/hall_scope.h"
#include "common/status/errors.h"

namespace xxt::identity {

// Who calls, as a verified token says.
struct Caller {
  std::string subject;             // "staff/wang" or "services/referral"
  std::string hall;                // as the token says, "halls/110102016"; empty for district staff and services
  std::vector<std::string> roles;  // "officer", "leader", …: common.v1.Role in lower case
  HallScope halls = {};            // what the roles that let the caller in allow; set at admission (rpc/admission.h)

  bool Has(absl::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }
};

// OTHER_HALL unless `caller` may touch resources of `hall`. `name` is what was
// asked for.
inline absl::Status CheckHall(const Caller& caller, absl::string_view hall, absl::string_view name) {
  if (caller.halls.Covers(hall)) return absl::OkStatus();
  return errors::OtherHall(name);
}

}  // namespace xxt::identity

#endif  // XXT_COMMON_IDENTITY_CALLER_H_
