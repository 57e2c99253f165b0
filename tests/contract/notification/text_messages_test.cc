// Text messages, on their way.

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// --- The text message ------------------------------------------------------------

TEST(TextMessage, IsSentOnceAndReportedToTheCase) {
  World& world = World::Get();
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  const std::vector<Json> taken = world.gateway().Taken(message.deliveries(0).id());
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].at("to"), "+8613800138000");
  EXPECT_EQ(taken[0].at("text"), message.text());
  EXPECT_EQ(message.deliveries(0).provider_reference(), taken[0].at("id").get<std::string>());
  EXPECT_EQ(message.deliveries(0).attempt_count(), 1);
  ASSERT_TRUE(Eventually([&] { return world.intake().Of(message.name()).size() == 1; }));
  const intake::ReportMessageRequest report = world.intake().Of(message.name())[0];
  EXPECT_EQ(report.version(), 1);
  EXPECT_EQ(report.kind(), intake::ReportMessageRequest::KIND_DELIVERED);
  EXPECT_EQ(report.channel(), common::CHANNEL_SMS);
  EXPECT_EQ(report.case_name(), message.case_name());
  EXPECT_EQ(report.text(), message.text());
}

// What intake is told of it, whenever that comes: each report is a task of its own.
intake::ReportMessageRequest ReportOf(const v1::Message& message, intake::ReportMessageRequest::Kind kind) {
  intake::ReportMessageRequest found;
  EXPECT_TRUE(Eventually([&] {
    for (const intake::ReportMessageRequest& report : World::Get().intake().Of(message.name())) {
      if (report.kind() == kind) found = report;
    }
    return found.kind() == kind;
  }));
  return found;
}

TEST(TextMessage, ToABadNumberBecomesACall) {
  const v1::Message created = Create(CreateRequest("13800130000"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_FAILED);
  EXPECT_EQ(message.deliveries(0).failure(), v1::Delivery::FAILURE_PERMANENT);
  EXPECT_EQ(message.deliveries(0).detail(), "号码无效");
  EXPECT_EQ(message.state_reason(), "短信没有送到：号码无效，已转为电话告知");
  EXPECT_THAT(message.text(), StartsWith("沈女士您好"));
  ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "REACHED").ok());
  EXPECT_EQ(Read(message.name()).state(), v1::Message::STATE_DELIVERED);
  const auto handed = ReportOf(message, intake::ReportMessageRequest::KIND_HANDED_TO_STAFF);
  EXPECT_EQ(handed.channel(), common::CHANNEL_SMS) << "nobody has rung yet";
  const auto told = ReportOf(message, intake::ReportMessageRequest::KIND_DELIVERED);
  EXPECT_EQ(told.channel(), common::CHANNEL_PHONE);
  EXPECT_EQ(told.version(), 2);
}

TEST(TextMessage, ToATelephoneThatIsOffBecomesACall) {
  const v1::Message created = Create(CreateRequest("13800130001"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(message.deliveries(0).failure(), v1::Delivery::FAILURE_TEMPORARY);
  EXPECT_EQ(message.deliveries(0).detail(), "对方关机或不在服务区");
}

TEST(TextMessage, IsTriedAgainWhileTheGatewayIsBusy) {
  const v1::Message created = Create(CreateRequest("13800130002"));
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(message.deliveries_size(), 1);
  EXPECT_EQ(message.deliveries(0).attempt_count(), 3);
  EXPECT_THAT(World::Get().gateway().Taken(message.deliveries(0).id()), SizeIs(1));
}

TEST(TextMessage, IsSentWithTheTokenThatStandsInItsFile) {
  World& world = World::Get();
  world.SetToken("exchanged");
  world.gateway().SetTokens("exchanged");  // and no other
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
  world.gateway().SetTokens("exchanged\nsecret");
}

TEST(TextMessage, WhoseReplyIsLostIsSentAgainWithTheSameKeyAndTakenOnce) {
  World& world = World::Get();
  const int replays = world.gateway().counter("replays");
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Set("drop_reply", 1);
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  EXPECT_EQ(Read(message.name()).deliveries(0).attempt_count(), 2);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
  EXPECT_EQ(world.gateway().counter("replays"), replays + 1);
}

TEST(TextMessage, WhoseReceiptOvertakesTheReplyIsDelivered) {
  World& world = World::Get();
  world.gateway().Set("drop_reply", 1);
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
}

TEST(TextMessage, IsInDoubtAndNeverResentWhenTheGatewayForgetsKeys) {
  World& world = World::Get();
  world.Restart(absl::Seconds(2));
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Set("drop_reply");
  const v1::Message created = Create(CreateRequest());
  const v1::Message message = Await(created.name(), v1::Message::STATE_IN_DOUBT);
  world.gateway().Set("ok");
  world.gateway().DelayReceipts(50);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_IN_DOUBT);
  EXPECT_THAT(message.state_reason(), HasSubstr("可能已发出，也可能没有"));
  TaskOf(message.name(), "message.in_doubt");
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1));
  world.Restart(absl::Hours(24));
}

TEST(TextMessage, WithoutAReceiptIsShownToAPerson) {
  const v1::Message message = InDoubt();
  EXPECT_THAT(message.state_reason(), HasSubstr("至今没有回执"));
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_ACCEPTED);
  const common::Task task = TaskOf(message.name(), "message.in_doubt");
  EXPECT_THAT(task.outcomes(), ElementsAre("RECEIVED", "SEND_AGAIN", "CALL"));
  ASSERT_TRUE(Complete(task, "CALL").ok());
  EXPECT_EQ(Read(message.name()).state(), v1::Message::STATE_HANDED_TO_STAFF);
  TaskOf(message.name(), "message.call");
}

// --- What a refusal proves -------------------------------------------------------

TEST(TextMessage, RefusedAfterALostReplyIsInDoubtUntilAReceiptSaysMore) {
  World& world = World::Get();
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Script({"drop_reply", "reject_duplicate"});
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_IN_DOUBT);
  world.gateway().DelayReceipts(50);
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), SizeIs(1)) << "the gateway has it";
  EXPECT_EQ(message.deliveries_size(), 1) << "nobody tells it a second time";
  TaskOf(message.name(), "message.in_doubt");
  world.gateway().AddReceipt(message.deliveries(0).id(), "delivered");
  Await(message.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(TasksOf(message.name(), true), IsEmpty());
}

TEST(TextMessage, RefusedAfterALostReplyIsAskedForWhereTheGatewayCanBeAsked) {
  World& world = World::Get();
  world.Restart(absl::Hours(24), /*queryable=*/true);
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Script({"drop_reply", "reject_duplicate"});
  const v1::Message created = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(created.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  const v1::Delivery delivery = Read(created.name()).deliveries(0);
  EXPECT_EQ(delivery.attempt_count(), 2);
  EXPECT_EQ(delivery.provider_reference(), world.gateway().Taken(delivery.id()).at(0).at("id").get<std::string>());
  world.Restart(absl::Hours(24));
}

TEST(TextMessage, StillInProgressAtTheGatewayIsNoRefusal) {
  World& world = World::Get();
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Script({"drop_reply", "in_progress"});
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  EXPECT_EQ(Read(message.name()).deliveries(0).attempt_count(), 3);
}

// Three silences would let it rest for half a minute.
TEST(TextMessage, StillInProgressAtTheGatewayIsAnAnswer) {
  World& world = World::Get();
  world.gateway().Set("in_progress");
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).attempt_count() >= 2; }));
  EXPECT_EQ(world.database().Sql("SELECT max(silences) FROM backbone.party"), "0");
  world.gateway().Set("ok");
  Await(message.name(), v1::Message::STATE_DELIVERED);
}

TEST(TextMessage, AGatewayThatDoesNotSayWhatItHasIsSilent) {
  World& world = World::Get();
  world.Restart(absl::Hours(24), /*queryable=*/true);
  world.gateway().Set("down");
  world.gateway().Script({"drop_reply", "reject_duplicate"});
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] {
    return world.database().Sql(
               "SELECT count(*) FROM backbone.task WHERE last_error = 'the gateway cannot be asked now'") == "1";
  }));
  EXPECT_EQ(world.database().Sql("SELECT max(silences) FROM backbone.party"), "2");
  world.gateway().Set("ok");
  world.database().Sql("UPDATE backbone.party SET silences = 0, rest_until = NULL");
  Await(message.name(), v1::Message::STATE_DELIVERED);
  world.Restart(absl::Hours(24));
}

TEST(TextMessage, AGatewayThatCannotBeReachedIsSilent) {
  World& world = World::Get();
  world.RestartWithout();
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually(
      [&] { return world.database().Sql("SELECT count(*) FROM backbone.party WHERE silences >= 3") == "1"; }));
  world.database().Sql("UPDATE backbone.party SET silences = 0, rest_until = NULL");
  world.Restart(absl::Hours(24));
  world.database().Sql("UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry'");
  Await(message.name(), v1::Message::STATE_DELIVERED);
}

// A service whose clock is ahead would hold it up until the others' clocks come there.
TEST(TextMessage, ThatGoesAtOnceDependsOnNoClock) {
  World& world = World::Get();
  world.gateway().Set("in_progress");
  const v1::Message message = Create(CreateRequest());
  EXPECT_EQ(world.database().Sql("SELECT due FROM backbone.task WHERE id = '" + message.deliveries(0).id() + "'"),
            "-infinity");
  world.gateway().Set("ok");
  Await(message.name(), v1::Message::STATE_DELIVERED);
}

TEST(TextMessage, RefusedInAnAnswerOf200BecomesACall) {
  World& world = World::Get();
  world.gateway().Script({"say_rejected"});
  const v1::Message message = Await(Create(CreateRequest()).name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_FAILED);
}

TEST(TextMessage, RefusedAndYetDeliveredIsDeliveredAndNobodyCalls) {
  World& world = World::Get();
  world.gateway().Script({"reject_permanent"});
  const v1::Message refused = Await(Create(CreateRequest()).name(), v1::Message::STATE_HANDED_TO_STAFF);
  TaskOf(refused.name(), "message.call");
  world.gateway().AddReceipt(refused.deliveries(0).id(), "delivered");
  const v1::Message message = Await(refused.name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(message.deliveries(0).state(), v1::Delivery::STATE_DELIVERED);
  EXPECT_THAT(TasksOf(message.name(), true), IsEmpty());
}

// What was sealed may be readable again with another key file.
TEST(TextMessage, WhoseWordsCannotBeReadIsNotSentUntilTheyCan) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message message = Create(CreateRequest());
  const std::string& key = message.deliveries(0).id();
  const std::string damage_or_mend =
      "UPDATE notification.messages SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE 'messages/' || "
      "id "
      "= '" +
      message.name() + "'";
  world.database().Sql(damage_or_mend);
  world.AdvanceTo(10);
  EXPECT_TRUE(Eventually([&] {
    return world.database().Sql(
               "SELECT count(*) FROM backbone.task WHERE last_error LIKE '%cannot be read' AND id = '" + key + "'") ==
           "1";
  }));
  EXPECT_THAT(world.gateway().Taken(key), IsEmpty());
  world.database().Sql(damage_or_mend);
  world.database().Sql("UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry'");
  Await(message.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(world.gateway().Taken(key), SizeIs(1));
}

// --- What was true when it was made ----------------------------------------------

TEST(TextMessage, ThatCouldNotBeSentInTimeIsNotSentAndACallSaysWhatIsTrueNow) {
  World& world = World::Get();
  world.AdvanceTo(10);
  world.gateway().Set("reject_temporary");
  v1::CreateMessageRequest request = CreateRequest();
  rpc::ToProto(calendar::ToCivilDay(world.now()), ParameterOf(request.mutable_message(), "last_day").mutable_date());
  const v1::Message created = Create(request);
  EXPECT_THAT(created.text(), HasSubstr("请别错过这一天"));
  EXPECT_TRUE(Eventually([&] { return Read(created.name()).deliveries(0).attempt_count() > 0; }));
  world.AdvanceTo(10);
  const v1::Message message = Await(created.name(), v1::Message::STATE_HANDED_TO_STAFF);
  world.gateway().Set("ok");
  EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), IsEmpty());
  EXPECT_EQ(message.state_reason(), "短信没有送到：没有赶在期限前发出，已转为电话告知");
  EXPECT_THAT(message.text(), HasSubstr("已经过了"));
  ASSERT_TRUE(Complete(TaskOf(message.name(), "message.call"), "REACHED").ok());
  EXPECT_THAT(ReportOf(message, intake::ReportMessageRequest::KIND_DELIVERED).text(), HasSubstr("已经过了"));
}

// A message about the last day of a referral of `other`'s case, or of a new case.
v1::CreateMessageRequest OfRevision(int revision, const v1::Message& other = {}) {
  v1::CreateMessageRequest request = CreateRequest();
  v1::Message& message = *request.mutable_message();
  if (!other.name().empty()) {
    message.set_case_name(other.case_name());
    message.set_audience(other.audience());
  }
  message.set_event(absl::StrCat(message.case_name(), "#last-day.", revision));
  message.set_topic("last-day.x");
  message.set_revision(revision);
  rpc::ToProto(kLastDay + revision, ParameterOf(&message, "last_day").mutable_date());
  return request;
}

TEST(TextMessage, ThatNewerWordsMadeUntrueBeforeItWasSentIsNotSent) {
  World& world = World::Get();
  world.AdvanceTo(22);  // quiet hours
  const v1::Message old = Create(OfRevision(1));
  v1::CreateMessageRequest urgent = OfRevision(2, old);
  urgent.mutable_message()->set_template_("last-day-corrected");
  const v1::Message corrected = Create(urgent);
  const v1::Message late = Create(OfRevision(0, old));  // overtaken on its way here
  Await(corrected.name(), v1::Message::STATE_DELIVERED);
  world.AdvanceTo(10);
  Await(Create(CreateRequest()).name(), v1::Message::STATE_DELIVERED);  // what waited for the morning is gone
  for (const v1::Message& untrue : {old, late}) {
    const v1::Message message = Read(untrue.name());
    EXPECT_EQ(message.state(), v1::Message::STATE_SUPPRESSED) << message.ShortDebugString();
    EXPECT_THAT(message.state_reason(), HasSubstr("更新的消息"));
    EXPECT_THAT(world.gateway().Taken(message.deliveries(0).id()), IsEmpty());
    EXPECT_THAT(TasksOf(message.name(), true), IsEmpty());
  }
}

TEST(TextMessage, ThatWasToBecomeACallIsNotCalledForOnceItIsUntrue) {
  World& world = World::Get();
  world.AdvanceTo(10);
  world.gateway().Script({"reject_permanent"});
  const v1::Message old = Await(Create(OfRevision(1)).name(), v1::Message::STATE_HANDED_TO_STAFF);
  TaskOf(old.name(), "message.call");
  Await(Create(OfRevision(2, old)).name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(Read(old.name()).state(), v1::Message::STATE_SUPPRESSED);
  EXPECT_THAT(TasksOf(old.name(), true), IsEmpty());
}

TEST(TextMessage, ThatTheGatewayMayHaveIsNeitherSentAgainNorCalledForOnceItIsUntrue) {
  World& world = World::Get();
  world.AdvanceTo(10);
  world.gateway().DelayReceipts(3600 * 1000);
  const v1::Message old = Create(OfRevision(1));
  EXPECT_TRUE(Eventually([&] { return Read(old.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  Await(Create(OfRevision(2, old)).name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(Read(old.name()).state(), v1::Message::STATE_SENDING);
  world.gateway().AddReceipt(old.deliveries(0).id(), "expired");
  Await(old.name(), v1::Message::STATE_SUPPRESSED);
  EXPECT_THAT(TasksOf(old.name(), true), IsEmpty());
}

}  // namespace
}  // namespace xxt::notification
