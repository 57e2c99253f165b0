#ifndef XXT_COMMON_TASKS_QUEUE_H_
#define XXT_COMMON_TASKS_QUEUE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/tasks/inbox.h"
#include "common/tasks/party.h"
#include "common/tasks/task.h"

namespace xxt::tasks {

// What the queues of one process share.
struct Hands {
  pg::Pool& pool;
  const Clock& clock;
  const std::string holder;
  const absl::Duration lease;
  const int batch;
  Parties parties;
  const std::function<bool()> may_claim{};  // EngineOptions::may_claim
  const absl::Duration store_within = kStoreWithin;
  Unsettled unsettled{};
  std::atomic<std::int64_t> claims{0};
  // From when on nothing new is begun.
  std::atomic<SteadyTime> stopping_at{SteadyTime::InfiniteFuture()};
  // Something was not handed out that might have been: the next sweep looks at all.
  std::atomic<bool> catch_up{true};

  bool MayClaim() const { return !may_claim || may_claim(); }

  // Until when what is told to the store now may take. From the stop on nothing
  // gets a time of its own: handlers end half a lease after it at the latest.
  SteadyTime StoreBy() const { return std::min(SteadyTime::Now(), stopping_at.load() + lease / 2) + store_within; }

  // The holder that one claim notes: each has its own, so that what is said of
  // a claim whose answer was lost is said of no other of this process.
  std::string NextClaim() { return absl::StrCat(holder, "/", ++claims); }
};

// Handles one claimed task and settles it, unless it is done without effect:
// then it returns true, and the caller settles it with others.
bool HandleOne(Hands& hands, const MachineKind& kind, const Claimed& claimed);

// Settles tasks that are done without effect.
void SettleBatch(Hands& hands, const std::vector<const Claimed*>& done);

// Notes of what is unsettled that no crash was the reason, as far as the store
// answers and knows it by now.
void NoteUnsettled(Hands& hands);

// The tasks of one kind in one lane: a thread that claims at most `most` at a
// time, and its workers. Without workers that thread does them itself, and has
// no others in hand: so suspects are done.
class Queue {
 public:
  // `acknowledge` is told of the stream's entries that are of no use any more.
  Queue(Hands& hands, const MachineKind& kind, std::string stream, int workers, int most,
        std::function<void(std::vector<std::string> entries)> acknowledge);
  ~Queue() { Stop(); }

  // Ends threads once what runs has finished; does not wait.
  void BeginStop();
  void Stop();

  const MachineKind& kind() const { return kind_; }
  const std::string& stream() const { return stream_; }
  Inbox& inbox() { return inbox_; }
  int batch() const { return batch_; }

 private:
  void Consume();
  bool ClaimAndFeed(const std::vector<std::string>& ids);
  // Gives back what the parties have no time for.
  std::vector<Claimed> AskParties(std::vector<Claimed> claimed);
  std::vector<absl::Duration> LineUp(const std::string& party, const Parties::Grant& grant, std::size_t count);
  void Work();
  void Do(const std::vector<Claimed>& chunk);
  void FitBatch(absl::Duration took);
  void GiveBack(const std::vector<const Claimed*>& claimed, const std::vector<absl::Duration>& after = {});

  Hands& hands_;
  const MachineKind& kind_;
  const std::string stream_;
  const std::size_t worker_count_;
  const int most_;  // to claim at a time
  const std::function<void(std::vector<std::string>)> acknowledge_;
  Inbox inbox_;
  ChunkQueue chunks_;
  std::atomic<int> batch_;  // most to claim next
  // The consumer's own: until when the time of a party is given away to tasks
  // that were told when to ask again. Other processes have lines of their own:
  // whom no token is left for then goes to the end of one.
  std::map<std::string, SteadyTime> lines_;
  std::vector<std::thread> workers_;
  std::thread consumer_;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_QUEUE_H_
