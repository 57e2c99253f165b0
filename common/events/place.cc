#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/events.h"

namespace xxt::events {

std::string Place::ToToken() const {
  return absl::StrCat(history, "-", position.transaction, "-", position.row, "-", event_id);
}

std::optional<Place> Place::Parse(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, absl::MaxSplits('-', 3));
  Place place;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[1], &place.position.transaction) ||
      !absl::SimpleAtoi(parts[2], &place.position.row)) {
    return std::nullopt;
  }
  place.history = std::string(parts[0]);
  place.event_id = std::string(parts[3]);
  // There is one spelling of each.
  if (place.ToToken() != token) return std::nullopt;
  return place;
}

}  // namespace xxt::events
