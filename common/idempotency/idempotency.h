#ifndef XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_
#define XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

namespace xxt::idempotency {

// Who asks what, under which id.
struct Key {
  std::string caller;
  std::string method;
  std::string request_id;  // UUID
  std::string request;     // its bytes, the same for the same request
};

// Runs `body` and commits, once per (caller, method, request_id): the response
// that `encode` makes is stored in the same transaction, sealed with the
// request (seal.h): whoever repeats it can read it, the table alone tells
// nothing of the people in it (decision 0019). A repeat is rolled
// back, whatever its body met, and gives the stored bytes in `replay`;
// concurrent repeats wait for the first. A failure that may be a repeat's, and
// cannot be told from one because the store went away, is taken for one.
// Failures are not stored, so a repeat after an outage does the work. Responses
// are kept for 30 days.
// Because of the key, a commit whose outcome is unknown is run again.
//
// Errors: REQUEST_ID_REUSED (same id, other bytes), those of `body` and of
// pg::InTransaction.
absl::Status Once(pg::Pool& pool, SteadyTime deadline, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&)> body, absl::FunctionRef<std::string()> encode,
                  std::optional<std::string>* replay);

// What is stored under `key`, in `replay`; nothing if nothing is. Errors:
// REQUEST_ID_REUSED, those of pg::Read.
absl::Status Recall(pg::Pool& pool, SteadyTime deadline, const Key& key, std::optional<std::string>* replay);

// Once without waiting, as pg::QueueTransaction: `done` hears what that tells. A
// repeat is a failure like any other: whoever hears of one goes on with Recall,
// and with Once if nothing is stored.
bool QueueOnce(pg::Pool& pool, SteadyTime deadline, const Key& key, absl::FunctionRef<absl::Status(pg::Session&)> body,
               absl::FunctionRef<std::string()> encode, std::function<void(const absl::Status&)> done);

}  // namespace xxt::idempotency

#endif  // XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_
