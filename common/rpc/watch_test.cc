#include "common/rpc/watch.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/events/events.h"
#include "common/identity/token.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/testing/database.h"
#include "common/testing/tokens.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::rpc {

namespace v1 = ::xixinting::intake::v1;

// A request that throws as it is read.
struct Unreadable {
  static const google::protobuf::Descriptor* descriptor() { return v1::WatchCasesRequest::descriptor(); }
  const std::string& name() const { return request.name(); }
  const std::string& resume_token() const { return request.resume_token(); }
  operator const google::protobuf::Message&() const { return request; }  // NOLINT(google-explicit-constructor)
  v1::WatchCasesRequest request;
};

}  // namespace xxt::rpc

template <>
class grpc::SerializationTraits<xxt::rpc::Unreadable> {
 public:
  static grpc::Status Deserialize(grpc::ByteBuffer*, xxt::rpc::Unreadable*) { throw std::out_of_range("张三"); }
};

namespace xxt::rpc {
namespace {

// WatchCases behind its real stub, on a pool of the test's. Each request is read as a `Request`.
template <typename Request>
class WatchWorld {
 public:
  explicit WatchWorld(pg::Pool& pool, const identity::Verifier& verifier = test::TestVerifier())
      : watcher_{{"xixinting.intake", executor_, pool, pool, verifier, calls_, metrics_, ""}} {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&cases_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CaseService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~WatchWorld() {
    watcher_.Drain();
    server_->Shutdown();
  }
  WatchWorld(const WatchWorld&) = delete;
  WatchWorld& operator=(const WatchWorld&) = delete;

  v1::CaseService::Stub& stub() { return *stub_; }
  const prometheus::Registry& registry() const { return registry_; }

 private:
  class Cases final : public v1::CaseService::WithRawCallbackMethod_WatchCases<v1::CaseService::Service> {
   public:
    explicit Cases(Watcher& watcher) : watcher_(watcher) {}
    grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCases(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request) override {
      return watcher_.Watch<Request, v1::WatchCasesResponse>(
          context, request, [](pg::Session&, const identity::Caller&, const std::string&) { return absl::OkStatus(); });
    }

   private:
    Watcher& watcher_;
  };

  Executor executor_{2, 4};
  prometheus::Registry registry_;
  metrics::RpcMetrics calls_{registry_};
  metrics::WatchMetrics metrics_{registry_};
  Watcher watcher_;
  Cases cases_{watcher_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
};

class WatchTest : public testing::Test {
 protected:
  absl::Status Watch(const std::string& token) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    const auto reader = world_.stub().WatchCases(&context, {});
    v1::WatchCasesResponse response;
    EXPECT_FALSE(reader->Read(&response));
    return FromGrpcStatus(reader->Finish());
  }

  pg::Pool pool_{{}};  // asked nothing here
  WatchWorld<Unreadable> world_{pool_};
};

TEST_F(WatchTest, BytesThatThrowEndTheStreamWithInternalAndNothingElse) {
  const std::string officer = test::Token("staff/wang", "halls/110102016", {"officer"});
  for (int i = 1; i <= 2; ++i) {
    const std::int64_t before = CaughtExceptions();
    const absl::Status status = Watch(officer);
    EXPECT_EQ(errors::ReasonOf(status), "INTERNAL");
    EXPECT_EQ(status.message().find("张三"), absl::string_view::npos);
    EXPECT_EQ(CaughtExceptions(), before + 1);
  }
}

TEST_F(WatchTest, NobodysBytesAreNotRead) {
  const std::int64_t before = CaughtExceptions();
  EXPECT_EQ(errors::ReasonOf(Watch("")), "TOKEN_INVALID");
  EXPECT_EQ(CaughtExceptions(), before);
}

constexpr char kHall[] = "halls/110102016";

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
  // Waits for the end of the stream.
  absl::Status Ends() {
    v1::WatchCasesResponse response;
    while (stream_->Read(&response)) {
    }
    return FromGrpcStatus(stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCasesResponse>> stream_;
};

class WatchLagTest : public testing::Test {
 protected:
  void Happen() {
    ASSERT_EQ(
        pg::InTransaction(
            db_.pool(), absl::Now() + absl::Seconds(20),
            [](pg::Session& session) {
              events::Append(session, {"", "case.created.v1", "cases/1", kHall, "staff/wang", "新诉求", absl::Now()});
              return absl::OkStatus();
            }),
        absl::OkStatus());
  }
  // As the page of metrics shows it.
  prometheus::ClientMetric::Histogram Lag() const {
    for (const prometheus::MetricFamily& family : world_.registry().Collect()) {
      if (family.name == "xixinting_watch_lag_seconds") return family.metric.at(0).histogram;
    }
    return {};
  }

  test::Database db_{"intake"};
  const std::unique_ptr<identity::Verifier> verifier_ = *identity::Verifier::Make(test::TestJwks(), "xixinting");
  WatchWorld<v1::WatchCasesRequest> world_{db_.pool(), *verifier_};
};

TEST_F(WatchLagTest, IsMeasuredOncePerEventHoweverManyAreTold) {
  Officer one(world_.stub());
  Officer other(world_.stub());
  ASSERT_TRUE(one.Listens());
  ASSERT_TRUE(other.Listens());
  EXPECT_EQ(Lag().sample_count, 0U);
  Happen();
  EXPECT_EQ(one.Hears(), 1);
  EXPECT_EQ(other.Hears(), 1);
  EXPECT_EQ(Lag().sample_count, 1U);
  EXPECT_GT(Lag().sample_sum, 0);
}

using WatchKeysTest = WatchLagTest;

TEST_F(WatchKeysTest, AStreamGoesOnWhenAKeyIsAddedAndEndsWhenOneIsTakenAway) {
  Officer officer(world_.stub());
  ASSERT_TRUE(officer.Listens());
  nlohmann::json set = nlohmann::json::parse(test::TestJwks());
  set["keys"].push_back(nlohmann::json::parse(identity::NewKey("staff-next").second));
  ASSERT_TRUE(verifier_->Take(set.dump()).ok());
  Happen();
  EXPECT_EQ(officer.Hears(), 1);
  set["keys"].erase(set["keys"].begin());  // by which the officer was let in
  ASSERT_TRUE(verifier_->Take(set.dump()).ok());
  const absl::Status end = officer.Ends();
  EXPECT_TRUE(end.ok()) << end;
  Officer again(world_.stub());
  EXPECT_EQ(errors::ReasonOf(again.Ends()), "TOKEN_INVALID");
}

}  // namespace
}  // namespace xxt::rpc
