#include "common/trace/span.h"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/identifiers/random_bytes.h"

namespace xxt::trace {
namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<Sink*> sink{nullptr};
std::atomic<int> one_in_many{1};
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

// All services that sample at the same rate choose alike.
bool IsChosen(const TraceId& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.data() + 8, sizeof number);
  return number % static_cast<std::uint64_t>(one_in_many.load(std::memory_order_relaxed)) == 0;
}

Context NewContext(bool may_be_sampled) {
  std::uint8_t bytes[24];
  Context context;
  while (!context.valid()) {
    identifiers::FillWithRandomBytes(absl::MakeSpan(bytes));
    std::memcpy(context.trace_id.data(), bytes, context.trace_id.size());
    std::memcpy(context.span_id.data(), bytes + context.trace_id.size(), context.span_id.size());
  }
  context.sampled = may_be_sampled && IsChosen(context.trace_id);
  return context;
}

SpanId NewSpanId() {
  SpanId id{};
  while (id == SpanId{}) identifiers::FillWithRandomBytes(absl::MakeSpan(id));
  return id;
}

}  // namespace

void SendTo(Sink* to, int one_in) {
  one_in_many.store(one_in, std::memory_order_relaxed);
  sink.store(to);
}

Span::Span(Kind kind, absl::string_view name, absl::string_view traceparent) : kind_(kind), name_(name) {
  const bool recording = sink.load(std::memory_order_relaxed) != nullptr;
  const std::optional<Context> parent = Parse(traceparent);
  context_ = parent.has_value() ? *parent : NewContext(recording);
  recorded_ = recording && context_.sampled;
  if (!recorded_) return;
  if (parent.has_value()) {
    parent_ = parent->span_id;
    context_.span_id = NewSpanId();
  }
  begin_ = absl::Now();
  began_ = SteadyTime::Now();
}

void Span::End(absl::string_view outcome, bool failed) const {
  if (!recorded_) return;
  Sink* const to = sink.load();
  if (to == nullptr) return;
  to->Take(
      {kind_, std::string(name_), std::string(outcome), failed, context_, parent_, begin_, SteadyTime::Now() - began_});
}

}  // namespace xxt::trace
