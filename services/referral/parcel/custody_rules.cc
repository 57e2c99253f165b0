#include "services/referral/parcel/custody_rules.h"

#include <map>

namespace xxt::referral {

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
  std::map<std::string, std::optional<ParcelHolder>> holders;
  for (const Carried& carried : before) {
    for (const std::string& original : carried.originals) holders[original] = carried.holder;
  }
  for (std::size_t i = 0; i < originals.size(); ++i) {
    const auto known = holders.find(originals[i]);
    if (known != holders.end() && known->second != sender) return i;
  }
  return std::nullopt;
}

}  // namespace xxt::referral
