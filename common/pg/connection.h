#ifndef XXT_COMMON_PG_CONNECTION_H_
#define XXT_COMMON_PG_CONNECTION_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/result.h"
#include "common/pg/session.h"

struct pg_conn;
struct pg_result;

namespace xxt::pg {

struct PoolOptions;

// Why a flush failed, and what that leaves behind.
struct Failure {
  enum class Kind {
    kStatement,  // PostgreSQL refused a statement
    kConflict,   // deadlock or serialization failure: run again
    kUnfit,      // PostgreSQL refused all of it: this connection or its server cannot do it at present
    kBroken,     // the connection is of no use any more
    kTimeout,    // no answer in time; PostgreSQL may still be at it
    kUnsent,     // no connection was to be had in time
  };
  Kind kind;
  absl::Status status;
  const Statement* repeated = nullptr;  // kStatement: a row of this one broke a unique key

  // Whether PostgreSQL did what was sent last, nobody knows.
  bool lost() const { return kind == Kind::kBroken || kind == Kind::kTimeout; }
  // The connection must not be used again.
  bool unusable() const { return kind == Kind::kBroken || kind == Kind::kUnfit; }
};

// What to do with statements that are not answered in time.
enum class OnTimeout {
  kCancel,  // they commit nothing
  // A COMMIT may be among them. PostgreSQL answers a cancelled wait for its
  // synchronous standby by showing what the standby may not have; so it is left
  // to end by itself.
  kLetEnd,
};

// One libpq connection in pipeline mode. One thread at a time.
class Connection {
 public:
  // Connects to the first server of `options.dsn` that takes writes. Errors:
  // STORE_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const PoolOptions& options, SteadyTime deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  struct Pending {
    const Statement* statement;
    std::vector<Param> params;
  };

  // Sends `pending` in order and waits for all of it. Gives one result per
  // statement, or the first failure; then none of the statements after the
  // failed one were run. Only while at rest, or in a transaction.
  std::optional<Failure> Flush(const std::vector<Pending>& pending, SteadyTime deadline, OnTimeout on_timeout,
                               std::vector<Result>* results);

  // Whether another may use it: nothing under way, no transaction open.
  bool at_rest() const;
  // Whether what is under way may be cancelled.
  bool may_cancel() const { return !expected_.empty() && on_timeout_ == OnTimeout::kCancel; }
  // The process that serves it, and where.
  std::string backend() const;
  bool SameServer(const Connection& other) const;
  // Waits for what is under way and rolls back what is open. A failure other
  // than kTimeout: of no use any more.
  std::optional<Failure> ComeToRest(SteadyTime deadline);

 private:
  // One thing that libpq answers with a result of its own.
  struct Expected {
    enum class Step { kPrepare, kDescribe, kRun };
    Step step;
    const Statement* statement;
  };
  // What PostgreSQL has told of a prepared statement; nothing at first.
  struct Described {
    std::vector<unsigned> parameters;  // their types
    bool rows_of_bytes = false;        // all columns are text or bytea: in binary they are what they are
  };

  explicit Connection(pg_conn* owned) : conn_(owned) {}

  bool Send(const Pending& pending);
  // Prepares it, and asks what it takes and gives if it has parameters, `count`.
  bool Prepare(const Statement& statement, int count);
  // Waits until libpq can go on; false when the deadline has passed or the
  // connection broke (`broken`).
  bool WaitReadable(SteadyTime deadline, bool* broken);
  // Reads the answers to all that is expected.
  std::optional<Failure> Collect(SteadyTime deadline, std::vector<Result>* results);
  // Takes note of a statement's description.
  void Learn(const Statement& statement, const pg_result* description);
  // What is answered next; null if that is the end of it.
  const Expected* Next() const { return answered_ < expected_.size() ? &expected_[answered_] : nullptr; }
  Failure Refused(const pg_result* result);
  Failure Broken(const char* where);

  pg_conn* conn_;
  std::map<std::string, Described, std::less<>> prepared_;  // by the statement's name
  // What was sent and has not been answered.
  std::vector<Expected> expected_;
  std::size_t answered_ = 0;
  OnTimeout on_timeout_ = OnTimeout::kCancel;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_CONNECTION_H_
