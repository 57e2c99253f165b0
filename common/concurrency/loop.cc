#include "common/concurrency/loop.h"

#include <pthread.h>

#include <utility>

#include "common/concurrency/guard.h"
#include "common/concurrency/steady_time.h"

namespace xxt {
namespace {

constexpr absl::Duration kPauseAfterException = absl::Seconds(1);

}  // namespace

Loop::Loop(std::string name, Step step) : name_(std::move(name)), step_(std::move(step)), thread_([this] { Run(); }) {}

Loop::~Loop() { Stop(); }

void Loop::Nudge() {
  {
    const MutexLock lock(mu_);
    nudged_ = true;
  }
  changed_.SignalAll();
}

void Loop::BeginStop() {
  {
    const MutexLock lock(mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
}

void Loop::Stop() {
  BeginStop();
  if (thread_.joinable()) thread_.join();
}

void Loop::Run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  while (true) {
    {
      const MutexLock lock(mu_);
      if (stopping_) return;
      nudged_ = false;
    }
    absl::Duration pause = kPauseAfterException;
    static_cast<void>(Guarded(name_, [&] { pause = step_(); }));
    const SteadyTime until = SteadyTime::Now() + pause;
    const MutexLock lock(mu_);
    while (!stopping_ && !nudged_ && !until.passed()) changed_.WaitUntil(mu_, until);
  }
}

}  // namespace xxt
