// Messages that are to be told later. Against the real store, with a gateway where nobody is.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message_world.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;

// A moment of November 2026 in Shanghai; now is the 23rd at 10.
absl::Time At(int day, int hour) { return calendar::AtTimeOfDay(absl::CivilDay(2026, 11, day), hour, 0); }

class ReminderTest : public ::testing::Test {
 protected:
  static v1::CreateMessageRequest For(absl::Time at, const std::string& case_name = "cases/" + MessageWorld::NewId()) {
    v1::CreateMessageRequest request = MessageWorld::Input(case_name);
    rpc::ToProto(at, request.mutable_message()->mutable_send_time());
    return request;
  }
  std::string Refused(const v1::CreateMessageRequest& request) {
    v1::Message made;
    return errors::ReasonOf(world_.Create(request, &made));
  }
  absl::Status Withdraw(const std::string& name) {
    v1::WithdrawMessageRequest request;
    request.set_name(name);
    request.set_reason("预约取消了");
    return world_.Change(MessageWorld::Officer(), [&](Tx& tx) {
      v1::Message found;
      return message::Withdraw(world_.policy, tx, request, found);
    });
  }
  std::string Due(const char* kind) {
    return world_.db.Sql(
        absl::StrCat("SELECT to_char(due AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24') "
                     "FROM backbone.task WHERE kind = '",
                     kind, "'"));
  }
  std::string Open() {
    return world_.db.Sql("SELECT count(*) FROM backbone.task WHERE kind IN ('message.send_sms', 'message.call')");
  }

  MessageWorld world_;
  const ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  SmsGateway gateway_{{"http://127.0.0.1:1/v1/sms", "", "", files::Secret("secret"), absl::Seconds(1)}};
  const edge::Slice sms_ = SmsSlice({host_, world_.db.pool(), gateway_, world_.policy});
};

TEST_F(ReminderTest, IsSentAtItsTimeAndNotBefore) {
  const v1::Message made = world_.Made(For(At(25, 10)));
  EXPECT_THAT(made, Partially("state: STATE_SENDING state_reason: '定于11月25日10:00告知'"));
  EXPECT_EQ(Due("message.send_sms"), "11-25 10");
  // A process whose clock is ahead may take it too early.
  EXPECT_EQ(world_.Do(sms_.machine_kinds[0]).reason, "quiet hours");
  EXPECT_THAT(world_.Stored(made.name()), Partially("deliveries { state: STATE_CREATED }"));
}

TEST_F(ReminderTest, ThatFallsIntoTheNightWaitsForTheMorning) {
  world_.Made(For(At(25, 23)));
  EXPECT_EQ(Due("message.send_sms"), "11-26 08");
}

TEST_F(ReminderTest, OfWhoIsRungUpIsDueThen) {
  v1::CreateMessageRequest request = For(At(25, 10));
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  EXPECT_THAT(world_.Made(request),
              Partially("state_reason: '定于11月25日10:00告知；当事人不便看短信，由窗口电话告知'"));
  EXPECT_EQ(Due("message.call"), "11-25 10");
}

TEST_F(ReminderTest, OfOneTopicLivesOnce) {
  const std::string case_name = "cases/" + MessageWorld::NewId();
  v1::CreateMessageRequest first = For(At(25, 10), case_name);
  first.mutable_message()->set_topic("appointment.1");
  first.mutable_message()->set_revision(1);
  v1::CreateMessageRequest moved = For(At(26, 15), case_name);
  moved.mutable_message()->set_event(case_name + "#appointment.1.moved");
  moved.mutable_message()->set_topic("appointment.1");
  moved.mutable_message()->set_revision(2);
  const std::string name = world_.Made(first).name();
  world_.Made(moved);
  EXPECT_EQ(world_.Stored(name).state(), v1::Message::STATE_SUPPRESSED);
  EXPECT_EQ(Due("message.send_sms"), "11-26 15");
  EXPECT_EQ(Open(), "1");
}

TEST_F(ReminderTest, IsWithdrawnOnce) {
  const v1::Message made = world_.Made(For(At(25, 10)));
  EXPECT_TRUE(Withdraw(made.name()).ok());
  EXPECT_THAT(world_.Stored(made.name()), Partially("state: STATE_SUPPRESSED state_reason: '已收回，不再告知'"));
  EXPECT_EQ(Open(), "0");
  EXPECT_EQ(world_.db.Sql("SELECT staff || ' ' || outcome FROM notification.decisions"), "staff/wang WITHDRAWN");
  EXPECT_EQ(errors::ReasonOf(Withdraw(made.name())), "STATE_FORBIDS");
}

TEST_F(ReminderTest, IsNotWithdrawnOnceTheGatewayMayHaveIt) {
  const v1::Message made = world_.Made(For(At(25, 10)));
  world_.Save(made.name(), [](Tx&, v1::Message& found) { message::Current(found).set_in_flight(true); });
  EXPECT_EQ(errors::ReasonOf(Withdraw(made.name())), "STATE_FORBIDS");
  EXPECT_EQ(Open(), "1");
}

TEST_F(ReminderTest, IsOfATimeAtWhichItsWordsAreTrueAndWithinAYear) {
  EXPECT_EQ(Refused(For(calendar::AtTimeOfDay(absl::CivilDay(2026, 12, 19), 10, 0))), "FIELD_INVALID");
  v1::CreateMessageRequest always_true = For(world_.now + absl::Hours(367 * 24));
  always_true.mutable_message()->set_template_("route-sheet-plain");
  always_true.mutable_message()->mutable_parameters()->RemoveLast();
  EXPECT_EQ(Refused(always_true), "FIELD_INVALID");
  rpc::ToProto(At(24, 10), always_true.mutable_message()->mutable_send_time());
  EXPECT_EQ(Refused(always_true), "");
}

TEST_F(ReminderTest, AtAnotherTimeIsNotTheSame) {
  v1::CreateMessageRequest request = For(At(25, 10));
  world_.Made(request);
  rpc::ToProto(At(25, 11), request.mutable_message()->mutable_send_time());
  EXPECT_EQ(Refused(request), "RESOURCE_EXISTS");
}

}  // namespace
}  // namespace xxt::notification
