#include "services/referral/parcel/custody_rules.h"

#include <algorithm>
#include <map>
#include <set>

namespace xxt::referral {
namespace {

using Holders = std::map<std::string, std::optional<ParcelHolder>>;

// Who has each original: who has what carried it last.
Holders HoldersAfter(const std::vector<Carried>& carried) {
  Holders holders;
  for (const Carried& one : carried) {
    for (const std::string& original : one.originals) holders[original] = one.holder;
  }
  return holders;
}

}  // namespace

ParcelHolder SenderOf(ParcelDirection direction) {
  return direction == ParcelDirection::kOut ? ParcelHolder::kHall : ParcelHolder::kBody;
}

bool MayHandOn(ParcelDirection direction, ParcelHolder giver, ParcelHolder taker) {
  if (giver == ParcelHolder::kCarrier) return taker != ParcelHolder::kCarrier;
  if (giver != ParcelHolder::kHall) return false;
  if (taker == ParcelHolder::kPerson) return true;
  return direction == ParcelDirection::kOut && taker == ParcelHolder::kCarrier;
}

ParcelState StateWith(ParcelDirection direction, ParcelHolder holder) {
  if (holder == ParcelHolder::kCarrier) return ParcelState::kOnTheWay;
  return holder == SenderOf(direction) ? ParcelState::kReturned : ParcelState::kArrived;
}

std::optional<std::size_t> FirstNotHeld(const std::vector<Carried>& before, const std::vector<std::string>& originals,
                                        ParcelHolder sender) {
  const Holders holders = HoldersAfter(before);
  for (std::size_t i = 0; i < originals.size(); ++i) {
    const auto known = holders.find(originals[i]);
    if (known != holders.end() && known->second != sender) return i;
  }
  return std::nullopt;
}

int CountUnreturned(const std::vector<Carried>& carried) {
  const Holders holders = HoldersAfter(carried);
  std::set<std::string> lent;
  for (const Carried& one : carried) lent.insert(one.lent.begin(), one.lent.end());
  return static_cast<int>(std::count_if(lent.begin(), lent.end(), [&holders](const std::string& original) {
    const auto found = holders.find(original);
    return found != holders.end() && found->second.has_value() && found->second != ParcelHolder::kPerson;
  }));
}

}  // namespace xxt::referral
