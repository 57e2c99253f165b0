#include "common/trace/otlp.h"

#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_grpc_exporter_options.h>
#include <opentelemetry/nostd/span.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/instrumentationscope/instrumentation_scope.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/recordable.h>
#include <opentelemetry/trace/span_context.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace xxt::trace {
namespace {

namespace otel = ::opentelemetry;
using otel::sdk::instrumentationscope::InstrumentationScope;
using otel::sdk::resource::Resource;
using otel::sdk::trace::Recordable;

otel::exporter::otlp::OtlpGrpcExporterOptions OptionsFor(const std::string& endpoint) {
  otel::exporter::otlp::OtlpGrpcExporterOptions options;
  options.endpoint = absl::StrCat("http://", endpoint);
  options.use_ssl_credentials = false;
  options.timeout = absl::ToChronoMilliseconds(kSendWithin);
  options.retry_policy_max_attempts = 0;  // the next spans are a try
  return options;
}

Resource ResourceOf(const std::string& service) {
  otel::sdk::resource::ResourceAttributes attributes;
  attributes.SetAttribute("service.namespace", "xixinting");
  attributes.SetAttribute("service.name", otel::nostd::string_view(service));
  return Resource::Create(attributes);
}

otel::trace::TraceId IdOf(const TraceId& id) {
  return otel::trace::TraceId(otel::nostd::span<const std::uint8_t, 16>(id.data(), id.size()));
}
otel::trace::SpanId IdOf(const SpanId& id) {
  return otel::trace::SpanId(otel::nostd::span<const std::uint8_t, 8>(id.data(), id.size()));
}

void Describe(const Ended& span, Recordable& record) {
  const otel::trace::SpanContext context(IdOf(span.context.trace_id), IdOf(span.context.span_id),
                                         otel::trace::TraceFlags(otel::trace::TraceFlags::kIsSampled),
                                         /*is_remote=*/false);
  record.SetIdentity(context, IdOf(span.parent));
  record.SetTraceFlags(context.trace_flags());
  record.SetName(span.name);
  const bool call = span.kind == Kind::kCall;
  record.SetSpanKind(call ? otel::trace::SpanKind::kServer : otel::trace::SpanKind::kConsumer);
  record.SetStartTime(otel::common::SystemTimestamp(std::chrono::nanoseconds(absl::ToUnixNanos(span.begin))));
  record.SetDuration(absl::ToChronoNanoseconds(span.took));
  // As the metrics have them.
  record.SetAttribute(call ? "rpc.method" : "xixinting.task.kind", otel::nostd::string_view(span.name));
  record.SetAttribute(call ? "rpc.response.status_code" : "xixinting.task.outcome",
                      otel::nostd::string_view(span.outcome));
  if (call) record.SetAttribute("rpc.system.name", "grpc");
  if (span.failed) record.SetStatus(otel::trace::StatusCode::kError, "");
}

// The exporter, and what its records point to.
class Collector {
 public:
  Collector(const std::string& service, const std::string& endpoint)
      : resource_(ResourceOf(service)),
        scope_(InstrumentationScope::Create("xixinting")),
        exporter_(otel::exporter::otlp::OtlpGrpcExporterFactory::Create(OptionsFor(endpoint))) {}

  bool Take(const std::vector<Ended>& spans) {
    std::vector<std::unique_ptr<Recordable>> records;
    records.reserve(spans.size());
    for (const Ended& span : spans) {
      records.push_back(exporter_->MakeRecordable());
      records.back()->SetResource(resource_);
      records.back()->SetInstrumentationScope(*scope_);
      Describe(span, *records.back());
    }
    return exporter_->Export({records.data(), records.size()}) == otel::sdk::common::ExportResult::kSuccess;
  }

 private:
  const Resource resource_;
  const otel::nostd::unique_ptr<InstrumentationScope> scope_;
  const std::unique_ptr<otel::sdk::trace::SpanExporter> exporter_;
};

}  // namespace

Exporter::Send ToCollector(const std::string& service, const std::string& endpoint) {
  // What goes wrong is told by the exporter, in lines that can be parsed.
  using otel::sdk::common::internal_log::GlobalLogHandler;
  GlobalLogHandler::SetLogLevel(otel::sdk::common::internal_log::LogLevel::None);
  const auto collector = std::make_shared<Collector>(service, endpoint);
  return [collector](const std::vector<Ended>& spans) { return collector->Take(spans); };
}

}  // namespace xxt::trace
