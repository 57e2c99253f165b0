#ifndef XXT_COMMON_PG_CONNECTION_H_
#define XXT_COMMON_PG_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/result.h"
#include "common/pg/session.h"

struct pg_conn;

namespace xxt::pg {

struct PoolOptions;

// Why a flush failed, and what that leaves behind.
struct Failure {
  enum class Kind {
    kStatement,  // PostgreSQL refused a statement
    kConflict,   // deadlock or serialization failure: run again
    kBroken,     // the connection is of no use any more
    kTimeout,    // no answer in time; the connection is of no use any more
    kUnsent,     // no connection was to be had
  };
  Kind kind;
  absl::Status status;

  // Whether PostgreSQL did what was sent last, nobody knows.
  bool lost() const { return kind == Kind::kBroken || kind == Kind::kTimeout; }
};

// One libpq connection in pipeline mode. One thread at a time.
class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const PoolOptions& options, SteadyTime deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  struct Pending {
    const Statement* statement;
    std::vector<Param> params;
  };

  // Sends `pending` in order and waits for all of it. Answers one result per
  // statement, or the first failure; then none of the statements after the
  // failed one were run.
  std::optional<Failure> Flush(const std::vector<Pending>& pending, SteadyTime deadline, std::vector<Result>* results);

 private:
  explicit Connection(pg_conn* owned) : conn_(owned) {}

  bool Send(const Pending& pending);
  // Waits until libpq can go on; false when the deadline has passed or the
  // connection broke (`broken`).
  bool WaitReadable(SteadyTime deadline, bool* broken);
  std::optional<Failure> Collect(const std::vector<const Statement*>& expected, SteadyTime deadline,
                                 std::vector<Result>* results);
  Failure Broken(const char* where);

  pg_conn* conn_;
  std::unordered_set<std::string> prepared_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_CONNECTION_H_
