#ifndef XXT_COMMON_CONCURRENCY_EXECUTOR_H_
#define XXT_COMMON_CONCURRENCY_EXECUTOR_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/concurrency/mutex.h"

namespace xxt {

// Runs blocking jobs on a fixed set of threads behind a bounded queue.
//
// Thread-safe. A job that throws is noted, see guard.h. The destructor stops intake, runs every
// job already queued, and joins.
class Executor {
 public:
  using Job = absl::AnyInvocable<void() &&>;

  Executor(int threads, std::size_t queue_limit);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues `job`. Returns false, dropping it, if the queue is full or the
  // executor is stopping. Never blocks.
  [[nodiscard]] bool TrySubmit(Job job);

  // Jobs waiting, not counting those that run.
  std::size_t queued() const;

 private:
  void Work();

  const std::size_t queue_limit_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Job> queue_ XXT_GUARDED_BY(mu_);
  bool stopping_ XXT_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace xxt

#endif  // XXT_COMMON_CONCURRENCY_EXECUTOR_H_
