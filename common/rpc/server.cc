#include "common/rpc/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>

#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/grpc_log.h"
#include "common/rpc/unreadable.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

constexpr int kMaxMessageBytes = 1 << 20;
constexpr int kMaxHealthRequestBytes = 1 << 10;
constexpr absl::Duration kHealthEvery = absl::Seconds(1);
// On one connection; more than the watches it may have (watch.cc), so
// that there is always room for a call.
constexpr int kMostStreams = 1200;
// How often a client may ping; oftener is taken for an attack.
constexpr absl::Duration kPingedAtMost = absl::Seconds(10);

int Millis(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

void AddConnectionLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(options.greet_within));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.ping_after));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.answer_ping_within));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as it takes
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Millis(kPingedAtMost));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(options.close_idle_after));
}

// Takes away what libraries add to every server of a process that is linked with
// them: reflection, whether anybody asked for it or not.
class NothingAdded final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override { plugins->clear(); }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services,
                                                      std::function<absl::Status()> ready) {
  if (options.credentials == nullptr) return absl::InvalidArgumentError("a server needs credentials");
  // Its raw lines would break the JSON log; the call's own line tells the failure.
  google::protobuf::SetLogHandler(nullptr);
  TakeGrpcReports();
  grpc::EnableDefaultHealthCheckService(true);
  auto made = std::unique_ptr<Server>(new Server(options));
  if (!options.health_address.empty()) XXT_RETURN_IF_ERROR(made->ListenForHealth());
  XXT_RETURN_IF_ERROR(made->Listen(services));
  made->Say("liveness", true);
  made->SetServing(false);
  Server* server = made.get();
  made->health_ =
      std::make_unique<Loop>("health", [server, ready = std::move(ready), was = std::optional<bool>()]() mutable {
        const absl::Status status = ready();
        if (was != status.ok()) {
          log::Info(status.ok() ? "health.serving" : "health.not_serving", {{"status", status}});
          server->SetServing(status.ok());
          was = status.ok();
        }
        return kHealthEvery;
      });
  return made;
}

absl::Status Server::ListenForHealth() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options_.health_address, grpc::InsecureServerCredentials(), &health_port_);
  builder.SetMaxReceiveMessageSize(kMaxHealthRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  AddConnectionLimits(options_, builder);
  builder.SetOption(std::make_unique<NothingAdded>());
  builder.RegisterCallbackGenericService(&nothing_but_health_);
  health_server_ = builder.BuildAndStart();
  if (health_server_ != nullptr && health_port_ != 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot listen on health.address ", options_.health_address));
}

absl::Status Server::Listen(const std::vector<grpc::Service*>& services) {
  if (options_.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!options_.reflection) builder.SetOption(std::make_unique<NothingAdded>());
  builder.AddListeningPort(options_.address, options_.credentials, &port_);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  AddConnectionLimits(options_, builder);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * 60'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 60'000);
  builder.experimental().SetInterceptorCreators(UnreadableRequestInterceptors());
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.RegisterCallbackGenericService(&nothing_else_);  // of no service at all gRPC makes no server
  server_ = builder.BuildAndStart();
  if (server_ != nullptr && port_ != 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.address));
}

Server::~Server() { Drain(); }

void Server::SetServing(bool serving) {
  const MutexLock lock(mu_);
  if (serving && draining_) return;
  Say("", serving);
  Say("readiness", serving);
}

void Server::Say(const std::string& service, bool serving) {
  for (grpc::Server* server : {server_.get(), health_server_.get()}) {
    if (server != nullptr) server->GetHealthCheckService()->SetServingStatus(service, serving);
  }
}

void Server::Drain(const std::function<void()>& before_refusing) {
  {
    const MutexLock lock(mu_);
    if (std::exchange(draining_, true)) return;
  }
  if (health_ == nullptr) return;  // it never came up
  SetServing(false);
  health_->BeginStop();
  std::this_thread::sleep_for(absl::ToChronoMilliseconds(options_.probe_period));
  before_refusing();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.drain_deadline));
  server_->Wait();
  health_->Stop();
  if (health_server_ != nullptr) health_server_->Shutdown(absl::ToChronoTime(absl::Now()));
}

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void StopSignals::Wait() {
  int signal = 0;
  sigwait(&signals_, &signal);
  log::Info("server.stopping", {{"signal", signal}});
}

}  // namespace xxt::rpc
