// How a service stops: while it is asked much, while its gauges are read. With service.cc (and silent_party_test.cc,
// where a loop of the service asks somebody outside) a program of its own for each service. Built with AddressSanitizer
// (XXT_PRESET=asan tools/test contract) it also says whether anything is used after its end.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/concurrency/steady_time.h"
#include "common/testing/span_collector.h"
#include "common/testing/tokens.h"
#include "tests/contract/drain_world.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/service.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {
namespace {

std::string Token() { return test::Token("staff/wang", "halls/110102016", {"officer"}); }

// What one caller has asked until nobody took its calls any more.
struct Asked {
  struct Call {
    std::string bytes;
    bool answered = false;
  };
  std::vector<Call> calls;
  SteadyTime refused_at;
};

Asked AskUntilRefused(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::function<std::string()>& next, std::atomic<int>& answered) {
  const std::string token = Token();
  Asked asked;
  for (;;) {
    asked.calls.push_back({next(), false});
    const absl::Status status = Send(channel, method, asked.calls.back().bytes, token).status;
    if (!status.ok()) {
      // One that was taken is answered. One that was not may be made elsewhere: it finds nobody, or arrived while the
      // server was shut and was dropped by gRPC before anybody saw it.
      EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsCancelled(status)) << status;
      asked.refused_at = SteadyTime::Now();
      return asked;
    }
    asked.calls.back().answered = true;
    ++answered;
  }
}

TEST_F(DrainTest, WhatWasAskedBeforeTheEndIsAnsweredAndWhatWasAcknowledgedIsKept) {
  constexpr absl::Duration kProbePeriod = absl::Seconds(1);
  const auto channel = Start({.probe_period = kProbePeriod});
  const Service& service = ServiceUnderTest();
  std::atomic<int> reads{0};
  std::atomic<int> writes{0};
  Asked changes;
  std::vector<Asked> questions(4);
  std::vector<std::thread> callers;
  callers.emplace_back([&] { changes = AskUntilRefused(channel, service.writes, service.next, writes); });
  for (Asked& asked : questions) {
    callers.emplace_back([&] {
      asked = AskUntilRefused(
          channel, service.reads, [] { return std::string(); }, reads);
    });
  }
  EXPECT_TRUE(Eventually([&] { return reads > 100 && writes > 20; }));
  const SteadyTime begin = SteadyTime::Now();
  service.drain();
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(15));
  for (std::thread& caller : callers) caller.join();
  // Health has said no, and whoever has not heard it yet is served.
  EXPECT_GE(changes.refused_at - begin, kProbePeriod);
  for (const Asked& asked : questions) EXPECT_GE(asked.refused_at - begin, kProbePeriod);

  const auto next = Start({});
  for (const Asked::Call& call : changes.calls) {
    const Answer answer = Send(next, service.writes, call.bytes, Token());
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    EXPECT_TRUE(answer.replayed || !call.answered) << "acknowledged, and lost";
  }
}

TEST_F(DrainTest, WhatWasDoneLastIsToldTheCollectorBeforeTheEnd) {
  const test::SpanCollector spans;
  const auto channel = Start({.span_collector = spans.address()});
  const std::string& method = ServiceUnderTest().reads;
  constexpr std::size_t kCalls = 20;
  for (std::size_t i = 0; i < kCalls; ++i) EXPECT_TRUE(Send(channel, method, "", Token()).status.ok());
  ServiceUnderTest().drain();
  const std::string received = spans.Received();
  const std::vector<std::string> between = absl::StrSplit(received, method.substr(1));
  EXPECT_EQ(between.size() - 1, 2 * kCalls) << "each is named by its name and by an attribute";
}

// The gauges' reader must not be left alone with an engine that is gone. Nobody else looks at people's tasks when
// nothing is asked.
TEST_F(DrainTest, NothingReadsTheEngineAfterItsEnd) {
  const Service& replica = ServiceUnderTest();
  replica.end();
  const test::Database& database = replica.database();
  std::thread holder([&] {
    database.Sql("BEGIN; LOCK TABLE backbone.desk_task IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3)::text; COMMIT");
  });
  EXPECT_TRUE(Eventually([&] {
    return database.Sql(
               "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND "
               "relation = 'backbone.desk_task'::regclass AND "
               "database = (SELECT oid FROM pg_database WHERE datname = current_database())") == "1";
  }));
  replica.start({});
  EXPECT_TRUE(Eventually([&] {
    return database.Sql(
               "SELECT count(*) > 0 FROM pg_stat_activity "
               "WHERE wait_event_type = 'Lock' AND datname = current_database()") == "t";
  }));
  replica.end();
  holder.join();
}

}  // namespace
}  // namespace xxt::contract
