#include "common/idempotency/idempotency.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"

namespace xxt::idempotency {
namespace {

constexpr pg::Statement kEffect{"test.effect", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 't', $1, '', '', '', now()))sql"};
constexpr pg::Statement kKeyOf{"test.key_of", "SELECT key FROM things.roots WHERE name = $1"};
constexpr char kId[] = "0191f8a0-0000-7000-8000-000000000001";
constexpr char kRoot[] = "cases/1";

absl::StatusOr<std::string> ReadKeyOf(pg::Session& session, absl::string_view root) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kKeyOf, root));
  return rows.empty() ? "" : rows[0].Bytes(0);
}

class OnceTest : public testing::Test {
 protected:
  absl::Status Ask(const Key& key, std::optional<std::string>* replay, absl::Status answer = absl::OkStatus()) {
    return AskWith(keys_, key, replay, std::move(answer));
  }
  absl::Status AskWith(const seal::Keyring& keys, const Key& key, std::optional<std::string>* replay,
                       absl::Status answer = absl::OkStatus()) {
    return Once(
        db_.pool(), absl::Now() + absl::Seconds(20), keys, key,
        [&](pg::Session& session, Response* made) {
          session.Queue(kEffect, "s");
          *made = response_;
          return answer;
        },
        ReadKeyOf, replay);
  }
  std::string Effects() { return db_.Sql("SELECT count(*) FROM backbone.event"); }
  xxt::test::Database db_{"intake"};
  const seal::Keyring keys_ = xxt::test::KeysOf({1});
  Response response_{.bytes = std::string("answer \0 bytes", 14)};
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
TEST_F(OnceTest, TheTableAloneTellsNeitherAnAnswerNorWhetherAGuessedRequestWasMade) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask({"staff/wang", "/m", kId, "the whole request"}, &replay).ok());
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.idempotency WHERE position('answer'::bytea IN response) > 0"), "0");
  const auto marks = [&](const std::string& what) {
    return db_.Sql(
        absl::StrCat("SELECT count(*) FROM backbone.idempotency WHERE position(", what, " IN request_mac) > 0"));
  };
  EXPECT_EQ(marks("'request'::bytea"), "0");
  EXPECT_EQ(marks("substr(sha256('the whole request'::bytea), 1, 8)"), "0");
  // The same request of a service with another key file has another mark.
  const std::string mark = db_.Sql("SELECT request_mac FROM backbone.idempotency");
  db_.Sql("DELETE FROM backbone.idempotency");
  ASSERT_TRUE(AskWith(xxt::test::TestKeys(), {"staff/wang", "/m", kId, "the whole request"}, &replay).ok());
  EXPECT_NE(db_.Sql("SELECT request_mac FROM backbone.idempotency"), mark);
}

TEST_F(OnceTest, AnAnswerThatIsDamagedOrOfAnotherRowIsNotToldForAnother) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  ASSERT_TRUE(Ask(key, &replay).ok());
  ASSERT_TRUE(Ask({"staff/li", "/m", kId, "hash"}, &replay).ok());
  db_.Sql(
      "UPDATE backbone.idempotency AS t SET response = o.response FROM backbone.idempotency AS o "
      "WHERE t.caller = 'staff/wang' AND o.caller = 'staff/li'");
  EXPECT_EQ(errors::ReasonOf(Ask(key, &replay)), "INTERNAL");
  db_.Sql("UPDATE backbone.idempotency SET response = set_byte(response, 30, get_byte(response, 30) # 255)");
  EXPECT_EQ(errors::ReasonOf(Ask({"staff/li", "/m", kId, "hash"}, &replay)), "INTERNAL");
  EXPECT_FALSE(replay.has_value());
  EXPECT_EQ(Effects(), "2");
}

// It cannot know the request again. What it must not do is take it for a new one.
TEST_F(OnceTest, AServiceWithAnotherSearchKeyRefusesARepeatAndDoesNothing) {
  std::optional<std::string> replay;
  const Key key{"staff/wang", "/m", kId, "hash"};
  ASSERT_TRUE(Ask(key, &replay).ok());
  EXPECT_EQ(errors::ReasonOf(AskWith(xxt::test::TestKeys(), key, &replay)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Effects(), "1");
  EXPECT_TRUE(Ask(key, &replay).ok());
  EXPECT_TRUE(replay.has_value()) << "the right file knows it still";
}

// Answers that tell of somebody.
class OnceOfRoot : public OnceTest {
 protected:
  OnceOfRoot() {
    const seal::Keyring::Made made = keys_.Make(kRoot);
    db_.Sql(
        "CREATE SCHEMA things; GRANT USAGE ON SCHEMA things TO xxt_runtime; "
        "CREATE TABLE things.roots (name text, key bytea); GRANT SELECT ON things.roots TO xxt_runtime");
    SetKey(made.wrapped);
    response_.root = kRoot;
    response_.key = made.key;
  }
  void SetKey(const std::string& wrapped) {
    db_.Sql(absl::StrCat("DELETE FROM things.roots; INSERT INTO things.roots VALUES ('", kRoot, "', '\\x",
                         absl::BytesToHexString(wrapped), "')"));
  }

  const Key key_{"staff/wang", "/m", kId, "hash"};
};

TEST_F(OnceOfRoot, ARepeatAnswersWhatItsRootsKeyOpens) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask(key_, &replay).ok());
  EXPECT_EQ(db_.Sql("SELECT root FROM backbone.idempotency WHERE position('answer'::bytea IN response) = 0"), kRoot);
  ASSERT_TRUE(Ask(key_, &replay).ok());
  EXPECT_EQ(replay, response_.bytes);
  SetKey(keys_.Make(kRoot).wrapped);
  EXPECT_EQ(errors::ReasonOf(Ask(key_, &replay)), "INTERNAL") << "another key of the root";
}

TEST_F(OnceOfRoot, ARepeatIsToldThatItWasDoneAndThatItsAnswerIsErasedWithTheRootsKey) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask(key_, &replay).ok());
  for (const char* erase : {"UPDATE things.roots SET key = NULL", "DELETE FROM things.roots"}) {
    db_.Sql(erase);
    const absl::Status repeated = Ask(key_, &replay);
    EXPECT_EQ(errors::ReasonOf(repeated), "RESPONSE_GONE") << erase;
    EXPECT_EQ(repeated.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_FALSE(replay.has_value());
    EXPECT_EQ(errors::ReasonOf(Ask({"staff/wang", "/m", kId, "other"}, &replay)), "REQUEST_ID_REUSED");
  }
  EXPECT_EQ(Effects(), "1");
}

TEST_F(OnceOfRoot, ARepeatAnswersTheSameAfterTheKeyFilesKeyWasExchanged) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask(key_, &replay).ok());
  const seal::Keyring both = xxt::test::KeysOf({2, 1});
  const std::string before = db_.Sql("SELECT encode(key, 'hex') FROM things.roots");
  const std::optional<std::string> anew = both.Rewrap(kRoot, absl::HexStringToBytes(before));
  ASSERT_TRUE(anew.has_value());
  SetKey(*anew);
  ASSERT_TRUE(AskWith(xxt::test::KeysOf({2}), key_, &replay).ok());
  EXPECT_EQ(replay, response_.bytes);
}

TEST_F(OnceOfRoot, AKeyFileThatDoesNotUnwrapTheRootsKeyOpensNothing) {
  std::optional<std::string> replay;
  ASSERT_TRUE(Ask(key_, &replay).ok());
  EXPECT_EQ(errors::ReasonOf(AskWith(xxt::test::KeysOf({1}, 7), key_, &replay)), "INTERNAL");
  EXPECT_EQ(Effects(), "1");
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
        db_.pool(), absl::Now() + absl::Seconds(20), keys_, {"staff/wang", "/m", kId, hash},
        [&](pg::Session& session, Response*) { return session.Run(kBreaks, 0).status(); }, nullptr, &replay);
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
        db_.pool(), absl::Now() + absl::Seconds(20), keys_, key,
        [&](pg::Session& session, Response*) {
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
        nullptr, &replay);
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
