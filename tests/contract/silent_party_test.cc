// How a service stops while whom its own loops ask is silent. See drain_test.cc.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "common/concurrency/steady_time.h"
#include "common/testing/listener.h"
#include "tests/contract/drain_world.h"
#include "tests/contract/health.h"
#include "tests/contract/service.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {
namespace {

// Accepts connections and says nothing.
class SilentParty {
 public:
  SilentParty() = default;
  ~SilentParty() {
    if (visitor_ >= 0) close(visitor_);
  }
  SilentParty(const SilentParty&) = delete;
  SilentParty& operator=(const SilentParty&) = delete;

  int port() const { return listener_.port(); }
  // Waits for somebody to come, who is kept; false after forty seconds.
  bool AwaitVisitor() {
    pollfd coming{listener_.fd(), POLLIN, 0};
    if (poll(&coming, 1, 40'000) != 1) return false;
    visitor_ = accept(listener_.fd(), nullptr, nullptr);
    return visitor_ >= 0;
  }

 private:
  const test::Listener listener_;
  int visitor_ = -1;
};

TEST_F(DrainTest, HealthSaysNoAtOnceThoughWhomTheServiceAsksIsSilent) {
  SilentParty silent;
  const auto channel = Start({.probe_period = absl::Seconds(1), .silent_port = silent.port()});
  ASSERT_TRUE(silent.AwaitVisitor());
  const SteadyTime begin = SteadyTime::Now();
  std::thread draining([] { ServiceUnderTest().drain(); });
  EXPECT_TRUE(Eventually([&] { return !IsServing(channel); }));
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(1));
  draining.join();
  // The probe period and one wait of five seconds.
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(10));
}

}  // namespace
}  // namespace xxt::contract
