#ifndef XXT_TESTS_CONTRACT_LOCKED_TABLE_H_
#define XXT_TESTS_CONTRACT_LOCKED_TABLE_H_

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/database.h"
#include "tests/contract/service_world.h"

namespace xxt::contract {

// A table that answers nobody, from when this is made until it is destroyed. One at a time for a database.
class LockedTable {
 public:
  LockedTable(const test::Database& database, const std::string& table)
      : database_(database), holder_([&database, table] {
          database.Sql(absl::StrCat("DO $$ BEGIN LOCK TABLE ", table,
                                    " IN ACCESS EXCLUSIVE MODE; PERFORM pg_advisory_xact_lock_shared(7); "
                                    "PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END $$"));
        }) {
    EXPECT_TRUE(Eventually([this] { return Holder("count(*)") == "1"; }));
  }
  ~LockedTable() {
    Holder("pg_cancel_backend(pid)");
    holder_.join();
  }
  LockedTable(const LockedTable&) = delete;
  LockedTable& operator=(const LockedTable&) = delete;

 private:
  // `what` of the session that has the table and sleeps.
  std::string Holder(const char* what) const {
    return database_.Sql(
        absl::StrCat("SELECT ", what,
                     " FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted "
                     "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
  }

  const test::Database& database_;
  std::thread holder_;
};

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_LOCKED_TABLE_H_
