#ifndef XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_RULES_H_
#define XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_RULES_H_

#include "absl/time/time.h"

namespace xxt::referral {

// What may become of an appointment, and when somebody has to see to it.

// The proto's numbers.
enum class AppointmentState { kProposed = 1, kConfirmed, kMoved, kKept, kNoShow, kCancelled };

// As far ahead as anything is agreed with a body. What is said to be later is a slip of the pen; it would be nobody's
// work until then.
inline constexpr absl::Duration kFarthestAhead = absl::Hours(24 * 366);

// Whether nothing more becomes of it. A no-show does: another time is found, or it is cancelled.
bool IsOver(AppointmentState state);

// Whether it waits for the body's word.
bool MayConfirm(AppointmentState state);

// Whether it may be written down that nobody came: not before its time. That somebody came may be said of any that is
// not over: people are early, and somebody who was missed comes after all.
bool MayMiss(AppointmentState state, absl::Time start, absl::Time now);

// When somebody has to see to one that is not over: at its time if it is confirmed, else now.
absl::Time TimeToAct(AppointmentState state, absl::Time start, absl::Time now);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_RULES_H_
