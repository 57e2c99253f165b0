#ifndef XXT_COMMON_TASKS_PARTY_H_
#define XXT_COMMON_TASKS_PARTY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

// How hard the outside is pressed: a rate and a circuit breaker for each party
// that tasks talk to. Kept in the database (backbone.party), so that all
// processes press together, and a restart forgets nothing.
namespace xxt::tasks {

// After this many silences in a row a party is left alone for kRest, and again
// after every try that it does not answer. One task tries at a time: that costs
// little, and whoever is back is served within a minute. Rests that grew to 15
// minutes held up hundreds of mails after a storm of faults was over.
inline constexpr int kSilences = 3;
inline constexpr absl::Duration kRest = absl::Seconds(30);
// Longer than tasks wait between two tries (MachineKind::retry_cap): whoever was
// not tried for this long is waited for by none any more.
inline constexpr absl::Duration kForgottenAfter = absl::Hours(7);

// Thread-safe. What it learned holds while the store is away; before it learned
// anything it grants nothing: a process that starts leaves alone whom others do.
class Parties {
 public:
  // `longest_try`: how long one exchange may take.
  Parties(pg::Pool& pool, absl::Duration longest_try) : pool_(pool), longest_try_(longest_try) {}

  // How many of `wanted` tasks may be begun now with `party`, of which at most
  // `rate` are begun per second (0: no limit), and when the others should ask
  // again: the first `again` from now, each further one `apart` after the one
  // before, behind those that were told so earlier. Also while it rests: not all
  // that waits for it comes back in one moment.
  struct Grant {
    int now = 0;
    absl::Duration again{};
    absl::Duration apart{};
  };
  Grant Ask(const std::string& party, int wanted, double rate);

  // What came of a try.
  void Answered(const std::string& party);
  void Silent(const std::string& party);

  // Learns what other processes found out. To be called every second or so.
  absl::Status Refresh();

  // Those that rest, or are tried after a rest, for operators; as of Refresh.
  std::vector<std::string> AtRest();

 private:
  struct State {
    int silences = 0;
    SteadyTime rest_until;
  };

  // Whether anything was learned yet, learning it now if not.
  bool Knows();
  bool MayTry(const std::string& party);

  pg::Pool& pool_;
  const absl::Duration longest_try_;
  Mutex mu_;
  bool knows_ XXT_GUARDED_BY(mu_) = false;
  std::map<std::string, State> states_ XXT_GUARDED_BY(mu_);  // of those that were silent last
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_PARTY_H_
