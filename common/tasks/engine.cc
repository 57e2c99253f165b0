#include "common/tasks/engine.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/concurrency/loop.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/log/log.h"
#include "common/tasks/claim.h"
#include "common/tasks/lane_queues.h"

namespace xxt::tasks {
namespace {

constexpr const char* kLanes[] = {"urgent", "normal", "bulk"};
constexpr int kRelayLimit = 500;
// With this many waiting in a lane, those handed out long ago most likely wait
// there, too: handing them out again would only make work. A flush of Redis
// empties the lane.
constexpr std::int64_t kMuchWaiting = 2000;
// Commits closer together than this share a hand-out.
constexpr absl::Duration kRelayGap = absl::Milliseconds(3);
// How long a consumer listens to its stream before it looks up: Drain() waits
// for this.
constexpr absl::Duration kBlock = absl::Milliseconds(250);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(200);
// Entries another consumer left for longer than its lease are ours to look at.
constexpr absl::Duration kAutoClaimIdle = absl::Seconds(45);
constexpr absl::Duration kAutoClaimEvery = absl::Seconds(15);
// A lane claims half as many at a time when its workers needed longer than the
// first for their share, twice as many when shorter than the second: what is
// claimed must not grow old, and much at a time costs least per task.
constexpr absl::Duration kLongChunk = absl::Milliseconds(500);
constexpr absl::Duration kShortChunk = absl::Milliseconds(100);
constexpr int kSmallestBatch = 8;
// Between two tries to store what came of a task: doubled from the first to the
// second. Who is told to stop tries for a while longer, for what is known now
// would else be known to nobody.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr absl::Duration kLastTries = absl::Seconds(5);
// Done tasks without effect wait at most this long for company.
constexpr absl::Duration kSettleEvery = absl::Milliseconds(5);

// Along the partial indexes, one branch each: what the machine has, and what of
// the desk is due, hall by hall. Never the open cases that wait for their day.
constexpr pg::Statement kBacklog{"task.backlog", R"sql(
  WITH RECURSIVE halls AS (
    SELECT min(hall) AS hall FROM backbone.task WHERE lane = 'desk'
    UNION ALL
    SELECT (SELECT min(hall) FROM backbone.task WHERE lane = 'desk' AND hall > halls.hall)
      FROM halls WHERE halls.hall IS NOT NULL)
  SELECT kind, state, count(*),
         (greatest(extract(epoch FROM max(now() - greatest(due, not_before))
                             FILTER (WHERE state IN ('pending', 'retry') AND due <= $1)), 0) * 1000)::bigint
    FROM (SELECT kind, state, not_before, due FROM backbone.task
           WHERE lane <> 'desk' AND state IN ('pending', 'retry') AND enqueued_at IS NULL
          UNION ALL
          SELECT kind, state, not_before, due FROM backbone.task
           WHERE lane <> 'desk' AND state IN ('pending', 'retry') AND enqueued_at IS NOT NULL
          UNION ALL
          SELECT kind, state, not_before, due FROM backbone.task WHERE lane <> 'desk' AND state = 'running'
          UNION ALL
          SELECT kind, state, not_before, due FROM backbone.task WHERE lane <> 'desk' AND state = 'dead'
          UNION ALL
          SELECT t.kind, t.state, t.not_before, t.due
            FROM halls JOIN backbone.task AS t ON t.lane = 'desk' AND t.hall = halls.hall AND t.due <= $1) AS counted
   GROUP BY kind, state)sql"};

}  // namespace

class Engine::Impl {
 public:
  Impl(EngineOptions options, pg::Pool& pool, const Clock& clock, std::vector<MachineKind> kinds)
      : options_(std::move(options)),
        pool_(pool),
        clock_(clock),
        kinds_(std::move(kinds)),
        relay_redis_(options_.redis) {
    char host[64] = "localhost";
    gethostname(host, sizeof host - 1);
    holder_ =
        absl::StrCat(options_.service, "@", host, "/", getpid(), "/", identifiers::NewUuid(absl::Now()).substr(24));
    for (const MachineKind& kind : kinds_) kind_names_.push_back(kind.name);
    for (const char* lane : kLanes) lanes_.emplace_back(std::make_unique<LaneState>(*this, lane));
    for (const auto& lane : lanes_) lane->Start();
    suspects_ = std::make_unique<Loop>("task-suspects", [this] { return DoSuspects(); });
    relay_ = std::make_unique<Loop>("task-relay", [this] { return RelayOnce(); });
    nudge_target_ = relay_.get();
  }

  ~Impl() { Drain(); }

  void Nudge() {
    if (Loop* relay = nudge_target_.load(); relay != nullptr) relay->Nudge();
  }

  void Drain() {
    relay_->Stop();
    stopping_at_ = absl::Now();
    suspects_->BeginStop();
    for (const auto& lane : lanes_) lane->BeginStop();
    for (const auto& lane : lanes_) lane->Stop();
    suspects_->Stop();
    NoteUnsettled();
  }

  absl::Duration relay_lag() const { return absl::Microseconds(relay_lag_micros_.load()); }
  bool redis_ok() const { return redis_ok_; }

  absl::StatusOr<std::vector<Backlog>> ReadBacklog(absl::Time deadline) {
    std::vector<Backlog> backlog;
    const absl::Status status = pg::Read(pool_, deadline, [&](pg::Session& session) {
      const absl::StatusOr<pg::Result> rows = session.Run(kBacklog, clock_.Now());
      if (!rows.ok()) return rows.status();
      backlog.clear();
      for (int i = 0; i < rows->size(); ++i) {
        const pg::Row row = (*rows)[i];
        backlog.push_back({row.Text(0), row.Text(1), row.Int(2), absl::Milliseconds(row.Int(3))});
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return backlog;
  }

 private:
  // One lane: a consumer that claims, and the workers it feeds.
  class LaneState {
   public:
    LaneState(Impl& engine, const char* name)
        : engine_(engine),
          name_(name),
          stream_(absl::StrCat("xxt:", engine.options_.service, ":q:", name)),
          redis_(engine.options_.redis),
          chunks_(static_cast<std::size_t>(engine.options_.workers)),
          batch_(std::min(4 * kSmallestBatch, engine.options_.batch)) {}

    void Start() {
      for (int i = 0; i < engine_.options_.workers; ++i) workers_.emplace_back([this] { Work(); });
      consumer_ = std::make_unique<Loop>(absl::StrCat("task-", name_), [this] { return ConsumeOnce(); });
    }

    void BeginStop() {
      chunks_.Stop();
      consumer_->BeginStop();
    }

    // After BeginStop: waits for what runs.
    void Stop() {
      consumer_->Stop();
      for (std::thread& worker : workers_) worker.join();
      workers_.clear();
    }

    const std::string& name() const { return name_; }
    const std::string& stream() const { return stream_; }
    std::size_t waiting_directly() const { return direct_.size(); }

    void HandOverDirectly(std::vector<std::string> ids) {
      direct_.Put(std::move(ids));
      consumer_->Nudge();
    }

   private:
    absl::Duration ConsumeOnce() {
      std::vector<std::string> ids = direct_.Take(batch_);
      std::vector<std::string> entries;
      absl::Duration pause = absl::ZeroDuration();
      if (ids.empty()) {
        const absl::StatusOr<std::vector<redis::Entry>> read = ReadStream();
        if (!read.ok()) return kPauseAfterError;
        for (const redis::Entry& entry : *read) {
          entries.push_back(entry.id);
          if (identifiers::IsUuid(entry.task)) ids.push_back(entry.task);
        }
      }
      if (!ids.empty() && !ClaimAndFeed(ids)) pause = kPauseAfterError;
      XXT_CRASH_POINT("tasks.before_ack");
      if (!entries.empty()) redis_.AckAndDelete(stream_, entries).IgnoreError();
      if (!entries.empty()) XXT_CRASH_POINT("tasks.after_ack");
      return pause;
    }

    absl::StatusOr<std::vector<redis::Entry>> ReadStream() {
      if (const absl::Time now = absl::Now(); now >= next_auto_claim_) {
        next_auto_claim_ = now + kAutoClaimEvery;
        absl::StatusOr<std::vector<redis::Entry>> left =
            redis_.AutoClaim(stream_, engine_.holder_, kAutoClaimIdle, batch_);
        if (!left.ok() || !left->empty()) return left;
      }
      return redis_.ReadGroup(stream_, engine_.holder_, batch_, kBlock);
    }

    // False if the store could not be asked; the relay hands the tasks out again.
    bool ClaimAndFeed(const std::vector<std::string>& ids) {
      absl::StatusOr<std::vector<Claimed>> claimed =
          Claim(engine_.pool_, ids, engine_.kind_names_, engine_.clock_.Now(), engine_.options_.lease, engine_.holder_);
      if (!claimed.ok()) {
        log::Warning("task.claim_failed", {{"lane", name_}, {"status", claimed.status()}});
        engine_.unsettled_.AddLost(ids);
        return false;
      }
      const std::size_t workers = static_cast<std::size_t>(engine_.options_.workers);
      const std::size_t size = std::max<std::size_t>(1, (claimed->size() + workers - 1) / workers);
      for (std::size_t from = 0; from < claimed->size(); from += size) {
        const auto begin = claimed->begin() + static_cast<std::ptrdiff_t>(from);
        const auto end = claimed->begin() + static_cast<std::ptrdiff_t>(std::min(from + size, claimed->size()));
        std::vector<Claimed> chunk(std::make_move_iterator(begin), std::make_move_iterator(end));
        if (!chunks_.Push(chunk)) GiveBack(chunk, 0);
      }
      return true;
    }

    void GiveBack(const std::vector<Claimed>& chunk, std::size_t from) {
      std::vector<const Claimed*> rest;
      for (std::size_t i = from; i < chunk.size(); ++i) rest.push_back(&chunk[i]);
      Unclaim(engine_.pool_, rest).IgnoreError();  // else the lease runs out
    }

    void Work() {
      while (true) {
        const std::vector<Claimed> chunk = chunks_.Pop();
        if (chunk.empty()) return;
        const absl::Time began = absl::Now();
        std::vector<const Claimed*> done;
        absl::Time settle_at = absl::InfiniteFuture();
        for (std::size_t i = 0; i < chunk.size(); ++i) {
          const bool old = absl::Now() > chunk[i].claimed_at + engine_.options_.lease / 4;
          if (chunks_.stopped() || (old && !XXT_PLANTED_BUG("acts_after_lease"))) {
            GiveBack(chunk, i);
            break;
          }
          if (engine_.HandleOne(chunk[i])) done.push_back(&chunk[i]);
          if (done.size() == 1) settle_at = std::min(settle_at, absl::Now() + kSettleEvery);
          if (absl::Now() >= settle_at) {
            engine_.SettleBatch(std::exchange(done, {}));
            settle_at = absl::InfiniteFuture();
          }
        }
        engine_.SettleBatch(done);
        XXT_CRASH_POINT("tasks.chunk_done");
        FitBatch(absl::Now() - began);
      }
    }

    // After a chunk that took `took`. Workers may race: either's step will do.
    void FitBatch(absl::Duration took) {
      const int batch = batch_;
      if (took > kLongChunk) batch_ = std::max(batch / 2, std::min(kSmallestBatch, engine_.options_.batch));
      if (took < kShortChunk) batch_ = std::min(batch * 2, engine_.options_.batch);
    }

    Impl& engine_;
    const std::string name_;
    const std::string stream_;
    redis::Connection redis_;
    absl::Time next_auto_claim_ = absl::InfinitePast();
    DirectQueue direct_;
    ChunkQueue chunks_;
    std::atomic<int> batch_;  // most to claim next
    std::vector<std::thread> workers_;
    std::unique_ptr<Loop> consumer_;
  };

  // Handles one task and settles it, unless it is done without effect: then
  // the answer is true and the caller settles it with others.
  bool HandleOne(const Claimed& claimed) {
    const log::Trace trace(claimed.task.id);
    const auto kind = std::find_if(kinds_.begin(), kinds_.end(),
                                   [&](const MachineKind& item) { return item.name == claimed.task.kind; });
    if (XXT_PLANTED_BUG("ack_before_commit")) SettleDone(pool_, {&claimed}).IgnoreError();
    // The call must be over well before the lease is: a paused process that
    // wakes up late finds no time left and touches nothing.
    const absl::Time deadline =
        XXT_PLANTED_BUG("acts_after_lease") ? absl::Now() + options_.lease : claimed.claimed_at + options_.lease / 2;
    XXT_CRASH_POINT("tasks.before_handle");
    Verdict verdict = Verdict::Dead("handling it crashed the worker five times");
    // One that throws may have acted before: it is left as by a crash, for the
    // next to be told so, and at last for a person.
    if (claimed.crashes < kMostCrashes &&
        !Guarded(kind->name, [&] { verdict = kind->handle(claimed.task, deadline); })) {
      return false;
    }
    XXT_CRASH_POINT("tasks.after_handle");
    if (verdict.kind == Verdict::Kind::kDone && !verdict.effect) return true;
    if (verdict.kind != Verdict::Kind::kDone) {
      log::Info("task.not_done", {{"task", claimed.task.id},
                                  {"kind", claimed.task.kind},
                                  {"attempt", claimed.task.attempt},
                                  {"verdict", verdict.kind == Verdict::Kind::kRetry ? "retry" : "dead"},
                                  {"reason", verdict.reason}});
    }
    Store(*kind, claimed, verdict);
    Nudge();  // its effect may have made tasks
    return false;
  }

  void Store(const MachineKind& kind, const Claimed& claimed, const Verdict& verdict) {
    absl::Status status = Persist({&claimed}, [&] { return Settle(pool_, kind, claimed, verdict); });
    if (status.ok() || MayPass(status)) return;
    log::Error("task.effect_refused", {{"task", claimed.task.id}, {"kind", claimed.task.kind}, {"status", status}});
    const Verdict again = Verdict::Retry(absl::StrCat("the store refused its effect: ", status.message()));
    status = Persist({&claimed}, [&] { return Settle(pool_, kind, claimed, again); });
    if (status.ok() || MayPass(status)) return;
    Persist({&claimed}, [&] { return PutBack(pool_, claimed, again.reason, kind.retry_cap); }).IgnoreError();
  }

  void SettleBatch(const std::vector<const Claimed*>& done) {
    Persist(done, [&] { return SettleDone(pool_, done); }).IgnoreError();
  }

  // Tries to store what came of `claimed` until it is stored, refused, or the
  // lease is over: an outage shorter than that costs no second attempt. After
  // that it is noted, as soon as the store answers, that no crash was the reason.
  absl::Status Persist(const std::vector<const Claimed*>& claimed, absl::FunctionRef<absl::Status()> store) {
    if (claimed.empty()) return absl::OkStatus();
    absl::Duration pause = kFirstPause;
    while (true) {
      const absl::Status status = store();
      if (status.ok() || !MayPass(status)) return status;
      log::Warning("task.settle_failed",
                   {{"kind", claimed[0]->task.kind}, {"count", claimed.size()}, {"status", status}});
      const absl::Time end = std::min(claimed[0]->claimed_at + options_.lease, stopping_at_.load() + kLastTries);
      if (absl::Now() + pause > end) {
        unsettled_.Add(claimed);
        return status;
      }
      absl::SleepFor(pause);
      pause = std::min(2 * pause, kLongestPause);
    }
  }

  void NoteUnsettled() {
    const Unsettled::Content content = unsettled_.Take();
    if (content.empty()) return;
    absl::Status status;
    if (!content.attempts.empty()) status.Update(NoteLate(pool_, content.attempts));
    if (!content.lost.empty()) status.Update(NoteLost(pool_, content.lost, holder_));
    if (!status.ok()) unsettled_.PutBack(content);
  }

  // On a thread of its own, one after the other: if one kills the process, no
  // other suspect is in its hands, and no lane waits for them.
  absl::Duration DoSuspects() {
    for (const std::string& id : suspect_ids_.Take(1)) {
      const absl::StatusOr<std::vector<Claimed>> claimed =
          Claim(pool_, {id}, kind_names_, clock_.Now(), options_.lease, holder_);
      if (!claimed.ok()) unsettled_.AddLost({id});
      XXT_CRASH_POINT("tasks.suspect_claimed");
      if (claimed.ok() && !claimed->empty() && HandleOne(claimed->front())) SettleBatch({&claimed->front()});
    }
    return suspect_ids_.size() > 0 ? absl::ZeroDuration() : absl::InfiniteDuration();
  }

  absl::Duration RelayOnce() {
    absl::SleepFor(relayed_at_ + kRelayGap - absl::Now());
    relayed_at_ = absl::Now();
    const absl::Duration redeliver_after =
        XXT_PLANTED_BUG("relay_trusts_redis") ? absl::Hours(10000) : options_.redeliver_after;
    std::optional<Sweep> sweep;
    if (relayed_at_ >= next_sweep_) {
      NoteUnsettled();
      sweep = Sweep{ShortLanes()};
    }
    const absl::StatusOr<std::vector<DueTask>> due =
        tasks::HandOut(pool_, clock_.Now(), redeliver_after, kRelayLimit, sweep);
    if (!due.ok()) return kPauseAfterError;
    Deliver(*due);
    if (!due->empty()) XXT_CRASH_POINT("tasks.handed_out");
    if (due->size() >= kRelayLimit) return absl::ZeroDuration();
    if (sweep.has_value()) next_sweep_ = relayed_at_ + options_.poll;
    return std::max(absl::ZeroDuration(), next_sweep_ - absl::Now());
  }

  std::vector<std::string> ShortLanes() {
    std::vector<std::string> lanes;
    for (const auto& lane : lanes_) {
      const absl::StatusOr<std::int64_t> in_stream = relay_redis_.Length(lane->stream());
      const std::int64_t waiting = in_stream.ok() ? *in_stream : static_cast<std::int64_t>(lane->waiting_directly());
      if (waiting < kMuchWaiting) lanes.push_back(lane->name());
    }
    return lanes;
  }

  void Deliver(const std::vector<DueTask>& due) {
    absl::Duration lag;
    for (const auto& lane : lanes_) {
      std::vector<std::string> ids;
      for (const DueTask& task : due) {
        if (task.lane != lane->name()) continue;
        lag = std::max(lag, task.lag);
        if (task.suspect) {
          suspect_ids_.Put({task.id});
          suspects_->Nudge();
        } else {
          ids.push_back(task.id);
        }
      }
      if (ids.empty()) continue;
      XXT_CRASH_POINT("tasks.before_stream");
      const absl::Status added = relay_redis_.Add(lane->stream(), ids);
      if (!added.ok() && XXT_PLANTED_BUG("exits_without_redis")) std::_Exit(1);
      if (redis_ok_.exchange(added.ok()) != added.ok()) {
        log::Warning(added.ok() ? "redis.back" : "redis.away", {{"status", added}});
      }
      if (!added.ok() && !XXT_PLANTED_BUG("relay_trusts_redis")) lane->HandOverDirectly(std::move(ids));
    }
    relay_lag_micros_ = absl::ToInt64Microseconds(lag);
  }

  const EngineOptions options_;
  pg::Pool& pool_;
  const Clock& clock_;
  const std::vector<MachineKind> kinds_;
  std::vector<std::string> kind_names_;
  std::string holder_;
  redis::Connection relay_redis_;
  // The relay's own: when it last looked, and from when on it sweeps.
  absl::Time relayed_at_ = absl::InfinitePast();
  absl::Time next_sweep_ = absl::InfinitePast();
  std::atomic<bool> redis_ok_{true};
  std::atomic<std::int64_t> relay_lag_micros_{0};
  std::vector<std::unique_ptr<LaneState>> lanes_;
  DirectQueue suspect_ids_;
  std::unique_ptr<Loop> suspects_;
  Unsettled unsettled_;
  std::atomic<absl::Time> stopping_at_{absl::InfiniteFuture()};
  std::unique_ptr<Loop> relay_;
  std::atomic<Loop*> nudge_target_{nullptr};  // relay_, once workers may nudge it
};

Engine::Engine(EngineOptions options, pg::Pool& pool, const Clock& clock, std::vector<MachineKind> kinds)
    : impl_(std::make_unique<Impl>(std::move(options), pool, clock, std::move(kinds))) {}

Engine::~Engine() = default;

void Engine::Nudge() { impl_->Nudge(); }
void Engine::Drain() { impl_->Drain(); }
absl::StatusOr<std::vector<Engine::Backlog>> Engine::ReadBacklog(absl::Time deadline) {
  return impl_->ReadBacklog(deadline);
}
absl::Duration Engine::relay_lag() const { return impl_->relay_lag(); }
bool Engine::redis_ok() const { return impl_->redis_ok(); }

}  // namespace xxt::tasks
