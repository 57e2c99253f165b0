// What holds back the telling of events and the removal of dead rows, made for real, and from when on that is too long.

#include "common/events/horizon.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::events {
namespace {

// What SQL has made and outlives its session, until the end of the scope, however the test ends.
class Made {
 public:
  Made(const xxt::test::Database& db, const std::string& make, std::string undo) : db_(db), undo_(std::move(undo)) {
    db_.Sql(make);
  }
  ~Made() { db_.Sql(undo_); }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

 private:
  const xxt::test::Database& db_;
  const std::string undo_;
};

class HorizonTest : public testing::Test {
 protected:
  Holder Held(const std::string& what) {
    std::vector<Holder> holders;
    const absl::Status read =
        pg::Read(db_.pool(), absl::Now() + absl::Seconds(20), [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(holders, Holders(session));
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    for (const Holder& holder : holders) {
      if (holder.what == what) return holder;
    }
    ADD_FAILURE() << "nothing is said of " << what;
    return {};
  }

  xxt::test::Database db_{"intake"};
};

TEST_F(HorizonTest, ASlotOfReplicationHoldsRowsBackFromItsBeginningOn) {
  EXPECT_EQ(Held("slot").transactions, 0);
  {
    const Made slot(db_, absl::StrCat("SELECT pg_create_logical_replication_slot('", db_.name(), "', 'pgoutput')"),
                    absl::StrCat("SELECT pg_drop_replication_slot('", db_.name(), "')"));
    const std::int64_t before = Held("slot").transactions;
    db_.Sql("SELECT pg_current_xact_id()");
    EXPECT_GT(Held("slot").transactions, before);
    EXPECT_EQ(Held("slot").age, absl::ZeroDuration()) << "nobody knows when it was made";
  }
  EXPECT_EQ(Held("slot").transactions, 0);
}

TEST_F(HorizonTest, APreparedTransactionHoldsEventsBackThoughNoSessionHasIt) {
  EXPECT_EQ(Held("prepared").transactions, 0);
  {
    const Made prepared(db_, absl::StrCat("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION '", db_.name(), "'"),
                        absl::StrCat("ROLLBACK PREPARED '", db_.name(), "'"));
    const Holder first = Held("prepared");
    EXPECT_GT(first.age, absl::ZeroDuration());
    EXPECT_GT(first.transactions, 0);
    db_.Sql("SELECT pg_current_xact_id()");
    const Holder later = Held("prepared");
    EXPECT_GT(later.age, first.age);
    EXPECT_GT(later.transactions, first.transactions);
  }
  EXPECT_EQ(Held("prepared").transactions, 0);
  EXPECT_EQ(Held("prepared").age, absl::ZeroDuration());
}

TEST(HoldsTooLong, BeyondAMinuteAndASnapshotBeyondTen) {
  for (const char* what : {"transaction", "prepared", "untold"}) {
    EXPECT_FALSE(HoldsTooLong({what, absl::Seconds(59), 0})) << what;
    EXPECT_FALSE(HoldsTooLong({what, absl::Seconds(60), 0})) << what;
    EXPECT_TRUE(HoldsTooLong({what, absl::Seconds(61), 0})) << what;
  }
  EXPECT_FALSE(HoldsTooLong({"snapshot", absl::Seconds(599), 0}));
  EXPECT_FALSE(HoldsTooLong({"snapshot", absl::Seconds(600), 0}));
  EXPECT_TRUE(HoldsTooLong({"snapshot", absl::Seconds(601), 0}));
}

// All that a slot is judged by.
TEST(HoldsTooLong, WhateverItIsBehindByTenMillionTransactions) {
  for (const char* what : {"transaction", "snapshot", "prepared", "slot"}) {
    EXPECT_FALSE(HoldsTooLong({what, absl::ZeroDuration(), 10'000'000})) << what;
    EXPECT_TRUE(HoldsTooLong({what, absl::ZeroDuration(), 10'000'001})) << what;
  }
}

}  // namespace
}  // namespace xxt::events
