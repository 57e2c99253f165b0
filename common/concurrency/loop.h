#ifndef XXT_COMMON_CONCURRENCY_LOOP_H_
#define XXT_COMMON_CONCURRENCY_LOOP_H_

#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace xxt {

// Runs `step` again and again on a thread of its own, pausing in between for
// as long as the step returns, or until Nudge(). The destructor lets a running
// step finish, then joins.
//
// Thread-safe.
class Loop {
 public:
  // `step` returns how long to pause: a second, if it throws (guard.h).
  using Step = absl::AnyInvocable<absl::Duration()>;

  Loop(std::string name, Step step);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Ends the present or the next pause at once.
  void Nudge();

  // Ends the thread once a running step has finished; does not wait for it.
  void BeginStop();

  // Lets a running step finish and ends the thread. Idempotent.
  void Stop();

 private:
  void Run();

  const std::string name_;
  Step step_;
  Mutex mu_;
  CondVar changed_;
  bool nudged_ XXT_GUARDED_BY(mu_) = false;
  bool stopping_ XXT_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace xxt

#endif  // XXT_COMMON_CONCURRENCY_LOOP_H_
