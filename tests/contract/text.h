#ifndef XXT_TESTS_CONTRACT_TEXT_H_
#define XXT_TESTS_CONTRACT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identifiers/uuid.h"
#include "common/testing/protos.h"

// Requests as text.
namespace xxt::contract {

// The message that `text` spells: "$id" in it is a new UUID, "$0" and on are `parts`.
template <typename M, typename... Parts>
M Text(absl::string_view text, const Parts&... parts) {
  const std::string with_id = absl::StrReplaceAll(text, {{"$id", identifiers::NewUuid(absl::Now())}});
  return test::Text<M>(absl::Substitute(with_id, parts...));
}

// A time and a day, to be such parts.
inline std::string At(absl::Time time) {
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  const std::int64_t nanos = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
  return absl::StrCat("{ seconds: ", seconds, " nanos: ", nanos, " }");
}
inline std::string On(absl::CivilDay day) {
  return absl::StrCat("{ year: ", day.year(), " month: ", day.month(), " day: ", day.day(), " }");
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_TEXT_H_
