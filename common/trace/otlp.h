#ifndef XXT_COMMON_TRACE_OTLP_H_
#define XXT_COMMON_TRACE_OTLP_H_

#include <string>

#include "common/trace/exporter.h"

namespace xxt::trace {

// Tells a collector at `endpoint`, HOST:PORT, of spans of `service`, by OTLP over
// gRPC without TLS: nothing that is told is anybody's. Here alone OpenTelemetry is
// known. For one thread.
Exporter::Send ToCollector(const std::string& service, const std::string& endpoint);

}  // namespace xxt::trace

#endif  // XXT_COMMON_TRACE_OTLP_H_
