// Calls by people, and the word to the case.

#include <google/protobuf/message.h>

#include "common/testing/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

using ::testing::IsEmpty;

// --- Calls -----------------------------------------------------------------------

TEST(Call, ComesAgainAtTheNextOpeningAndEndsAsNotReached) {
  World& world = World::Get();
  world.AdvanceTo(10);
  v1::CreateMessageRequest request = CreateRequest("010-6000 1234");
  const v1::Message message = Create(request);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "NOT_REACHED").ok());
    EXPECT_THAT(TasksOf(message.name()), IsEmpty()) << "not at once";
    world.AdvanceTo(10);
  }
  const v1::Message ended = Read(message.name());
  EXPECT_EQ(ended.state(), v1::Message::STATE_NOT_REACHED);
  EXPECT_EQ(ended.deliveries(0).attempt_count(), 3);
  EXPECT_THAT(TasksOf(message.name(), true), IsEmpty());
  ASSERT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
  EXPECT_EQ(world.intake().Of(message.name())[0].kind(), intake::ReportMessageRequest::KIND_NOT_REACHED);
}

TEST(Call, NoteIsSealedWithTheMessageAndNowhereElse) {
  v1::CreateMessageRequest request = CreateRequest("010-6000 1234");
  const v1::Message message = Create(request);
  ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "REACHED").ok());
  test::Database& database = World::Get().database();
  EXPECT_EQ(
      database.Sql("SELECT staff || ' ' || outcome || ' ' || (position('家里人'::bytea IN message || sealed) > 0) "
                   "FROM notification.decisions WHERE 'messages/' || message_id = '" +
                   message.name() + "'"),
      "staff/wang REACHED false");
  EXPECT_EQ(database.Sql("SELECT count(*) FROM backbone.event e WHERE e::text ~ '家里人|沈女士|13800138|60001234'"),
            "0");
  EXPECT_EQ(database.Sql("SELECT count(*) FROM backbone.task t WHERE t::text ~ '家里人|沈女士|13800138|60001234'"),
            "0");
}

// --- The word to the case --------------------------------------------------------

TEST(Report, IsTriedAgainWhileIntakeIsAway) {
  World& world = World::Get();
  world.intake().BeAway(1);
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  EXPECT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
}

TEST(Report, WhoseIdIntakeKnowsFromOtherBytesHasBeenMade) {
  World& world = World::Get();
  world.intake().KnowAllIds(true);
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  EXPECT_TRUE(Eventually([&] {
    return world.database().Sql(
               "SELECT outcome FROM backbone.task_settled WHERE kind = 'message.report_case' AND "
               "subject = '" +
               message.name() + "'") == "done";
  }));
  EXPECT_THAT(TasksOf(message.name()), IsEmpty());
  world.intake().KnowAllIds(false);
}

TEST(Report, RefusedForGoodIsShownToAPerson) {
  World& world = World::Get();
  world.intake().Refuse(true);
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);
  const common::Task task = TaskOf(message.name(), "notification.dead_task");
  world.intake().Refuse(false);
  EXPECT_TRUE(Complete(task, "SEEN").ok());
}

}  // namespace
}  // namespace xxt::notification
