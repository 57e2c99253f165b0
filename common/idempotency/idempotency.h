#ifndef XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_
#define XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"

namespace xxt::idempotency {

// Who asks what, under which id.
struct Key {
  std::string caller;
  std::string method;
  std::string request_id;  // UUID
  std::string request;     // its bytes, the same for the same request
};

// What a request made, to be kept for its repeats.
struct Response {
  std::string bytes;
  // The root of whom it tells, "cases/1", whose data key seals it as it does the
  // root's rows. Without one it is sealed with a key of the key file.
  std::string root = {};
  std::optional<seal::DataKey> key = std::nullopt;
};

// Reads the data key of a root, wrapped, as its row has it; empty if it was
// erased, or there is no such row.
using KeyOfRoot = absl::StatusOr<std::string> (*)(pg::Session& session, absl::string_view root);

// Runs `body` and commits, once per (caller, method, request_id): the response
// that it makes is stored in the same transaction, sealed, and with it how to
// tell another request under the same id, which needs the key file, too: the
// table alone tells neither what was asked nor of whom (decision 0023). A repeat
// is rolled back, whatever its body met, and gives the stored bytes in `replay`;
// concurrent repeats wait for the first. A failure that may be a repeat's, and
// cannot be told from one because the store went away, is taken for one.
// Failures are not stored, so a repeat after an outage does the work. Responses
// are kept for 30 days.
// Because of the key, a commit whose outcome is unknown is run again.
//
// `key_of_root` may be null where no response has a root.
//
// Errors: REQUEST_ID_REUSED (same id, other bytes, or stored by a service with
// another search key), RESPONSE_GONE (it was done, and its root's key was erased
// since), those of `body` and of pg::InTransaction.
absl::Status Once(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&, Response*)> body, KeyOfRoot key_of_root,
                  std::optional<std::string>* replay);

// What is stored under `key`, in `replay`; nothing if nothing is. Errors:
// REQUEST_ID_REUSED, RESPONSE_GONE, those of pg::Read.
absl::Status Recall(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
                    KeyOfRoot key_of_root, std::optional<std::string>* replay);

// Once without waiting, as pg::QueueTransaction: `done` hears what that tells. A
// repeat is a failure like any other: whoever hears of one goes on with Recall,
// and with Once if nothing is stored.
bool QueueOnce(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
               absl::FunctionRef<absl::Status(pg::Session&, Response*)> body,
               std::function<void(const absl::Status&)> done);

}  // namespace xxt::idempotency

#endif  // XXT_COMMON_IDEMPOTENCY_IDEMPOTENCY_H_
