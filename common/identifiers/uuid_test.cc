#include "common/identifiers/uuid.h"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

const absl::Time kNow = absl::FromUnixMillis(0x019A'0000'0000);

TEST(NewUuid, CarriesTheMillisecondsAndTheVersion) {
  const std::string id = NewUuid(kNow);
  EXPECT_TRUE(IsUuid(id)) << id;
  EXPECT_EQ(id.substr(0, 15), "019a0000-0000-7");
}

TEST(NewUuid, EndsWithTheCellThatMadeIt) {
  EXPECT_EQ(CellOf(NewUuid(kNow)), 0);
  SetOwnCell(0xA7);
  std::string id;
  for (int i = 0; i < 1'000; ++i) id = NewUuid(kNow);
  SetOwnCell(0);
  EXPECT_TRUE(IsUuid(id)) << id;
  EXPECT_EQ(id.substr(32), "00a7");
  EXPECT_EQ(CellOf(id), 0xA7);
}

TEST(CellOf, IsThatOfTheRootWhichANameBeginsWith) {
  const std::string root = "cases/019a0000-0000-7000-8000-0000000000a7";
  EXPECT_EQ(CellOf(root), 0xA7);
  EXPECT_EQ(CellOf(root + "/parties/019a0000-0000-7000-8000-0000000000b8"), 0xA7);
  EXPECT_EQ(CellOf("bodies/babaoshan/ruleNotes/019a0000-0000-7000-8000-0000000000b8"), 0xB8);
  for (const char* without : {"", "cases/", "halls/110102016", "cases/-"}) {
    EXPECT_EQ(CellOf(without), std::nullopt) << without;
  }
}

TEST(CellOf, IsNoneOfAnIdWhoseDigitsAreRandom) {
  const std::string root = "cases/00000000-0000-4000-8000-0000000000a7";
  EXPECT_EQ(CellOf(root), std::nullopt);
  EXPECT_EQ(CellOf(root + "/parties/019a0000-0000-7000-8000-0000000000b8"), std::nullopt);
}

TEST(ParseCell, ReadsWhatCellNameWrites) {
  for (const int cell : {0, 0xA7, 0xFFFF}) EXPECT_EQ(ParseCell(CellName(static_cast<Cell>(cell))), cell);
  for (const char* other : {"", "a7", "00A7", "000g", "000a7"}) EXPECT_EQ(ParseCell(other), std::nullopt) << other;
}

TEST(NewUuid, GrowsWhileTheClockStandsStillOrGoesBack) {
  std::vector<std::string> ids;
  ids.reserve(20'000);
  for (int i = 0; i < 20'000; ++i) ids.push_back(NewUuid(kNow + absl::Seconds(1) - absl::Milliseconds(i % 3)));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(NewUuid, GrowsWithTheClock) {
  const std::string earlier = NewUuid(kNow + absl::Seconds(2));
  EXPECT_LT(earlier, NewUuid(kNow + absl::Seconds(3)));
}

TEST(NewUuid, TakesATimeBefore1970) { EXPECT_TRUE(IsUuid(NewUuid(absl::FromUnixSeconds(-1)))); }

TEST(NewUuid, IsUniqueAndAscendingInEachOfManyThreads) {
  constexpr int kThreads = 4;
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::vector<std::string>& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < 5'000; ++i) ids.push_back(NewUuid(kNow + absl::Seconds(4)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> all;
  for (const std::vector<std::string>& ids : made) {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    all.insert(all.end(), ids.begin(), ids.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(IsUuid, AcceptsVersions4And7InCanonicalForm) {
  EXPECT_TRUE(IsUuid("919108f7-52d1-4320-9bac-f847db4148a8"));  // RFC 9562, A.3
  EXPECT_TRUE(IsUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));  // RFC 9562, A.6
}

TEST(IsUuid, RefusesEveryOtherSpelling) {
  for (const char* text : {"", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                           "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                           "017f22e2-79b0-0cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-08c4-dc0c0c07398f",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
                           "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_FALSE(IsUuid(text)) << text;
  }
}

}  // namespace
}  // namespace xxt::identifiers
