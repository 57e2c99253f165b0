#include "services/notification/message/audience.h"

#include <functional>
#include <string>
#include <thread>

#include "common/status/errors.h"
#include "gtest/gtest.h"
#include "services/notification/message/correct.h"
#include "services/notification/message/message_world.h"
#include "xixinting/intake/v1/case.pb.h"

namespace xxt::notification {
namespace {

namespace intake = ::xixinting::intake::v1;

// Intake, in which something may happen between what it reads and the moment in which its answer arrives.
class Intake final : public IntakeClient {
 public:
  using IntakeClient::IntakeClient;
  absl::StatusOr<intake::Case> LookUp(const std::string&, SteadyTime) override {
    intake::Case read = about;
    if (meanwhile) meanwhile();
    return read;
  }

  intake::Case about;
  std::function<void()> meanwhile;
};

class AudienceTest : public ::testing::Test {
 protected:
  AudienceTest() {
    intake_.about.set_name(request_.message().case_name());
    intake_.about.set_hall(kHallOfMessages);
    intake_.about.add_parties()->set_name(audience_);
  }

  // As an officer asks, of whom intake is asked.
  absl::Status Create() {
    return Create([] {});
  }
  // The same, where `before_commit` happens when all but the commit is done.
  absl::Status Create(const std::function<void()>& before_commit) {
    return world_.Change(MessageWorld::Officer(), [&](Tx& tx) {
      made_.Clear();
      const absl::Status status = message::Create({world_.catalogue, world_.policy, intake_}, tx, request_, made_);
      before_commit();
      return status;
    });
  }

  // Intake records a death, or takes it back, and knows so many corrections of the party by now.
  void Record(int corrections, bool dead) {
    intake_.about.mutable_parties(0)->set_deceased(dead);
    intake_.about.mutable_parties(0)->set_not_told(dead);
    while (intake_.about.corrections_size() < corrections) intake_.about.add_corrections()->set_party(audience_);
  }
  // Notification is told of the party as it is after so many corrections.
  void Correct(int corrections, bool dead) {
    v1::CorrectRecipientRequest request;
    request.set_case_name(request_.message().case_name());
    request.set_audience(audience_);
    *request.mutable_recipient() = request_.message().recipient();
    request.mutable_recipient()->set_revision(corrections);
    request.mutable_recipient()->set_not_told(dead);
    const absl::Status status = world_.Change(MessageWorld::Intake(), [&](Tx& tx) {
      v1::CorrectRecipientResponse nothing;
      return message::CorrectRecipient(world_.making, tx, request, nothing);
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string CountMessages() { return world_.db.Sql("SELECT count(*) FROM notification.messages"); }

  MessageWorld world_;
  v1::CreateMessageRequest request_ = MessageWorld::Input();
  const std::string audience_ = request_.message().audience();
  v1::Message made_;
  Intake intake_{world_.client};
};

TEST_F(AudienceTest, IsToldNothingByAnAnswerOfBeforeADeath) {
  intake_.meanwhile = [this] {
    Record(1, true);
    Correct(1, true);
  };
  EXPECT_EQ(errors::ReasonOf(Create()), "STORE_CONFLICT");
  intake_.meanwhile = nullptr;
  EXPECT_EQ(errors::ReasonOf(Create()), "FIELD_INVALID") << "asked again, intake knows";
  EXPECT_EQ(CountMessages(), "0");
}

// The correction comes when the message is made, and nobody can see it yet.
TEST_F(AudienceTest, IsToldNothingThoughTheDeathComesBeforeTheCommit) {
  std::thread other;
  const absl::Status status = Create([&] {
    other = std::thread([this] { Correct(1, true); });
    while (world_.db.Sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                         "wait_event_type = 'Lock'") == "0") {
      // It may have gone past what it should wait for.
      if (world_.db.Sql("SELECT count(*) FROM notification.audiences") != "0") break;
    }
  });
  other.join();
  EXPECT_TRUE(status.ok()) << status;
  const v1::Message stored = world_.Stored(made_.name());
  EXPECT_EQ(stored.state(), v1::Message::STATE_SUPPRESSED);
  EXPECT_TRUE(stored.kept_back());
}

TEST_F(AudienceTest, IsToldAgainWhenTheDeathWasAMistake) {
  Correct(2, false);
  Correct(1, true);  // late
  Record(1, false);
  EXPECT_EQ(errors::ReasonOf(Create()), "STORE_CONFLICT") << "an answer of before the second";
  Record(2, false);
  EXPECT_TRUE(Create().ok());
  EXPECT_EQ(world_.Stored(made_.name()).state(), v1::Message::STATE_SENDING);
}

TEST_F(AudienceTest, IsKeptFromWhatIsToldByACallerWhoClaimsToKnowTheFuture) {
  request_.mutable_message()->mutable_recipient()->set_revision(1000);
  ASSERT_TRUE(Create().ok());
  Correct(1, true);
  EXPECT_EQ(world_.Stored(made_.name()).state(), v1::Message::STATE_SUPPRESSED);
}

}  // namespace
}  // namespace xxt::notification
