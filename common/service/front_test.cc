// What a service says of itself: health, while its store takes no writes or its connections are all in use; gauges.

#include "common/service/front.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/concurrency/guard.h"
#include "common/pg/lease.h"
#include "common/service/schema.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/scratch_dir.h"
#include "common/testing/tokens.h"
#include "tests/contract/health.h"
#include "tests/contract/service_world.h"

namespace xxt::service {
namespace {

using contract::Eventually;
using contract::IsServing;

tasks::MachineKind IdleKind() {
  tasks::MachineKind kind;
  kind.name = "test.idle";
  kind.handle = [](const tasks::Task&, SteadyTime) { return tasks::Verdict::Done(); };
  kind.on_dead = [](pg::Session&, const tasks::Task&, absl::string_view) { return absl::OkStatus(); };
  return kind;
}

tasks::DeskKind PeoplesKind() {
  return {"test.desk", {"SEEN"}, [](pg::Session&, const tasks::Task&, const tasks::Completion&) {
            return absl::OkStatus();
          }};
}

// A service that has no RPCs of its own.
class FrontTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config::Service config = contract::ConfigOf("intake", db_, dir_);
    config.test_clock_file.clear();
    absl::StatusOr<std::unique_ptr<Base>> base = Base::Make("intake", config);
    ASSERT_TRUE(base.ok()) << base.status();
    base_ = *std::move(base);
    engine_ = std::make_unique<tasks::Engine>(base_->engine_options(test::TestKeys()), base_->pools(), base_->clock(),
                                              std::vector{IdleKind()});
    front_ = std::make_unique<Front>(*base_, *engine_, desk_kinds_, test::TestKeys());
    const absl::Status status = front_->Serve({});
    ASSERT_TRUE(status.ok()) << status;
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", front_->port()), grpc::InsecureChannelCredentials());
    ASSERT_TRUE(Serves());
  }

  bool Serves() {
    return Eventually([this] { return IsServing(channel_); });
  }
  bool SaysNo() {
    return Eventually([this] { return !IsServing(channel_); });
  }

  // As after a failover to a standby that nobody promoted.
  void TakeNoWrites() const {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " SET default_transaction_read_only = on"));
    db_.Sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }
  void TakeWrites() const {
    db_.Sql(
        absl::StrCat("BEGIN READ WRITE; ALTER DATABASE ", db_.name(), " RESET default_transaction_read_only; COMMIT"));
  }

  // When health last asked the store.
  std::string LastLook() const {
    return db_.Sql(
        "SELECT coalesce(max(query_start)::text, '') FROM pg_stat_activity "
        "WHERE datname = current_database() AND query ~ 'FROM writable|FROM backbone.seal_key' AND pid <> "
        "pg_backend_pid()");
  }

  // What is told with exactly these labels.
  std::optional<prometheus::ClientMetric> Told(const std::string& name,
                                               const std::map<std::string, std::string>& labels) const {
    for (const prometheus::MetricFamily& family : base_->metrics().registry().Collect()) {
      if (family.name != name) continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        std::map<std::string, std::string> own;
        for (const auto& label : metric.label) own[label.name] = label.value;
        if (own == labels) return metric;
      }
    }
    return std::nullopt;
  }
  // -1 if there is none.
  double Gauge(const std::string& name, const std::map<std::string, std::string>& labels) const {
    const std::optional<prometheus::ClientMetric> told = Told(name, labels);
    return told ? told->gauge.value : -1;
  }

  const test::ScratchDir dir_;
  const test::Database db_{"intake"};
  const std::vector<tasks::DeskKind> desk_kinds_{PeoplesKind()};
  std::unique_ptr<Base> base_;
  std::unique_ptr<tasks::Engine> engine_;
  std::unique_ptr<Front> front_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(FrontTest, SaysNoWhileTheDatabaseTakesNoWritesAndYesWhenItDoes) {
  EXPECT_EQ(Gauge("xixinting_ready", {}), 1);
  TakeNoWrites();
  EXPECT_TRUE(SaysNo());
  EXPECT_EQ(Gauge("xixinting_ready", {}), 0);
  TakeWrites();
  EXPECT_TRUE(Serves());
}

TEST_F(FrontTest, SaysLittleWhileNoConnectionsAreTakenAndServesSoonAfter) {
  testing::internal::CaptureStderr();
  const auto take = [this](const char* connections) {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " CONNECTION LIMIT ", connections));
  };
  take("0");
  db_.Sql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  EXPECT_TRUE(SaysNo());
  const SteadyTime end = SteadyTime::Now() + absl::Seconds(3);
  EXPECT_TRUE(Eventually([&end] { return end.passed(); }));
  take("-1");
  const SteadyTime back = SteadyTime::Now();
  EXPECT_TRUE(Serves());
  EXPECT_LT(SteadyTime::Now() - back, absl::Seconds(10));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 20) << log;
}

TEST_F(FrontTest, DoesNotBeginWithoutCertificatesThatAreFit) {
  config::Service config = contract::ConfigOf("intake", db_, dir_);
  config.tls_plaintext = false;
  config.tls.certificate = dir_.File("absent.crt");
  const absl::Status status = Base::Make("intake", config).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("absent.crt"), absl::string_view::npos);
}

TEST_F(FrontTest, TellsWhenTheCalendarEnds) {
  const absl::Time end = calendar::EndOfDay(calendar::WorkingDays::China().last_day());
  EXPECT_EQ(Gauge("xixinting_calendar_end_timestamp_seconds", {}), absl::ToUnixSeconds(end));
}

TEST_F(FrontTest, CountsWhatTheCodeThrew) {
  const std::int64_t before = CaughtExceptions();
  EXPECT_FALSE(Guarded("test", [] { throw std::runtime_error("a defect"); }));
  EXPECT_TRUE(Eventually([&] {
    const auto told = Told("xixinting_exceptions_caught_total", {});
    return told && told->counter.value == static_cast<double>(before + 1);
  }));
}

TEST_F(FrontTest, TakesTheKeysOfTokensWhileItRuns) {
  const std::string token = test::Token("staff/wang", "halls/110102016", {"officer"});
  const auto next = identity::NewKey("staff-next");
  const std::string next_token =
      (*identity::Signer::Make(next.first, "staff/wang", "halls/110102016", {"officer"}, "xixinting"))
          ->Token(absl::Now());
  const auto accepts = [this](const std::string& one) { return base_->verifier().Verify(one, absl::Now()).ok(); };
  const std::map<std::string, std::string> keys = {{"key", "identity.jwks_file"}};
  EXPECT_TRUE(accepts(token));
  dir_.Write("jwks.json", absl::StrCat(R"({"keys":[)", next.second, "]}"));
  EXPECT_TRUE(Eventually([&] { return !accepts(token) && accepts(next_token); }));
  dir_.Write("jwks.json", "{");
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_secret_in_force", keys) == 0; }));
  EXPECT_TRUE(accepts(next_token));
  dir_.Write("jwks.json", test::TestJwks());
  EXPECT_TRUE(Eventually([&] { return accepts(token) && Gauge("xixinting_secret_in_force", keys) == 1; }));
}

TEST_F(FrontTest, SaysThatAKeyFileWhichIsNoneIsNotWhatCounts) {
  const std::map<std::string, std::string> key = {{"key", "seal.key_file"}};
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_secret_in_force", key) == 1; }));
  dir_.Write("seal.keys", "1 not a key\n");
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_secret_in_force", key) == 0; }));
  EXPECT_TRUE(Serves());
  dir_.Write("seal.keys", test::kKeyFile);
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_secret_in_force", key) == 1; }));
}

// As over a connection whose server became a standby: it still reads.
TEST_F(FrontTest, SaysNoOverAConnectionThatReadsAndMayNotWrite) {
  db_.Sql("REVOKE UPDATE ON backbone.machine_task FROM xxt_runtime");
  EXPECT_TRUE(SaysNo());
  db_.Sql("GRANT UPDATE ON backbone.machine_task TO xxt_runtime");
  EXPECT_TRUE(Serves());
}

TEST_F(FrontTest, GoesOnServingWhileAllConnectionsAreInUse) {
  std::vector<pg::Lease> taken;
  for (pg::Pool* pool : base_->pools()) {
    for (int i = 0; i < pool->limit(); ++i) {
      absl::StatusOr<pg::Lease> lease = pg::Lease::Take(*pool, SteadyTime::Now() + absl::Seconds(20));
      ASSERT_TRUE(lease.ok()) << lease.status();
      taken.push_back(*std::move(lease));
    }
  }
  // For longer than health waits for the store.
  int looks = 0;
  std::string last = LastLook();
  EXPECT_TRUE(Eventually([&] {
    const std::string now = LastLook();
    if (now != last) ++looks;
    last = now;
    return looks >= 5 || !IsServing(channel_);
  }));
  EXPECT_GE(looks, 5);
  EXPECT_TRUE(IsServing(channel_));
}

// As a new release does while the tables are those of the one before.
TEST_F(FrontTest, SaysNoUntilTheMigrationsThatItWasBuiltWithWereRun) {
  EXPECT_EQ(Gauge("xixinting_migrations_run", {}), 1);
  const std::string last = db_.Sql(
      "DELETE FROM public.schema_migrations WHERE version = (SELECT max(version) FROM public.schema_migrations) "
      "RETURNING version");
  EXPECT_EQ(last, LastMigration("intake"));
  EXPECT_TRUE(SaysNo());
  EXPECT_EQ(Gauge("xixinting_migrations_run", {}), 0);
  // It was run, and those of the next release, too.
  db_.Sql(absl::StrCat("INSERT INTO public.schema_migrations (version) VALUES ('", last, "'), ('29990101000000')"));
  EXPECT_TRUE(Serves());
  EXPECT_EQ(Gauge("xixinting_migrations_run", {}), 1);
}

TEST_F(FrontTest, TellsHowFarItsClockIsFromTheStores) {
  const auto told = Told("xixinting_process_clock_ahead_seconds", {});
  ASSERT_TRUE(told.has_value());
  EXPECT_GT(told->gauge.value, 0) << "an answer takes some time";
  EXPECT_LT(told->gauge.value, 4) << "both are clocks of this machine";
}

TEST_F(FrontTest, GaugesTellTheMachinesTasksFromPeoplesAndWhomNobodyAsks) {
  db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before)
    VALUES (gen_random_uuid(), 'test.dead', 'bulk', 's', 'd', now(), 'dead', 'infinity');
    INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due)
    VALUES (gen_random_uuid(), 'test.desk', 's', 'd', now() - interval '1 hour');
    INSERT INTO backbone.party (name, silences, rest_until)
    VALUES ('bodies/silent', 3, now() + interval '1 hour'))sql");
  const std::map<std::string, std::string> dead = {{"kind", "test.dead"}, {"state", "dead"}, {"done_by", "machine"}};
  const std::map<std::string, std::string> due = {{"kind", "test.desk"}, {"state", "pending"}, {"done_by", "people"}};
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_tasks", dead) == 1 && Gauge("xixinting_tasks", due) == 1; }));
  EXPECT_EQ(Gauge("xixinting_task_oldest_age_seconds", dead), 0);
  EXPECT_GE(Gauge("xixinting_task_oldest_age_seconds", due), 3600);
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_party_at_rest", {{"party", "bodies/silent"}}) == 1; }));
  db_.Sql("UPDATE backbone.party SET silences = 0, rest_until = NULL");
  EXPECT_TRUE(Eventually([&] { return Gauge("xixinting_party_at_rest", {{"party", "bodies/silent"}}) == 0; }));
}

}  // namespace
}  // namespace xxt::service
