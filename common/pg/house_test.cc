// What common/pg/migrations/20261123000000_house.sql does. The server of the
// tests, on which the migrations ran, has the zone Asia/Shanghai.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::pg {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Statement kKeepHouse{"test.keep_house", "SELECT backbone.keep_house()"};
constexpr Statement kLockReader{"test.lock_reader", "LOCK TABLE backbone.event IN ACCESS SHARE MODE"};
constexpr Statement kGate{"test.gate", "SELECT pg_advisory_xact_lock(42)"};
constexpr Statement kInsert{"test.insert_event", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 't', 's', 'halls/110102', 'a', 's', now()))sql"};

// Where a row that was written at `moment` lies.
constexpr char kWrite[] = R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time, record_time)
  VALUES (gen_random_uuid(), 't', 's', 'halls/110102', 'a', 's', now(), $moment) RETURNING tableoid::regclass)sql";

class HouseTest : public ::testing::Test {
 protected:
  std::string WrittenAt(const std::string& moment) {
    return db_.Sql(absl::StrReplaceAll(kWrite, {{"$moment", moment}}));
  }

  // Keeps house as if it were `moment`, until there is nothing left to do.
  void KeepHouseAt(const std::string& moment, const std::string& zone = "UTC") {
    db_.Sql(absl::StrCat("SET timezone = '", zone, "'; DO $$ BEGIN WHILE backbone.keep_house_at(", moment,
                         ") LOOP END LOOP; END $$"));
  }

  void AwaitWaiterAtGate() {
    while (db_.Sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted "
                   "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") != "1") {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  absl::Status Insert() {
    return InTransaction(db_.pool(), absl::Now() + absl::Seconds(5),
                         [](Session& session) { return session.Run(kInsert).status(); });
  }

  test::Database db_{"intake"};
};

constexpr char kMidnight[] = "date_trunc('month', now(), 'UTC')";
std::string Months(int months) { return absl::StrCat("(", kMidnight, " + interval '", months, " months')"); }

TEST_F(HouseTest, MonthsAreThoseOfUtcWhateverTheZoneOfTheServerAndTheSession) {
  KeepHouseAt(Months(1), "Asia/Shanghai");
  KeepHouseAt(Months(2), "UTC");
  KeepHouseAt(Months(3), "Asia/Shanghai");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.time_partitions "
                    " WHERE low <> date_trunc('month', low, 'UTC') OR high <> date_trunc('month', high, 'UTC')"),
            "0");
  EXPECT_EQ(db_.Sql("SELECT backbone.check_partitions()"), "");
}

TEST_F(HouseTest, AtAMonthsEdgeEveryMomentHasItsMonth) {
  for (int month = -1; month < 6; ++month) {
    // The last eight hours of a month in UTC are the first of the next in Shanghai.
    for (const char* before : {"8 hours", "7 hours 59 minutes", "1 microsecond"}) {
      const std::string moment = absl::StrCat("(", Months(month + 1), " - interval '", before, "')");
      EXPECT_EQ(WrittenAt(moment), db_.Sql(absl::StrCat("SELECT 'backbone.event_' || to_char(", Months(month),
                                                        " AT TIME ZONE 'UTC', 'YYYYMM')")))
          << moment;
    }
  }
  EXPECT_EQ(WrittenAt(Months(7)), "backbone.event_default");
}

TEST_F(HouseTest, AfterEightMonthsOfDowntimeNothingIsRefusedAndNothingStaysInTheDefaultPartition) {
  const std::string late = absl::StrCat("(", Months(8), " + interval '3 hours')");
  EXPECT_EQ(WrittenAt(late), "backbone.event_default");
  EXPECT_EQ(db_.Sql("SELECT stray FROM backbone.partition_health() WHERE relation = 'backbone.event'"), "1");
  KeepHouseAt(late);
  EXPECT_EQ(db_.Sql("SELECT stray FROM backbone.partition_health() WHERE relation = 'backbone.event'"), "0");
  EXPECT_EQ(WrittenAt(late), db_.Sql("SELECT tableoid::regclass FROM backbone.event ORDER BY row_number LIMIT 1"));
  for (int month = 7; month <= 14; ++month) EXPECT_NE(WrittenAt(Months(month)), "backbone.event_default") << month;
}

TEST_F(HouseTest, MonthsAheadAreToldUpToTheFirstGap) {
  EXPECT_EQ(db_.Sql("SELECT covered_until FROM backbone.partition_health() WHERE relation = 'backbone.event'"),
            db_.Sql("SELECT " + Months(7)));
  db_.Sql(absl::StrCat("DO $$ BEGIN EXECUTE 'DROP TABLE backbone.event_' || to_char(", Months(2),
                       " AT TIME ZONE 'UTC', 'YYYYMM'); END $$"));
  EXPECT_EQ(db_.Sql("SELECT covered_until FROM backbone.partition_health() WHERE relation = 'backbone.event'"),
            db_.Sql("SELECT " + Months(2)));
}

// With it every migration ends.
TEST_F(HouseTest, TheCheckNamesEveryPartitionThatIsWrongOrMissing) {
  const std::string partition = " PARTITION OF backbone.event FOR VALUES FROM (";
  db_.Sql(absl::StrCat("CREATE TABLE backbone.event_of_shanghai", partition, Months(9), " - interval '8 hours') TO (",
                       Months(10), " - interval '8 hours')"));
  db_.Sql(absl::StrCat("CREATE TABLE backbone.event_of_a_quarter", partition, Months(12), ") TO (", Months(15), ")"));
  db_.Sql("DROP TABLE backbone.attempt_default");
  db_.Sql(absl::StrCat("DO $$ BEGIN EXECUTE 'DROP TABLE backbone.task_settled_' || to_char(", Months(2),
                       " AT TIME ZONE 'UTC', 'YYYYMM'); END $$"));
  db_.Sql("CREATE TABLE public.kept_by_nobody (made timestamptz) PARTITION BY RANGE (made)");
  db_.Sql(
      "CREATE FUNCTION public.problems() RETURNS text LANGUAGE plpgsql AS $$ BEGIN "
      "PERFORM backbone.check_partitions(); RETURN ''; EXCEPTION WHEN raise_exception THEN RETURN sqlerrm; END $$");
  EXPECT_THAT(db_.Sql("SET timezone = 'Asia/Shanghai'; SELECT public.problems()"),
              AllOf(HasSubstr("backbone.event_of_shanghai begins or ends within a month of UTC"),
                    HasSubstr("backbone.event_of_a_quarter begins or ends within a month of UTC"),
                    HasSubstr("backbone.attempt has no default partition"),
                    HasSubstr("backbone.task_settled has no partition"), HasSubstr(db_.Sql("SELECT " + Months(2))),
                    HasSubstr("public.kept_by_nobody is partitioned but has no term")));
}

TEST_F(HouseTest, WhoInsertsDoesNotWaitForAPartitionThatIsBeingAdded) {
  std::thread adder;
  const absl::Status status = InTransaction(db_.pool(), absl::Now() + absl::Seconds(30), [&](Session& session) {
    XXT_RETURN_IF_ERROR(session.Run(kGate).status());
    // One transaction: the partition is there, its locks are held, and it waits for us.
    adder = std::thread([this] {
      db_.Sql(absl::StrCat("DELETE FROM backbone.retention WHERE relation <> 'backbone.event'::regclass;",
                           "SELECT backbone.keep_house_at(", Months(1), "), pg_advisory_xact_lock(42)"));
    });
    AwaitWaiterAtGate();
    EXPECT_EQ(Insert(), absl::OkStatus());
    return absl::OkStatus();
  });
  adder.join();
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_NE(WrittenAt(Months(7)), "backbone.event_default");
}

TEST_F(HouseTest, WhoReadsForLongDelaysThePartitionAndNobodyElse) {
  const absl::Status status = InTransaction(db_.pool(), absl::Now() + absl::Seconds(30), [&](Session& session) {
    XXT_RETURN_IF_ERROR(session.Run(kLockReader).status());
    db_.Sql(absl::StrCat("DELETE FROM backbone.retention WHERE relation <> 'backbone.event'::regclass;",
                         "DO $$ BEGIN PERFORM backbone.keep_house_at(", Months(1),
                         "); EXCEPTION WHEN lock_not_available THEN NULL; END $$"));
    EXPECT_EQ(Insert(), absl::OkStatus());
    return absl::OkStatus();
  });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(WrittenAt(Months(7)), "backbone.event_default");
}

TEST_F(HouseTest, OneReplicaKeepsHouseAtATime) {
  const absl::Status status = InTransaction(db_.pool(), absl::Now() + absl::Seconds(30), [&](Session& session) {
    XXT_RETURN_IF_ERROR(session.Run(kKeepHouse).status());
    EXPECT_EQ(db_.Sql("SELECT backbone.keep_house_at(" + Months(8) + ")"), "f");
    return absl::OkStatus();
  });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(db_.Sql("SELECT backbone.keep_house_at(" + Months(8) + ")"), "t");
}

TEST_F(HouseTest, PartitionsAreDroppedAtTheEndOfTheirTermAndNotBefore) {
  db_.Sql("UPDATE backbone.retention SET term = '3 years' WHERE relation = 'backbone.event'::regclass");
  const std::string first =
      db_.Sql("SELECT min(low) FROM backbone.time_partitions WHERE parent = 'backbone.event'::regclass");
  KeepHouseAt(absl::StrCat("(", Months(36), " - interval '1 second')"));
  const std::string oldest = "SELECT min(low) FROM backbone.time_partitions WHERE parent = 'backbone.event'::regclass";
  EXPECT_EQ(db_.Sql(oldest), first);
  KeepHouseAt(Months(36));
  EXPECT_EQ(db_.Sql(oldest), db_.Sql("SELECT " + Months(0)));
  // No term: for ever.
  EXPECT_EQ(db_.Sql("SELECT min(low) FROM backbone.time_partitions WHERE parent = 'intake.contacts'::regclass"), first);
}

TEST_F(HouseTest, ATermIsNeverShorterThanTheLawAllows) {
  EXPECT_EQ(db_.Sql("DO $$ BEGIN UPDATE backbone.retention SET term = '5 months' WHERE relation = "
                    "'backbone.attempt'::regclass; RAISE 'taken'; EXCEPTION WHEN check_violation THEN NULL; END $$"),
            "");
}

TEST_F(HouseTest, AServiceMayKeepHouseButNeitherSetTermsNorTheTime) {
  const auto may = [this](const std::string& what) { return db_.Sql(absl::StrCat("SELECT ", what)); };
  EXPECT_EQ(may("has_function_privilege('xxt_intake', 'backbone.keep_house()', 'EXECUTE')"), "t");
  EXPECT_EQ(may("has_function_privilege('xxt_intake', 'backbone.keep_house_at(timestamptz)', 'EXECUTE')"), "f");
  EXPECT_EQ(may("has_function_privilege('xxt_intake', 'backbone.forget_rows(regclass, timestamptz)', 'EXECUTE')"), "f");
  EXPECT_EQ(may("has_table_privilege('xxt_intake', 'backbone.retention', 'UPDATE, INSERT, DELETE')"), "f");
}

TEST_F(HouseTest, ForgettingMakesProgressHoweverSlowDeletingIs) {
  db_.Sql(R"sql(
    INSERT INTO backbone.idempotency SELECT gen_random_uuid(), 'c', 'm', '', '', now() - interval '31 days'
      FROM generate_series(1, 1000);
    INSERT INTO backbone.idempotency SELECT gen_random_uuid(), 'c', 'm', '', '', now() - interval '29 days'
      FROM generate_series(1, 10);
    CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(0.02); RETURN old; END';
    CREATE TRIGGER slow BEFORE DELETE ON backbone.idempotency FOR EACH ROW EXECUTE FUNCTION public.slow())sql");
  // 1,000 would take 20 s, four times what a statement may.
  const auto keep = [this] {
    return InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                         [](Session& session) { return session.Run(kKeepHouse).status(); });
  };
  EXPECT_EQ(keep(), absl::OkStatus());
  EXPECT_EQ(db_.Sql("SELECT count(*) < 1010 AND count(*) > 900 FROM backbone.idempotency"), "t");
  db_.Sql("DROP TRIGGER slow ON backbone.idempotency");
  KeepHouseAt("now()");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.idempotency"), "10");
}

}  // namespace
}  // namespace xxt::pg
