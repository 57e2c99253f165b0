#include "common/rpc/watch.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
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

class Cases final : public v1::CaseService::WithRawCallbackMethod_WatchCases<v1::CaseService::Service> {
 public:
  explicit Cases(Watcher& watcher) : watcher_(watcher) {}
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCases(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request) override {
    return watcher_.Watch<Unreadable, v1::WatchCasesResponse>(
        context, request, [](pg::Session&, const identity::Caller&, const std::string&) { return absl::OkStatus(); });
  }

 private:
  Watcher& watcher_;
};

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&cases_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CaseService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~WatchTest() override {
    watcher_.Drain();
    server_->Shutdown();
  }

  absl::Status Watch(const std::string& token) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    const auto reader = stub_->WatchCases(&context, {});
    v1::WatchCasesResponse response;
    EXPECT_FALSE(reader->Read(&response));
    return FromGrpcStatus(reader->Finish());
  }

  pg::Pool pool_{{}};  // asked nothing here
  Executor executor_{1, 4};
  prometheus::Registry registry_;
  metrics::RpcMetrics calls_{registry_};
  metrics::WatchMetrics metrics_{registry_};
  Watcher watcher_{{"xixinting.intake", executor_, pool_, pool_, test::TestVerifier(), calls_, metrics_}};
  Cases cases_{watcher_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
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

}  // namespace
}  // namespace xxt::rpc
