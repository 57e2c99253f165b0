#ifndef XXT_COMMON_PG_POOL_H_
#define XXT_COMMON_PG_POOL_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/files/secret.h"
#include "common/pg/session.h"

namespace xxt::pg {

class Connections;
class SharedCommit;
class SharedRead;

struct PoolOptions {
  std::string dsn;         // libpq connection string, without the password; may name several servers
  files::Secret password;  // of connections made from now on; may be empty (peer or trust authentication)
  int connections = 9;     // most connections at a time
};

// A bounded set of connections to the one server of `dsn` that takes writes. A
// connection that broke is thrown away; the next caller opens a new one. While
// that fails it is tried again after a pause, of a second at most, in which
// callers hear STORE_UNAVAILABLE at once. One
// whose caller's deadline passed is used again once PostgreSQL has answered or
// given up. Thread-safe. Must outlive every transaction.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Connections in use now, and the most there can be.
  int in_use() const;
  int limit() const;

  // From now on `listener` hears, after each commit, what the transaction has
  // announced. It must be quick. Empty: nobody hears; when this returns, the
  // listener before is not running any more.
  using Listener = std::function<void(const std::vector<std::string>& news)>;
  void Listen(Listener listener);
  void Tell(const std::vector<std::string>& news);

  // For lease.h and transaction.cc.
  Connections& connections() { return *connections_; }
  SharedCommit& shared_commit() { return *shared_commit_; }
  SharedRead& shared_read() { return *shared_read_; }

 private:
  Mutex listener_mu_;
  Listener listener_ XXT_GUARDED_BY(listener_mu_);
  std::unique_ptr<Connections> connections_;
  std::unique_ptr<SharedCommit> shared_commit_;
  std::unique_ptr<SharedRead> shared_read_;
};

// What to do when the connection is lost while COMMIT is under way, so that
// nobody knows whether it happened.
enum class OnUnknownCommit {
  kFail,   // return OUTCOME_UNKNOWN
  kRerun,  // run the body again: it finds its own earlier commit by a unique
           // business key (idempotency.h does)
};

// Runs `body` in one READ COMMITTED transaction and commits if it returns OK;
// rolls back otherwise and returns its status. A body that never Runs, but only
// queues, holds no connection, and may share its transaction with others that
// commit at the same time (shared_commit.h): what it queues should not wait for
// locks.
//
// The body may run again, after a deadlock, a serialization failure or a lost
// connection (at most three times): it must touch nothing but the session and
// its own result.
//
// Errors beyond the body's: STORE_UNAVAILABLE (UNAVAILABLE), OUTCOME_UNKNOWN
// (UNKNOWN), DEADLINE (DEADLINE_EXCEEDED: no connection or no answer in time),
// STORE_CONFLICT (ABORTED: lock not had in time, or the third conflict), INTERNAL (any other
// SQL error, named by the statement, never by values).
absl::Status InTransaction(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body,
                           OnUnknownCommit on_unknown = OnUnknownCommit::kFail);

// Commits what `body` queues, as InTransaction does but without waiting, for
// threads that must not: runs it once, here, and returns. `done` hears the
// outcome, on the thread of whoever commits: OK, OUTCOME_UNKNOWN, or why nothing
// was kept. It must be quick, and must not wait either; what failed may be run
// again by InTransaction, which might do it. False, with nothing done and
// nothing to be heard, if the body failed, asked something (Session::Run), must
// wait (Session::MayWait) or queued nothing, or if too many wait: then it is
// InTransaction's, too.
bool QueueTransaction(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body,
                      std::function<void(const absl::Status&)> done);

// Runs what `queue` queues as one transaction in one round trip, shared with
// nobody, and returns the rows of each statement, in order. `queue` may run again
// and must not Run.
// Same errors.
absl::StatusOr<std::vector<Result>> RunTogether(Pool& pool, SteadyTime deadline,
                                                absl::FunctionRef<void(Session&)> queue,
                                                OnUnknownCommit on_unknown = OnUnknownCommit::kFail);

// Runs `body`, which only reads, without a transaction: one round trip per Run,
// shared with others that read at the same time (shared_read.h). No connection is
// held in between, and nothing of a session outlives a Run.
// Each statement sees its own snapshot, not that of the one before: what must
// agree belongs into one statement. May run again after a lost connection. Same errors.
absl::Status Read(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body);

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_POOL_H_
