#include "common/service/front.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/service/schema.h"
#include "common/service/seal_keys.h"
#include "common/status/macros.h"
#include "common/trace/exporter.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kAnswerWithin = absl::Seconds(3);

absl::Status MigrationsMissing(const std::string& last, const std::string& needed) {
  return absl::FailedPreconditionError(
      absl::StrCat("the last migration is ", last, ", and this version needs ", needed, ": run the migrations"));
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

// Fails where no migration was run, and where nothing can be written: a service
// without its tables, or on a standby, must not get requests.
constexpr pg::Statement kReady{"service.ready", R"sql(
  WITH writable AS (SELECT id FROM backbone.machine_task WHERE false FOR UPDATE)
  SELECT $1::regnamespace, count(*), clock_timestamp(), (SELECT max(version) FROM public.schema_migrations)
    FROM writable)sql"};

struct Store {
  absl::Duration clock_ahead;  // of the clock here, and less than `kAnswerWithin` more
  std::string last_migration;
};

absl::StatusOr<Store> LookAt(pg::Pool& pool, const std::string& service, const seal::Keyring& keys) {
  const SteadyTime deadline = SteadyTime::Now() + kAnswerWithin;
  Store store;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kReady, service));
    store.clock_ahead = absl::Now() - rows[0].Time(2);
    store.last_migration = rows[0].Text(3);
    return absl::OkStatus();
  }));
  XXT_RETURN_IF_ERROR(CheckSealKeys(pool, deadline, keys));
  return store;
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
      event_sealer_(base.pool(), keys, base.metrics().registry()),
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
  prometheus::Registry& registry = base_.metrics().registry();
  prometheus::Gauge& ready =
      AddGauge(registry, "xixinting_ready", "1 if the store was fit to serve from when it was last asked");
  prometheus::Gauge& ahead = AddGauge(registry, "xixinting_process_clock_ahead_seconds",
                                      "How far the clock here is ahead of the store's, when it was last asked");
  prometheus::Gauge& migrated =
      AddGauge(registry, "xixinting_migrations_run", "1 if the store has had the migrations that this was built with");
  const std::string needed = LastMigration(base_.name());
  XXT_ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, services, [this, &ready, &ahead, &migrated, needed] {
                         const absl::StatusOr<Store> store = LookAt(health_pool_, base_.name(), keys_);
                         absl::Status status = store.status();
                         if (store.ok()) {
                           ahead.Set(absl::ToDoubleSeconds(store->clock_ahead));
                           const bool there = store->last_migration >= needed;
                           migrated.Set(there ? 1 : 0);
                           if (!there) status = MigrationsMissing(store->last_migration, needed);
                         }
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
    event_sealer_.BeginStop();
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
