#ifndef XXT_COMMON_TRACE_EXPORTER_H_
#define XXT_COMMON_TRACE_EXPORTER_H_

#include <prometheus/counter.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/trace/span.h"

namespace xxt::trace {

// How long telling a collector may take, and how long spans wait for company.
inline constexpr absl::Duration kSendWithin = absl::Seconds(1);

// Brings the spans of this process to a collector, many at a time, on a thread
// of its own. Whoever ends a span never waits: where there is no room, and where
// the collector does not take them, spans are dropped and counted. Of an outage
// the log tells once. Thread-safe.
class Exporter : public Sink {
 public:
  // Tells the collector, within kSendWithin; false if it did not take them.
  using Send = std::function<bool(const std::vector<Ended>& spans)>;

  // Takes the spans of this process until Drain; of new traces one in `one_in`.
  // Keeps at most `room` of them. `dropped` outlives this.
  Exporter(Send send, int one_in, prometheus::Counter& dropped, std::size_t room = 4096);
  ~Exporter() override;

  void Take(Ended span) override;

  // Ends the sending of its own accord, once what is being sent was; does not wait.
  void BeginStop() { loop_.BeginStop(); }
  // Takes no more, and sends what there is as long as there is time before `by`;
  // drops the rest. Idempotent.
  void Drain(SteadyTime by);

 private:
  // Whether there is more.
  bool SendSome();

  const Send send_;
  prometheus::Counter& dropped_;
  const std::size_t room_;
  bool away_ = false;  // the one sender's own
  Mutex mu_;
  std::vector<Ended> waiting_ XXT_GUARDED_BY(mu_);
  Loop loop_;  // last: it uses the others
};

}  // namespace xxt::trace

#endif  // XXT_COMMON_TRACE_EXPORTER_H_
