#include "services/referral/appointment/appointment_rules.h"

#include <algorithm>

namespace xxt::referral {

bool IsOver(AppointmentState state) {
  return state == AppointmentState::kKept || state == AppointmentState::kCancelled;
}

bool MayConfirm(AppointmentState state) {
  return state == AppointmentState::kProposed || state == AppointmentState::kMoved;
}

bool MayMiss(AppointmentState state, absl::Time start, absl::Time now) {
  return !IsOver(state) && state != AppointmentState::kNoShow && now >= start;
}

absl::Time TimeToAct(AppointmentState state, absl::Time start, absl::Time now) {
  return state == AppointmentState::kConfirmed ? std::max(start, now) : now;
}

}  // namespace xxt::referral
