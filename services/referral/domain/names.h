#ifndef XXT_SERVICES_REFERRAL_DOMAIN_NAMES_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_NAMES_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace xxt::referral {

// Names of an enum's values, in the order of its values, counted from 0. Each
// enum gives its own beside its definition. They are the protos' names without
// the prefix, and what the database holds.
template <typename Enum>
inline constexpr std::array<absl::string_view, 0> kNames = {};

template <typename Enum>
constexpr absl::string_view NameOf(Enum value) {
  return kNames<Enum>[static_cast<std::size_t>(value)];
}

// The value called `name`; nullopt if there is none.
template <typename Enum>
constexpr std::optional<Enum> FromName(absl::string_view name) {
  for (std::size_t i = 0; i < kNames<Enum>.size(); ++i) {
    if (kNames<Enum>[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_NAMES_H_
