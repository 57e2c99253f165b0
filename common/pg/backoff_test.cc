#include "common/pg/backoff.h"

#include <gtest/gtest.h>

#include "common/testing/clocks.h"

namespace xxt::pg {
namespace {

// Tries of a caller that never rests, all of which fail at once.
int TriesWithin(Backoff& backoff, absl::Duration within) {
  int tries = 0;
  for (absl::Duration passed; passed < within; passed += absl::Milliseconds(5)) {
    if (backoff.Begin()) {
      ++tries;
      backoff.Failed(SteadyTime::Now());
    }
    test::PassTime(absl::Milliseconds(5));
  }
  return tries;
}

TEST(Backoff, TriesLessAndLessOftenAndNeverRestsForLong) {
  Backoff backoff;
  const int first = TriesWithin(backoff, absl::Seconds(1));
  EXPECT_GE(first, 3);
  EXPECT_LE(first, 7);
  TriesWithin(backoff, absl::Seconds(10));
  for (int i = 0; i < 10; ++i) {
    const int later = TriesWithin(backoff, 2 * Backoff::kLongest);
    EXPECT_GE(later, 1);
    EXPECT_LE(later, 5);
  }
}

TEST(Backoff, ForgetsAllOnceATrySucceeded) {
  Backoff backoff;
  TriesWithin(backoff, absl::Seconds(10));
  backoff.Succeeded();
  EXPECT_TRUE(backoff.Begin());
  EXPECT_TRUE(backoff.Begin());
  EXPECT_GE(TriesWithin(backoff, absl::Seconds(1)), 3);
}

TEST(Backoff, CountsTriesThatBeganTogetherOnce) {
  Backoff backoff;
  const SteadyTime began = SteadyTime::Now();
  test::PassTime(absl::Milliseconds(1));
  for (int i = 0; i < 9; ++i) backoff.Failed(began);
  test::PassTime(Backoff::kFirst);
  EXPECT_TRUE(backoff.Begin());
}

TEST(Backoff, TriesAgainBesideATryThatIsNotAnswered) {
  Backoff backoff;
  TriesWithin(backoff, absl::Seconds(10));
  test::PassTime(Backoff::kLongest);
  EXPECT_TRUE(backoff.Begin());
  EXPECT_FALSE(backoff.Begin());
  test::PassTime(Backoff::kLongest);
  EXPECT_TRUE(backoff.Begin());
}

TEST(Backoff, ATryFromBeforeASuccessHoldsUpNobody) {
  Backoff backoff;
  const SteadyTime began = SteadyTime::Now();
  test::PassTime(absl::Milliseconds(1));
  backoff.Succeeded();
  backoff.Failed(began);
  EXPECT_TRUE(backoff.Begin());
}

}  // namespace
}  // namespace xxt::pg
