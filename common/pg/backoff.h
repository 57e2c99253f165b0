#ifndef XXT_COMMON_PG_BACKOFF_H_
#define XXT_COMMON_PG_BACKOFF_H_

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"

namespace xxt::pg {

// When to try again to connect to a store that is away: after a pause that is
// drawn, and twice as long after each try that fails. So a store that comes back
// is found about as long after that as it was away, at most kLongest. One thread
// at a time.
class Backoff {
 public:
  static constexpr absl::Duration kFirst = absl::Milliseconds(50);
  static constexpr absl::Duration kLongest = absl::Seconds(1);

  // Whether a try may begin now. While they fail one does per pause, beside those
  // that are not answered yet: a server that was silent then may answer now.
  bool Begin();
  void Succeeded();
  // A try that began then has failed. Those that began together count once.
  void Failed(SteadyTime began);

 private:
  absl::Duration pause_ = absl::ZeroDuration();  // none while tries succeed
  SteadyTime again_at_;
  SteadyTime known_at_;  // when the last try that counts was over
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_BACKOFF_H_
