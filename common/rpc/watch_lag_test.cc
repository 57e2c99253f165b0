#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/events.h"
#include "common/rpc/watch.h"
#include "common/testing/database.h"
#include "common/testing/tokens.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::intake::v1;

constexpr char kHall[] = "halls/110102016";

class Cases final : public v1::CaseService::WithRawCallbackMethod_WatchCases<v1::CaseService::Service> {
 public:
  explicit Cases(Watcher& watcher) : watcher_(watcher) {}
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCases(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request) override {
    return watcher_.Watch<v1::WatchCasesRequest, v1::WatchCasesResponse>(
        context, request, [](pg::Session&, const identity::Caller&, const std::string&) { return absl::OkStatus(); });
  }

 private:
  Watcher& watcher_;
};

// An officer who watches all cases of the hall.
class Officer {
 public:
  explicit Officer(v1::CaseService::Stub& stub) {
    context_.AddMetadata("authorization", "Bearer " + test::Token("staff/wang", kHall, {"officer"}));
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stream_ = stub.WatchCases(&context_, {});
  }
  ~Officer() { context_.TryCancel(); }

  // Waits until what happens from now on is told.
  bool Listens() {
    v1::WatchCasesResponse response;
    return stream_->Read(&response);
  }
  // How many events the next response that has any tells; 0 if none came.
  int Hears() {
    v1::WatchCasesResponse response;
    while (stream_->Read(&response)) {
      if (response.events_size() > 0) return response.events_size();
    }
    return 0;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCasesResponse>> stream_;
};

class WatchLagTest : public testing::Test {
 protected:
  WatchLagTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&cases_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CaseService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~WatchLagTest() override {
    watcher_.Drain();
    server_->Shutdown();
  }

  void Happen() {
    ASSERT_EQ(
        pg::InTransaction(
            db_.pool(), absl::Now() + absl::Seconds(20),
            [](pg::Session& session) {
              events::Append(session, {"", "case.created.v1", "cases/1", kHall, "staff/wang", "新事项", absl::Now()});
              return absl::OkStatus();
            }),
        absl::OkStatus());
  }
  // As the page of metrics shows it.
  prometheus::ClientMetric::Histogram Lag() const {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name == "xixinting_watch_lag_seconds") return family.metric.at(0).histogram;
    }
    return {};
  }

  test::Database db_{"intake"};
  Executor executor_{2, 4};
  prometheus::Registry registry_;
  metrics::RpcMetrics calls_{registry_};
  metrics::WatchMetrics metrics_{registry_};
  Watcher watcher_{{"xixinting.intake", executor_, db_.pool(), db_.pool(), test::TestVerifier(), calls_, metrics_}};
  Cases cases_{watcher_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
};

TEST_F(WatchLagTest, IsMeasuredOncePerEventHoweverManyAreTold) {
  Officer one(*stub_);
  Officer other(*stub_);
  ASSERT_TRUE(one.Listens());
  ASSERT_TRUE(other.Listens());
  EXPECT_EQ(Lag().sample_count, 0U);
  Happen();
  EXPECT_EQ(one.Hears(), 1);
  EXPECT_EQ(other.Hears(), 1);
  EXPECT_EQ(Lag().sample_count, 1U);
  EXPECT_GT(Lag().sample_sum, 0);
}

}  // namespace
}  // namespace xxt::rpc
