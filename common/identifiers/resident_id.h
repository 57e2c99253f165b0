#ifndef XXT_COMMON_IDENTIFIERS_RESIDENT_ID_H_
#define XXT_COMMON_IDENTIFIERS_RESIDENT_ID_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace xxt::identifiers {

// Holds a resident identity number (居民身份证号码, GB 11643) known to be well formed.
//
// The division code (first six digits) is that of registration and is never checked
// against today's list: abolished divisions live on in their people's numbers.
// Sensitive personal data: log and send Masked() only. No message made here repeats it.
class ResidentId {
 public:
  // Takes 18 characters, spaces around them and a lower-case x allowed.
  // Errors: INVALID_ARGUMENT if the length, a character, the check digit or the birth
  // date is wrong, or the birth date is after `today`.
  static absl::StatusOr<ResidentId> Parse(absl::string_view text, absl::CivilDay today);

  // All 18 characters, with X in upper case.
  const std::string& value() const { return value_; }
  absl::CivilDay birth_day() const { return birth_day_; }

  // First three and last four characters: "110***********002X".
  std::string Masked() const;

  friend bool operator==(const ResidentId& a, const ResidentId& b) { return a.value_ == b.value_; }

 private:
  ResidentId(std::string value, absl::CivilDay birth_day) : value_(std::move(value)), birth_day_(birth_day) {}

  std::string value_;
  absl::CivilDay birth_day_;
};

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_RESIDENT_ID_H_
