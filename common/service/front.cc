#include "common/service/front.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

// Fails where the migrations were not run: a service without its tables must
// not get requests.
constexpr pg::Statement kReady{"service.ready", "SELECT 'backbone.task'::regclass, $1::regnamespace"};

absl::Status CheckStore(Base& base) {
  return pg::Read(base.pool(), absl::Now() + absl::Seconds(1),
                  [&](pg::Session& session) { return session.Run(kReady, base.name()).status(); });
}

}  // namespace

Front::Front(Base& base, tasks::Engine& engine, const std::vector<tasks::DeskKind>& desk_kinds)
    : base_(base),
      engine_(engine),
      watcher_(absl::StrCat("xixinting.", base.name()), base.pool(), base.verifier()),
      edge_({base.executor(), base.request_pool(), base.clock(), base.verifier(), base.metrics().rpc(),
             [this] { watcher_.Nudge(); }}),
      tasks_(edge_, desk_kinds) {
  base.metrics().Watch({{"requests", &base.request_pool()}, {"background", &base.pool()}}, base.executor(), engine);
  if (base.test_clock() != nullptr) clock_ = std::make_unique<rpc::ClockService>(edge_, *base.test_clock());
}

Front::~Front() { Drain(); }

absl::Status Front::Serve(std::vector<grpc::Service*> services) {
  services.push_back(&tasks_);
  if (clock_ != nullptr) services.push_back(clock_.get());
  const config::Service& config = base_.config();
  rpc::ServerOptions options;
  options.address = config.listen_address;
  options.reflection = config.reflection;
  options.probe_period = config.probe_period;
  options.drain_deadline = config.drain_deadline;
  XXT_ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, services, [this] { return CheckStore(base_); }));
  return absl::OkStatus();
}

void Front::Drain() {
  if (server_ != nullptr) server_->Drain(/*before_refusing=*/[this] { watcher_.Drain(); });
  engine_.Drain();
}

}  // namespace xxt::service
