// E-mails that the machine sends. Against the real store, with a mail server that says what the test wants.

#include "services/notification/channel/email.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class EmailTest : public ::testing::Test {
 protected:
  EmailTest() { world_.policy.sends_email = true; }
  // The route sheet, for this recipient.
  static v1::CreateMessageRequest For(const std::string& recipient) {
    v1::CreateMessageRequest request = MessageWorld::Input();
    *request.mutable_message()->mutable_recipient() =
        test::Text<v1::Recipient>(absl::StrCat("display_name: '沈女士' ", recipient));
    return request;
  }
  tasks::Verdict Send() { return world_.Do(email_.machine_kinds[0]); }

  MessageWorld world_;
  const ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  smtp::Outcome answer_ = smtp::Outcome::kAccepted;
  std::vector<smtp::Mail> sent_;
  const edge::Slice email_ = EmailSlice({host_, world_.db.pool(), world_.policy,
                                         [this](const smtp::Mail& mail, SteadyTime) {
                                           sent_.push_back(mail);
                                           return answer_;
                                         },
                                         "hall.example"});
};

TEST_F(EmailTest, TellsWhoHasNoMobileTelephone) {
  const v1::Message made = world_.Made(For("email: 'shen@mail.example'"));
  EXPECT_THAT(made, Partially("state: STATE_SENDING deliveries { channel: CHANNEL_EMAIL state: STATE_CREATED }"));
  EXPECT_THAT(made.text(), StartsWith("沈女士："));
  Send();
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].to, "shen@mail.example");
  EXPECT_EQ(sent_[0].message_id, made.deliveries(0).id() + "@hall.example");
  EXPECT_EQ(sent_[0].subject, "西城悉心听：办理路线已备好（诉求 0102-26-000042-1）") << "it names nobody";
  EXPECT_EQ(sent_[0].text, made.text());
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_DELIVERED state_reason: '邮件服务器已收下邮件，邮件没有回执'"));
  Send();
  EXPECT_THAT(sent_, SizeIs(1)) << "it is told";
}

TEST_F(EmailTest, IsSentAgainWhenTheServerRefusesForNow) {
  const v1::Message made = world_.Made(For("email: 'shen@mail.example'"));
  answer_ = smtp::Outcome::kRefusedForNow;
  EXPECT_EQ(Send().kind, tasks::Verdict::Kind::kRetry);
  answer_ = smtp::Outcome::kAccepted;
  Send();
  EXPECT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(world_.Stored(made.name()).state(), v1::Message::STATE_DELIVERED);
}

TEST_F(EmailTest, ThatMayHaveArrivedIsAPersonsQuestionAndNotSentAgain) {
  const v1::Message made = world_.Made(For("email: 'shen@mail.example'"));
  answer_ = smtp::Outcome::kUnknown;
  Send();
  Send();
  EXPECT_THAT(sent_, SizeIs(1));
  const v1::Message found = world_.Stored(made.name());
  EXPECT_EQ(found.state(), v1::Message::STATE_IN_DOUBT);
  EXPECT_THAT(found.state_reason(), StartsWith("发出邮件后没有等到邮件服务器答复"));
  EXPECT_THAT(world_.db.Sql("SELECT summary FROM backbone.desk_task"), StartsWith("邮件是否送到不能确定"));
}

TEST_F(EmailTest, ThatIsRefusedForGoodBecomesACall) {
  const v1::Message made = world_.Made(For("email: 'nobody@mail.example' phone_number: '+861060001234'"));
  answer_ = smtp::Outcome::kRefusedForGood;
  Send();
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_HANDED_TO_STAFF "
                        "state_reason: '邮件没有送到：邮件服务器不收这封邮件，已转为电话告知' "
                        "deliveries { channel: CHANNEL_EMAIL state: STATE_FAILED failure: FAILURE_PERMANENT } "
                        "deliveries { channel: CHANNEL_PHONE state: STATE_CREATED }"));
}

TEST_F(EmailTest, FollowsATextMessageThatDidNotArrive) {
  const v1::Message made = world_.Made(For("email: 'shen@mail.example' phone_number: '+8613800138000'"));
  world_.Save(made.name(), [this](Tx& tx, v1::Message& found) {
    message::Hear({tx, world_.policy}, found, message::Current(found),
                  {DeliveryState::kFailed, FailureKind::kTemporary, "关机", ""});
  });
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_SENDING deliveries { channel: CHANNEL_SMS state: STATE_FAILED } "
                        "deliveries { channel: CHANNEL_EMAIL state: STATE_CREATED }"));
  Send();
  EXPECT_EQ(world_.Stored(made.name()).state(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(sent_, SizeIs(1));
}

// Nobody is told twice: who may have the text message is asked by a person first.
TEST_F(EmailTest, NeverFollowsATextMessageThatMayHaveArrived) {
  const v1::Message made = world_.Made(For("email: 'shen@mail.example' phone_number: '+8613800138000'"));
  world_.Save(made.name(), [this](Tx& tx, v1::Message& found) {
    message::Reach(message::Current(found), DeliveryState::kSending);
    message::Hear({tx, world_.policy}, found, message::Current(found),
                  {DeliveryState::kInDoubt, FailureKind::kNone, "", ""});
    message::GoOn({tx, world_.policy}, found);
  });
  EXPECT_EQ(message::Current(world_.Stored(made.name())).channel(), common::CHANNEL_PHONE);
}

TEST_F(EmailTest, OfACorrectedAddressGoesToTheRightOne) {
  const v1::Message made = world_.Made(For("email: 'chen@mail.example'"));
  world_.Save(made.name(), [this](Tx& tx, v1::Message& found) {
    *found.mutable_correction()->mutable_recipient() = found.recipient();
    found.mutable_correction()->mutable_recipient()->set_email("shen@mail.example");
    *found.mutable_correction()->mutable_words() = found.words();
    message::Readdress({tx, world_.policy}, found);
  });
  Send();
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].to, "shen@mail.example");
}

TEST_F(EmailTest, OfAnErasedPersonIsNotSentToNobody) {
  world_.Made(For("email: 'shen@mail.example'"));
  world_.db.Sql("UPDATE notification.messages SET key = NULL");
  EXPECT_EQ(Send().kind, tasks::Verdict::Kind::kRetry);
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(EmailTest, IsNoWayWhereThereIsNoMailServer) {
  world_.policy.sends_email = false;
  EXPECT_THAT(world_.Made(For("email: 'shen@mail.example'")), Partially("deliveries { channel: CHANNEL_PHONE }"));
}

TEST_F(EmailTest, IsSealedInTheStore) {
  world_.Made(For("email: 'shen@mail.example' postal_address: '陶然亭路 1 号'"));
  const auto holds = [this](const char* word) {
    return world_.db.Sql(
        absl::StrCat("SELECT count(*) FROM notification.messages WHERE position('", word, "'::bytea IN message) > 0"));
  };
  EXPECT_EQ(holds("cases/"), "1") << "else this would find nothing";
  EXPECT_EQ(holds("shen@mail.example"), "0");
}

TEST_F(EmailTest, IsWrittenInTheLanguageOfThePerson) {
  world_.Made(For("email: 'shen@mail.example' language_code: 'en'"));
  Send();
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_THAT(sent_[0].text, StartsWith("Dear 沈女士,"));
  EXPECT_THAT(sent_[0].text, Not(HasSubstr("您")));
}

TEST_F(EmailTest, NobodyIsToldByAChannelThatDoesNotCarryMessages) {
  v1::Message made;
  const absl::Status refused = world_.Create(For("preferred_channel: CHANNEL_VISIT"), &made);
  EXPECT_EQ(errors::ReasonOf(refused), "FIELD_INVALID");
}

}  // namespace
}  // namespace xxt::notification
