#include "common/rpc/server.h"

#include <gtest/gtest.h>

#include <memory>

#include "common/testing/raw_client.h"

namespace xxt::rpc {
namespace {

using test::RawClient;

constexpr absl::Duration kPatience = absl::Seconds(30);

// A server whose limits are as short as a test's.
std::unique_ptr<Server> Start(ServerOptions options) {
  options.address = "127.0.0.1:0";
  options.credentials = grpc::InsecureServerCredentials();
  options.probe_period = absl::ZeroDuration();
  options.drain_deadline = absl::ZeroDuration();
  return *Server::Start(options, {}, [] { return absl::OkStatus(); });
}

// Health's stream, as a client opens it that then falls silent.
void OpenStream(RawClient& client) { client.Call(1, "/grpc.health.v1.Health/Watch", {}, ""); }

TEST(Connections, ThatNeverSpeakAreClosed) {
  ServerOptions options;
  options.greet_within = absl::Milliseconds(200);
  const auto server = Start(options);
  RawClient silent(server->port(), RawClient::Greeting::kNone);
  ASSERT_TRUE(silent.connected());
  EXPECT_TRUE(silent.AwaitClose(kPatience));
}

TEST(Connections, ThatAnswerNoPingAreClosedWithTheirStreams) {
  ServerOptions options;
  options.ping_after = absl::Milliseconds(1000);  // gRPC's least
  options.answer_ping_within = absl::Milliseconds(200);
  const auto server = Start(options);
  RawClient stopped(server->port());
  OpenStream(stopped);
  EXPECT_TRUE(stopped.AwaitClose(kPatience));
}

TEST(Connections, ThatAnswerPingsKeepTheirStreams) {
  ServerOptions options;
  options.ping_after = absl::Milliseconds(1000);
  options.answer_ping_within = absl::Milliseconds(500);
  const auto server = Start(options);
  RawClient alive(server->port());
  OpenStream(alive);
  int pings = 0;
  while (pings < 3) {
    const auto frame = alive.Read(kPatience);
    ASSERT_TRUE(frame.has_value());
    if (frame->type != RawClient::kPing || (frame->flags & RawClient::kAck) != 0) continue;
    alive.Send({RawClient::kPing, RawClient::kAck, 0, frame->payload});
    ++pings;
  }
}

TEST(Connections, WithoutCallsAreToldToGo) {
  ServerOptions options;
  options.close_idle_after = absl::Milliseconds(300);
  const auto server = Start(options);
  RawClient idle(server->port());
  bool told = false;
  while (const auto frame = idle.Read(kPatience)) told = told || frame->type == RawClient::kGoAway;
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace xxt::rpc
