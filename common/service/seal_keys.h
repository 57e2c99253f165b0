#ifndef XXT_COMMON_SERVICE_SEAL_KEYS_H_
#define XXT_COMMON_SERVICE_SEAL_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"

namespace xxt::service {

// Whether `keys` are those of this database (seal::CheckNoted): a service that
// could not read what another has written, or was started with the key file of
// another database, must not get requests. If they are, notes in
// backbone.seal_key the search key, and that the first of them wraps what is new,
// each minute anew: a key that nobody has noted for five minutes, and nothing is
// wrapped with, may be retired (`xxt-store rekey`) and then taken out of the file. So this is to be asked
// all the time, as readiness is. Sets keys.checked() by what it finds; where it cannot
// look, that stays as it was. Errors: those of seal::CheckNoted and pg::RunTogether.
absl::Status CheckSealKeys(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys);

// Exchanges `keys`, which are in use, for `next`, if CheckSealKeys would find those to be
// this database's: what stands there opens with the new ones, too. In what order a key is
// exchanged in several replicas, docs/operations/xxt-store.md says. Errors: those of
// CheckSealKeys; then nothing has changed.
absl::Status TakeSealKeys(pg::Pool& pool, const seal::Keyring& next, const seal::Keyring& keys);

// The keys of a service that begins: of `file`, and checked, if the database can be asked
// at once. If it cannot, or they are not its keys, they are not, and whoever works with them
// waits for CheckSealKeys; health says why. Errors: those of seal::Keyring::Load.
absl::StatusOr<seal::Keyring> LoadSealKeys(const std::string& file, pg::Pool& pool);

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_SEAL_KEYS_H_
