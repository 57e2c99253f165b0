#ifndef XXT_TESTS_CONTRACT_INTAKE_WORLD_H_
#define XXT_TESTS_CONTRACT_INTAKE_WORLD_H_

#include <grpcpp/grpcpp.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/testing/tokens.h"
#include "services/intake/assembly.h"
#include "tests/contract/service_world.h"
#include "tests/contract/text.h"
#include "xixinting/intake/v1/case_service.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// The intake service for contract tests: real stubs, real stores, and a
// notification service that only remembers; who calls it, and a right case.
namespace xxt::intake {

namespace v1 = ::xixinting::intake::v1;

inline constexpr char kHall[] = "halls/110102016";
inline constexpr char kOtherHall[] = "halls/110102014";

// Callers.
inline std::string Officer() { return test::Token("staff/wang", kHall, {"officer"}); }
inline std::string Leader() { return test::Token("staff/li-min", kHall, {"leader"}); }
inline std::string Clerk() { return test::Token("staff/chen", kHall, {"counter"}); }
inline std::string Stranger() {
  return test::Token("staff/officer-110102014", kOtherHall, {"officer", "leader", "counter"});
}
inline std::string District() { return test::Token("staff/qu", "", {"district"}); }
inline std::string Operator() { return test::Token("staff/op", "", {"operator"}); }
inline std::string ReferralService() { return test::Token("services/referral", "", {"service"}); }
inline std::string NotificationService() { return test::Token("services/notification", "", {"service"}); }

inline std::string NewId() { return identifiers::NewUuid(absl::Now()); }

// A right case.
inline constexpr char kCase[] = R"pb(
  case {
    title: "丧葬费申领缺火化证明"
    summary: "申请人丈夫去世，火化证明遗失。"
    hall: "halls/110102016"
    service_item: "丧葬费申领"
    difficulties: DIFFICULTY_PAPER_MISSING
    parties {
      role: ROLE_APPLICANT
      display_name: "沈女士"
      resident_id: "11010519491231002X"
      phone_number: "138 0013 8000"
    }
    parties { role: ROLE_SUBJECT display_name: "沈女士的丈夫" deceased: true relationship: "配偶" }
  }
)pb";

inline v1::CreateCaseRequest CreateRequest() {
  return contract::Text<v1::CreateCaseRequest>(absl::StrCat(kCase, "request_id: '$id'"));
}

// The message's parameter of that name; an empty one if it has none.
inline ::xixinting::notification::v1::Parameter ParameterOf(const ::xixinting::notification::v1::Message& message,
                                                            const std::string& name) {
  for (const auto& parameter : message.parameters()) {
    if (parameter.name() == name) return parameter;
  }
  return {};
}

// Remembers what it is told; refuses or is away when a test says so.
class FakeNotification final : public ::xixinting::notification::v1::MessageService::Service {
 public:
  grpc::Status CreateMessage(grpc::ServerContext*, const ::xixinting::notification::v1::CreateMessageRequest* request,
                             ::xixinting::notification::v1::Message* response) override {
    if (holds_) {
      ++held_;
      while (holds_) absl::SleepFor(absl::Milliseconds(5));
    }
    const MutexLock lock(mu_);
    ++calls_;
    if (away_ > 0) {
      --away_;
      return {grpc::StatusCode::UNAVAILABLE, "away"};
    }
    if (refused_.count(request->message().template_()) > 0) return {grpc::StatusCode::INVALID_ARGUMENT, "no"};
    const auto [known, is_new] = bytes_.try_emplace(request->request_id(), request->SerializeAsString());
    if (is_new) messages_.push_back(*request);
    if (loses_answers_) return {grpc::StatusCode::UNAVAILABLE, "lost"};
    if (known->second != request->SerializeAsString()) {
      ++reused_;
      return rpc::ToGrpcStatus(errors::RequestIdReused(request->request_id()));
    }
    *response = request->message();
    return grpc::Status::OK;
  }

  // As the service does: what is there is corrected, by the highest revision.
  grpc::Status CorrectRecipient(grpc::ServerContext*,
                                const ::xixinting::notification::v1::CorrectRecipientRequest* request,
                                ::xixinting::notification::v1::CorrectRecipientResponse*) override {
    const MutexLock lock(mu_);
    ++corrections_;
    if (refuses_corrections_) return {grpc::StatusCode::INVALID_ARGUMENT, "no"};
    for (auto& known : messages_) {
      auto& message = *known.mutable_message();
      if (message.audience() != request->audience()) continue;
      if (message.recipient().revision() < request->recipient().revision()) {
        *message.mutable_recipient() = request->recipient();
      }
    }
    return grpc::Status::OK;
  }
  int corrections() {
    const MutexLock lock(mu_);
    return corrections_;
  }
  void RefuseCorrections(bool refuses) {
    const MutexLock lock(mu_);
    refuses_corrections_ = refuses;
  }
  // Leaves messages lying before it looks at them.
  void Hold(bool holds) { holds_ = holds; }
  int held() { return held_; }

  // The message for `event`, waiting for it; empty after twenty seconds.
  ::xixinting::notification::v1::CreateMessageRequest Await(const std::string& event) {
    const absl::Time give_up = absl::Now() + absl::Seconds(20);
    for (;;) {
      {
        const MutexLock lock(mu_);
        for (const auto& message : messages_) {
          if (message.message().event() == event) return message;
        }
      }
      if (absl::Now() > give_up) return {};
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

  bool Knows(const std::string& event) {
    const MutexLock lock(mu_);
    return std::any_of(messages_.begin(), messages_.end(),
                       [&event](const auto& message) { return message.message().event() == event; });
  }

  void BeAway(int calls) {
    const MutexLock lock(mu_);
    away_ = calls;
  }
  // Takes messages, and lets nobody know.
  void LoseAnswers(bool loses) {
    const MutexLock lock(mu_);
    loses_answers_ = loses;
  }
  // How often a request came again with other bytes.
  int reused() {
    const MutexLock lock(mu_);
    return reused_;
  }
  void Refuse(std::set<std::string> templates) {
    const MutexLock lock(mu_);
    refused_ = std::move(templates);
  }

 private:
  Mutex mu_;
  int calls_ = 0;
  int away_ = 0;
  int reused_ = 0;
  bool loses_answers_ = false;
  int corrections_ = 0;
  bool refuses_corrections_ = false;
  std::atomic<bool> holds_ = false;
  std::atomic<int> held_ = 0;
  std::map<std::string, std::string> bytes_;  // by request id
  std::set<std::string> refused_;
  std::vector<::xixinting::notification::v1::CreateMessageRequest> messages_;
};

// The service with its stores, seeded, and its neighbour.
class World final : public contract::ServiceWorld<World, Assembly, Config> {
 public:
  World() : ServiceWorld("intake") {
    std::ifstream seed(XXT_SOURCE_DIR "/services/intake/seed/dev.sql");
    std::ostringstream sql;
    sql << seed.rdbuf();
    database_.Sql(sql.str());
    config_.notification_address = notification_server_.address();
    Start();
  }
  ~World() { End(); }

  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments apart;
    apart.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(running_.address(), grpc::InsecureChannelCredentials(), apart);
  }
  contract::Surroundings surroundings() const {
    return {running_.address(), config_.service.metrics_address, config_.notification_address, {}, &dir_};
  }
  FakeNotification& notification() { return notification_; }
  void Advance(absl::Duration by) { clock_.Advance(by); }

  // As where somebody forgot the migrations.
  void RestartWithoutTables() {
    End();
    database_.Sql("ALTER SCHEMA backbone RENAME TO elsewhere");
    Start();
  }

  void Start(const contract::Startup& how = {}) {
    config_.service = contract::ConfigOf("intake", database_, dir_);
    config_.service.probe_period = how.probe_period;
    config_.service.trace_otlp_endpoint = how.span_collector;
    config_.service.task_lease = how.task_lease;
    config_.policy.judge_workdays = 6;  // not the default: policy_test.cc sees that it is a setting
    running_.Start(config_);
  }

 private:
  FakeNotification notification_;
  contract::PeerServer notification_server_{&notification_};
};

}  // namespace xxt::intake

#endif  // XXT_TESTS_CONTRACT_INTAKE_WORLD_H_
