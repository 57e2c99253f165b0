// The chase, through days of silence.

#include <string>

#include "common/rpc/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/referral/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

namespace xxt::referral {
namespace {

using contract::FieldsOf;
using ::testing::ElementsAre;

// Each test has a world of its own, for it moves the clock by weeks.
class Chasing : public ::testing::Test {
 protected:
  void TearDown() override { World::Stop(); }
};

TEST_F(Chasing, RemindsTwiceThenAsksAPersonAndNeverEndsByItself) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  v1::Referral now = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  for (int reminder = 1; reminder <= 2; ++reminder) {
    AdvanceTo(now.next_action_time());
    ASSERT_TRUE(Eventually([&] {
      now = Read(referral.name());
      return now.reminder_count() == reminder &&
             EntriesOf(referral.name()).size() == static_cast<std::size_t>(1 + reminder);
    })) << now.ShortDebugString();
    EXPECT_EQ(EntriesOf(referral.name()).back().mail().direction(), v1::Mail::DIRECTION_REMINDER);
  }
  AdvanceTo(now.next_action_time());
  const common::Task task = AwaitTask(referral.name(), "referral.decide_silence");
  now = Read(referral.name());
  EXPECT_EQ(now.state(), v1::Referral::STATE_SENT);

  // Nobody decides: it is looked at again, and waits on.
  const std::string before = now.etag();
  AdvanceTo(now.next_action_time());
  ASSERT_TRUE(Eventually([&] {
    now = Read(referral.name());
    return now.etag() != before;
  })) << "nothing looked again";
  EXPECT_EQ(now.state(), v1::Referral::STATE_SENT);

  // To give up takes a reason; to wait, a day.
  EXPECT_THAT(FieldsOf(Complete(task, "NO_ANSWER")), ElementsAre("note"));
  EXPECT_THAT(FieldsOf(Complete(task, "KEEP_WAITING")), ElementsAre("next_action_time"));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "两次催办均无回音").ok());
  now = Read(referral.name());
  EXPECT_EQ(now.state(), v1::Referral::STATE_NO_ANSWER);
  EXPECT_EQ(now.state_reason(), "两次催办均无回音");
  EXPECT_FALSE(now.has_next_action_time());
}

TEST_F(Chasing, AReminderThatNobodyMadeIsNotCountedAndNobodyGivesUp) {
  const v1::Referral referral = SentReferral();
  v1::Referral now = referral;
  const auto pass_silence = [&now] {
    const std::string before = now.etag();
    AdvanceTo(now.next_action_time());
    ASSERT_TRUE(Eventually([&] {
      now = Read(now.name());
      return now.etag() != before;
    }));
  };
  pass_silence();
  EXPECT_EQ(now.reminder_count(), 1);
  // The first reminder waits for a person; silence goes on.
  for (int i = 0; i < 3; ++i) pass_silence();
  EXPECT_EQ(now.reminder_count(), 1);
  for (const common::Task& task : TasksAbout(referral.name())) EXPECT_NE(task.kind(), "referral.decide_silence");
  EXPECT_TRUE(Complete(AwaitTask(referral.name(), "referral.carry"), "REACHED").ok());
  pass_silence();
  EXPECT_EQ(now.reminder_count(), 2);
}

TEST_F(Chasing, AMailLetsTheSilenceBeginAnew) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const v1::Referral sent = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  World::Get().clock().Advance(absl::Hours(2));
  World::Get().mail().Deliver("回复 " + referral.answer_code(), "收到，正在查。");
  AwaitTask(referral.name(), "referral.read_mail");
  EXPECT_GT(rpc::FromProto(Read(referral.name()).next_action_time()), rpc::FromProto(sent.next_action_time()));
}

TEST_F(Chasing, WaitsOnAsAPersonDecided) {
  const v1::Referral referral = SentReferral();
  v1::Referral now = referral;
  for (int i = 0; i < 3; ++i) {
    const std::string before = now.etag();
    AdvanceTo(now.next_action_time());
    ASSERT_TRUE(Eventually([&] {
      now = Read(referral.name());
      return now.etag() != before;
    }));
    if (i == 2) break;
    EXPECT_TRUE(Complete(AwaitTask(referral.name(), "referral.carry"), "REACHED").ok());
  }
  const common::Task task = AwaitTask(referral.name(), "referral.decide_silence");
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(World::Get().now() + absl::Hours(24 * 7)));
  EXPECT_TRUE(Complete(task, "KEEP_WAITING", "赵师傅出差，下周回来", until).ok());
  now = Read(referral.name());
  EXPECT_EQ(rpc::FromProto(now.next_action_time()), until);
  EXPECT_EQ(now.state(), v1::Referral::STATE_SENT);
}

}  // namespace
}  // namespace xxt::referral
