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
  db_.Sql("UPDATE backbone.idempotency SET response = overlay(response PLACING '\\x00'::bytea FROM 14)");
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
