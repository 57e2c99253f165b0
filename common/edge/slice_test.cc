// What the machine and the desk may see, on the folders of common/store's tests.

#include "common/edge/slice.h"

#include <string>

#include "common/store/tx_world.h"
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
