#ifndef XXT_COMMON_TRACE_CONTEXT_H_
#define XXT_COMMON_TRACE_CONTEXT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/log/log.h"

namespace xxt::trace {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// Where in which trace something is done (W3C Trace Context). `tracestate` is
// not passed on: nothing here reads it, and whoever calls may write into it what
// they like.
struct Context {
  TraceId trace_id{};
  SpanId span_id{};
  bool sampled = false;

  bool valid() const { return trace_id != TraceId{} && span_id != SpanId{}; }
  friend bool operator==(const Context&, const Context&) = default;
};

// What a `traceparent` says, "00-<32 hex digits>-<16>-<2>". Strict: anything
// else, another version too, is nobody's.
std::optional<Context> Parse(absl::string_view traceparent);

// The traceparent that says `context`.
std::string Format(const Context& context);

// What this thread is doing; not valid outside a Scope.
const Context& Current();

// While it lives, this thread works within `context`, and its log lines carry
// the id of the trace. Nests.
class Scope {
 public:
  explicit Scope(const Context& context);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  const Context outer_;
  const log::Trace log_;
};

}  // namespace xxt::trace

#endif  // XXT_COMMON_TRACE_CONTEXT_H_
