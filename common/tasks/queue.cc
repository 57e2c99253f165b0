#include "common/tasks/queue.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/tasks/claim.h"
#include "common/trace/span.h"

namespace xxt::tasks {
namespace {

// Ids that wait to be claimed; others stay in the stream or in the table.
constexpr std::size_t kInbox = 4096;
constexpr int kSmallestBatch = 8;
// A queue claims half as many at a time when its workers needed longer than the
// first for their share, twice as many when shorter than the second: what is
// claimed must not grow old, and much at a time costs least per task.
constexpr absl::Duration kLongChunk = absl::Milliseconds(500);
constexpr absl::Duration kShortChunk = absl::Milliseconds(100);
// Done tasks without effect wait at most this long for company.
constexpr absl::Duration kSettleEvery = absl::Milliseconds(5);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(200);
// At the earliest, of a party that had no time.
constexpr absl::Duration kAskAgainAfter = absl::Milliseconds(100);
// Between two tries to store what came of a task: doubled from the first to the
// second. Who is told to stop tries for a while longer, for what is known now
// would else be known to nobody.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr absl::Duration kLastTries = absl::Seconds(5);
// For so many leases a claim whose answer was lost is looked for: its commit may
// have to wait. One that comes to light later counts as a crash.
constexpr int kLostFor = 4;

// Tries to store what came of `claimed` until it is stored, refused, or the
// lease is over: an outage shorter than that costs no second attempt. After that
// it is noted, as soon as the store answers, that no crash was the reason.
absl::Status Persist(Hands& hands, const std::vector<const Claimed*>& claimed,
                     absl::FunctionRef<absl::Status()> store) {
  absl::Duration pause = kFirstPause;
  while (true) {
    const absl::Status status = store();
    if (status.ok() || !MayPass(status)) return status;
    log::SeldomWarning("task.settle_failed", claimed[0]->task.kind,
                       {{"kind", claimed[0]->task.kind}, {"count", claimed.size()}, {"status", status}});
    const SteadyTime end =
        std::min({claimed[0]->claimed_at + hands.lease, hands.stopping_at.load() + kLastTries, hands.StoreBy()});
    if (pause > end.left() || XXT_PLANTED_BUG("settle_not_retried")) {
      hands.unsettled.Add(claimed);
      return status;
    }
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

void Store(Hands& hands, const MachineKind& kind, const Claimed& claimed, const Verdict& verdict) {
  absl::Status status =
      Persist(hands, {&claimed}, [&] { return Settle(hands.pool, kind, claimed, verdict, hands.StoreBy()); });
  if (status.ok() || MayPass(status)) return;
  log::Error("task.effect_refused", {{"task", claimed.task.id}, {"kind", kind.name}, {"status", status}});
  const Verdict again = Verdict::Retry(absl::StrCat("the store refused its effect: ", status.message()));
  status = Persist(hands, {&claimed}, [&] { return Settle(hands.pool, kind, claimed, again, hands.StoreBy()); });
  if (status.ok() || MayPass(status)) return;
  Persist(hands, {&claimed}, [&] {
    return PutBack(hands.pool, claimed, again.reason, kind.retry_cap, hands.StoreBy());
  }).IgnoreError();
}

absl::string_view NameOf(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kDone:
      return "done";
    case Verdict::Kind::kRetry:
      return "retry";
    case Verdict::Kind::kDead:
      return "dead";
  }
  return "";
}

std::vector<const Claimed*> Pointers(const std::vector<Claimed>& claimed, std::size_t from) {
  std::vector<const Claimed*> pointers;
  for (std::size_t i = from; i < claimed.size(); ++i) pointers.push_back(&claimed[i]);
  return pointers;
}

}  // namespace

bool HandleOne(Hands& hands, const MachineKind& kind, const Claimed& claimed) {
  const trace::Span span(trace::Kind::kTask, kind.name, claimed.traceparent);
  const trace::Scope scope(span.context());
  if (XXT_PLANTED_BUG("ack_before_commit")) SettleDone(hands.pool, {&claimed}).IgnoreError();
  // The call must be over well before the lease is: a paused process that wakes
  // up late finds no time left and touches nothing.
  const SteadyTime deadline =
      (XXT_PLANTED_BUG("acts_after_lease") ? SteadyTime::Now() + 20 * hands.lease : claimed.claimed_at) +
      hands.lease / 2;
  XXT_CRASH_POINT("tasks.before_handle");
  Verdict verdict = Verdict::Dead("handling it crashed the worker five times");
  // One that throws may have acted before: it is left as by a crash, and in the
  // end for a person.
  if (claimed.crashes < kMostCrashes && !Guarded(kind.name, [&] { verdict = kind.handle(claimed.task, deadline); })) {
    span.End("threw", /*failed=*/true);
    return false;
  }
  XXT_CRASH_POINT("tasks.after_handle");
  if (kind.party && verdict.party != Verdict::Party::kNotAsked) {
    const std::string party = kind.party(claimed.task);
    const bool silent = verdict.party == Verdict::Party::kSilent;
    if (!party.empty()) silent ? hands.parties.Silent(party) : hands.parties.Answered(party);
  }
  if (verdict.kind == Verdict::Kind::kDone && !verdict.effect) {
    span.End(NameOf(verdict.kind));
    return true;
  }
  if (verdict.kind != Verdict::Kind::kDone) {
    log::Info("task.not_done", {{"task", claimed.task.id},
                                {"kind", claimed.task.kind},
                                {"attempt", claimed.task.attempt},
                                {"verdict", NameOf(verdict.kind)},
                                {"reason", verdict.reason}});
  }
  Store(hands, kind, claimed, verdict);
  span.End(NameOf(verdict.kind), verdict.kind == Verdict::Kind::kDead);
  return false;
}

void SettleBatch(Hands& hands, const std::vector<const Claimed*>& done) {
  if (!done.empty()) Persist(hands, done, [&] { return SettleDone(hands.pool, done, hands.StoreBy()); }).IgnoreError();
}

void NoteUnsettled(Hands& hands) {
  if (XXT_PLANTED_BUG("outage_is_crash")) return;
  Unsettled::Content content = hands.unsettled.Take();
  bool answers = content.attempts.empty() || NoteLate(hands.pool, content.attempts, hands.StoreBy()).ok();
  if (answers) content.attempts.clear();
  std::vector<LostClaim> left;
  for (LostClaim& lost : content.lost) {
    const absl::StatusOr<bool> seen =
        answers ? NoteLost(hands.pool, lost, hands.StoreBy()) : absl::UnavailableError("the store is away");
    answers = seen.ok();
    const bool over = answers && (*seen || (lost.lost_at + kLostFor * hands.lease).passed());
    if (!over) left.push_back(std::move(lost));
  }
  hands.unsettled.PutBack({std::move(content.attempts), std::move(left)});
}

Queue::Queue(Hands& hands, const MachineKind& kind, std::string stream, int workers, int most,
             std::function<void(std::vector<std::string>)> acknowledge)
    : hands_(hands),
      kind_(kind),
      stream_(std::move(stream)),
      worker_count_(static_cast<std::size_t>(workers)),
      most_(most),
      acknowledge_(std::move(acknowledge)),
      inbox_(kInbox),
      chunks_(worker_count_),
      batch_(std::min(4 * kSmallestBatch, most_)) {
  for (std::size_t i = 0; i < worker_count_; ++i) workers_.emplace_back([this] { Work(); });
  consumer_ = std::thread([this] { Consume(); });
}

void Queue::BeginStop() {
  inbox_.Stop();
  chunks_.Stop();
}

void Queue::Stop() {
  BeginStop();
  if (consumer_.joinable()) consumer_.join();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
}

void Queue::Consume() {
  while (true) {
    const std::vector<Inbox::Item> items = inbox_.Take(static_cast<std::size_t>(batch_.load()));
    if (items.empty()) return;
    std::vector<std::string> ids;
    std::vector<std::string> entries;
    for (const Inbox::Item& item : items) {
      ids.push_back(item.task);
      if (!item.entry.empty()) entries.push_back(item.entry);
    }
    const bool claimed = ClaimAndFeed(ids);
    XXT_CRASH_POINT("tasks.before_ack");
    if (!entries.empty()) acknowledge_(std::move(entries));
    if (!claimed) absl::SleepFor(kPauseAfterError);
  }
}

// False if the store could not be asked, or may not be; a sweep finds the tasks again.
bool Queue::ClaimAndFeed(const std::vector<std::string>& ids) {
  if (!hands_.MayClaim()) return false;
  const std::string claim = hands_.NextClaim();
  absl::StatusOr<std::vector<Claimed>> claimed =
      Claim(hands_.pool, ids, {kind_.name}, hands_.clock.Now(), hands_.lease, claim);
  if (!claimed.ok()) {
    log::SeldomWarning("task.claim_failed", stream_, {{"stream", stream_}, {"status", claimed.status()}});
    if (absl::IsUnknown(claimed.status())) hands_.unsettled.AddLost({ids, claim});
    hands_.catch_up = true;
    return false;
  }
  if (worker_count_ == 0) XXT_CRASH_POINT("tasks.suspect_claimed");
  std::vector<Claimed> begun = AskParties(*std::move(claimed));
  if (worker_count_ == 0) {
    Do(begun);
    return true;
  }
  const std::size_t size = std::max<std::size_t>(1, (begun.size() + worker_count_ - 1) / worker_count_);
  for (std::size_t from = 0; from < begun.size(); from += size) {
    const auto begin = begun.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = begun.begin() + static_cast<std::ptrdiff_t>(std::min(from + size, begun.size()));
    std::vector<Claimed> chunk(std::make_move_iterator(begin), std::make_move_iterator(end));
    if (!chunks_.Push(chunk)) GiveBack(Pointers(chunk, 0));
  }
  return true;
}

std::vector<Claimed> Queue::AskParties(std::vector<Claimed> claimed) {
  if (!kind_.party) return claimed;
  std::map<std::string, std::vector<Claimed>> by_party;
  for (Claimed& item : claimed) by_party[kind_.party(item.task)].push_back(std::move(item));
  std::vector<Claimed> begun;
  for (auto& [party, items] : by_party) {
    Parties::Grant grant{static_cast<int>(items.size()), absl::ZeroDuration()};
    if (!party.empty()) grant = hands_.parties.Ask(party, grant.now, kind_.party_rate);
    const auto first_back = items.begin() + std::min<std::ptrdiff_t>(grant.now, std::ssize(items));
    std::move(items.begin(), first_back, std::back_inserter(begun));
    const auto back = Pointers(items, static_cast<std::size_t>(first_back - items.begin()));
    GiveBack(back, LineUp(party, grant, back.size()));
  }
  return begun;
}

// When each of `count` tasks is to ask again.
std::vector<absl::Duration> Queue::LineUp(const std::string& party, const Parties::Grant& grant, std::size_t count) {
  std::vector<absl::Duration> after(count);
  SteadyTime& line = lines_[party];
  for (absl::Duration& wait : after) {
    line = std::max(line + grant.apart, SteadyTime::Now() + grant.again);
    wait = std::max(line.left(), kAskAgainAfter);
  }
  return after;
}

// If the store cannot be told, the lease runs out; a crash it was not.
void Queue::GiveBack(const std::vector<const Claimed*>& claimed, const std::vector<absl::Duration>& after) {
  if (!Unclaim(hands_.pool, claimed, after, hands_.StoreBy()).ok()) hands_.unsettled.Add(claimed);
}

void Queue::Work() {
  while (true) {
    const std::vector<Claimed> chunk = chunks_.Pop();
    if (chunk.empty()) return;
    const SteadyTime began = SteadyTime::Now();
    Do(chunk);
    XXT_CRASH_POINT("tasks.chunk_done");
    FitBatch(SteadyTime::Now() - began);
  }
}

void Queue::Do(const std::vector<Claimed>& chunk) {
  std::vector<const Claimed*> done;
  SteadyTime settle_at = SteadyTime::InfiniteFuture();
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const bool old = (chunk[i].claimed_at + hands_.lease / 4).passed();
    if (chunks_.stopped() || (old && !XXT_PLANTED_BUG("acts_after_lease"))) {
      GiveBack(Pointers(chunk, i));
      break;
    }
    if (HandleOne(hands_, kind_, chunk[i])) done.push_back(&chunk[i]);
    if (done.size() == 1) settle_at = std::min(settle_at, SteadyTime::Now() + kSettleEvery);
    if (settle_at.passed()) {
      SettleBatch(hands_, std::exchange(done, {}));
      settle_at = SteadyTime::InfiniteFuture();
    }
  }
  SettleBatch(hands_, done);
}

// After a chunk that took `took`. Workers may race: either's step will do.
void Queue::FitBatch(absl::Duration took) {
  const int batch = batch_;
  if (took > kLongChunk) batch_ = std::max(batch / 2, std::min(kSmallestBatch, most_));
  if (took < kShortChunk) batch_ = std::min(batch * 2, most_);
}

}  // namespace xxt::tasks
