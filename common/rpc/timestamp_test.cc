#include "common/rpc/timestamp.h"

#include <google/protobuf/util/time_util.h>

#include "gtest/gtest.h"

namespace xxt::rpc {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

TEST(Timestamp, KeepsTheMoment) {
  const absl::Time time = absl::FromUnixMicros(1'772'413'201'000'042);
  Timestamp proto;
  ToProto(time, &proto);
  EXPECT_EQ(FromProto(proto), time);
}

TEST(Timestamp, IsOneThatEveryReaderTakesWhateverTheTime) {
  for (const absl::Time time : {absl::InfinitePast(), absl::InfiniteFuture()}) {
    Timestamp proto;
    ToProto(time, &proto);
    EXPECT_GE(proto.seconds(), TimeUtil::kTimestampMinSeconds);
    EXPECT_LE(proto.seconds(), TimeUtil::kTimestampMaxSeconds);
    EXPECT_GE(proto.nanos(), 0);
  }
}

}  // namespace
}  // namespace xxt::rpc
