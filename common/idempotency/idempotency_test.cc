#include "common/idempotency/idempotency.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/testing/database.h"

namespace xxt::idempotency {
namespace {

constexpr pg::Statement kEffect{"test.effect", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 't', $1, '', '', '', now()))sql"};
constexpr char kId[] = "0191f8a0-0000-7000-8000-000000000001";

class OnceTest : public testing::Test {
 protected:
  absl::Status Ask(const Key& key, std::optional<std::string>* replay, absl::Status answer = absl::OkStatus()) {
    return Once(
        db_.pool(), absl::Now() + absl::Seconds(20), key,
        [&](pg::Session& session) {
          session.Queue(kEffect, "s");
          return answer;
        },
        [] { return std::string("answer \0 bytes", 14); }, replay);
  }
  std::string Effects() { return db_.Sql("SELECT count(*) FROM backbone.event"); }
  xxt::test::Database db_{"intake"};
};

TEST_F(OnceTest, ARepeatAnswersTheFirstAnswerAndDoesNothing) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_FALSE(replay.has_value());
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_EQ(replay, std::string("answer \0 bytes", 14));
  EXPECT_EQ(Effects(), "1");
}

// A second home for people's data would need a second guard.
TEST_F(OnceTest, AnAnswerIsStoredSoThatOnlyItsRequestOpensIt) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask({"staff/wang", "/m", kId, "the whole request"}, &replay).ok());
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.idempotency WHERE position('answer'::bytea IN response) > 0"), "0");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.idempotency WHERE position('request'::bytea IN request_sha256) > 0"),
            "0");
  db_.Sql("UPDATE backbone.idempotency SET response = set_byte(response, 13, get_byte(response, 13) # 255)");
  EXPECT_EQ(errors::ReasonOf(Ask({"staff/wang", "/m", kId, "the whole request"}, &replay)), "INTERNAL");
}

TEST_F(OnceTest, TheSameIdWithAnotherBodyIsRefused) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask({"staff/wang", "/m", kId, "hash"}, &replay).ok());
  EXPECT_EQ(errors::ReasonOf(Ask({"staff/wang", "/m", kId, "other"}, &replay)), "REQUEST_ID_REUSED");
}

TEST_F(OnceTest, ARepeatIsToldApartEvenIfItsBodyBreaksInTheStore) {
  constexpr pg::Statement kBreaks{"test.breaks", "SELECT 1/($1::int)"};
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask({"staff/wang", "/m", kId, "hash"}, &replay).ok());
  const auto ask = [&](const std::string& hash) {
    return Once(
        db_.pool(), absl::Now() + absl::Seconds(20), {"staff/wang", "/m", kId, hash},
        [&](pg::Session& session) { return session.Run(kBreaks, 0).status(); }, [] { return std::string(); }, &replay);
  };
  EXPECT_EQ(errors::ReasonOf(ask("other")), "REQUEST_ID_REUSED");
  EXPECT_TRUE(ask("hash").ok());
  EXPECT_TRUE(replay.has_value());
}

// The store goes away between the repeat's failure and the question what was answered.
class OnceCutOff : public OnceTest {
 protected:
  // Holds a lock, so that whoever waits to lock all of the table gets it when this transaction ends.
  absl::Status AskAndGoAway(const Key& key, absl::Status answer) {
    constexpr pg::Statement kLook{"test.look", "SELECT FROM backbone.idempotency LIMIT 1"};
    std::optional<std::string> replay;
    std::thread away;
    const absl::Status status = Once(
        db_.pool(), absl::Now() + absl::Seconds(20), key,
        [&](pg::Session& session) {
          if (absl::Status looked = session.Run(kLook).status(); !looked.ok()) return looked;
          db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " CONNECTION LIMIT 0"));
          away = std::thread([&] {
            db_.Sql(
                "LOCK TABLE backbone.idempotency IN ACCESS EXCLUSIVE MODE; "
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename <> current_user");
          });
          while (db_.Sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' "
                         "AND relation = 'backbone.idempotency'::regclass "
                         "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") != "1") {
            std::this_thread::yield();
          }
          return answer;
        },
        [] { return std::string("answer"); }, &replay);
    away.join();
    return status;
  }
};

TEST_F(OnceCutOff, ARepeatWhoseAnswerCannotBeReadIsToldThatTheStoreIsAway) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_EQ(errors::ReasonOf(AskAndGoAway(key, absl::OkStatus())), "STORE_UNAVAILABLE");
}

// "The state forbids it" would be a lie: it was done, by the first request.
TEST_F(OnceCutOff, ARefusalThatMayBeThatOfARepeatIsNotTold) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_EQ(errors::ReasonOf(AskAndGoAway(key, errors::StateForbids("cases/1", "已办结", "closed"))),
            "STORE_UNAVAILABLE");
}

TEST_F(OnceTest, IdsBelongToOneCallerAndMethod) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask({"staff/wang", "/m", kId, "hash"}, &replay).ok());
  ASSERT_TRUE(Ask({"staff/li", "/m", kId, "hash"}, &replay).ok());
  ASSERT_TRUE(Ask({"staff/wang", "/n", kId, "hash"}, &replay).ok());
  EXPECT_EQ(Effects(), "3");
}

TEST_F(OnceTest, AFailureIsNotRemembered) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  EXPECT_FALSE(Ask(key, &replay, absl::UnavailableError("later")).ok());
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_FALSE(replay.has_value());
  EXPECT_EQ(Effects(), "1");
}

TEST_F(OnceTest, ConcurrentTwinsHaveOneEffectAndOneAnswer) {
  std::atomic<int> replays{0};
  std::vector<std::thread> twins;
  for (int i = 0; i < 8; ++i) {
    twins.emplace_back([&] {
      std::optional<std::string> replay;
      EXPECT_TRUE(Ask({"staff/wang", "/m", kId, "hash"}, &replay).ok());
      if (replay.has_value()) ++replays;
    });
  }
  for (std::thread& twin : twins) twin.join();
  EXPECT_EQ(Effects(), "1");
  EXPECT_EQ(replays, 7);
}

}  // namespace
}  // namespace xxt::idempotency
