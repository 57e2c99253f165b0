#ifndef XXT_TESTS_CONTRACT_INTAKE_WATCH_WORLD_H_
#define XXT_TESTS_CONTRACT_INTAKE_WATCH_WORLD_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/wire_status.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/world.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"

namespace xxt::intake {

using Event = ::xixinting::common::v1::Event;
using Cases = v1::CaseService::Stub;

// One stream.
class Watch {
 public:
  Watch(World& world, const std::string& caller, const std::string& resume_token, const std::string& name = "")
      : Watch(world.channel(), caller, resume_token, name) {}
  Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& caller, const std::string& resume_token,
        const std::string& name = "")
      : stub_(channel) {
    contract::Prepare(context_, caller);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    v1::WatchCasesRequest request;
    request.set_name(name);
    request.set_resume_token(resume_token);
    stream_ = stub_.WatchCases(&context_, request);
  }
  ~Watch() { context_.TryCancel(); }

  // Waits until the server listens for a stream that starts now.
  bool Listens() { return Receive(); }

  // Waits for the next event; nothing if the stream ended or a minute has passed.
  std::optional<Event> Next() {
    while (heard_.empty()) {
      if (!Receive()) return std::nullopt;
    }
    const Event event = heard_.front();
    heard_.pop_front();
    return event;
  }

  // The ids of the next `count` events, fewer if the stream ends before.
  std::vector<std::string> NextIds(std::size_t count) {
    std::vector<std::string> ids;
    while (ids.size() < count) {
      const std::optional<Event> event = Next();
      if (!event.has_value()) break;
      ids.push_back(event->id());
    }
    return ids;
  }

  // Behind all that Next answered. Only where no event is left of what was received.
  std::string token() const {
    EXPECT_TRUE(heard_.empty());
    return token_;
  }

  // The status of a stream that the server ends.
  absl::Status End() {
    while (Receive()) {
    }
    return rpc::FromGrpcStatus(stream_->Finish());
  }

 private:
  bool Receive() {
    v1::WatchCasesResponse response;
    if (!stream_->Read(&response)) return false;
    heard_.insert(heard_.end(), response.events().begin(), response.events().end());
    token_ = response.resume_token();
    return true;
  }

  Cases stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCasesResponse>> stream_;
  std::deque<Event> heard_;
  std::string token_;
};

class WatchCases : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new World(); }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  // For a test that needs an empty ledger, or ends the service.
  void TakeAnotherWorld() {
    own_ = std::make_unique<World>();
    world_ = own_.get();
  }
  World& world() { return *world_; }

  // Opens a case; answers its name.
  std::string Open(const std::string& caller = Officer(), const std::string& hall = kHall) {
    v1::CreateCaseRequest request = CreateRequest();
    request.mutable_case_()->set_hall(hall);
    Cases stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, caller);
    v1::Case created;
    const absl::Status status = rpc::FromGrpcStatus(stub.CreateCase(&context, request, &created));
    EXPECT_TRUE(status.ok()) << status;
    return created.name();
  }

  // Changes something in a case once.
  void Change(const std::string& name) {
    v1::RecordGapRequest request;
    request.set_parent(name);
    request.mutable_paper()->set_title("火化证明");
    request.mutable_paper()->set_source("丧葬费申领办事指南");
    request.set_request_id(NewId());
    v1::PaperService::Stub stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, Officer());
    v1::Paper missing;
    const absl::Status status = rpc::FromGrpcStatus(stub.RecordGap(&context, request, &missing));
    EXPECT_TRUE(status.ok()) << status;
  }

  v1::ListCasesResponse List() {
    v1::ListCasesRequest request;
    request.set_page_size(500);
    Cases stub(world().channel());
    grpc::ClientContext context;
    contract::Prepare(context, Officer());
    v1::ListCasesResponse listed;
    const absl::Status status = rpc::FromGrpcStatus(stub.ListCases(&context, request, &listed));
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(listed.next_page_token(), "");
    return listed;
  }

 private:
  static inline World* shared_ = nullptr;
  std::unique_ptr<World> own_;
  World* world_ = shared_;
};

}  // namespace xxt::intake

#endif  // XXT_TESTS_CONTRACT_INTAKE_WATCH_WORLD_H_
