#include "common/service/front.h"

#include <prometheus/gauge.h>

#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/service/seal_keys.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kAnswerWithin = absl::Seconds(3);

// Fails where the migrations were not run, and where nothing can be written: a
// service without its tables, or on a standby, must not get requests.
constexpr pg::Statement kReady{"service.ready", R"sql(
  WITH writable AS (SELECT id FROM backbone.machine_task WHERE false FOR UPDATE)
  SELECT $1::regnamespace, count(*), clock_timestamp() FROM writable)sql"};

// Returns how far the clock here is ahead of the store's, and less than `kAnswerWithin` more.
absl::StatusOr<absl::Duration> CheckStore(pg::Pool& pool, const std::string& service, const seal::Keyring& keys) {
  const SteadyTime deadline = SteadyTime::Now() + kAnswerWithin;
  absl::Duration ahead;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kReady, service));
    ahead = absl::Now() - rows[0].Time(2);
    return absl::OkStatus();
  }));
  XXT_RETURN_IF_ERROR(CheckSealKeys(pool, deadline, keys));
  return ahead;
}

}  // namespace

Front::Front(Base& base, tasks::Engine& engine, const std::vector<tasks::DeskKind>& desk_kinds,
             const seal::Keyring& keys)
    : base_(base),
      engine_(engine),
      keys_(keys),
      health_pool_(base.pool_options(1)),
      watcher_({absl::StrCat("xixinting.", base.name()), base.executor(), base.request_pool(), base.pool(),
                base.verifier(), base.metrics().rpc(), base.metrics().watches()}),
      ledger_alarm_(base.pool(), base.metrics().registry()),
      edge_({base.executor(), base.request_pool(), base.clock(), base.verifier(), base.metrics().rpc(), keys}),
      tasks_(edge_, desk_kinds) {
  std::set<std::string> kinds_of_people;
  for (const tasks::DeskKind& kind : desk_kinds) kinds_of_people.insert(kind.name);
  gauges_ = base.metrics().Watch({{"requests", &base.request_pool()}, {"background", &base.pool()}}, base.executor(),
                                 engine, kinds_of_people);
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
  prometheus::Gauge& ready = prometheus::BuildGauge()
                                 .Name("xixinting_ready")
                                 .Help("1 if the store was fit to serve from when it was last asked")
                                 .Register(base_.metrics().registry())
                                 .Add({});
  prometheus::Gauge& ahead = prometheus::BuildGauge()
                                 .Name("xixinting_process_clock_ahead_seconds")
                                 .Help("How far the clock here is ahead of the store's, when it was last asked")
                                 .Register(base_.metrics().registry())
                                 .Add({});
  XXT_ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, services, [this, &ready, &ahead] {
                         const absl::StatusOr<absl::Duration> found = CheckStore(health_pool_, base_.name(), keys_);
                         ready.Set(found.ok() ? 1 : 0);
                         if (found.ok()) ahead.Set(absl::ToDoubleSeconds(*found));
                         return found.status();
                       }));
  return absl::OkStatus();
}

void Front::Drain(const std::function<void()>& begin_stop) {
  const auto end_streams = [&] {
    begin_stop();
    gauges_->BeginStop();
    base_.BeginStop();
    watcher_.Drain();
  };
  if (server_ != nullptr) {
    server_->Drain(/*before_refusing=*/end_streams);
  } else {
    end_streams();
  }
  engine_.Drain();
  gauges_->Stop();
}

}  // namespace xxt::service
