#include "common/service/base.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <sys/stat.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/files/read.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "common/trace/otlp.h"

namespace xxt::service {
namespace {

constexpr char kJwksKey[] = "identity.jwks_file";

// Everybody may know these keys, but not say which they are.
absl::StatusOr<std::string> ReadJwks(const std::string& file) { return files::Read(file, S_IWOTH); }

void TellWhenTheCalendarEnds(prometheus::Registry& registry) {
  const absl::Time end = calendar::EndOfDay(calendar::WorkingDays::China().last_day());
  prometheus::BuildGauge()
      .Name("xixinting_calendar_end_timestamp_seconds")
      .Help("When the calendar of working days ends; Unix time")
      .Register(registry)
      .Add({})
      .Set(static_cast<double>(absl::ToUnixSeconds(end)));
}

std::unique_ptr<trace::Exporter> MakeExporter(const std::string& name, const config::Service& config,
                                              prometheus::Registry& registry) {
  prometheus::Counter& dropped = prometheus::BuildCounter()
                                     .Name("xixinting_trace_spans_dropped_total")
                                     .Help("Spans that the collector did not take, or that found no room")
                                     .Register(registry)
                                     .Add({});
  if (config.trace_otlp_endpoint.empty()) return nullptr;
  return std::make_unique<trace::Exporter>(trace::ToCollector(name, config.trace_otlp_endpoint), config.trace_one_in,
                                           dropped);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Base>> Base::Make(const std::string& name, const config::Service& config) {
  const std::optional<identifiers::Cell> cell = identifiers::ParseCell(config.cell);
  if (!cell.has_value()) return absl::InvalidArgumentError("cell is not one");
  identifiers::SetOwnCell(*cell);
  auto base = std::unique_ptr<Base>(new Base(name, config));
  const absl::StatusOr<std::string> jwks = ReadJwks(config.jwks_file);
  if (!jwks.ok()) return absl::InvalidArgumentError(absl::StrCat(kJwksKey, " ", jwks.status().message()));
  XXT_ASSIGN_OR_RETURN(base->verifier_, identity::Verifier::Make(*jwks, config.audience, config.staff_issuer));
  XXT_ASSIGN_OR_RETURN(base->signer_,
                       identity::Signer::Make(config.signing_key.value(), absl::StrCat("services/", name), "",
                                              {"service"}, config.audience));
  tls::Files own = config.tls;
  own.name = absl::StrCat("services/", name);
  if (!config.tls_plaintext) {
    XXT_ASSIGN_OR_RETURN(base->tls_, tls::Credentials::Load(own));
  }
  if (config.test_clock_file.empty()) {
    base->clock_ = std::make_unique<SystemClock>();
  } else {
#ifdef XXT_TEST_CLOCK
    auto clock = std::make_unique<FileClock>(config.test_clock_file);
    base->test_clock_ = clock.get();
    base->clock_ = std::move(clock);
#else
    return absl::InvalidArgumentError("clock.test_file is for test builds only");
#endif
  }
  const int half = config.postgres_connections / 2;
  base->pool_ = std::make_unique<pg::Pool>(base->pool_options(half));
  base->request_pool_ = std::make_unique<pg::Pool>(base->pool_options(config.postgres_connections - half));
  base->executor_ =
      std::make_unique<Executor>(config.executor_threads, static_cast<std::size_t>(config.executor_queue));
  try {
    base->metrics_ = std::make_unique<metrics::ServiceMetrics>(config.metrics_address);
  } catch (const std::runtime_error&) {
    return absl::UnavailableError(absl::StrCat("cannot listen on metrics.address ", config.metrics_address));
  }
  TellWhenTheCalendarEnds(base->metrics_->registry());
  base->housekeeping_ = std::make_unique<Housekeeping>(*base->pool_, base->metrics_->registry());
  if (base->tls_ != nullptr) {
    base->certificate_watch_ = std::make_unique<CertificateWatch>(own, base->metrics_->registry());
  }
  base->exporter_ = MakeExporter(name, config, base->metrics_->registry());
  return base;
}

std::shared_ptr<grpc::ServerCredentials> Base::server_credentials() const {
  return tls_ == nullptr ? grpc::InsecureServerCredentials() : tls_->ForServer();
}

std::shared_ptr<grpc::ChannelCredentials> Base::credentials_to(const std::string& peer) const {
  return tls_ == nullptr ? grpc::InsecureChannelCredentials() : tls_->ForChannelTo(absl::StrCat("services/", peer));
}

void Base::BeginStop() {
  housekeeping_->BeginStop();
  if (certificate_watch_ != nullptr) certificate_watch_->BeginStop();
}

std::vector<Rotation::Source> Base::rotating(std::vector<files::Secret> own) {
  std::vector<Rotation::Source> sources;
  sources.push_back({kJwksKey, [file = config_.jwks_file] { return ReadJwks(file); },
                     [this](const std::string& text) { return verifier_->Take(text); }});
  // Behind the public keys: it is taken only if they have its own.
  if (!config_.signing_key.file().empty()) {
    sources.push_back(Rotation::Of(config_.signing_key));
    sources.back().take = [this](const std::string& text) { return signer_->Take(text, *verifier_); };
  }
  own.push_back(config_.postgres_password);
  own.push_back(config_.redis_password);
  for (const files::Secret& secret : own) {
    if (!secret.file().empty()) sources.push_back(Rotation::Of(secret));
  }
  return sources;
}

pg::PoolOptions Base::pool_options(int connections) const {
  pg::PoolOptions options;
  options.dsn = config_.postgres_dsn;
  options.password = config_.postgres_password;
  options.connections = connections;
  return options;
}

tasks::EngineOptions Base::engine_options(const seal::Keyring& keys) const {
  tasks::EngineOptions options;
  options.service = name_;
  options.redis.address = config_.redis_address;
  options.redis.username = config_.redis_username;
  options.redis.password = config_.redis_password;
  options.workers = config_.task_workers;
  options.lease = config_.task_lease;
  options.redeliver_after = config_.task_redeliver_after;
  options.may_claim = [&keys] { return keys.checked(); };
  return options;
}

}  // namespace xxt::service
