#include <atomic>
#include <thread>
#include <vector>

#include "tools/xxt-store/row.h"
#include "tools/xxt-store/tool_world.h"

namespace xxt::store_tool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RekeyTest : public ToolTest {
 protected:
  const Folder folder_ = MakeFolder();
  const Note note_ = MakeNote(folder_, "state: STATE_OPEN text: 'canary text'");

  ExitCode Run() { return Rekey(AroundAsService(), {&kFolders, &kLines, &kNotes}, {}); }
  std::string KeyOfFolder(const Folder& folder) { return Column(kFolders, folder.name(), "encode(key, 'hex')"); }
  // "1,2": which keys the folders' keys are wrapped with.
  std::string Wrapping() {
    return Sql(
        "SELECT string_agg(DISTINCT get_byte(key, 4)::text, ',' ORDER BY get_byte(key, 4)::text) FROM things.folders");
  }
  std::string Retired() {
    return Sql("SELECT coalesce(string_agg(id::text, ','), '') FROM backbone.seal_key WHERE retire_time IS NOT NULL");
  }
  // Key 1 was replaced by key 2, and no replica has begun with 1 for ten minutes. The search key is as old, and stays.
  void Exchange() {
    BeginWith({2, 1});
    Sql("UPDATE backbone.seal_key SET use_time = now() - interval '10 minutes' WHERE id IN (0, 1)");
  }
};

TEST_F(RekeyTest, LetsTheKeyFileLackTheOldKey) {
  Exchange();
  MakeFolder();
  EXPECT_EQ(Wrapping(), "1,2");
  EXPECT_EQ(Run(), kDone);
  EXPECT_THAT(Err(), HasSubstr("things.folders 2 rows, 1 written, 0 left\n"));
  EXPECT_EQ(Out(), "key 1 is retired: take it out of the key files; backups of before need it\n");
  EXPECT_EQ(Retired(), "1");
  keys_ = KeysOf({2});
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_EQ(Found<Note>(kNotes, note_.name()).text(), "canary text");
  EXPECT_EQ(Found<Folder>(kFolders, folder_.name()).summary(), "canary summary");
}

TEST_F(RekeyTest, ChangesNothingButTheKeyAndIsDoneOnce) {
  Exchange();
  const std::string others = "md5(concat_ws('|', version, message, sealed))";
  const std::string before = Column(kFolders, folder_.name(), others);
  EXPECT_EQ(Run(), kDone);
  EXPECT_EQ(Column(kFolders, folder_.name(), others), before);
  const std::string key = KeyOfFolder(folder_);
  Out();
  Err();
  EXPECT_EQ(Run(), kDone);
  EXPECT_THAT(Err(), HasSubstr("1 rows, 0 written, 0 left\n"));
  EXPECT_EQ(Out(), "");
  EXPECT_EQ(KeyOfFolder(folder_), key);
}

TEST_F(RekeyTest, KeepsAnOldKeyThatAReplicaMayStillUse) {
  BeginWith({2, 1});
  Sql("UPDATE backbone.seal_key SET use_time = now() - interval '2 minutes' WHERE id = 1");
  EXPECT_EQ(Run(), kFailed);
  EXPECT_EQ(Wrapping(), "2");
  EXPECT_THAT(Err(), HasSubstr("key 1 was the first of a replica's file until "));
  EXPECT_EQ(Retired(), "");
  Sql("UPDATE backbone.seal_key SET use_time = now() - interval '6 minutes' WHERE id = 1");
  EXPECT_EQ(Run(), kDone);
  EXPECT_EQ(Retired(), "1");
}

TEST_F(RekeyTest, DoesNotBeginWithAKeyThatNoServiceHasHad) {
  keys_ = KeysOf({2, 1});
  EXPECT_EQ(Run(), kFailed);
  EXPECT_THAT(Err(), HasSubstr("key 2 is not the one that a service has wrapped with last"));
  EXPECT_EQ(Wrapping(), "1");
}

TEST_F(RekeyTest, DoesNotBeginWithAnOldKeyFile) {
  Exchange();
  keys_ = KeysOf({1, 2});
  EXPECT_EQ(Run(), kFailed);
  keys_ = KeysOf({1});
  EXPECT_EQ(Run(), kFailed);
  EXPECT_THAT(Err(), HasSubstr("lacks the keys 2"));
  EXPECT_EQ(Wrapping(), "1");
  EXPECT_EQ(Retired(), "");
}

TEST_F(RekeyTest, DoesNotBeginWithAnotherSearchKey) {
  Exchange();
  Sql("UPDATE backbone.seal_key SET mark = '\\x00' WHERE id = 0");
  EXPECT_EQ(Run(), kFailed);
  EXPECT_THAT(Err(), HasSubstr("keys search of seal.key_file are not those"));
  EXPECT_EQ(Wrapping(), "1");
}

TEST_F(RekeyTest, DoesNotBringBackWhatWasErased) {
  const Folder erased = MakeFolder();
  Set(kFolders, erased.name(), "key = NULL");
  Exchange();
  EXPECT_EQ(Run(), kDone);
  EXPECT_EQ(Column(kFolders, erased.name(), "key IS NULL"), "t");
}

// It has read the key, and waits for who erases it.
TEST_F(RekeyTest, DoesNotBringBackWhatIsErasedInTheSameMoment) {
  Exchange();
  pqxx::connection other(*Conninfo(db_.options().dsn, "", db_.options().password.value()));
  pqxx::work erasing(other);
  erasing.exec0("UPDATE things.folders SET key = NULL");
  std::atomic<bool> done{false};
  std::thread rekeying([&] {
    Run();
    done = true;
  });
  const std::string waiting =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  while (!done && Sql(waiting) == "0") std::this_thread::yield();
  erasing.commit();
  rekeying.join();
  EXPECT_EQ(Column(kFolders, folder_.name(), "key IS NULL"), "t");
}

TEST_F(RekeyTest, LeavesAndNamesAKeyThatDoesNotUnwrapAndThenRetiresNone) {
  const Folder damaged = MakeFolder();
  Set(kFolders, damaged.name(), "key = set_byte(key, 40, get_byte(key, 40) # 1)");
  Exchange();
  const std::string before = KeyOfFolder(damaged);
  EXPECT_EQ(Run(), kFailed);
  EXPECT_THAT(Err(),
              AllOf(HasSubstr(damaged.name() + ": key does not unwrap"), HasSubstr("2 rows, 1 written, 1 left")));
  EXPECT_EQ(KeyOfFolder(damaged), before);
  EXPECT_EQ(Retired(), "");
}

TEST_F(RekeyTest, WaitsForNobodyButComesBack) {
  MakeFolder();
  Exchange();
  EXPECT_EQ(ChangeIn(folder_,
                     [&](Tx&) {
                       EXPECT_EQ(Run(), kFailed);
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_THAT(Err(), AllOf(HasSubstr(folder_.name() + ": somebody holds it all the time"),
                           HasSubstr("2 rows, 1 written, 1 left")));
  EXPECT_EQ(Wrapping(), "1,2");
  EXPECT_EQ(Run(), kDone);
  EXPECT_EQ(Wrapping(), "2");
}

TEST_F(RekeyTest, IsNotForTheToolsOwnRole) {
  Exchange();
  const std::string before = KeyOfFolder(folder_);
  EXPECT_EQ(Rekey(Around(), {&kFolders}, {}), kFailed);
  EXPECT_THAT(Err(), HasSubstr("permission denied"));
  EXPECT_EQ(KeyOfFolder(folder_), before);
  EXPECT_EQ(Retired(), "");
}

// What no service would write: verify tells of it, for a file may lack such a key.
TEST_F(RekeyTest, IsJudgedByVerify) {
  Exchange();
  Sql("UPDATE backbone.seal_key SET retire_time = now() WHERE id = 1");
  EXPECT_THAT(Faults(), ElementsAre("things.folders: key 1 is retired, but wraps 1 keys"));
  Sql("DELETE FROM backbone.seal_key WHERE id = 1");
  EXPECT_THAT(Faults(), ElementsAre("things.folders: key 1 was never noted, but wraps 1 keys"));
}

}  // namespace
}  // namespace xxt::store_tool
