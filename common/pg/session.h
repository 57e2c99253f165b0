#ifndef XXT_COMMON_PG_SESSION_H_
#define XXT_COMMON_PG_SESSION_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/param.h"
#include "common/pg/result.h"

// PostgreSQL over libpq in pipeline mode: statements are queued and sent
// together, so that a use case costs as few round trips as it has decisions.
// libpq's errors end here, as absl::Status.
namespace xxt::pg {

// One SQL statement with $n parameters only. A constant beside the function
// that runs it; prepared once per connection. The name is unique in the
// program and labels logs and metrics: "case.insert".
struct Statement {
  const char* name;
  const char* sql;
  const Statement* for_many = nullptr;  // the same with an array for each parameter; see insert.h
  const Statement* stored = nullptr;    // which of many rows are stored already, by their key; see insert.h
};

// Runs statements on one connection, inside the body of InTransaction or Read. Not thread-safe; valid only inside their
// body.
class Session {
 public:
  virtual ~Session() = default;

  // Sends everything queued and this statement, and waits for its rows.
  // Errors: the first of any statement sent, as pool.h lists them.
  template <typename... Args>
  absl::StatusOr<Result> Run(const Statement& statement, Args&&... args) {
    std::vector<Param> params;
    params.reserve(sizeof...(args));
    (params.emplace_back(std::forward<Args>(args)), ...);
    return RunParams(statement, std::move(params));
  }

  // Queues a statement; it is sent with the next Run or with the commit, and its
  // error fails that.
  template <typename... Args>
  void Queue(const Statement& statement, Args&&... args) {
    std::vector<Param> params;
    params.reserve(sizeof...(args));
    (params.emplace_back(std::forward<Args>(args)), ...);
    QueueParams(statement, std::move(params));
  }

  // Queues a statement that is sent after all others of the transaction, right
  // before the commit, in the order of these calls. For rows that everybody
  // locks last, the tasks': who waits for them holds all else already. Within
  // Read it is never sent.
  template <typename... Args>
  void QueueLast(const Statement& statement, Args&&... args) {
    std::vector<Param> params;
    params.reserve(sizeof...(args));
    (params.emplace_back(std::forward<Args>(args)), ...);
    QueueLastParams(statement, std::move(params));
  }

  // Asked by a body before it waits for anything but this session. Not OK where
  // it must not wait: it returns that, and is run again where it may.
  virtual absl::Status MayWait() = 0;

  // Tells the pool's listener of `news` once the transaction is committed; never
  // if it is not, or nobody knows. See Pool::Listen.
  virtual void Announce(std::string news) = 0;

  virtual absl::StatusOr<Result> RunParams(const Statement& statement, std::vector<Param> params) = 0;
  virtual void QueueParams(const Statement& statement, std::vector<Param> params) = 0;
  virtual void QueueLastParams(const Statement& statement, std::vector<Param> params) = 0;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_SESSION_H_
