// Letters, which people post. Against the real store.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LetterTest : public ::testing::Test {
 protected:
  // The route sheet, for this recipient.
  static v1::CreateMessageRequest For(const std::string& recipient) {
    v1::CreateMessageRequest request = MessageWorld::Input();
    *request.mutable_message()->mutable_recipient() =
        test::Text<v1::Recipient>(absl::StrCat("display_name: '沈女士' ", recipient));
    return request;
  }
  void Post(const std::string& outcome) { world_.Complete(letter_.desk_kinds[0], outcome, "挂号 XA123456789CN"); }

  MessageWorld world_;
  ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  SmsGateway gateway_{{"http://127.0.0.1:1/v1/sms", "", "", files::Secret("secret"), absl::Seconds(1)}};
  const edge::Slice sms_ = SmsSlice({host_, world_.db.pool(), gateway_, world_.policy});
  const edge::Slice call_ = CallSlice(host_, world_.policy);
  const edge::Slice letter_ = LetterSlice(host_, world_.policy);
};

TEST_F(LetterTest, IsPostedByAPersonAndAskedAfterOnceItShouldBeThere) {
  const v1::Message made = world_.Made(For("postal_address: '北京市西城区陶然亭路 1 号 100050'"));
  EXPECT_THAT(made, Partially("state: STATE_SENDING state_reason: '没有更快的联系方式，由窗口寄信告知' "
                              "deliveries { channel: CHANNEL_POST state: STATE_CREATED }"));
  EXPECT_THAT(made.text(), StartsWith("沈女士："));
  EXPECT_THAT(world_.db.Sql("SELECT summary FROM backbone.desk_task"), StartsWith("请寄信告知当事人：办理路线已备好"));
  Post("POSTED");
  EXPECT_THAT(world_.Stored(made.name()), Partially("state: STATE_SENDING deliveries { state: STATE_ACCEPTED }"));
  EXPECT_EQ(world_.db.Sql("SELECT (due = '2026-11-30 10:00+08')::text FROM backbone.task "
                          "WHERE kind = 'message.check_receipt'"),
            "true");
  clock_.Set(clock_.Now() + absl::Hours(7 * 24));
  world_.now = clock_.Now();
  world_.Do(sms_.machine_kinds[1]);
  const v1::Message asked = world_.Stored(made.name());
  EXPECT_EQ(asked.state(), v1::Message::STATE_IN_DOUBT);
  EXPECT_THAT(asked.state_reason(), HasSubstr("寄出信件，是否收到还不知道"));
  world_.Complete(message::InDoubtKind(host_, world_.policy), "RECEIVED");
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_DELIVERED state_reason: '经工作人员核实，当事人已收到信件'"));
}

TEST_F(LetterTest, ThatDidNotComeIsPostedAgainIfAPersonSaysSo) {
  const v1::Message made = world_.Made(For("postal_address: '北京市西城区陶然亭路 1 号 100050'"));
  Post("POSTED");
  clock_.Set(clock_.Now() + absl::Hours(7 * 24));
  world_.now = clock_.Now();
  world_.Do(sms_.machine_kinds[1]);
  world_.Complete(message::InDoubtKind(host_, world_.policy), "SEND_AGAIN");
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_HANDED_TO_STAFF deliveries { channel: CHANNEL_POST state: STATE_ACCEPTED } "
                        "deliveries { channel: CHANNEL_POST state: STATE_CREATED }"));
}

TEST_F(LetterTest, FollowsCallsThatReachedNobody) {
  const v1::Message made =
      world_.Made(For("phone_number: '+861060001234' postal_address: '北京市西城区陶然亭路 1 号 100050'"));
  for (int i = 0; i < 3; ++i) world_.Complete(call_.desk_kinds[0], "NOT_REACHED");
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_HANDED_TO_STAFF state_reason: '打了3次电话，没有接通，已转为寄信告知' "
                        "deliveries { channel: CHANNEL_PHONE state: STATE_FAILED } "
                        "deliveries { channel: CHANNEL_POST state: STATE_CREATED }"));
}

TEST_F(LetterTest, IsTheOnlyWayLeftWhereATextMayHaveArrivedAndNobodyAnswersTheTelephone) {
  world_.policy.sends_email = true;
  const v1::Message made = world_.Made(For("phone_number: '+8613800138000' email: 'shen@example.com'"));
  world_.Save(made.name(), [this](Tx& tx, v1::Message& found) {
    message::Hear({tx, world_.policy}, found, message::Current(found),
                  {DeliveryState::kAccepted, FailureKind::kNone, "", "gw-1"});
  });
  clock_.Set(clock_.Now() + absl::Hours(48));
  world_.now = clock_.Now();
  world_.Do(sms_.machine_kinds[1]);
  world_.Complete(message::InDoubtKind(host_, world_.policy), "CALL");
  for (int i = 0; i < 3; ++i) world_.Complete(call_.desk_kinds[0], "NOT_REACHED");
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'message.send_email'"), "0");
  EXPECT_EQ(world_.Stored(made.name()).state(), v1::Message::STATE_NOT_REACHED);
}

TEST_F(LetterTest, ThatNobodyCanPostEndsAsNotReachedWhereNothingElseIsLeft) {
  const v1::Message made = world_.Made(For("postal_address: '北京市西城区陶然亭路 1 号 100050'"));
  Post("NOT_POSTED");
  EXPECT_THAT(world_.Stored(made.name()), Partially("state: STATE_NOT_REACHED state_reason: '信没有寄出'"));
}

TEST_F(LetterTest, IsWhatThePersonAskedForThoughThereIsATelephone) {
  const v1::Message made = world_.Made(
      For("preferred_channel: CHANNEL_POST phone_number: '+8613800138000' postal_address: '陶然亭路 1 号 100050'"));
  EXPECT_THAT(made,
              Partially("state_reason: '当事人希望收到信件，由窗口寄信告知' deliveries { channel: CHANNEL_POST }"));
  Post("NOT_POSTED");
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_SENDING deliveries { channel: CHANNEL_POST state: STATE_FAILED } "
                        "deliveries { channel: CHANNEL_SMS state: STATE_CREATED }"));
}

TEST_F(LetterTest, IsNotWrittenWhereItWouldComeTooLate) {
  v1::CreateMessageRequest request = For("postal_address: '北京市西城区陶然亭路 1 号 100050'");
  google::type::Date& last_day = *request.mutable_message()->mutable_parameters(2)->mutable_date();
  last_day.set_month(11);
  last_day.set_day(27);
  EXPECT_THAT(world_.Made(request), Partially("deliveries { channel: CHANNEL_PHONE }"));
}

TEST_F(LetterTest, GoesToWhoCannotHearOnTheTelephone) {
  const v1::Message made = world_.Made(
      For("hard_of_hearing: true no_sms: true phone_number: '+8613800138000' postal_address: '陶然亭路 1 号 100050'"));
  EXPECT_THAT(made, Partially("deliveries { channel: CHANNEL_POST }"));
}

TEST_F(LetterTest, ThatIsOvertakenBeforeItIsPostedIsNotPosted) {
  const v1::Message made = world_.Made(For("postal_address: '北京市西城区陶然亭路 1 号 100050'"));
  world_.Save(made.name(), [this](Tx& tx, v1::Message& found) { message::Overtake({tx, world_.policy}, found); });
  EXPECT_EQ(world_.Stored(made.name()).state(), v1::Message::STATE_SUPPRESSED);
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'message.letter'"), "0");
}

}  // namespace
}  // namespace xxt::notification
