#ifndef XXT_COMMON_SERVICE_SEAL_KEYS_H_
#define XXT_COMMON_SERVICE_SEAL_KEYS_H_

#include "absl/status/status.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"

namespace xxt::service {

// Notes the key that wraps what is new here, and compares all that were ever
// noted with `keys`: a service that could not read what another has written, or
// that was started with the key file of another database, must not get requests.
// Errors: FAILED_PRECONDITION naming the ids that are missing; those of
// pg::RunTogether.
absl::Status CheckSealKeys(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys);

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_SEAL_KEYS_H_
