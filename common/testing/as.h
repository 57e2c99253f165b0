#ifndef XXT_COMMON_TESTING_AS_H_
#define XXT_COMMON_TESTING_AS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/identity/caller.h"
#include "common/pg/pool.h"
#include "common/store/tx.h"
#include "common/testing/keys.h"

namespace xxt::test {

// One transaction of `caller`, at `now`, without a service around it.
inline absl::Status As(const identity::Caller& caller, absl::Time now, pg::Pool& pool,
                       absl::FunctionRef<absl::Status(Tx&)> body) {
  const Circumstances of{.caller = caller,
                         .now = now,
                         .deadline = SteadyTime::Now() + absl::Seconds(30),
                         .method = "test",
                         .keys = TestKeys()};
  return InTx(pool, of, body);
}

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_AS_H_
