#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/assembly.h"
#include "tests/contract/service_world.h"
#include "xixinting/referral/v1/body_service.grpc.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;

// A mailbox that accepts connections and says nothing.
class SilentMailbox {
 public:
  SilentMailbox() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentMailbox() { close(fd_); }
  std::string url() const { return absl::StrCat("imap://127.0.0.1:", port_); }
  // Waits for somebody to come; never lets them go.
  void AwaitVisitor() const { accept(fd_, nullptr, nullptr); }

 private:
  const int fd_;
  int port_ = 0;
};

// What grpc.health.v1.Health.Check says of readiness: field 1 of the answer is 1.
bool IsServing(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC,
                                         channel);
  const grpc::Slice readiness("\n\treadiness");
  const grpc::ByteBuffer request(&readiness, 1);
  grpc::ByteBuffer response;
  grpc::internal::BlockingUnaryCallImpl<grpc::ByteBuffer, grpc::ByteBuffer> call(channel.get(), method, &context,
                                                                                 request, &response);
  if (!call.status().ok()) return false;
  grpc::Slice slice;
  return response.DumpToSingleSlice(&slice).ok() && slice.size() == 2 && slice.begin()[1] == 1;
}

class DrainTest : public ::testing::Test {
 protected:
  DrainTest() {
    config_.service = contract::ConfigOf("referral", database_, dir_);
    config_.service.probe_period = absl::Seconds(1);
    config_.intake_address = "127.0.0.1:1";
    config_.mail.imap_url = mailbox_.url();
    config_.mail.require_tls = false;
    config_.mail.address = "hall@xxt.example";
    config_.mail.timeout = absl::Seconds(5);
  }

  std::shared_ptr<grpc::Channel> Start() {
    auto assembly = Assembly::Start(config_);
    EXPECT_TRUE(assembly.ok()) << assembly.status();
    assembly_ = *std::move(assembly);
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", assembly_->port()), grpc::InsecureChannelCredentials());
  }

  const test::ScratchDir dir_;
  const test::Database database_{"referral"};
  const SilentMailbox mailbox_;
  Config config_;
  std::unique_ptr<Assembly> assembly_;
};

TEST_F(DrainTest, HealthSaysNoAtOnceThoughTheMailboxIsSilent) {
  const auto channel = Start();
  ASSERT_TRUE(contract::Eventually([&] { return IsServing(channel); }));
  mailbox_.AwaitVisitor();
  const SteadyTime begin = SteadyTime::Now();
  std::thread draining([&] { assembly_->Drain(); });
  EXPECT_TRUE(contract::Eventually([&] { return !IsServing(channel); }));
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(1));
  draining.join();
  // The probe period and one wait of the mailbox.
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(10));
}

TEST_F(DrainTest, WhatWasAskedBeforeTheEndIsAnswered) {
  const auto channel = Start();
  ASSERT_TRUE(contract::Eventually([&] { return IsServing(channel); }));
  std::atomic<bool> over{false};
  std::atomic<int> answered{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const auto stub = v1::BodyService::NewStub(channel);
      while (!over) {
        grpc::ClientContext context;
        context.AddMetadata("authorization", "Bearer " + test::Token("staff/wang", "halls/110102016", {"officer"}));
        v1::ListBodiesRequest request;
        v1::ListBodiesResponse response;
        const grpc::Status status = stub->ListBodies(&context, request, &response);
        // One that was taken is answered. One that was not may be made elsewhere: it finds nobody, or arrived while the
        // server was shut and was dropped by gRPC before anybody saw it.
        const bool not_taken =
            status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED;
        if (status.ok()) ++answered;
        EXPECT_TRUE(status.ok() || not_taken) << status.error_code() << " " << status.error_message();
      }
    });
  }
  EXPECT_TRUE(contract::Eventually([&] { return answered > 100; }));
  const SteadyTime begin = SteadyTime::Now();
  assembly_->Drain();
  EXPECT_LT(SteadyTime::Now() - begin, absl::Seconds(15));
  over = true;
  for (std::thread& caller : callers) caller.join();
}

// Under AddressSanitizer: the gauges' reader must not be left alone with an engine that is gone.
TEST_F(DrainTest, NothingReadsTheEngineAfterItsEnd) {
  config_.service.probe_period = absl::ZeroDuration();
  config_.mail.address.clear();
  std::thread holder([&] {
    database_.Sql(
        "BEGIN; LOCK TABLE backbone.machine_task IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.5)::text; COMMIT");
  });
  ASSERT_TRUE(contract::Eventually([&] {
    return database_.Sql(
               "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND "
               "relation = 'backbone.machine_task'::regclass") == "1";
  }));
  Start();
  ASSERT_TRUE(contract::Eventually([&] {
    return database_.Sql("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "t";
  }));
  assembly_.reset();
  holder.join();
}

}  // namespace
}  // namespace xxt::referral
