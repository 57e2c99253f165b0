// What people say of messages in doubt.

#include <google/protobuf/message.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

using contract::ReasonOf;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ResolveInDoubt, SendAgainIsANewDeliveryWithANewKey) {
  World& world = World::Get();
  const v1::Message doubtful = InDoubt();
  const v1::Message again =
      Get(&Messages::ResolveInDoubt, ResolveRequest(doubtful.name(), v1::ResolveInDoubtRequest::RESOLUTION_SEND_AGAIN),
          Officer());
  EXPECT_EQ(again.state(), v1::Message::STATE_SENDING);
  ASSERT_EQ(again.deliveries_size(), 2);
  EXPECT_NE(again.deliveries(0).id(), again.deliveries(1).id());
  world.AdvanceTo(10);
  Await(again.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(again.deliveries(1).id()), SizeIs(1));
  EXPECT_THAT(TasksOf(again.name(), true), IsEmpty());
  EXPECT_EQ(
      world.database().Sql("SELECT actor FROM backbone.event WHERE type = 'message.sent_again.v1' AND subject = '" +
                           again.name() + "'"),
      "staff/wang");
}

TEST(ResolveInDoubt, OfAMessageThatIsNotInDoubtIsRefused) {
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  v1::Message response;
  EXPECT_EQ(
      ReasonOf(Ask(&Messages::ResolveInDoubt,
                   ResolveRequest(message.name(), v1::ResolveInDoubtRequest::RESOLUTION_CALL), &response, Officer())),
      "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::notification
