#include "common/service/housekeeping.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "common/testing/database.h"

namespace xxt::service {
namespace {

// The gauge `name` of `table`, once it is set.
std::optional<double> Gauge(const prometheus::Registry& registry, const std::string& name, const std::string& table) {
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (metric.label[0].value == table) return metric.gauge.value;
    }
  }
  return std::nullopt;
}

TEST(Housekeeping, MakesPartitionsAheadForgetsAndTellsOfRowsThatHadNone) {
  test::Database db("intake");
  db.Sql(R"sql(
    DO $$ BEGIN
      FOR month IN 2..6 LOOP
        EXECUTE 'DROP TABLE backbone.event_' || to_char(date_trunc('month', now()) + month * interval '1 month', 'YYYYMM');
      END LOOP;
    END $$;
    INSERT INTO backbone.idempotency SELECT gen_random_uuid(), 'c', 'm', '', '', now() - interval '31 days'
      FROM generate_series(1, 5000);
    INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time, record_time)
    VALUES (gen_random_uuid(), 't', 's', 'h', 'a', 's', now(), now() + interval '8 months'))sql");
  prometheus::Registry registry;
  const Housekeeping housekeeping(db.pool(), registry);
  const absl::Time give_up = absl::Now() + absl::Seconds(40);
  const auto ahead = [&] {
    return Gauge(registry, "xixinting_partition_months_ahead", "backbone.event").value_or(0) > 6 &&
           db.Sql("SELECT count(*) FROM backbone.idempotency") == "0";
  };
  while (!ahead() && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_GT(Gauge(registry, "xixinting_partition_months_ahead", "backbone.event").value_or(0), 6);
  EXPECT_LT(Gauge(registry, "xixinting_partition_months_ahead", "backbone.event").value_or(9), 7.5);
  EXPECT_EQ(Gauge(registry, "xixinting_partition_stray_rows", "backbone.event"), 1);
  EXPECT_EQ(Gauge(registry, "xixinting_partition_stray_rows", "backbone.attempt"), 0);
  EXPECT_EQ(db.Sql("SELECT count(*) FROM backbone.idempotency"), "0");
}

constexpr char kStray[] = R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time, record_time)
  VALUES (gen_random_uuid(), 't', 's', 'h', 'a', 's', now(), now() + interval '8 months'))sql";

TEST(Housekeeping, TellsOfRowsThatHadNoPartitionHoweverMuchThereIsToDo) {
  test::Database db("intake");
  db.Sql(kStray);
  db.Sql("CREATE OR REPLACE FUNCTION backbone.keep_house() RETURNS boolean LANGUAGE sql AS 'SELECT true'");
  prometheus::Registry registry;
  const Housekeeping housekeeping(db.pool(), registry);
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  while (!Gauge(registry, "xixinting_partition_stray_rows", "backbone.event") && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(Gauge(registry, "xixinting_partition_stray_rows", "backbone.event"), 1);
}

TEST(Housekeeping, TriesSoonAgainToMoveTheRowsThatHadNoPartition) {
  test::Database db("intake");
  db.Sql(kStray);
  db.Sql(R"sql(
    CREATE SEQUENCE backbone.tries;
    GRANT ALL ON backbone.tries TO xxt_runtime;
    CREATE OR REPLACE FUNCTION backbone.keep_house() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN PERFORM nextval('backbone.tries'); RAISE EXCEPTION 'somebody reads for long'; END $$)sql");
  prometheus::Registry registry;
  const Housekeeping housekeeping(db.pool(), registry);
  const absl::Time give_up = absl::Now() + absl::Seconds(25);
  while (db.Sql("SELECT last_value FROM backbone.tries") < "3" && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(db.Sql("SELECT last_value FROM backbone.tries"), "3");
  EXPECT_EQ(Gauge(registry, "xixinting_partition_stray_rows", "backbone.event"), 1);
}

}  // namespace
}  // namespace xxt::service
