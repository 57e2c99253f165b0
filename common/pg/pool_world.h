#ifndef XXT_COMMON_PG_POOL_WORLD_H_
#define XXT_COMMON_PG_POOL_WORLD_H_

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

// What tests of the pool share: a database of their own, and statements.
namespace xxt::pg {

inline constexpr Statement kInsertTask{"test.insert_task", R"sql(
  INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due)
  VALUES (gen_random_uuid(), 'test', 'bulk', 's', $1, now()))sql"};
inline constexpr Statement kCount{"test.count", "SELECT count(*) FROM backbone.machine_task"};
inline constexpr Statement kBackend{"test.backend", "SELECT pg_backend_pid()"};

inline absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

class PoolTest : public testing::Test {
 protected:
  std::int64_t Count() {
    std::int64_t count = -1;
    EXPECT_TRUE(Read(db_.pool(), Soon(), [&](Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(const Result rows, session.Run(kCount));
                  count = rows[0].Int(0);
                  return absl::OkStatus();
                }).ok());
    return count;
  }
  xxt::test::Database db_{"intake"};
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_POOL_WORLD_H_
