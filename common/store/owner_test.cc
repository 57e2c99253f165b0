#include "common/store/owner.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/tx_world.h"

namespace xxt::store {
namespace {

using ::xixinting::testing::v1::ListLinesResponse;

constexpr char kFolder[] = "folders/0197a000-0000-7000-8000-000000000001";
constexpr char kOther[] = "folders/0197a000-0000-7000-8000-000000000002";
constexpr char kOwnId[] = "0197a000-0000-7000-8000-000000000003";

TEST(RootOf, IsWhatTheFirstResourceLiesUnderThatAMessageNames) {
  Folder folder;
  folder.set_name(kFolder);
  EXPECT_EQ(RootOf(folder), kFolder);
  Note note;
  note.set_name(absl::StrCat(kFolder, "/notes/", kOwnId));
  note.mutable_answered()->set_name(absl::StrCat(kOther, "/notes/", kOwnId));
  EXPECT_EQ(RootOf(note), kFolder);
  note.clear_name();
  EXPECT_EQ(RootOf(note), kOther);
  ListLinesResponse lines;
  lines.add_lines();
  EXPECT_EQ(RootOf(lines), "");
  lines.add_lines()->set_name(absl::StrCat(kFolder, "/lines/", kOwnId));
  EXPECT_EQ(RootOf(lines), kFolder);
}

TEST(RootOf, IsNoneWhereNoTableHasSuchRootsAndOfWordsThatLookLikeAName) {
  Note note;
  note.set_text(kFolder);
  EXPECT_EQ(RootOf(note), "");
  for (const char* name :
       {"halls/110102016", "folders/7", "folders", "", "tasks/0197a000-0000-7000-8000-000000000003"}) {
    note.set_name(name);
    EXPECT_EQ(RootOf(note), "") << name;
  }
}

class KeyOfRootTest : public TxTest {
 protected:
  std::string WrappedKey(const std::string& root) {
    std::string key = "not read";
    const absl::Status status = Read([&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(key, WrappedKeyOf(tx.session, root));
      return absl::OkStatus();
    });
    EXPECT_EQ(status, absl::OkStatus());
    return key;
  }
};

TEST_F(KeyOfRootTest, IsReadWrappedAndEmptyOnceItIsErased) {
  const Folder folder = MakeFolder();
  EXPECT_TRUE(keys_.Unwrap(folder.name(), WrappedKey(folder.name())).has_value());
  EXPECT_EQ(WrappedKey(kOther), "");
  EXPECT_EQ(WrappedKey("halls/110102016"), "");
  Set(kFolders, folder.name(), "key = NULL");
  EXPECT_EQ(WrappedKey(folder.name()), "");
}

TEST_F(KeyOfRootTest, IsKnownOfARootThatWasMadeAndReadOfOneThatWasNot) {
  const Folder folder = MakeFolder();
  const auto opens = [&](Tx& tx, const std::string& root) {
    const absl::StatusOr<RootKey> key = tx.FindKey(root);
    EXPECT_TRUE(key.ok()) << key.status();
    return key.ok() && key->key() != nullptr;
  };
  EXPECT_EQ(Change([&](Tx& tx) {
              Folder made;
              made.set_name(kFolder);
              made.set_hall(kHall);
              made.set_title("made here");
              tx.Insert(kFolders, made);
              EXPECT_TRUE(opens(tx, kFolder));
              EXPECT_TRUE(opens(tx, folder.name()));
              EXPECT_FALSE(opens(tx, kOther));
              return absl::OkStatus();
            }),
            absl::OkStatus());
  Set(kFolders, folder.name(), "key = NULL");
  EXPECT_EQ(Change([&](Tx& tx) {
              EXPECT_FALSE(opens(tx, folder.name()));
              return absl::OkStatus();
            }),
            absl::OkStatus());
}

}  // namespace
}  // namespace xxt::store
