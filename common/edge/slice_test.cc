// What the machine and the desk may see, on the folders of common/store's tests.

#include "common/edge/slice.h"

#include <string>

#include "common/status/macros.h"
#include "common/store/tx_world.h"
#include "common/tasks/claim.h"
#include "gtest/gtest.h"

namespace xxt::edge {
namespace {

using store::Folder;
using store::kFolders;

class SliceTest : public store::TxTest {
 protected:
  static SteadyTime Soon() { return SteadyTime::Now() + absl::Seconds(20); }
  absl::Status InTransaction(absl::FunctionRef<absl::Status(pg::Session&)> body) {
    return pg::InTransaction(db_.pool(), Soon(), body);
  }

  absl::Status Look(Tx& tx) {
    found_.Clear();
    return tx.Get(kFolders, folder_.name(), &found_);
  }
  absl::Status MachineReads() {
    return ReadAsService(host_, db_.pool(), Soon(), [this](Tx& tx) { return Look(tx); });
  }
  absl::Status MachineChanges() {
    return InTransaction(
        [this](pg::Session& session) { return AsService(host_, session, [this](Tx& tx) { return Look(tx); }); });
  }
  absl::Status TaskIsDead() {
    const auto on_dead = WhenDead(host_, [this](Tx& tx, const tasks::Task&, absl::string_view) { return Look(tx); });
    return InTransaction([&](pg::Session& session) { return on_dead(session, {}, "given up"); });
  }
  absl::Status PersonCompletes() {
    const auto look = [this](Tx& tx, const tasks::Task&, const tasks::Completion&) { return Look(tx); };
    const tasks::DeskKind kind = Desk(host_, "test.desk", {"SEEN"}, look);
    return InTransaction([&](pg::Session& session) { return kind.complete(session, {}, {}); });
  }
  // What was seen, or why nothing was.
  std::string Seen(const absl::Status& status) {
    return status.ok() ? found_.title() + found_.summary() : ReasonOf(status);
  }

  const Folder folder_ = MakeFolder();
  const ManualClock clock_{now_};
  const Host host_{"things", clock_, keys_};
  Folder found_;
};

TEST_F(SliceTest, WhatDoesNotOpenIsShownWithoutItsWordsToPeopleAndWhoEndsATaskButNotToTheMachine) {
  Set(kFolders, folder_.name(), "sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)");
  EXPECT_EQ(Seen(MachineReads()), "INTERNAL");
  EXPECT_EQ(Seen(MachineChanges()), "INTERNAL");
  EXPECT_EQ(Seen(TaskIsDead()), "a folder");
  EXPECT_EQ(Seen(PersonCompletes()), "a folder");
}

TEST_F(SliceTest, ATimerOfWhatStaysDamagedIsShownToAPersonSoon) {
  const auto look = [this](Tx& tx, const tasks::Task&) { return Look(tx); };
  const auto show = [this](Tx& tx, const tasks::Task& dead, absl::string_view) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::string hall, tx.HallOf(kFolders, folder_.name()));
    ShowDead(tx, dead, {.kind = "test.dead", .subject = dead.subject, .hall = hall});
    return absl::OkStatus();
  };
  const tasks::MachineKind timer = Timer(host_, "test.timer", look, show);
  Set(kFolders, folder_.name(), "message = '\\xff'");
  const std::string id = Sql(
      "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, started_at) VALUES "
      "(gen_random_uuid(), 'test.timer', 'normal', 's', 'k', '-infinity', now() - interval '61 minutes') RETURNING id");
  const auto claimed = tasks::Claim(db_.pool(), {id}, {"test.timer"}, now_, absl::Seconds(30), "worker@host");
  ASSERT_TRUE(claimed.ok() && claimed->size() == 1) << claimed.status();
  const tasks::Claimed& mine = claimed->front();
  EXPECT_EQ(ReasonOf(tasks::Settle(db_.pool(), timer, mine, timer.handle(mine.task, Soon()))), "INTERNAL");
  // As the engine does then.
  EXPECT_EQ(tasks::Settle(db_.pool(), timer, mine, tasks::Verdict::Retry("refused")), absl::OkStatus());
  EXPECT_EQ(Sql("SELECT state FROM backbone.machine_task"), "dead");
  EXPECT_EQ(Sql("SELECT hall FROM backbone.desk_task"), store::kHall);
}

TEST_F(SliceTest, WhatWasErasedIsShownToTheMachineAsFarAsItIsThere) {
  Set(kFolders, folder_.name(), "key = NULL");
  EXPECT_EQ(Seen(MachineReads()), "a folder");
  EXPECT_EQ(Seen(MachineChanges()), "a folder");
}

TEST_F(SliceTest, NobodyIsLetInWithKeysThatAreNotKnownToBeTheDatabases) {
  keys_.SetChecked(false);
  for (const absl::Status& out : {MachineReads(), MachineChanges(), TaskIsDead(), PersonCompletes()}) {
    EXPECT_EQ(ReasonOf(out), "STORE_UNAVAILABLE");
  }
}

}  // namespace
}  // namespace xxt::edge
