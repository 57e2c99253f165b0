// What the gateway says became of text messages.

#include <google/protobuf/message.h>

#include <string>

#include "common/calendar/opening_hours.h"
#include "common/testing/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/channel/sms_gateway_peer.h"
#include "services/notification/message/sending_policy_rules.h"
#include "services/notification/receipt/receipt.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

TEST(Receipts, OfStatesThatSayNothingAreNotInTheWay) {
  World& world = World::Get();
  world.gateway().Control({{"add_receipts", {{"count", 250}, {"state", "buffered"}}}});
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(world.database().Sql("SELECT count(*) FROM notification.receipts WHERE state = 'BUFFERED'"), "250")
      << "what the gateway said is kept";
}

TEST(Receipts, OfMessagesThatAreNotOursAreKeptAndNoTrouble) {
  World& world = World::Get();
  testing::internal::CaptureStderr();
  world.gateway().Control({{"add_receipts", {{"count", 3}, {"state", "delivered"}}}});
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("pg.statement_failed")));
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("receipts.postponed")));
  EXPECT_EQ(world.database().Sql("SELECT count(*) FROM notification.receipts WHERE state = 'DELIVERED' AND "
                                 "delivery_id IS NULL"),
            "3");
}

TEST(Receipts, ThatEndInAnotherWordForFailureBecomeACall) {
  World& world = World::Get();
  world.gateway().Control({{"receipt_states", {"buffered", "expired"}}});
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_HANDED_TO_STAFF);
  world.gateway().Control({{"receipt_states", Json::array()}});
  EXPECT_EQ(message.deliveries(0).detail(), "对方一直没有收到，短信已过有效期");
}

TEST(Receipts, MoreThanAnAnswerMayHoldAreReadInPieces) {
  World& world = World::Get();
  world.gateway().Control(
      {{"ignore_limit", true}, {"add_receipts", {{"count", 30}, {"state", "delivered"}, {"detail_chars", 100'000}}}});
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  world.gateway().Control({{"ignore_limit", false}});
}

TEST(Receipts, OfAMessageThatCannotBeReadDoNotStopTheNextAndAreFollowedWhenItCan) {
  World& world = World::Get();
  world.gateway().DelayReceipts(3600 * 1000);
  const v1::Message broken = Create(CreateRequest());
  const std::string delivery = broken.deliveries(0).id();
  EXPECT_TRUE(Eventually([&] { return Read(broken.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  const std::string where = " WHERE 'messages/' || id = '" + broken.name() + "'";
  const std::string bytes = world.database().Sql("SELECT message FROM notification.messages" + where);
  world.database().Sql("UPDATE notification.messages SET message = '\\x'" + where);
  world.gateway().AddReceipt(delivery, "delivered");
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(world.database().Sql("SELECT state FROM notification.receipts WHERE delivery_id = '" + delivery + "'"),
            "DELIVERED");
  world.database().Sql("UPDATE notification.messages SET message = '" + bytes + "'" + where);
  Await(broken.name(), v1::Message::STATE_DELIVERED);
}

TEST(Receipts, ThatTheTableRefusesDoNotStopTheNext) {
  World& world = World::Get();
  world.gateway().DelayReceipts(3600 * 1000);
  const v1::Message refused = Create(CreateRequest());
  const std::string delivery = refused.deliveries(0).id();
  EXPECT_TRUE(Eventually([&] { return Read(refused.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  world.database().Sql("ALTER TABLE notification.receipts ADD CONSTRAINT test_no CHECK (delivery_id <> '" + delivery +
                       "')");
  world.gateway().AddReceipt(delivery, "delivered");
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  world.database().Sql("ALTER TABLE notification.receipts DROP CONSTRAINT test_no");
}

// What a reader of its own is told, as the service's loop logs it.
absl::Status PollReceipts(World& world) {
  SmsGateway gateway({world.gateway().url() + "/v1/sms", world.gateway().url() + "/v1/receipts", "",
                      files::Secret("secret"), absl::Seconds(10)});
  const SendingPolicy policy{*calendar::OpeningHours::Parse("24/7", calendar::WorkingDays::China())};
  const ManualClock clock(world.now());
  const edge::Host host{"notification", clock, test::TestKeys()};
  return receipt::Read({host, world.database().pool(), gateway, policy}, absl::Now() + absl::Seconds(20)).status();
}

TEST(Receipts, OneThatIsTooLargeForAnyAnswerIsAnErrorAndNotTheEnd) {
  World& world = World::Get();
  world.gateway().Control({{"add_receipts", {{"count", 1}, {"state", "delivered"}, {"detail_chars", 2'000'000}}}});
  EXPECT_TRUE(Eventually([&] { return absl::IsUnavailable(PollReceipts(world)); }));
  world.gateway().Control({{"restart_receipts", true}});
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
}

TEST(Receipts, WhoseNumbersStartAgainAreRead) {
  World& world = World::Get();
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  world.gateway().Control({{"restart_receipts", true}});
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
}

}  // namespace
}  // namespace xxt::notification
