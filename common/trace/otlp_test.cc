#include "common/trace/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/testing/listener.h"
#include "common/testing/span_collector.h"

namespace xxt::trace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <typename Id>
std::string BytesOf(const Id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

Ended ASpan() {
  Ended span;
  span.kind = Kind::kTask;
  span.name = "case.tell";
  span.outcome = "retry";
  span.context = *Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  span.parent = Parse("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")->span_id;
  span.begin = absl::Now();
  span.took = absl::Milliseconds(3);
  return span;
}

TEST(Otlp, TellsOfEachSpanItsIdsItsParentAndWords) {
  const test::SpanCollector collector;
  const Exporter::Send send = ToCollector("intake", collector.address());
  Ended other = ASpan();
  other.kind = Kind::kCall;
  other.name = "xixinting.intake.v1.CaseService/GetCase";
  other.outcome = "NOT_FOUND";
  // A collector that is just starting may miss the first.
  const SteadyTime end = SteadyTime::Now() + absl::Seconds(20);
  while (!send({ASpan(), other}) && !end.passed()) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_THAT(collector.Received(),
              AllOf(HasSubstr("service.name"), HasSubstr("intake"), HasSubstr("case.tell"), HasSubstr("retry"),
                    HasSubstr("xixinting.intake.v1.CaseService/GetCase"), HasSubstr("NOT_FOUND"),
                    HasSubstr(BytesOf(ASpan().context.trace_id)), HasSubstr(BytesOf(ASpan().context.span_id)),
                    HasSubstr(BytesOf(ASpan().parent))));
}

TEST(Otlp, OfNobodyWhoListensSaysSoInTimeAndWritesNothing) {
  std::string address;
  {
    const test::Listener gone;
    address = "127.0.0.1:" + std::to_string(gone.port());
  }
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const Exporter::Send send = ToCollector("intake", address);
  const SteadyTime before = SteadyTime::Now();
  EXPECT_FALSE(send({ASpan()}));
  EXPECT_LT(SteadyTime::Now() - before, 5 * kSendWithin);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Otlp, OfOneWhoListensAndSaysNothingDoesNotWaitLong) {
  const test::Listener silent;
  const Exporter::Send send = ToCollector("intake", "127.0.0.1:" + std::to_string(silent.port()));
  const SteadyTime before = SteadyTime::Now();
  EXPECT_FALSE(send({ASpan()}));
  EXPECT_LT(SteadyTime::Now() - before, 5 * kSendWithin);
}

}  // namespace
}  // namespace xxt::trace
