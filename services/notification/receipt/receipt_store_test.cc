#include "services/notification/receipt/receipt_store.h"

#include <string>

#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

class ReceiptStoreTest : public ::testing::Test {
 protected:
  // Runs `body` in a transaction that must succeed.
  template <typename Body>
  void Do(Body body) {
    const absl::Status status = pg::InTransaction(database_.pool(), absl::Now() + absl::Seconds(10), body);
    ASSERT_TRUE(status.ok()) << status;
  }

  test::Database database_{"notification"};
};

TEST_F(ReceiptStoreTest, TakesEachReceiptOnceAndNeverMovesTheCursorBack) {
  Do([](pg::Session& session) -> absl::Status {
    const std::string delivery = identifiers::NewUuid(absl::Now());
    const Receipt receipt = {7, delivery, "gw-1", Receipt::State::kDelivered, "DELIVERED", ""};
    XXT_ASSIGN_OR_RETURN(const bool first, receipt_store::Insert(session, "gateway", 1, receipt));
    XXT_ASSIGN_OR_RETURN(const bool second, receipt_store::Insert(session, "gateway", 1, receipt));
    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    receipt_store::MoveCursor(session, "gateway", 1, 7);
    receipt_store::MoveCursor(session, "gateway", 1, 3);
    receipt_store::MoveCursor(session, "gateway", 0, 9);
    XXT_ASSIGN_OR_RETURN(const receipt_store::Cursor cursor, receipt_store::ReadCursor(session, "gateway"));
    EXPECT_EQ(cursor.epoch, 1);
    EXPECT_EQ(cursor.seq, 7);
    EXPECT_TRUE(cursor.last.has_value() && IsSame(*cursor.last, receipt));
    return absl::OkStatus();
  });
}

TEST_F(ReceiptStoreTest, ForgetsTheCursorsNumberWhenTheGatewayCountsAgain) {
  Do([](pg::Session& session) -> absl::Status {
    receipt_store::MoveCursor(session, "gateway", 0, 7);
    receipt_store::MoveCursor(session, "gateway", 1, 0);
    XXT_ASSIGN_OR_RETURN(const receipt_store::Cursor cursor, receipt_store::ReadCursor(session, "gateway"));
    EXPECT_EQ(cursor.epoch, 1);
    EXPECT_EQ(cursor.seq, 0);
    EXPECT_FALSE(cursor.last.has_value());
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace xxt::notification
