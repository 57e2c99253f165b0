#include "common/events/sealing.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"

namespace xxt::events {
namespace {

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

class SealingTest : public testing::Test {
 protected:
  void Commit(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) {
                    Append(session, {"", "test.happened.v1", absl::StrCat("cases/", i), "halls/110102016", "staff/wang",
                                     "发生了", absl::Now()});
                    return absl::OkStatus();
                  }).ok());
    }
  }
  absl::StatusOr<std::optional<Block>> Seal(const seal::Keyring& keys = test::TestKeys()) {
    std::optional<Block> block;
    XXT_RETURN_IF_ERROR(pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(block, SealNext(session, keys));
      return absl::OkStatus();
    }));
    return block;
  }
  // Any transaction of the cluster holds events back, other tests' too.
  std::optional<Block> AwaitSeal(const seal::Keyring& keys = test::TestKeys()) {
    for (const absl::Time deadline = Soon(); absl::Now() < deadline; std::this_thread::yield()) {
      const absl::StatusOr<std::optional<Block>> block = Seal(keys);
      EXPECT_TRUE(block.ok()) << block.status();
      if (!block.ok() || block->has_value()) return block.value_or(std::nullopt);
    }
    return std::nullopt;
  }
  std::string Sealed() { return db_.Sql("SELECT coalesce(sum(length(leaves)) / 32, 0) FROM backbone.event_seal"); }
  // Whether each block goes on from the one before.
  std::string OneChain() {
    return db_.Sql(
        "SELECT bool_and(number = row AND previous_hash = coalesce(before, decode(repeat('00', 32), 'hex'))) FROM "
        "(SELECT *, row_number() OVER w AS row, lag(hash) OVER w AS before FROM backbone.event_seal "
        "WINDOW w AS (ORDER BY number)) AS chain");
  }

  xxt::test::Database db_{"intake"};
};

TEST_F(SealingTest, SealsEachEventOnce) {
  EXPECT_EQ(*Seal(), std::nullopt) << "there is nothing";
  Commit(3);
  while (Sealed() != "3") ASSERT_TRUE(AwaitSeal().has_value());
  Commit(2);
  while (Sealed() != "5") ASSERT_TRUE(AwaitSeal().has_value());
  EXPECT_EQ(*Seal(), std::nullopt);
  EXPECT_EQ(OneChain(), "t");
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.event_seal s JOIN backbone.event e ON e.transaction = "
                    "s.last_transaction AND e.row_number = s.last_row"),
            db_.Sql("SELECT count(*) FROM backbone.event_seal"));
}

TEST_F(SealingTest, ReplicasAtOnceMakeOneChain) {
  constexpr int kEvents = 120;
  const absl::Time deadline = absl::Now() + absl::Seconds(40);
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] {
      while (Sealed() != absl::StrCat(kEvents) && absl::Now() < deadline) EXPECT_TRUE(Seal().ok());
    });
  }
  Commit(kEvents);
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(Sealed(), absl::StrCat(kEvents));
  EXPECT_EQ(OneChain(), "t");
  EXPECT_EQ(*Seal(), std::nullopt);
}

TEST_F(SealingTest, WhoDiesBeforeTheCommitLeavesNothingAndTheNextBeginsAnew) {
  Commit(2);
  std::optional<Block> lost;
  for (const absl::Time deadline = Soon(); !lost.has_value() && absl::Now() < deadline;) {
    EXPECT_EQ(pg::InTransaction(db_.pool(), Soon(),
                                [&](pg::Session& session) -> absl::Status {
                                  XXT_ASSIGN_OR_RETURN(lost, SealNext(session, test::TestKeys()));
                                  return absl::AbortedError("died");
                                })
                  .code(),
              absl::StatusCode::kAborted);
  }
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(Sealed(), "0");
  const std::optional<Block> block = AwaitSeal();
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->number, 1);
  while (Sealed() != "2") ASSERT_TRUE(AwaitSeal().has_value());
  EXPECT_EQ(OneChain(), "t");
}

TEST_F(SealingTest, AKeyThatWasReplacedSealsNothingAnyMore) {
  const seal::Keyring old = test::KeysOf({1, 2});
  const seal::Keyring replaced = test::KeysOf({2, 1});
  Commit(1);
  EXPECT_EQ(AwaitSeal(old)->key, 1U);
  Commit(1);
  EXPECT_EQ(AwaitSeal(replaced)->key, 2U);
  Commit(1);
  // Until it is told, or nobody holds the events back.
  absl::StatusOr<std::optional<Block>> refused = Seal(old);
  for (const absl::Time deadline = Soon(); refused.ok() && absl::Now() < deadline;) refused = Seal(old);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(AwaitSeal(replaced)->key, 2U);
}

TEST_F(SealingTest, TellsForHowLongAnEventWaits) {
  const auto waits = [&] {
    absl::Duration age;
    EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(age, UnsealedFor(session));
                  return absl::OkStatus();
                }).ok());
    return age;
  };
  EXPECT_EQ(waits(), absl::ZeroDuration());
  Commit(1);
  db_.Sql("UPDATE backbone.event SET record_time = record_time - interval '1 minute'");
  const absl::Time deadline = Soon();
  while (waits() == absl::ZeroDuration() && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_GT(waits(), absl::Seconds(59));
  EXPECT_LT(waits(), absl::Seconds(120));
  ASSERT_TRUE(AwaitSeal().has_value());
  EXPECT_EQ(waits(), absl::ZeroDuration());
}

TEST_F(SealingTest, ServicesCannotChangeWhatIsSealed) {
  for (const char* what : {"UPDATE", "DELETE", "TRUNCATE"}) {
    EXPECT_EQ(db_.Sql(absl::StrCat("SELECT has_table_privilege('xxt_intake', 'backbone.event_seal', '", what, "')")),
              "f");
    EXPECT_EQ(db_.Sql(absl::StrCat("SELECT has_table_privilege('xxt_store', 'backbone.event_seal', '", what, "')")),
              "f");
  }
  EXPECT_EQ(db_.Sql("SELECT has_table_privilege('xxt_store', 'backbone.event_seal', 'INSERT')"), "f");
}

}  // namespace
}  // namespace xxt::events
