#ifndef XXT_COMMON_TRACE_SPAN_H_
#define XXT_COMMON_TRACE_SPAN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/trace/context.h"

namespace xxt::trace {

// What a span is of: a call that is answered, or a try of a task.
enum class Kind { kCall, kTask };

// A span that is over. All of it are words of the code, ids of the trace, and
// times: nothing of whom it was done for.
struct Ended {
  Kind kind = Kind::kCall;
  std::string name;     // "xixinting.intake.v1.CaseService/GetCase", "case.tell"
  std::string outcome;  // "NOT_FOUND", "retry"
  bool failed = false;  // for reasons that are ours to look at
  Context context;
  SpanId parent{};  // none: zeros
  absl::Time begin;
  absl::Duration took;
};

// Where spans go. Thread-safe, and never waits.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Take(Ended span) = 0;
};

// From now on spans of this process go to `sink`: those of traces that others
// want recorded, and of new traces one in `one_in`. Null: none, as in the
// beginning; then the traceparent that came goes on as it is. No span may end
// while a sink is destroyed that was not taken away before.
void SendTo(Sink* sink, int one_in = 1);

// Something that is being done, from here to End. Where nothing is recorded it
// costs two reads, and a trace id for the log if none came.
class Span {
 public:
  Span() = default;
  // Continues the trace that `traceparent` tells of; if it tells of none, begins
  // one. `name` must outlive this.
  Span(Kind kind, absl::string_view name, absl::string_view traceparent);

  // What is done for it is done within this.
  const Context& context() const { return context_; }

  // Once.
  void End(absl::string_view outcome, bool failed = false) const;

 private:
  Kind kind_ = Kind::kCall;
  bool recorded_ = false;
  absl::string_view name_;
  Context context_;
  SpanId parent_{};
  absl::Time begin_;
  SteadyTime began_;
};

}  // namespace xxt::trace

#endif  // XXT_COMMON_TRACE_SPAN_H_
