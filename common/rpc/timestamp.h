#ifndef XXT_COMMON_RPC_TIMESTAMP_H_
#define XXT_COMMON_RPC_TIMESTAMP_H_

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstdint>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

// absl time ⇄ the protos of google.protobuf and google.type.
namespace xxt::rpc {

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

// A time that no proto may hold becomes the nearest that one may: years 1 to 9999.
inline void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  constexpr absl::Time kFirst = absl::FromUnixSeconds(-62'135'596'800);
  constexpr absl::Time kLast = absl::FromUnixSeconds(253'402'300'799);
  time = std::clamp(time, kFirst, kLast);
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

inline absl::CivilDay FromProto(const google::type::Date& proto) {
  return absl::CivilDay(proto.year(), proto.month(), proto.day());
}

inline void ToProto(absl::CivilDay day, google::type::Date* proto) {
  proto->set_year(static_cast<std::int32_t>(day.year()));
  proto->set_month(day.month());
  proto->set_day(day.day());
}

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_TIMESTAMP_H_
