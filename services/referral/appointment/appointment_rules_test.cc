#include "services/referral/appointment/appointment_rules.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using enum AppointmentState;

constexpr AppointmentState kStates[] = {kProposed, kConfirmed, kMoved, kKept, kNoShow, kCancelled};
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::Time kLater = kNow + absl::Hours(30);

TEST(AppointmentStates, AreOverWhenItIsKeptOrCancelledAlone) {
  for (const AppointmentState state : kStates) EXPECT_EQ(IsOver(state), state == kKept || state == kCancelled);
}

TEST(AppointmentStates, WaitForTheBodyWhenATimeIsNew) {
  for (const AppointmentState state : kStates) EXPECT_EQ(MayConfirm(state), state == kProposed || state == kMoved);
}

TEST(MayMiss, IsNeverBeforeTheTimeNorTwiceNorOfWhatIsOver) {
  for (const AppointmentState state : kStates) {
    EXPECT_FALSE(MayMiss(state, kLater, kNow));
    const bool open = state == kProposed || state == kConfirmed || state == kMoved;
    EXPECT_EQ(MayMiss(state, kNow, kNow), open);
    EXPECT_EQ(MayMiss(state, kNow, kLater), open);
  }
}

TEST(TimeToAct, IsTheAppointmentsOwnOnlyOnceItIsConfirmed) {
  EXPECT_EQ(TimeToAct(kConfirmed, kLater, kNow), kLater);
  EXPECT_EQ(TimeToAct(kConfirmed, kNow, kLater), kLater) << "never in the past";
  for (const AppointmentState state : {kProposed, kMoved, kNoShow}) EXPECT_EQ(TimeToAct(state, kLater, kNow), kNow);
}

}  // namespace
}  // namespace xxt::referral
