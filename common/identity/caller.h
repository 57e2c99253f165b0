#ifndef XXT_COMMON_IDENTITY_CALLER_H_
#define XXT_COMMON_IDENTITY_CALLER_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/status/errors.h"

namespace xxt::identity {

// Who calls, as a verified token says.
struct Caller {
  std::string subject;             // "staff/wang" or "services/referral"
  std::string hall;                // "halls/110102016"; empty for district staff and services
  std::vector<std::string> roles;  // "officer", "leader", …: common.v1.Role in lower case

  bool Has(absl::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }
  // District staff and services act across halls.
  bool all_halls() const { return Has("district") || Has("service"); }
};

// OTHER_HALL unless `caller` may touch resources of `hall`. `name` is what was
// asked for.
inline absl::Status CheckHall(const Caller& caller, absl::string_view hall, absl::string_view name) {
  if (caller.all_halls() || caller.hall == hall) return absl::OkStatus();
  return errors::OtherHall(name);
}

}  // namespace xxt::identity

#endif  // XXT_COMMON_IDENTITY_CALLER_H_
