// What the machine makes of a message that does not open now: nothing, until it does. Against the real store, with a
// gateway and an intake service where nobody is.

#include "services/notification/channel/sms.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/report.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::StartsWith;

constexpr char kUnread[] = "the store is away, or the message cannot be read";

class UnopenedMessage : public ::testing::Test {
 protected:
  // What was sealed does not open until this is called again.
  void DamageOrMend() {
    world_.db.Sql("UPDATE notification.messages SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)");
  }
  // The one task of this kind.
  tasks::Task TaskOf(const tasks::MachineKind& kind) {
    tasks::Task task;
    task.id = world_.db.Sql(absl::StrCat("SELECT id FROM backbone.task WHERE kind = '", kind.name, "'"));
    task.subject = made_.name();
    return task;
  }
  // Why it is not done.
  std::string Do(const tasks::MachineKind& kind) {
    return kind.handle(TaskOf(kind), SteadyTime::Now() + absl::Seconds(10)).reason;
  }

  MessageWorld world_;
  const v1::Message made_ = world_.Made();
  const ManualClock clock_{world_.now};
  const edge::Host host_{"notification", clock_, test::TestKeys()};
  SmsGateway gateway_{{"http://127.0.0.1:1/v1/sms", "", "", files::Secret("secret"), absl::Seconds(1)}};
  const edge::Slice sms_ = SmsSlice({host_, world_.db.pool(), gateway_, world_.policy});
};

TEST_F(UnopenedMessage, StaysATextMessageThoughACorrectionWaits) {
  world_.Save(made_.name(), [](Tx&, v1::Message& found) {
    *found.mutable_correction()->mutable_recipient() = found.recipient();
    *found.mutable_correction()->mutable_words() = found.words();
  });
  DamageOrMend();
  EXPECT_EQ(Do(sms_.machine_kinds[0]), kUnread);
  DamageOrMend();
  EXPECT_THAT(world_.Stored(made_.name()), Partially("state: STATE_SENDING deliveries { state: STATE_CREATED }"));
}

TEST_F(UnopenedMessage, IsReportedToItsCaseOnceItOpens) {
  world_.Save(made_.name(), [this](Tx& tx, v1::Message& found) {
    message::Hear({tx, world_.policy}, found, message::Current(found),
                  {DeliveryState::kDelivered, FailureKind::kNone, "", ""});
  });
  const tasks::MachineKind report = message::ReportCaseKind(host_, world_.db.pool(), world_.intake);
  DamageOrMend();
  EXPECT_EQ(Do(report), kUnread);
  DamageOrMend();
  EXPECT_THAT(Do(report), StartsWith("intake: "));
}

TEST_F(UnopenedMessage, ThatNobodyCanReadIsGivenUpForAPersonOfItsHall) {
  world_.db.Sql("UPDATE notification.messages SET message = '\\xff'");
  const tasks::MachineKind& send = sms_.machine_kinds[0];
  const absl::Status given_up =
      pg::InTransaction(world_.db.pool(), SteadyTime::Now() + absl::Seconds(10),
                        [&](pg::Session& session) { return send.on_dead(session, TaskOf(send), "given up"); });
  EXPECT_EQ(given_up, absl::OkStatus());
  EXPECT_EQ(world_.db.Sql("SELECT hall || ' ' || summary FROM backbone.desk_task"),
            absl::StrCat(kHallOfMessages, " 告知任务没能办完，请查看：消息内容读不出来"));
}

TEST_F(UnopenedMessage, OfAnErasedPersonIsNotSentToNobody) {
  world_.db.Sql("UPDATE notification.messages SET key = NULL");
  EXPECT_EQ(Do(sms_.machine_kinds[0]), kUnread);
  EXPECT_THAT(world_.Stored(made_.name()), Partially("state: STATE_SENDING deliveries { state: STATE_CREATED }"));
}

}  // namespace
}  // namespace xxt::notification
