#include "common/service/front.h"

#include <prometheus/gauge.h>

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/pg/pool.h"
#include "common/service/seal_keys.h"
#include "common/status/macros.h"
#include "common/trace/exporter.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kAnswerWithin = absl::Seconds(3);

// Fails where the migrations were not run, and where nothing can be written: a
// service without its tables, or on a standby, must not get requests.
constexpr pg::Statement kReady{"service.ready", R"sql(
  WITH writable AS (SELECT id FROM backbone.machine_task WHERE false FOR UPDATE)
  SELECT $1::regnamespace, count(*) FROM writable)sql"};

absl::Status CheckStore(pg::Pool& pool, const std::string& service, const seal::Keyring& keys) {
  const SteadyTime deadline = SteadyTime::Now() + kAnswerWithin;
  XXT_RETURN_IF_ERROR(
      pg::Read(pool, deadline, [&](pg::Session& session) { return session.Run(kReady, service).status(); }));
  return CheckSealKeys(pool, deadline, keys);
}

std::vector<Rotation::Source> SourcesOf(Base& base, const seal::Keyring& keys, std::vector<files::Secret> own) {
  std::vector<Rotation::Source> sources = base.rotating(std::move(own));
  // Last, for it asks the store.
  const std::string& file = base.config().seal_key_file;
  sources.push_back({"seal.key_file", [file] { return seal::Keyring::ReadFile(file); },
                     [&base, &keys, file](const std::string& text) -> absl::Status {
                       XXT_ASSIGN_OR_RETURN(const seal::Keyring next, seal::Keyring::Parse(file, text));
                       return TakeSealKeys(base.pool(), next, keys);
                     }});
  return sources;
}

}  // namespace

Front::Front(Base& base, tasks::Engine& engine, const std::vector<tasks::DeskKind>& desk_kinds,
             const seal::Keyring& keys, std::vector<files::Secret> own)
    : base_(base),
      engine_(engine),
      keys_(keys),
      health_pool_(base.pool_options(1)),
      watcher_({absl::StrCat("xixinting.", base.name()), base.executor(), base.request_pool(), base.pool(),
                base.verifier(), base.metrics().rpc(), base.metrics().watches(), base.trust_domain()}),
      ledger_alarm_(base.pool(), base.metrics().registry()),
      rotation_(SourcesOf(base, keys, std::move(own)), base.metrics().registry()),
      edge_({base.executor(), base.request_pool(), base.clock(), base.verifier(), base.metrics().rpc(), keys,
             base.trust_domain()}),
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
  options.credentials = base_.server_credentials();
  options.health_address = config.health_address;
  options.reflection = config.reflection;
  options.probe_period = config.probe_period;
  options.drain_deadline = config.drain_deadline;
  prometheus::Gauge& ready = prometheus::BuildGauge()
                                 .Name("xixinting_ready")
                                 .Help("1 if the store was fit to serve from when it was last asked")
                                 .Register(base_.metrics().registry())
                                 .Add({});
  XXT_ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, services, [this, &ready] {
                         absl::Status status = CheckStore(health_pool_, base_.name(), keys_);
                         ready.Set(status.ok() ? 1 : 0);
                         return status;
                       }));
  return absl::OkStatus();
}

void Front::Drain(const std::function<void()>& begin_stop) {
  const auto end_streams = [&] {
    begin_stop();
    gauges_->BeginStop();
    base_.BeginStop();
    rotation_.BeginStop();
    watcher_.Drain();
  };
  if (server_ != nullptr) {
    server_->Drain(/*before_refusing=*/end_streams);
  } else {
    end_streams();
  }
  // Spans of the last tasks get what these leave of their time.
  const SteadyTime end = SteadyTime::Now() + base_.config().task_lease / 2 + tasks::kStoreWithin;
  if (base_.exporter() != nullptr) base_.exporter()->BeginStop();
  engine_.Drain();
  if (base_.exporter() != nullptr) base_.exporter()->Drain(end);
  gauges_->Stop();
}

}  // namespace xxt::service
