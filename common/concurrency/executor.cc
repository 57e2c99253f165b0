#include "common/concurrency/executor.h"

#include <utility>

#include "common/concurrency/guard.h"

namespace xxt {

Executor::Executor(int threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Executor::~Executor() {
  {
    const MutexLock lock(mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
  for (std::thread& thread : threads_) thread.join();
}

bool Executor::TrySubmit(Job job) {
  {
    const MutexLock lock(mu_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(job));
  }
  changed_.Signal();
  return true;
}

std::size_t Executor::queued() const {
  const MutexLock lock(mu_);
  return queue_.size();
}

void Executor::Work() {
  while (true) {
    Job job;
    {
      const MutexLock lock(mu_);
      while (queue_.empty() && !stopping_) changed_.Wait(mu_);
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    static_cast<void>(Guarded("executor", [&job] { std::move(job)(); }));
  }
}

}  // namespace xxt
