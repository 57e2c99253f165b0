#include "common/tasks/engine.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/log/log.h"
#include "common/status/errors.h"
#include "common/tasks/claim.h"
#include "common/tasks/queue.h"
#include "common/tasks/stream.h"
#include "common/tasks/sweep.h"

namespace xxt::tasks {
namespace {

constexpr int kPiece = 500;  // of a sweep
constexpr std::size_t kOutbox = 10000;
// With this many waiting for a queue, in its stream or in this process, those
// handed out long ago most likely wait there, too: handing them out again would
// only make work. A flush of Redis empties the stream.
constexpr std::int64_t kMuchWaiting = 2000;
// Commits closer together than this share a hand-out.
constexpr absl::Duration kRelayGap = absl::Milliseconds(3);
constexpr absl::Duration kReadPartiesEvery = absl::Seconds(1);

std::string MakeHolder(const std::string& service) {
  char host[64] = "localhost";
  gethostname(host, sizeof host - 1);
  return absl::StrCat(service, "@", host, "/", getpid(), "/", identifiers::NewUuid(absl::Now()).substr(24));
}

}  // namespace

class Engine::Impl {
 public:
  Impl(EngineOptions options, std::vector<pg::Pool*> pools, const Clock& clock, std::vector<MachineKind> kinds)
      : options_(std::move(options)),
        pools_(std::move(pools)),
        kinds_(std::move(kinds)),
        hands_{*pools_.front(),
               clock,
               MakeHolder(options_.service),
               options_.lease,
               options_.batch,
               Parties(*pools_.front(), options_.lease / 2),
               options_.may_claim,
               options_.store_within},
        outbox_(kOutbox),
        writer_(options_.redis),
        reader_(options_.redis, hands_.holder, options_.forget_consumers_after) {
    const bool trusts = XXT_PLANTED_BUG("relay_trusts_redis");
    const absl::Duration redeliver_after = trusts ? absl::Hours(10000) : options_.redeliver_after;
    for (const MachineKind& kind : kinds_) {
      for (const Lane lane : kind.lanes) AddQueue(kind, std::string(NameOf(lane)));
      for (const int most : {kFew, 1}) {
        suspects_[{kind.name, most}] =
            std::make_unique<Queue>(hands_, kind, "suspects", 0, most, [](const std::vector<std::string>&) {});
      }
      for (const Lane lane : {Lane::kUrgent, Lane::kNormal, Lane::kBulk}) {
        const std::string name(NameOf(lane));
        sweeps_.push_back({*PlaceOf(kind.name, name), Sweep(kind.name, name, redeliver_after)});
        lanes_.push_back({kind.name, name});
      }
    }
    relay_ = std::make_unique<Loop>("task-relay", [this] { return Relay(); });
    sweeper_ = std::make_unique<Loop>("task-sweep", [this] { return SweepOnce(); });
    reader_thread_ = std::make_unique<Loop>(
        "task-reader", [this] { return hands_.MayClaim() ? reader_.ReadOnce(queues_) : options_.poll; });
    for (pg::Pool* pool : pools_) pool->Listen([this](const std::vector<std::string>& news) { Hear(news); });
  }

  ~Impl() { Drain(); }

  void Drain() {
    for (pg::Pool* pool : pools_) pool->Listen({});
    relay_->Stop();
    hands_.stopping_at = SteadyTime::Now();
    for (const auto& loop : {sweeper_.get(), reader_thread_.get()}) loop->BeginStop();
    for (const auto& queue : queues_) queue->BeginStop();
    for (const auto& [kind, queue] : suspects_) queue->BeginStop();
    for (const auto& queue : queues_) queue->Stop();
    for (const auto& [kind, queue] : suspects_) queue->Stop();
    for (const auto& loop : {sweeper_.get(), reader_thread_.get()}) loop->Stop();
    NoteUnsettled(hands_);
    if (!std::exchange(left_, true)) reader_.Leave(queues_);
  }

  absl::Duration relay_lag() const { return absl::Microseconds(relay_lag_micros_.load()); }
  bool redis_ok() const { return writer_.ok(); }
  std::vector<std::string> parties_at_rest() { return hands_.parties.AtRest(); }

  absl::StatusOr<std::vector<Backlog>> ReadBacklog(SteadyTime deadline) {
    std::vector<OpenLane> lanes;
    {
      const MutexLock lock(lanes_mu_);
      lanes = lanes_;
    }
    return tasks::ReadBacklog(hands_.pool, hands_.clock.Now(), lanes, deadline);
  }

 private:
  struct HandOut {
    std::string id;
    SteadyTime since;
  };

  void AddQueue(const MachineKind& kind, const std::string& lane) {
    const std::size_t place = queues_.size();
    const std::string stream = absl::StrCat("xxt:", options_.service, ":q:", kind.name, ":", lane);
    const int workers = kind.workers > 0 ? kind.workers : options_.workers;
    queues_.push_back(std::make_unique<Queue>(
        hands_, kind, stream, workers, options_.batch,
        [this, place](std::vector<std::string> done) { reader_.Acknowledge(place, std::move(done)); }));
    places_.emplace(absl::StrCat(kind.name, " ", lane), place);
    places_.emplace(kind.name, place);  // the first: for lanes that have no workers of their own
  }

  // The queue for a task; nullopt if the kind is none of this engine's.
  std::optional<std::size_t> PlaceOf(absl::string_view kind, absl::string_view lane) const {
    auto found = places_.find(absl::StrCat(kind, " ", lane));
    if (found == places_.end()) found = places_.find(std::string(kind));
    return found == places_.end() ? std::nullopt : std::optional<std::size_t>(found->second);
  }

  // What a commit has made; see Enqueue.
  void Hear(const std::vector<std::string>& news) {
    for (const std::string& line : news) {
      const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
      if (words.size() != 3) continue;
      if (const auto place = PlaceOf(words[0], words[1])) HandOver(*place, std::string(words[2]), SteadyTime::Now());
    }
    relay_->Nudge();
  }

  void HandOver(std::size_t place, std::string id, SteadyTime since) {
    if (!outbox_.Put(place, {std::move(id), since})) hands_.catch_up = true;
  }

  absl::Duration Relay() {
    absl::SleepFor((relayed_at_ + kRelayGap).left());
    relayed_at_ = SteadyTime::Now();
    absl::Duration lag;
    for (auto& [place, handed] : outbox_.Take()) {
      std::vector<std::string> ids;
      for (HandOut& item : handed) {
        lag = std::max(lag, SteadyTime::Now() - item.since);
        ids.push_back(std::move(item.id));
      }
      Queue& queue = *queues_[place];
      if (writer_.Add(queue.stream(), ids) || XXT_PLANTED_BUG("relay_trusts_redis")) continue;
      for (std::string& id : ids) queue.inbox().Put({std::move(id), ""});
    }
    if (lag > absl::ZeroDuration()) XXT_CRASH_POINT("tasks.handed_out");
    if (lag > absl::ZeroDuration()) relay_lag_micros_ = absl::ToInt64Microseconds(lag);
    writer_.ReadWaiting(queues_);
    return options_.poll;
  }

  absl::Duration SweepOnce() {
    NoteUnsettled(hands_);
    if (Stopping()) return options_.poll;
    if (parties_read_at_ + kReadPartiesEvery < SteadyTime::Now()) {
      parties_read_at_ = SteadyTime::Now();
      hands_.parties.Refresh().IgnoreError();
    }
    const absl::Time now = hands_.clock.Now();
    if (Stopping()) return options_.poll;
    const absl::StatusOr<int> fired = Sort(timers_.Fire(hands_.pool, now, kPiece));
    bool more = fired.ok() && *fired >= kPiece;
    bool away = absl::IsUnavailable(fired.status());
    for (const auto& queue : queues_) {
      if (queue->inbox().TakeOverflowed()) hands_.catch_up = true;
    }
    const bool catch_up = hands_.catch_up.exchange(false) && !XXT_PLANTED_BUG("relay_trusts_redis");
    // What was not handed out may lie before the place where a sweep is: the
    // rest of this round and a whole one.
    for (SweptLane& lane : sweeps_) lane.all = catch_up ? 2 : lane.all;
    // A store that is away is asked once, not once for each lane.
    for (std::size_t i = 0; i < sweeps_.size() && !away; ++i) {
      if (Stopping()) return options_.poll;
      if (Waiting(sweeps_[i].place) >= kMuchWaiting) continue;
      const absl::StatusOr<bool> at_end = SweepLane(i, now);
      more = more || (at_end.ok() && !*at_end);
      away = absl::IsUnavailable(at_end.status());
    }
    relay_->Nudge();
    return more && !away ? options_.poll / 10 : options_.poll;
  }

  // Whether the next piece of a lane was the last one of a round.
  absl::StatusOr<bool> SweepLane(std::size_t i, absl::Time now) {
    auto& [place, sweep, all] = sweeps_[i];
    const absl::StatusOr<int> found = Sort(sweep.Next(hands_.pool, now, kPiece, all > 0));
    if (!found.ok()) return found.status();
    if (sweep.at_end()) {
      all = std::max(0, all - 1);
      const MutexLock lock(lanes_mu_);
      lanes_[i].begins = sweep.begins();
    }
    return sweep.at_end();
  }

  // Then a store that says nothing is waited for once, not once for each lane.
  bool Stopping() const { return hands_.stopping_at.load().passed(); }

  // Hands out what a sweep has found; how much that was.
  absl::StatusOr<int> Sort(const absl::StatusOr<std::vector<DueTask>>& due) {
    if (!due.ok()) {
      log::SeldomWarning("task.sweep_failed", errors::ReasonOf(due.status()), {{"status", due.status()}});
      return due.status();
    }
    for (const DueTask& task : *due) {
      const auto place = PlaceOf(task.kind, task.lane);
      if (task.crashes >= kSuspectFrom) {
        const int most = task.crashes < kAloneFrom ? kFew : 1;
        suspects_.at({task.kind, most})->inbox().Put({task.id, ""});  // no room: it is found again
      } else if (place.has_value()) {
        HandOver(*place, task.id, SteadyTime::Now() - task.lag);
      }
    }
    return static_cast<int>(due->size());
  }

  // In the stream and the inbox of a queue. What other processes were given is
  // not counted: they may be dead.
  std::int64_t Waiting(std::size_t place) {
    return writer_.waiting(place) + static_cast<std::int64_t>(queues_[place]->inbox().size());
  }

  struct SweptLane {
    std::size_t place;  // whose queue does what is found
    Sweep sweep;
    int all = 1;  // rounds in which also what is fresh is handed out
  };

  const EngineOptions options_;
  const std::vector<pg::Pool*> pools_;
  const std::vector<MachineKind> kinds_;
  Hands hands_;
  Outbox<HandOut> outbox_;
  StreamWriter writer_;
  StreamReader reader_;
  std::vector<std::unique_ptr<Queue>> queues_;
  // Of each kind, by how many are in hand at a time: apart from the others, so
  // that few are in hand when one kills the process, and no queue waits for them.
  std::map<std::pair<std::string, int>, std::unique_ptr<Queue>> suspects_;
  std::map<std::string, std::size_t, std::less<>> places_;  // in queues_, by "kind lane", and by kind
  std::vector<SweptLane> sweeps_;                           // the sweeper's own
  Mutex lanes_mu_;
  std::vector<OpenLane> lanes_ XXT_GUARDED_BY(lanes_mu_);  // one for each of sweeps_
  TimerSweep timers_;                                      // the sweeper's own
  SteadyTime parties_read_at_;                             // the sweeper's own
  SteadyTime relayed_at_;                                  // the relay's own
  std::atomic<std::int64_t> relay_lag_micros_{0};
  bool left_ = false;
  std::unique_ptr<Loop> relay_;
  std::unique_ptr<Loop> sweeper_;
  std::unique_ptr<Loop> reader_thread_;
};

Engine::Engine(EngineOptions options, std::vector<pg::Pool*> pools, const Clock& clock, std::vector<MachineKind> kinds)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(pools), clock, std::move(kinds))) {}

Engine::~Engine() = default;

void Engine::Drain() { impl_->Drain(); }
absl::StatusOr<std::vector<Backlog>> Engine::ReadBacklog(SteadyTime deadline) { return impl_->ReadBacklog(deadline); }
absl::Duration Engine::relay_lag() const { return impl_->relay_lag(); }
bool Engine::redis_ok() const { return impl_->redis_ok(); }
std::vector<std::string> Engine::parties_at_rest() { return impl_->parties_at_rest(); }

}  // namespace xxt::tasks
