// That every tampering with a sealed ledger is found where it was done, and nothing is found where nobody tampered.

#include "common/events/chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/identifiers/uuid.h"
#include "common/testing/keys.h"

namespace xxt::events {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'796'000'000);

// A ledger of which key 1 has sealed the first half, and key 2 the rest, a block a minute.
struct Ledger {
  std::vector<Block> blocks;
  std::vector<Record> events;
  seal::Keyring keys = test::KeysOf({2, 1});
  std::map<std::uint32_t, absl::Time> used_until;
  absl::Time events_from = absl::InfinitePast();
  absl::Time blocks_from = absl::InfinitePast();
  std::optional<Head> head;

  absl::Time end() const { return blocks.back().seal_time; }

  Checked Check() const {
    std::size_t block = 0;
    std::size_t event = 0;
    return events::Check([&] { return block < blocks.size() ? std::make_optional(blocks[block++]) : std::nullopt; },
                         [&] { return event < events.size() ? std::make_optional(events[event++]) : std::nullopt; },
                         {keys, used_until, end() + absl::Seconds(1), events_from, blocks_from, head});
  }

  // Seals `of` as block `number`, behind what is in front of it.
  Block Sealed(std::size_t number, std::uint32_t key, const std::vector<Record>& of) const {
    Block block;
    block.number = static_cast<std::int64_t>(number);
    block.seal_time = kStart + absl::Minutes(block.number);
    block.previous_time = number == 1 ? absl::UnixEpoch() : blocks[number - 2].seal_time;
    block.previous_hash = number == 1 ? std::string(kHash, '\0') : blocks[number - 2].hash;
    block.oldest_time = block.seal_time;
    block.key = key;
    for (const Record& one : of) {
      block.oldest_time = std::min(block.oldest_time, one.record_time);
      block.leaves += LeafOf(one);
    }
    Vouch(&block);
    return block;
  }
  void Vouch(Block* block) const {
    block->hash = HashOf(*block);
    block->mac = MacOf(*block, keys);
  }
};

Record Made(std::size_t at, std::size_t block) {
  const auto number = static_cast<std::int64_t>(at);
  const absl::Time time =
      kStart + absl::Minutes(static_cast<std::int64_t>(block)) - absl::Milliseconds(1000 - number % 1000);
  return {{identifiers::NewUuid(time), "case.created.v1", absl::StrCat("cases/", number), "halls/110102016",
           "staff/wang", "新诉求", time - absl::Hours(1)},
          {static_cast<std::uint64_t>(1000 + number / 2), number},
          time};
}

class ChainTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBlocks = 24;

  ChainTest() {
    for (std::size_t number = 1; number <= kBlocks; ++number) {
      first_of_.push_back(ledger_.events.size());
      std::vector<Record> of;
      for (std::size_t i = Up(2) + 1; i > 0; --i) of.push_back(Made(ledger_.events.size() + of.size(), number));
      ledger_.events.insert(ledger_.events.end(), of.begin(), of.end());
      ledger_.blocks.push_back(ledger_.Sealed(number, number <= kBlocks / 2 ? 1 : 2, of));
    }
    ledger_.used_until = {{1, ledger_.blocks[kBlocks / 2 - 1].seal_time}, {2, ledger_.end()}};
  }

  std::size_t Up(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }
  std::size_t AnyEvent() { return Up(ledger_.events.size() - 1); }
  std::size_t BlockOf(std::size_t event) const {
    return static_cast<std::size_t>(std::upper_bound(first_of_.begin(), first_of_.end(), event) - first_of_.begin());
  }
  std::vector<Record> EventsOf(std::size_t number) const {
    const std::size_t end = number == kBlocks ? ledger_.events.size() : first_of_[number];
    return {ledger_.events.begin() + static_cast<std::ptrdiff_t>(first_of_[number - 1]),
            ledger_.events.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  void Expect(const Ledger& ledger, Flaw flaw, std::size_t block, std::optional<std::string> event = std::nullopt) {
    const Checked checked = ledger.Check();
    ASSERT_TRUE(checked.finding.has_value());
    ASSERT_EQ(checked.finding->flaw, flaw);
    ASSERT_EQ(checked.finding->block, static_cast<std::int64_t>(block));
    if (event.has_value()) ASSERT_EQ(checked.finding->event, *event);
  }

  // Does it to a copy, at any event, again and again.
  void Tamper(const std::function<void(Ledger&, std::size_t event)>& how) {
    for (int turn = 0; turn < 1'000 && !HasFailure(); ++turn) {
      Ledger ledger = ledger_;
      how(ledger, AnyEvent());
    }
  }
  static std::vector<Record>::iterator At(Ledger& ledger, std::size_t event) {
    return ledger.events.begin() + static_cast<std::ptrdiff_t>(event);
  }

  std::mt19937 random_{20261128};
  Ledger ledger_;
  std::vector<std::size_t> first_of_;  // the first event of each block
};

TEST_F(ChainTest, NothingIsFoundWhereNobodyTampered) {
  const Checked checked = ledger_.Check();
  EXPECT_FALSE(checked.finding.has_value());
  EXPECT_EQ(checked.events, static_cast<std::int64_t>(ledger_.events.size()));
  EXPECT_EQ(checked.last_block, 24);
  EXPECT_EQ(checked.first_whole_block, 1);
  EXPECT_EQ(checked.unproven, 0);
  EXPECT_EQ(checked.unsealed, 0);
}

// What must be in the hash of an event: all of it but where it stands.
TEST_F(ChainTest, OfAnEventEverythingCounts) {
  const std::vector<std::function<void(Record*)>> changes = {
      [](Record* one) { one->event.id = identifiers::NewUuid(kStart); },
      [](Record* one) { one->event.type += "x"; },
      [](Record* one) { one->event.subject = "cases/other"; },
      [](Record* one) { one->event.hall = "halls/1"; },
      [](Record* one) { one->event.actor = "staff/li"; },
      [](Record* one) { one->event.summary.pop_back(); },
      [](Record* one) { one->event.time += absl::Microseconds(1); },
      [](Record* one) { one->record_time -= absl::Microseconds(1); },
      // The end of one text and the beginning of the next.
      [](Record* one) {
        one->event.actor += one->event.summary.front();
        one->event.summary.erase(0, 1);
      },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    Ledger ledger = ledger_;
    const std::size_t event = AnyEvent();
    changes[i](&ledger.events[event]);
    Expect(ledger, Flaw::kChanged, BlockOf(event), ledger.events[event].event.id);
  }
}

// Whoever has no key can change nothing of a block.
TEST_F(ChainTest, OfABlockEverythingCounts) {
  const std::vector<std::function<void(Block*)>> changes = {
      [](Block* one) { ++one->number; },
      [](Block* one) { one->seal_time += absl::Microseconds(1); },
      [](Block* one) { one->previous_time -= absl::Microseconds(1); },
      [](Block* one) { one->previous_hash[0] ^= 1; },
      [](Block* one) { one->oldest_time -= absl::Microseconds(1); },
      [](Block* one) { ++one->key; },
      [](Block* one) { one->leaves.back() ^= 1; },
      [](Block* one) { one->leaves.resize(one->leaves.size() - kHash); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Block changed = ledger_.blocks[7];
    changes[i](&changed);
    EXPECT_NE(HashOf(changed), ledger_.blocks[7].hash) << i;
  }
}

// Of each sort a thousand, ten sorts.
TEST_F(ChainTest, AnEditIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    ledger.events[event].event.actor = "staff/li";
    Expect(ledger, Flaw::kChanged, BlockOf(event), ledger.events[event].event.id);
  });
}

TEST_F(ChainTest, ADeletedEventIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::string next = event + 1 == ledger.events.size() ? "" : ledger.events[event + 1].event.id;
    ledger.events.erase(At(ledger, event));
    Expect(ledger, Flaw::kMissing, BlockOf(event), next);
  });
}

TEST_F(ChainTest, DeletedEventsAtTheEndAreFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    ledger.events.resize(event);
    Expect(ledger, Flaw::kMissing, BlockOf(event), "");
  });
}

TEST_F(ChainTest, AnInsertedEventIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const Record made = Made(event, BlockOf(event));
    ledger.events.insert(At(ledger, event), made);
    Expect(ledger, Flaw::kInserted, BlockOf(event), made.event.id);
  });
}

TEST_F(ChainTest, AnotherOrderIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::size_t other = (event + 1 + Up(ledger.events.size() - 2)) % ledger.events.size();
    std::swap(ledger.events[event], ledger.events[other]);
    const std::size_t first = std::min(event, other);
    Expect(ledger, Flaw::kOrder, BlockOf(first), ledger.events[first].event.id);
  });
}

// Blocks and events alike, as if they had never been.
TEST_F(ChainTest, ATailThatWasCutOffIsFoundByAKeptHead) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::size_t left = std::min(BlockOf(event), kBlocks - 1);
    ledger.blocks.resize(left);
    ledger.events.resize(first_of_[left]);
    ASSERT_FALSE(ledger.Check().finding.has_value());
    ledger.head = Head{kBlocks, ledger_.blocks.back().hash};
    Expect(ledger, Flaw::kTruncated, kBlocks);
  });
}

TEST_F(ChainTest, AllThatIsWrittenAnewWithAReplacedKeyIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::size_t number = BlockOf(event);
    ledger.events[event].event.actor = "staff/li";
    std::vector<Record> of = EventsOf(number);
    of[event - first_of_[number - 1]] = ledger.events[event];
    ledger.blocks.resize(number - 1);
    for (std::size_t at = number; at <= kBlocks; ++at) {
      ledger.blocks.push_back(ledger.Sealed(at, 1, at == number ? of : EventsOf(at)));
    }
    // Behind blocks of the new one at once; else when it has sealed for ten minutes after its time.
    Expect(ledger, Flaw::kOldKey, number > kBlocks / 2 + 1 ? number : kBlocks / 2 + 11);
  });
}

TEST_F(ChainTest, ABlockThatWasWrittenAnewWithItsKeyIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::size_t number = std::min(BlockOf(event), kBlocks - 1);
    std::vector<Record> of = EventsOf(number);
    of[0].event.actor = "staff/li";
    ledger.events[first_of_[number - 1]] = of[0];
    ledger.blocks[number - 1] = ledger.Sealed(number, ledger.blocks[number - 1].key, of);
    Expect(ledger, Flaw::kFork, number + 1);
    ledger.head = Head{number, ledger_.blocks[number - 1].hash};
    Expect(ledger, Flaw::kFork, number);
  });
}

TEST_F(ChainTest, ABlockThatWasWrittenAnewWithoutTheKeyIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    Block& block = ledger.blocks[BlockOf(event) - 1];
    block.leaves[Up(block.leaves.size() - 1)] ^= 1;
    Expect(ledger, Flaw::kBlockChanged, BlockOf(event));
    block.hash = HashOf(block);
    Expect(ledger, Flaw::kMac, BlockOf(event));
  });
}

TEST_F(ChainTest, ABlockThatIsMissingOrThereTwiceIsFound) {
  Tamper([this](Ledger& ledger, std::size_t event) {
    const std::size_t number = std::min(BlockOf(event), kBlocks - 1);
    const auto at = ledger.blocks.begin() + static_cast<std::ptrdiff_t>(number - 1);
    if (event % 2 == 0) {
      ledger.blocks.erase(at);
      Expect(ledger, Flaw::kBlockMissing, number + 1);
    } else {
      ledger.blocks.insert(at, Block(*at));
      Expect(ledger, Flaw::kFork, number);
    }
  });
}

// All later ones are told as such, too, if nobody seals them.
TEST_F(ChainTest, BlocksTakenAwayLeaveEventsThatNobodySealed) {
  ledger_.blocks.resize(14);
  const std::size_t first = first_of_[14];
  const Checked soon = ledger_.Check();
  EXPECT_FALSE(soon.finding.has_value()) << "they may just be sealed";
  EXPECT_EQ(soon.unsealed, static_cast<std::int64_t>(ledger_.events.size() - first));
  for (std::size_t i = first; i < ledger_.events.size(); ++i) ledger_.events[i].record_time -= absl::Hours(1);
  Expect(ledger_, Flaw::kUnsealed, 0, ledger_.events[first].event.id);
}

// Months of events are dropped when their term has ended, and later their blocks.
TEST_F(ChainTest, WhatIsGoneByItsAgeIsNoFlaw) {
  const std::size_t dropped = first_of_[10] + 1;
  ledger_.events.erase(ledger_.events.begin(), ledger_.events.begin() + static_cast<std::ptrdiff_t>(dropped));
  Expect(ledger_, Flaw::kMissing, 1);
  ledger_.events_from = ledger_.events[0].record_time;
  Checked checked = ledger_.Check();
  EXPECT_FALSE(checked.finding.has_value());
  EXPECT_EQ(checked.aged, static_cast<std::int64_t>(dropped));
  EXPECT_EQ(checked.first_whole_block, 12);
  ledger_.blocks.erase(ledger_.blocks.begin(), ledger_.blocks.begin() + 5);
  Expect(ledger_, Flaw::kBlockMissing, 6);
  ledger_.blocks_from = ledger_.blocks[0].seal_time;
  ledger_.head = Head{5, "any"};
  checked = ledger_.Check();
  EXPECT_FALSE(checked.finding.has_value());
  EXPECT_TRUE(checked.head_aged);
  // Within the term nothing is forgiven.
  const std::size_t event = 20;
  const std::string id = ledger_.events[event].event.id;
  ledger_.events[event].event.actor = "staff/li";
  const Checked changed = ledger_.Check();
  ASSERT_TRUE(changed.finding.has_value());
  EXPECT_EQ(changed.finding->event, id);
}

// Their own key is gone; the next one vouches for them, for it has sealed their hashes.
TEST_F(ChainTest, BlocksOfAKeyThatWasTakenOutAreVouchedForByTheNext) {
  ledger_.keys = test::KeysOf({2});
  const Checked checked = ledger_.Check();
  EXPECT_FALSE(checked.finding.has_value());
  EXPECT_EQ(checked.unproven, 12);
  ledger_.keys = test::KeysOf({1});
  Expect(ledger_, Flaw::kMac, kBlocks / 2 + 1);
}

TEST_F(ChainTest, OtherKeysOfTheSameNumbersVouchForNothing) {
  ledger_.keys = test::KeysOf({2, 1}, /*salt=*/7);
  Expect(ledger_, Flaw::kMac, 1);
}

TEST_F(ChainTest, AKeptHeadThatIsThereIsGood) {
  ledger_.head = Head{17, ledger_.blocks[16].hash};
  EXPECT_FALSE(ledger_.Check().finding.has_value());
}

}  // namespace
}  // namespace xxt::events
