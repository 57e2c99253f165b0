#ifndef XXT_COMMON_TESTING_LOCK_H_
#define XXT_COMMON_TESTING_LOCK_H_

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "common/testing/database.h"

// For tests in which one transaction holds others up: what runs kHoldLock has a
// lock until it ends, and what runs kWaitForLock waits for that.
namespace xxt::test {

inline constexpr pg::Statement kHoldLock{"test.hold", "SELECT pg_advisory_xact_lock(7)"};
inline constexpr pg::Statement kWaitForLock{"test.wait", "SELECT pg_advisory_xact_lock_shared(7)"};

// How many wait in this database: other tests wait in theirs.
inline constexpr char kLockWaiters[] =
    "pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
inline std::string LockWaiters(const Database& database) {
  return database.Sql(absl::StrCat("SELECT count(*) FROM ", kLockWaiters));
}
// Ends the connections of those who wait.
inline void KillLockWaiters(const Database& database) {
  database.Sql(absl::StrCat("SELECT count(pg_terminate_backend(pid, 5000)) FROM ", kLockWaiters));
}

// Waits until `is`; it is a failure if that never comes.
inline void Await(absl::FunctionRef<bool()> is) {
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!is()) {
    if (absl::Now() > give_up) {
      ADD_FAILURE() << "never came";
      return;
    }
    std::this_thread::yield();
  }
}

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_LOCK_H_
