// Channels that are paused, against the real store, with a carrier that counts.

#include "services/notification/channel/channel.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/channel/sending.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::HasSubstr;

constexpr char kTime[] = "YYYY-MM-DD HH24:MI";

class ChannelTest : public ::testing::Test {
 protected:
  // What came of it, "OK" or the reason. Without `until` for as long as nobody resumes it.
  std::string Pause(std::optional<absl::Time> until = std::nullopt, const std::string& name = "channels/sms") {
    return Ask([&](Tx& tx) {
      v1::PauseChannelRequest request;
      request.set_name(name);
      request.set_reason("网关检修");
      if (until.has_value()) rpc::ToProto(*until, request.mutable_until_time());
      return channel::Pause(world_.policy, tx, request, channel_);
    });
  }
  std::string Resume() {
    return Ask([&](Tx& tx) {
      v1::ResumeChannelRequest request;
      request.set_name("channels/sms");
      request.set_reason("网关已恢复");
      return channel::Resume(world_.policy, tx, request, channel_);
    });
  }
  std::string Ask(absl::FunctionRef<absl::Status(Tx&)> body) {
    const absl::Status status = world_.Change({"staff/op", "", {"operator"}, identity::HallScope()}, body);
    return status.ok() ? "OK" : errors::ReasonOf(status);
  }
  void SetNow(absl::Time now) {
    world_.now = now;
    clock_.Set(now);
  }
  void PauseIsDue() { world_.Do(slice_.machine_kinds[0]); }
  void WakeThem() { world_.Do(slice_.machine_kinds[1]); }
  tasks::Verdict Send() { return world_.Do(send_); }
  std::string Due(const std::string& kind) const {
    return world_.db.Sql(absl::StrCat("SELECT to_char(due AT TIME ZONE 'Asia/Shanghai', '", kTime,
                                      "') FROM backbone.task WHERE kind = '", kind, "' ORDER BY id DESC LIMIT 1"));
  }
  std::string Count(const std::string& kind) const {
    return world_.db.Sql(absl::StrCat("SELECT count(*) FROM backbone.task WHERE kind = '", kind, "'"));
  }
  // Of the channel: by whom, and what.
  std::string Events() const {
    return world_.db.Sql(
        "SELECT string_agg(type || ' ' || actor || ' ' || summary, ', ' ORDER BY row_number) FROM backbone.event "
        "WHERE subject = 'channels/sms'");
  }
  channel::Carrier Counting() {
    channel::Carrier carrier;
    carrier.kind = message::kSendSmsKind;
    carrier.party = "sms-gateway";
    carrier.title = "网关";
    carrier.address = [](const v1::Recipient& recipient) { return recipient.phone_number(); };
    carrier.send = [this](const std::string&, const std::string&, const v1::Message&, SteadyTime) {
      ++sent_;
      return answer_;
    };
    carrier.idempotency_window = absl::Hours(24);
    return carrier;
  }

  MessageWorld world_;
  ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  const edge::Slice slice_ = ChannelSlice(host_, world_.policy);
  int sent_ = 0;
  SendOutcome answer_{SendOutcome::Kind::kAccepted, FailureKind::kNone, "", "", {}};
  const tasks::MachineKind send_ = channel::SendKind({host_, world_.db.pool(), world_.policy, Counting()});
  v1::Channel channel_;
};

TEST_F(ChannelTest, AcceptsWhileItIsPausedAndSendsEachOnceWhenItIsResumed) {
  ASSERT_EQ(Pause(), "OK");
  EXPECT_THAT(channel_, Partially("state: STATE_PAUSED reason: '网关检修' staff: 'staff/op'"));
  const v1::Message made = world_.Made();
  Send();
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_SENDING paused_channel: CHANNEL_SMS state_reason: '短信暂停发送，恢复后告知' "
                        "deliveries { channel: CHANNEL_SMS state: STATE_CREATED }"));
  EXPECT_EQ(Due(message::kSendSmsKind), "2026-11-24 10:00");
  EXPECT_EQ(sent_, 0);
  ASSERT_EQ(Resume(), "OK");
  WakeThem();
  EXPECT_EQ(Due(message::kSendSmsKind), "2026-11-23 10:00");
  Send();
  Send();
  EXPECT_EQ(sent_, 1);
  const v1::Message stored = world_.Stored(made.name());
  EXPECT_THAT(stored, Partially("deliveries { state: STATE_ACCEPTED }"));
  EXPECT_EQ(stored.paused_channel(), common::CHANNEL_UNSPECIFIED);
  EXPECT_EQ(stored.state_reason(), "");
}

TEST_F(ChannelTest, TellsWhoPausedItWhoResumedItAndWhy) {
  ASSERT_EQ(Pause(), "OK");
  ASSERT_EQ(Resume(), "OK");
  EXPECT_EQ(Events(),
            "channel.paused.v1 staff/op 短信暂停发送：网关检修, channel.resumed.v1 staff/op 短信恢复发送：网关已恢复");
}

TEST_F(ChannelTest, IsNotPausedTwiceNorResumedTwiceNorPausedIntoThePast) {
  EXPECT_EQ(Resume(), "STATE_FORBIDS");
  EXPECT_EQ(Pause(world_.now), "FIELD_INVALID");
  EXPECT_EQ(Pause(world_.now + absl::Hours(32 * 24)), "FIELD_INVALID");
  EXPECT_EQ(Pause(std::nullopt, "channels/phone"), "RESOURCE_NOT_FOUND") << "people are no channel of the machine";
  EXPECT_EQ(Pause(), "OK");
  EXPECT_EQ(Pause(), "STATE_FORBIDS");
  EXPECT_EQ(Resume(), "OK");
  EXPECT_EQ(Resume(), "STATE_FORBIDS");
}

TEST_F(ChannelTest, HasAPersonRingUpForWhatIsUrgent) {
  ASSERT_EQ(Pause(world_.now + absl::Hours(2)), "OK");
  const v1::Message made = world_.Made();
  world_.Save(made.name(), [](Tx&, v1::Message& found) { found.set_urgent(true); });
  EXPECT_EQ(Send().kind, tasks::Verdict::Kind::kDone);
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_HANDED_TO_STAFF state_reason: '短信暂停发送，这件事等不得，已转为电话告知' "
                        "deliveries { channel: CHANNEL_SMS state: STATE_FAILED } "
                        "deliveries { channel: CHANNEL_PHONE state: STATE_CREATED }"));
  EXPECT_EQ(Count(message::kCallKind), "1");
  EXPECT_EQ(sent_, 0);
}

TEST_F(ChannelTest, HasAPersonRingUpForWhatWouldComeTooLate) {
  ASSERT_EQ(Pause(), "OK");
  v1::CreateMessageRequest request = MessageWorld::Input();
  google::type::Date& last_day = *request.mutable_message()->mutable_parameters(2)->mutable_date();
  last_day.set_month(11);
  last_day.set_day(23);
  const v1::Message made = world_.Made(request);
  Send();
  EXPECT_THAT(world_.Stored(made.name()), Partially("state: STATE_HANDED_TO_STAFF"));
}

// What the gateway may have would arrive twice, or be told twice; that it waits for the pause would not be true.
TEST_F(ChannelTest, ShowsAsInDoubtWhatTheGatewayMayHaveAndSendsItNotAgain) {
  const v1::Message made = world_.Made();
  answer_.kind = SendOutcome::Kind::kUnknown;
  Send();
  ASSERT_EQ(sent_, 1);
  ASSERT_EQ(Pause(), "OK");
  Send();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(world_.Stored(made.name()).state(), v1::Message::STATE_IN_DOUBT);
}

TEST_F(ChannelTest, ThatIsResumedAtNightWakesNobody) {
  ASSERT_EQ(Pause(), "OK");
  const v1::Message made = world_.Made();
  Send();
  SetNow(calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 22, 0));
  ASSERT_EQ(Resume(), "OK");
  WakeThem();
  Send();
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(Due(message::kSendSmsKind), "2026-11-24 08:00");
  EXPECT_EQ(world_.Stored(made.name()).paused_channel(), common::CHANNEL_UNSPECIFIED);
}

TEST_F(ChannelTest, ResumesByItselfWhenItsTimeIsOver) {
  ASSERT_EQ(Pause(world_.now + absl::Hours(2)), "OK");
  const v1::Message made = world_.Made();
  Send();
  EXPECT_EQ(Due(message::kSendSmsKind), "2026-11-23 12:00");
  SetNow(world_.now + absl::Hours(2));
  // Nobody has noted the end yet: it is over all the same.
  EXPECT_EQ(Resume(), "STATE_FORBIDS");
  PauseIsDue();
  EXPECT_THAT(Events(), HasSubstr("channel.resumed.v1 services/notification 短信恢复发送：暂停的时间已到"));
  EXPECT_EQ(Count("channel.wake"), "1");
  Send();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(Count("channel.still_paused"), "0");
}

TEST_F(ChannelTest, WithoutAnEndAsksAPersonAndAsksAgain) {
  ASSERT_EQ(Pause(), "OK");
  EXPECT_EQ(Due("channel.pause_due"), "2026-11-24 10:00");
  SetNow(world_.now + absl::Hours(24));
  PauseIsDue();
  EXPECT_EQ(world_.db.Sql("SELECT hall || ' ' || summary FROM backbone.desk_task WHERE kind = 'channel.still_paused'"),
            "halls/110102 短信自11月23日10:00起暂停发送，请决定：恢复，或继续暂停");
  SetNow(world_.now + absl::Hours(24));
  world_.db.Sql("DELETE FROM backbone.machine_task WHERE kind = 'channel.pause_due'");
  PauseIsDue();
  EXPECT_EQ(Count("channel.still_paused"), "1") << "asked already";
  world_.Complete(slice_.desk_kinds[0], "KEEP_PAUSED");
  EXPECT_EQ(Ask([&](Tx& tx) -> absl::Status {
              const auto until = channel::PausedUntil(tx, common::CHANNEL_SMS);
              EXPECT_TRUE(until.ok() && until->has_value() && **until == world_.now + absl::Hours(24));
              return until.status();
            }),
            "OK");
  world_.Complete(slice_.desk_kinds[0], "RESUME");
  EXPECT_THAT(Events(), HasSubstr("channel.resumed.v1 staff/wang 短信恢复发送：经人决定恢复"));
  EXPECT_EQ(Count("channel.still_paused") + Count("channel.pause_due"), "00");
}

TEST_F(ChannelTest, WakesAllThatWaitThoughThereAreMany) {
  SetNow(calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 22, 0));
  for (int i = 0; i < 201; ++i) world_.Made();
  world_.db.Sql("UPDATE notification.messages SET paused_channel = 5");
  ASSERT_EQ(Pause(), "OK");
  ASSERT_EQ(Resume(), "OK");
  const std::string later = absl::StrCat("SELECT count(*) FROM backbone.task WHERE kind = '", message::kSendSmsKind,
                                         "' AND due > '2026-11-23 22:00+08'");
  ASSERT_EQ(world_.db.Sql(later), "201");
  WakeThem();
  EXPECT_EQ(world_.db.Sql(later), "1");
  WakeThem();
  EXPECT_EQ(world_.db.Sql(later), "0");
}

TEST_F(ChannelTest, IsTheOneThatIsPausedAndNoOther) {
  ASSERT_EQ(Pause(std::nullopt, "channels/email"), "OK");
  world_.Made();
  Send();
  EXPECT_EQ(sent_, 1);
}

}  // namespace
}  // namespace xxt::notification
