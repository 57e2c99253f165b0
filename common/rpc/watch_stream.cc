#include "common/rpc/watch_stream.h"

#include <utility>

namespace xxt::rpc {

std::shared_ptr<WatchStream> WatchStream::Make() {
  std::shared_ptr<WatchStream> made(new WatchStream());
  made->self_ = made;
  return made;
}

void WatchStream::EndOpening() {
  const MutexLock lock(mu_);
  opening_ = false;
  if (ended_) Finish(end_);
}

void WatchStream::Start(WatchScope scope, events::Place place) {
  scope_ = std::move(scope);
  const MutexLock lock(mu_);
  place_ = std::move(place);
}

void WatchStream::Tell(const WatchPage& page, absl::Duration heartbeat) {
  const SteadyTime now = SteadyTime::Now();
  const MutexLock lock(mu_);
  if (writing_ || ended_) return;
  place_ = page.next;
  if (page.events == 0 && told_ && now - last_write_ < heartbeat) return;
  response_ = page.events == 0 ? Heartbeat(page.next) : page.response;
  told_ = true;
  writing_ = true;
  last_write_ = now;
  StartWrite(&response_);
}

void WatchStream::End(const grpc::Status& status) {
  const MutexLock lock(mu_);
  if (ended_) return;
  ended_ = true;
  end_ = status;
  if (!opening_) Finish(status);
}

bool WatchStream::idle() const {
  const MutexLock lock(mu_);
  return !writing_ && !ended_;
}

bool WatchStream::gone() const {
  const MutexLock lock(mu_);
  return ended_;
}

events::Place WatchStream::place() const {
  const MutexLock lock(mu_);
  return place_;
}

void WatchStream::OnWriteDone(bool ok) {
  {
    const MutexLock lock(mu_);
    writing_ = false;
  }
  if (!ok) End(grpc::Status::CANCELLED);
}

}  // namespace xxt::rpc
