#include "common/rpc/edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/testing/keys.h"
#include "common/testing/tokens.h"
#include "common/trace/span.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::intake::v1;

// A service whose one handler does what the test says.
class Halls final : public v1::HallService::CallbackService {
 public:
  using Handler = std::function<absl::Status(const v1::ListHallsRequest&, v1::ListHallsResponse&)>;
  Halls(Edge& edge, Handler handler) : edge_(edge), handler_(std::move(handler)) {}
  grpc::ServerUnaryReactor* ListHalls(grpc::CallbackServerContext* context, const v1::ListHallsRequest* request,
                                      v1::ListHallsResponse* response) override {
    return edge_.Read(context, request, response, std::bind_front(&Halls::Handle, this));
  }

 private:
  absl::Status Handle(const Call&, pg::Session&, const v1::ListHallsRequest& request,
                      v1::ListHallsResponse& response) const {
    return handler_(request, response);
  }

  Edge& edge_;
  const Handler handler_;
};

class EdgeTest : public testing::Test {
 protected:
  void Serve(Halls::Handler handler) {
    service_ = std::make_unique<Halls>(edge_, std::move(handler));
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  }

  static gpr_timespec Soon() {
    return gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(20, GPR_TIMESPAN));
  }

  absl::Status Ask(gpr_timespec deadline = Soon(), const std::string& scheme = "Bearer ") {
    return AskIn({}, deadline, scheme);
  }
  absl::Status AskIn(const std::vector<std::string>& traceparents, gpr_timespec deadline = Soon(),
                     const std::string& scheme = "Bearer ") {
    grpc::ClientContext context;
    for (const std::string& parent : traceparents) context.AddMetadata("traceparent", parent);
    context.AddMetadata("authorization",
                        absl::StrCat(scheme, test::Token("staff/chen", "halls/110102016", {"counter"})));
    context.set_deadline(deadline);
    v1::ListHallsResponse response;
    return FromGrpcStatus(v1::HallService::NewStub(channel_)->ListHalls(&context, {}, &response));
  }

  pg::Pool pool_{{}};  // handlers here ask it nothing
  Executor executor_{1, 4};
  SystemClock clock_;
  prometheus::Registry registry_;
  metrics::RpcMetrics metrics_{registry_};
  Edge edge_{{executor_, pool_, clock_, test::TestVerifier(), metrics_, test::TestKeys(), ""}};
  std::unique_ptr<Halls> service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(EdgeTest, AHandlerThatThrowsReturnsInternalAndTheNextCallIsServed) {
  const std::int64_t before = CaughtExceptions();
  bool thrown = false;
  Serve([&](const auto&, auto&) -> absl::Status {
    if (!std::exchange(thrown, true)) throw std::out_of_range("张三");
    return absl::OkStatus();
  });
  const absl::Status status = Ask();
  EXPECT_EQ(errors::ReasonOf(status), "INTERNAL");
  EXPECT_EQ(status.message().find("张三"), absl::string_view::npos);
  EXPECT_EQ(CaughtExceptions(), before + 1);
  EXPECT_TRUE(Ask().ok());
}

std::vector<errors::Violation> ManyViolations(int count) {
  std::vector<errors::Violation> many;
  for (int i = 0; i < count; ++i) {
    many.push_back({absl::StrCat("case.parties[", i, "].resident_id"), "身份证号不对，请核对校验位和出生日期",
                    "is no valid resident identity number (GB 11643)"});
  }
  return many;
}

// A client of its own settings takes 8 kB of metadata with a response.
TEST_F(EdgeTest, AnErrorWithManyDetailsSaysHowManyMoreThereAre) {
  std::vector<absl::Status> refusals = {errors::FieldsInvalid(ManyViolations(500)),
                                        errors::ClosureIncomplete("cases/1", ManyViolations(500)),
                                        errors::FieldsInvalid(ManyViolations(3))};
  Serve([&](const auto&, auto&) { return refusals[0]; });
  absl::Status status = Ask();
  EXPECT_EQ(errors::ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(std::string(status.message()), testing::MatchesRegex(".*parties.0.*and 4[0-9][0-9] more"));
  EXPECT_THAT(errors::LocalizedTextOf(status), testing::HasSubstr("；另有 4"));
  refusals.erase(refusals.begin());
  status = Ask();
  EXPECT_EQ(errors::ReasonOf(status), "CLOSURE_INCOMPLETE");
  EXPECT_THAT(errors::LocalizedTextOf(status), testing::HasSubstr("另有 4"));
  refusals.erase(refusals.begin());
  EXPECT_THAT(std::string(Ask().message()), testing::Not(testing::HasSubstr("more")));
}

TEST_F(EdgeTest, AnErrorTooLargeForTheWireKeepsItsReason) {
  const std::string lengthy(20'000, 'x');
  std::string zh;
  for (int i = 0; i < 5000; ++i) zh += "悉";
  Serve([&](const auto&, auto&) { return errors::FieldInvalid(lengthy, zh, zh); });
  const absl::Status status = Ask();
  EXPECT_EQ(errors::ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(std::string(status.message()), testing::EndsWith("..."));
}

TEST_F(EdgeTest, ADeadlineInThreeHundredYearsIsTimeEnough) {
  Serve([](const auto&, auto&) { return absl::OkStatus(); });
  for (const std::int64_t years : {100, 291, 300, 9000}) {
    gpr_timespec deadline = gpr_now(GPR_CLOCK_REALTIME);
    deadline.tv_sec += years * 365 * 86400;
    EXPECT_TRUE(Ask(deadline).ok()) << years;
  }
  EXPECT_TRUE(Ask(gpr_inf_future(GPR_CLOCK_REALTIME)).ok());
}

TEST_F(EdgeTest, TheSchemeOfATokenIsReadInAnyCase) {
  Serve([](const auto&, auto&) { return absl::OkStatus(); });
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER ", "bearer  "}) {
    EXPECT_TRUE(Ask(Soon(), scheme).ok()) << scheme;
  }
  EXPECT_EQ(errors::ReasonOf(Ask(Soon(), "Basic ")), "TOKEN_INVALID");
}

class KeptSpans final : public trace::Sink {
 public:
  KeptSpans() { trace::SendTo(this); }
  ~KeptSpans() override { trace::SendTo(nullptr); }
  void Take(trace::Ended span) override { spans.push_back(std::move(span)); }

  std::vector<trace::Ended> spans;  // read once the call is answered
};

constexpr char kTraceParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_F(EdgeTest, ACallGoesOnInTheTraceOfItsCallerAndItsSpanIsTold) {
  KeptSpans kept;
  trace::Context within;
  Serve([&](const auto&, auto&) {
    within = trace::Current();
    return errors::Internal("a defect");
  });
  AskIn({kTraceParent}).IgnoreError();
  server_->Shutdown();
  ASSERT_EQ(kept.spans.size(), 1U);
  EXPECT_EQ(kept.spans[0].name, "xixinting.intake.v1.HallService/ListHalls");
  EXPECT_EQ(kept.spans[0].outcome, "INTERNAL");
  EXPECT_TRUE(kept.spans[0].failed);
  EXPECT_EQ(kept.spans[0].context, within);
  EXPECT_EQ(within.trace_id, trace::Parse(kTraceParent)->trace_id);
  EXPECT_EQ(kept.spans[0].parent, trace::Parse(kTraceParent)->span_id);
}

TEST_F(EdgeTest, ATraceParentThatIsNoneOrCameTwiceBeginsANewTrace) {
  trace::Context within;
  Serve([&](const auto&, auto&) {
    within = trace::Current();
    return absl::OkStatus();
  });
  const trace::TraceId callers = trace::Parse(kTraceParent)->trace_id;
  EXPECT_TRUE(AskIn({kTraceParent}).ok());
  EXPECT_EQ(within.trace_id, callers);
  const std::vector<std::vector<std::string>> none = {
      {}, {"00-none"}, {kTraceParent, kTraceParent}, {absl::StrCat("0", kTraceParent)}};
  for (const std::vector<std::string>& parents : none) {
    EXPECT_TRUE(AskIn(parents).ok());
    EXPECT_TRUE(within.valid());
    EXPECT_NE(within.trace_id, callers);
  }
}

}  // namespace
}  // namespace xxt::rpc
