// What the machine tells of a case's people, against the real store.

#include "services/intake/cases/tell.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/cases/case_world.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/recipient.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr tasks::Verdict::Kind kDone = tasks::Verdict::Kind::kDone;
constexpr tasks::Verdict::Kind kRetry = tasks::Verdict::Kind::kRetry;

// Remembers the names that it was told.
class ToldNotification final : public Notification {
 public:
  absl::Status Tell(const messages::CreateMessageRequest& request, SteadyTime) override {
    names.push_back(request.message().recipient().display_name());
    return absl::OkStatus();
  }
  absl::Status CorrectRecipient(const messages::CorrectRecipientRequest& request, SteadyTime) override {
    names.push_back(request.recipient().display_name());
    return absl::OkStatus();
  }
  std::vector<std::string> names;
};

class TellTest : public ::testing::Test {
 protected:
  // What was sealed does not open until this is called again.
  void DamageOrMend() {
    world_.db.Sql("UPDATE intake.cases SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)");
  }

  // A task about `subject`; of case.tell the payload is that of the case that was opened.
  tasks::Task TaskOf(const std::string& subject) {
    tasks::Task task;
    task.id = identifiers::NewUuid(absl::Now());
    task.subject = subject;
    task.payload = world_.db.Sql("SELECT payload FROM backbone.task WHERE kind = 'case.tell'");
    return task;
  }
  tasks::Verdict::Kind Do(const tasks::MachineKind& kind, const std::string& subject) {
    return kind.handle(TaskOf(subject), SteadyTime::Now() + absl::Seconds(10)).kind;
  }
  // The task is dead.
  absl::Status End(const tasks::MachineKind& kind, const std::string& subject) {
    return pg::InTransaction(world_.db.pool(), SteadyTime::Now() + absl::Seconds(10),
                             [&](pg::Session& session) { return kind.on_dead(session, TaskOf(subject), "given up"); });
  }

  CaseWorld world_;
  const v1::Case opened_ = world_.Opened();
  const std::string party_ = opened_.parties(0).name();
  ToldNotification notification_;
  const ManualClock clock_{world_.now};
  const edge::Host host_{"intake", clock_, test::TestKeys()};
  const tasks::MachineKind tell_ = cases::TellKind(host_, world_.db.pool(), notification_);
  const tasks::MachineKind correct_ = cases::CorrectRecipientKind(host_, world_.db.pool(), notification_);
};

TEST_F(TellTest, OfPeopleWhoseDataDoNotOpenNowWaitsUntilTheyDo) {
  DamageOrMend();
  EXPECT_EQ(Do(tell_, opened_.name()), kRetry);
  EXPECT_EQ(Do(correct_, party_), kRetry);
  EXPECT_THAT(notification_.names, IsEmpty());
  DamageOrMend();
  EXPECT_EQ(Do(tell_, opened_.name()), kDone);
  EXPECT_EQ(Do(correct_, party_), kRetry) << "a message of the case is on its way";
  EXPECT_THAT(notification_.names, ElementsAre("沈玉兰", "沈玉兰"));
}

// Its matter goes on in another case.
TEST_F(TellTest, OfADuplicateThatWasMergedIsToldAllTheSame) {
  const auto closed_as = [&](const std::string& into) {
    ASSERT_EQ(world_.Change(CaseWorld::Officer(),
                            [&](Tx& tx) -> absl::Status {
                              auto found = cases::Lock(tx, opened_.name());
                              if (!found.ok()) return found.status();
                              found->set_state(v1::Case::STATE_CLOSED);
                              found->clear_next_action();
                              rpc::ToProto(world_.now, found->mutable_close_time());
                              found->set_merged_into(into);
                              tx.Save(cases::kCases, *found);
                              return absl::OkStatus();
                            }),
              absl::OkStatus());
  };
  closed_as("");
  EXPECT_EQ(Do(tell_, opened_.name()), kDone);
  EXPECT_THAT(notification_.names, IsEmpty()) << "its closing says it";
  closed_as("cases/11111111-1111-7111-8111-111111111111");
  EXPECT_EQ(Do(tell_, opened_.name()), kDone);
  EXPECT_THAT(notification_.names, ElementsAre("沈玉兰"));
}

TEST_F(TellTest, OfPeopleWhoseDataNeverOpenAgainIsAPersonsInTheEnd) {
  DamageOrMend();
  EXPECT_EQ(End(tell_, opened_.name()), absl::OkStatus());
  EXPECT_EQ(End(correct_, party_), absl::OkStatus());
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.desk_task WHERE kind = 'intake.dead_task'"), "2");
}

TEST_F(TellTest, OfACaseThatNobodyCanReadIsShownToItsHall) {
  world_.db.Sql("UPDATE intake.cases SET message = '\\xff'");
  EXPECT_EQ(End(tell_, opened_.name()), absl::OkStatus());
  EXPECT_EQ(End(correct_, party_), absl::OkStatus());
  EXPECT_EQ(End(edge::Timer(host_, "promise.due", {}, cases::ShowDead), opened_.name() + "/promises/p"),
            absl::OkStatus());
  EXPECT_EQ(world_.db.Sql("SELECT count(*) || ' ' || min(hall) || ' ' || min(subject) FROM backbone.desk_task WHERE "
                          "kind = 'intake.dead_task' AND summary LIKE '%诉求内容读不出来'"),
            absl::StrCat("3 ", kHallOfCases, " ", opened_.name()));
}

TEST_F(TellTest, OfACaseThatIsNotThereIsDeadAtOnce) {
  const std::string nobody = cases::kCases.NewName("", world_.now);
  EXPECT_EQ(Do(tell_, nobody), tasks::Verdict::Kind::kDead);
  EXPECT_EQ(Do(correct_, nobody + party_.substr(party_.find("/parties"))), tasks::Verdict::Kind::kDead);
}

}  // namespace
}  // namespace xxt::intake
