#include "common/rpc/clock_service.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/errors.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"

namespace xxt::rpc {
namespace {

using xixinting::common::v1::AdvanceClockRequest;

const absl::Time kReal = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 27), 9, 0);

// How far it goes from a week ahead of the real time on; what it is refused for otherwise.
std::string Advanced(const std::string& request) {
  const auto step = StepOf(test::Text<AdvanceClockRequest>(request), kReal + absl::Hours(24 * 7), kReal);
  return step.ok() ? absl::StrCat(absl::ToInt64Seconds(*step), " s") : errors::ReasonOf(step.status());
}

TEST(AdvanceClock, GoesForwardByAStepOrToATime) {
  EXPECT_EQ(Advanced("by { seconds: 7200 }"), "7200 s");
  EXPECT_EQ(Advanced("to: '2026-12-04T09:30'"), "1800 s");
  EXPECT_EQ(Advanced("to: '2026-12-04T08:59'"), "FIELD_INVALID");
  EXPECT_EQ(Advanced("by { seconds: -1 }"), "FIELD_INVALID");
  EXPECT_EQ(Advanced(""), "FIELD_INVALID");
}

TEST(AdvanceClock, GoesNoFurtherThanServicesCount) {
  constexpr std::int64_t kYear = 365 * 86400;
  EXPECT_NE(Advanced(absl::StrCat("by { seconds: ", 99 * kYear, " }")), "FIELD_INVALID");
  for (const std::int64_t years : {std::int64_t{101}, std::int64_t{10'000}}) {
    EXPECT_EQ(Advanced(absl::StrCat("by { seconds: ", years * kYear, " }")), "FIELD_INVALID") << years;
  }
  EXPECT_EQ(Advanced("by { seconds: 9223372036854775807 }"), "FIELD_INVALID");
  EXPECT_NE(Advanced("to: '2125-01-01T09:00'"), "FIELD_INVALID");
  EXPECT_EQ(Advanced("to: '9999-01-01T09:00'"), "FIELD_INVALID");
}

}  // namespace
}  // namespace xxt::rpc
