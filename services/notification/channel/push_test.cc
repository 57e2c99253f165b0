// Messages by WeChat and to the district's system. Against the real store, where nobody is at the other end.

#include "services/notification/channel/push.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/message_world.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::StartsWith;

class PushTest : public ::testing::Test {
 protected:
  PushTest() {
    world_.policy.sends_wechat = true;
    world_.policy.sends_webhook = true;
  }
  // The route sheet, for this recipient.
  static v1::CreateMessageRequest For(const std::string& recipient) {
    v1::CreateMessageRequest request = MessageWorld::Input();
    *request.mutable_message()->mutable_recipient() =
        test::Text<v1::Recipient>(absl::StrCat("display_name: '沈女士' ", recipient));
    return request;
  }

  MessageWorld world_;
  const ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  Wechat wechat_{{"http://127.0.0.1:1/send", files::Secret("token"), "template", absl::Seconds(1)}};
  Webhook webhook_{{"http://127.0.0.1:1/webhooks", files::Secret("whsec_c2VjcmV0"), absl::Seconds(1)}};
  const edge::Slice push_ = PushSlice({host_, world_.db.pool(), world_.policy, wechat_, absl::Minutes(10),
                                       absl::Seconds(1), webhook_, absl::Hours(24), absl::Seconds(1)});
};

TEST_F(PushTest, GoesByWechatToWhoFollowsTheAccount) {
  const v1::Message made = world_.Made(For("wechat_open_id: 'oNobody'"));
  EXPECT_THAT(made, Partially("state: STATE_SENDING deliveries { channel: CHANNEL_WECHAT state: STATE_CREATED }"));
  EXPECT_THAT(made.text(), StartsWith("【西城悉心听】"));
  EXPECT_EQ(world_.Do(push_.machine_kinds[0]).kind, tasks::Verdict::Kind::kRetry);
  EXPECT_THAT(world_.Stored(made.name()), Partially("deliveries { state: STATE_SENDING detail: '连不上微信' }"));
  EXPECT_FALSE(world_.Stored(made.name()).deliveries(0).in_flight()) << "WeChat certainly does not have it";
}

TEST_F(PushTest, GoesToTheDistrictsSystemWhereThatIsAskedFor) {
  const v1::Message made =
      world_.Made(For("phone_number: '+8613800138000' district_account: 'shen-1' preferred_channel: CHANNEL_WEB"));
  EXPECT_THAT(made, Partially("deliveries { channel: CHANNEL_WEB state: STATE_CREATED }"));
  EXPECT_EQ(world_.Do(push_.machine_kinds[1]).kind, tasks::Verdict::Kind::kRetry);
  EXPECT_THAT(world_.Stored(made.name()), Partially("deliveries { detail: '连不上区里的系统' }"));
}

TEST_F(PushTest, ThatIsRefusedTooLongBecomesACall) {
  const v1::Message made = world_.Made(For("wechat_open_id: 'oNobody' phone_number: '+861060001234'"));
  const tasks::MachineKind& kind = push_.machine_kinds[0];
  world_.Do(kind);
  const absl::Status given_up = pg::InTransaction(
      world_.db.pool(), SteadyTime::Now() + absl::Seconds(10),
      [&](pg::Session& session) { return kind.on_dead(session, world_.TaskOf(kind.name), "given up"); });
  EXPECT_EQ(given_up, absl::OkStatus());
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_HANDED_TO_STAFF state_reason: '微信消息没有送到：连不上微信，已转为电话告知' "
                        "deliveries { channel: CHANNEL_WECHAT state: STATE_FAILED } "
                        "deliveries { channel: CHANNEL_PHONE state: STATE_CREATED }"));
}

TEST_F(PushTest, IsNoWayWhereThereIsNoneOrThePersonCannotReadIt) {
  world_.policy.sends_webhook = false;
  EXPECT_THAT(world_.Made(For("district_account: 'shen-1'")), Partially("deliveries { channel: CHANNEL_PHONE }"));
  EXPECT_THAT(world_.Made(For("wechat_open_id: 'oNobody' no_sms: true")),
              Partially("deliveries { channel: CHANNEL_PHONE }"));
}

}  // namespace
}  // namespace xxt::notification
