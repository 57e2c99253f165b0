#include "common/trace/exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/log/log.h"

namespace xxt::trace {
namespace {

constexpr absl::Duration kSendEvery = absl::Seconds(1);
constexpr std::size_t kMostAtATime = 512;

}  // namespace

Exporter::Exporter(Send send, int one_in, prometheus::Counter& dropped, std::size_t room)
    : send_(std::move(send)),
      dropped_(dropped),
      room_(room),
      loop_("spans", [this] { return SendSome() ? absl::ZeroDuration() : kSendEvery; }) {
  SendTo(this, one_in);
}

Exporter::~Exporter() { Drain(SteadyTime::Now()); }

void Exporter::Take(Ended span) {
  {
    const MutexLock lock(mu_);
    if (waiting_.size() < room_) {
      waiting_.push_back(std::move(span));
      if (waiting_.size() != kMostAtATime) return;
    } else {
      dropped_.Increment();
      return;
    }
  }
  loop_.Nudge();
}

bool Exporter::SendSome() {
  std::vector<Ended> spans;
  bool more = false;
  {
    const MutexLock lock(mu_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(kMostAtATime, waiting_.size()));
    spans.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    more = !waiting_.empty();
  }
  if (spans.empty()) return false;
  const bool taken = send_(spans);
  if (!taken) dropped_.Increment(static_cast<double>(spans.size()));
  if (!taken && !away_) log::Error("trace.collector_away", {{"dropped", spans.size()}});
  if (taken && away_) log::Info("trace.collector_back");
  away_ = !taken;
  return more;
}

void Exporter::Drain(SteadyTime by) {
  SendTo(nullptr);
  loop_.Stop();
  bool more = true;
  while (more && by.left() >= kSendWithin && !away_) more = SendSome();
  const MutexLock lock(mu_);
  dropped_.Increment(static_cast<double>(waiting_.size()));
  waiting_.clear();
}

}  // namespace xxt::trace
