#include "common/events/chain.h"

#include <set>

#include "absl/strings/string_view.h"

namespace xxt::events {
namespace {

// A service notes each minute which key it uses.
constexpr absl::Duration kNotedLate = absl::Minutes(10);
// For what is sealed within a second, if a sealer runs.
constexpr absl::Duration kSealedBy = absl::Minutes(5);

class Walk {
 public:
  Walk(const std::function<std::optional<Block>()>& next_block,
       const std::function<std::optional<Record>()>& next_event, const Trust& trust)
      : next_block_(next_block), next_event_(next_event), trust_(trust) {}

  Checked Run() {
    Advance();
    while (!checked_.finding.has_value()) {
      std::optional<Block> block = next_block_();
      if (!block.has_value()) break;
      if (!OfBlock(*block)) break;
      OfEvents(*block);
      last_ = std::move(block);
    }
    if (last_.has_value()) {
      checked_.last_block = last_->number;
      checked_.last_hash = last_->hash;
    }
    if (!checked_.finding.has_value()) AtTheEnd();
    return std::move(checked_);
  }

 private:
  void Advance() {
    if (event_.has_value()) before_ = event_->position;
    event_ = next_event_();
    leaf_ = event_.has_value() ? LeafOf(*event_) : "";
  }

  // False: it was found.
  bool Found(Flaw flaw, std::int64_t block) {
    checked_.finding = Finding{flaw, block, std::nullopt, ""};
    if (event_.has_value()) {
      checked_.finding->position = event_->position;
      checked_.finding->event = event_->event.id;
    } else if (before_ != Position{}) {
      checked_.finding->position = before_;
    }
    return false;
  }

  bool OfBlock(const Block& block) {
    if (!OfPlace(block)) return false;
    if (HashOf(block) != block.hash || block.leaves.empty() || block.leaves.size() % kHash != 0) {
      return Found(Flaw::kBlockChanged, block.number);
    }
    if (trust_.head.has_value() && trust_.head->first == block.number && trust_.head->second != block.hash) {
      return Found(Flaw::kFork, block.number);
    }
    return OfKey(block);
  }

  // Behind the block before.
  bool OfPlace(const Block& block) {
    if (!last_.has_value()) {
      checked_.first_block = block.number;
      if (block.number > 1 && block.previous_time < trust_.blocks_from) return true;
      if (block.number != 1) return Found(Flaw::kBlockMissing, block.number);
      const bool begins = block.previous_hash == std::string(kHash, '\0');
      return begins || Found(Flaw::kFork, block.number);
    }
    if (block.number > last_->number + 1) return Found(Flaw::kBlockMissing, block.number);
    const bool follows = block.number == last_->number + 1 && block.previous_hash == last_->hash &&
                         block.previous_time == last_->seal_time;
    return follows || Found(Flaw::kFork, block.number);
  }

  bool OfKey(const Block& block) {
    if (trust_.keys.Knows(block.key) && block.key != seal::Keyring::kSearchId) {
      if (MacOf(block, trust_.keys) != block.mac) return Found(Flaw::kMac, block.number);
      unproven_.reset();
    } else {
      if (!unproven_.has_value()) unproven_ = block.number;
      ++checked_.unproven;
    }
    const bool came_back = last_.has_value() && last_->key != block.key && keys_.count(block.key) > 0;
    keys_.insert(block.key);
    const auto used = trust_.used_until.find(block.key);
    const bool in_use = used != trust_.used_until.end() && block.seal_time <= used->second + kNotedLate;
    return (in_use && !came_back) || Found(Flaw::kOldKey, block.number);
  }

  void OfEvents(const Block& block) {
    const bool may_be_gone = block.oldest_time < trust_.events_from;
    if (!may_be_gone && checked_.first_whole_block == 0) checked_.first_whole_block = block.number;
    // Of blocks that are gone by their age. Their events should be, too.
    while (!last_.has_value() && block.number > 1 && event_.has_value() && event_->record_time < trust_.events_from &&
           !Has(block.leaves, 0, leaf_)) {
      Advance();
    }
    for (std::size_t at = 0; at < block.leaves.size(); at += kHash) {
      const absl::string_view leaf = absl::string_view(block.leaves).substr(at, kHash);
      if (leaf_ == leaf) {
        ++checked_.events;
        Advance();
      } else if (may_be_gone) {
        ++checked_.aged;
      } else {
        Explain(block, at);
        return;
      }
    }
  }

  // Another event, or none, is where the one whose hash is at `at` should be: looks for both in all that follows.
  void Explain(const Block& block, std::size_t at) {
    const std::string wanted = block.leaves.substr(at, kHash);
    const std::string there = leaf_;
    Found(Flaw::kMissing, block.number);
    if (there.empty()) return;
    bool comes_later = false;
    while (!comes_later && event_.has_value()) {
      comes_later = leaf_ == wanted;
      Advance();
    }
    bool belongs_later = Has(block.leaves, at + kHash, there);
    while (!belongs_later) {
      const std::optional<Block> next = next_block_();
      if (!next.has_value()) break;
      belongs_later = Has(next->leaves, 0, there);
    }
    checked_.finding->flaw = comes_later ? (belongs_later ? Flaw::kOrder : Flaw::kInserted)
                                         : (belongs_later ? Flaw::kMissing : Flaw::kChanged);
  }

  static bool Has(const std::string& leaves, std::size_t from, const std::string& leaf) {
    for (std::size_t at = from; at < leaves.size(); at += kHash) {
      if (leaves.compare(at, kHash, leaf) == 0) return true;
    }
    return false;
  }

  // What is behind the last block, and what should be.
  void AtTheEnd() {
    if (unproven_.has_value()) {
      Found(Flaw::kMac, *unproven_);
      return;
    }
    if (event_.has_value() && event_->record_time < trust_.now - kSealedBy) Found(Flaw::kUnsealed, 0);
    for (; event_.has_value(); Advance()) ++checked_.unsealed;
    if (checked_.finding.has_value() || !trust_.head.has_value()) return;
    const std::int64_t head = trust_.head->first;
    if (head > checked_.last_block) Found(Flaw::kTruncated, head);
    checked_.head_aged = head < checked_.first_block;
  }

  const std::function<std::optional<Block>()>& next_block_;
  const std::function<std::optional<Record>()>& next_event_;
  const Trust& trust_;
  Checked checked_;
  std::optional<Record> event_;  // the next one
  std::string leaf_;             // its hash; empty: there is none
  Position before_;
  std::optional<Block> last_;
  std::set<std::uint32_t> keys_;
  std::optional<std::int64_t> unproven_;  // the first of the last blocks that nobody has vouched for
};

}  // namespace

Checked Check(const std::function<std::optional<Block>()>& next_block,
              const std::function<std::optional<Record>()>& next_event, const Trust& trust) {
  return Walk(next_block, next_event, trust).Run();
}

}  // namespace xxt::events
