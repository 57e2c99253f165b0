#ifndef XXT_SERVICES_REFERRAL_PARCEL_CUSTODY_RULES_H_
#define XXT_SERVICES_REFERRAL_PARCEL_CUSTODY_RULES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace xxt::referral {

// In whose hands papers are that go between a hall and a body.

// The proto's numbers.
enum class ParcelDirection { kOut = 1, kIn };
enum class ParcelState { kOnTheWay = 1, kArrived, kReturned, kLost };
enum class ParcelHolder { kHall = 1, kCarrier, kBody, kPerson };

// Who sends a parcel of this direction.
ParcelHolder SenderOf(ParcelDirection direction);

// Whether whoever holds it gives it there: a carrier to anybody else, the hall to the person, or to a carrier once more
// what came back to it. What a body has got comes back by a parcel of its own.
bool MayHandOn(ParcelDirection direction, ParcelHolder giver, ParcelHolder taker);

// Where a parcel stands that `holder` has.
ParcelState StateWith(ParcelDirection direction, ParcelHolder holder);

// What was in a parcel, and who has it; nobody if it is lost.
struct Carried {
  std::vector<std::string> originals;
  std::optional<ParcelHolder> holder;
  std::vector<std::string> lent = {};  // those of them that went out and have to come back to the person
};

// The first of `originals` that `sender` does not hold, by what was carried before, the oldest first. What was never
// carried is the sender's own.
std::optional<std::size_t> FirstNotHeld(const std::vector<Carried>& before, const std::vector<std::string>& originals,
                                        ParcelHolder sender);

// How many originals that were lent are not back with their person, by all that was carried, the oldest first. What is
// lost comes back from nobody: that was told, and a person has to find another way.
int CountUnreturned(const std::vector<Carried>& carried);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PARCEL_CUSTODY_RULES_H_
