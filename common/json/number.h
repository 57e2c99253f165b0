#ifndef XXT_COMMON_JSON_NUMBER_H_
#define XXT_COMMON_JSON_NUMBER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

// Whole numbers out of what tasks keep. The library's own get<int>() turns
// 1e300 and 2^32 into some other number; these throw, as it does for a value of
// another type.
namespace xxt::json {

template <typename Int>
Int Whole(const nlohmann::json& value) {
  const bool fits = value.is_number_unsigned()  ? std::in_range<Int>(value.get<std::uint64_t>())
                    : value.is_number_integer() ? std::in_range<Int>(value.get<std::int64_t>())
                                                : false;
  if (!fits) throw std::out_of_range("not a whole number of that size");
  return static_cast<Int>(value.get<std::int64_t>());
}

// `otherwise` where `object` has no `key`.
template <typename Int>
Int Whole(const nlohmann::json& object, const char* key, Int otherwise) {
  return Whole<Int>(object.value(key, nlohmann::json(otherwise)));
}

}  // namespace xxt::json

#endif  // XXT_COMMON_JSON_NUMBER_H_
