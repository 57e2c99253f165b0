#include "services/intake/assembly.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/tell_tasks.h"

namespace xxt::intake {
namespace {

absl::StatusOr<std::unique_ptr<identity::Verifier>> MakeVerifier(const config::Service& service) {
  std::ifstream file(service.jwks_file);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("identity.jwks_file cannot be read: ", service.jwks_file));
  std::ostringstream jwks;
  jwks << file.rdbuf();
  return identity::Verifier::Make(jwks.str(), service.audience);
}

absl::StatusOr<std::unique_ptr<Clock>> MakeClock(const config::Service& service) {
  if (service.test_clock_file.empty()) return std::make_unique<SystemClock>();
#ifdef XXT_TEST_CLOCK
  return std::make_unique<FileClock>(service.test_clock_file);
#else
  return absl::InvalidArgumentError("clock.test_file is for test builds only");
#endif
}

pg::PoolOptions PoolOf(const config::Service& service) {
  pg::PoolOptions options;
  options.dsn = service.postgres_dsn;
  options.password = service.postgres_password;
  options.connections = service.postgres_connections;
  return options;
}

tasks::EngineOptions EngineOf(const config::Service& service) {
  tasks::EngineOptions options;
  options.service = "intake";
  options.redis.address = service.redis_address;
  options.redis.username = service.redis_username;
  options.redis.password = service.redis_password;
  return options;
}

}  // namespace

Assembly::Assembly(const Config& config, std::unique_ptr<identity::Verifier> verifier,
                   std::unique_ptr<identity::Signer> signer, std::unique_ptr<Clock> clock)
    : config_(config),
      verifier_(std::move(verifier)),
      signer_(std::move(signer)),
      clock_(std::move(clock)),
      pool_(PoolOf(config_.service)),
      notification_client_(config_.notification_address, *signer_),
      notification_(MakeNotificationClient(notification_client_)),
      desk_kinds_(app::DeskKinds()),
      executor_(config_.service.executor_threads, static_cast<std::size_t>(config_.service.executor_queue)),
      engine_(EngineOf(config_.service), pool_, *clock_, {app::TellKind(pool_, *notification_)}),
      metrics_(config_.service.metrics_address),
      watcher_("xixinting.intake", pool_, *verifier_),
      edge_({executor_, pool_, *clock_, *verifier_, metrics_.rpc(),
             [this] {
               engine_.Nudge();
               watcher_.Nudge();
             }}),
      cases_(edge_, watcher_, serials_, config_.policy),
      duty_(edge_),
      tasks_(edge_, desk_kinds_) {
  metrics_.Watch(pool_, executor_, engine_);
}

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(const Config& config) {
  const config::Service& service = config.service;
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<identity::Verifier> verifier, MakeVerifier(service));
  XXT_ASSIGN_OR_RETURN(
      std::unique_ptr<identity::Signer> signer,
      identity::Signer::Make(service.signing_key, "services/intake", "", {"service"}, service.audience));
  XXT_ASSIGN_OR_RETURN(std::unique_ptr<Clock> clock, MakeClock(service));
  auto* file_clock = dynamic_cast<FileClock*>(clock.get());
  std::unique_ptr<Assembly> made;
  try {
    made.reset(new Assembly(config, std::move(verifier), std::move(signer), std::move(clock)));
  } catch (const std::runtime_error&) {
    return absl::UnavailableError(absl::StrCat("cannot listen on metrics.address ", service.metrics_address));
  }
  std::vector<grpc::Service*> services = {&made->cases_, &made->duty_, &made->tasks_};
  if (file_clock != nullptr) {
    made->clock_service_ = std::make_unique<rpc::ClockService>(made->edge_, *file_clock);
    services.push_back(made->clock_service_.get());
  }
  rpc::ServerOptions options;
  options.address = service.listen_address;
  options.reflection = service.reflection;
  options.probe_period = service.probe_period;
  options.drain_deadline = service.drain_deadline;
  pg::Pool& pool = made->pool_;
  XXT_ASSIGN_OR_RETURN(made->server_, rpc::Server::Start(options, services, [&pool] {
                         return pool.Ping(absl::Now() + absl::Seconds(1));
                       }));
  return made;
}

void Assembly::Drain() {
  watcher_.Drain();
  if (server_ != nullptr) server_->Drain();
  engine_.Drain();
}

Assembly::~Assembly() { Drain(); }

}  // namespace xxt::intake
