#ifndef XXT_COMMON_STORE_TX_WORLD_H_
#define XXT_COMMON_STORE_TX_WORLD_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/store/tx.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/protos.h"
#include "common/testing/thing.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// Folders with notes and lines in a database of their own, for tests of Tx.
namespace xxt::store {

using ::xixinting::testing::v1::Folder;
using ::xixinting::testing::v1::Line;
using ::xixinting::testing::v1::NewerNote;
using ::xixinting::testing::v1::Note;

inline const Table<Folder> kFolders("things.folders",
                                    {.columns = {"hall", "title", "create_time"},
                                     .lists = {{"newest", {}, "create_time DESC, id DESC", Of::kHalls}}});
inline const Table<Note> kNotes(
    "things.notes", &kFolders,
    {.columns = {"hall", "state", {"due", "due_time", "infinity"}, {"day", "place.day"}},
     .lists = {{"of_folder", {"folder_id"}, "due, id"},
               {"of_folder_and_state", {"folder_id", "state"}, "due, id"},
               {"open_of_folder", {"folder_id"}, "due, id", Of::kParent, {{"state", Note::STATE_OPEN}}},
               {"of_state", {"state"}, "due DESC, id DESC", Of::kHalls},
               {"open", {}, "due, id", Of::kHalls, {{"state", Note::STATE_OPEN}}}}});
inline const Table<Line> kLines("things.lines", &kFolders,
                                {.lists = {{"of_folder", {"folder_id"}, "number"}},
                                 .append_only = true,
                                 .serial = "number"});

inline constexpr char kHall[] = "halls/110102016";
inline constexpr char kOtherHall[] = "halls/110102017";

class TxTest : public ::testing::Test {
 protected:
  TxTest() {
    Sql(R"sql(
      CREATE SCHEMA things;
      GRANT USAGE ON SCHEMA things TO xxt_runtime;
      CREATE TABLE things.folders (id uuid PRIMARY KEY, hall text NOT NULL, title text NOT NULL,
        create_time timestamptz NOT NULL, version bigint NOT NULL, message bytea NOT NULL, sealed bytea, search bytea,
        key bytea);
      CREATE TABLE things.notes (id uuid PRIMARY KEY, folder_id uuid NOT NULL, hall text NOT NULL,
        state smallint NOT NULL, due timestamptz NOT NULL, day date, version bigint NOT NULL,
        message bytea NOT NULL, sealed bytea);
      CREATE TABLE things.lines (id uuid PRIMARY KEY, folder_id uuid NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY, message bytea NOT NULL, sealed bytea);
      GRANT SELECT, INSERT, UPDATE ON things.folders, things.notes TO xxt_runtime;
      GRANT SELECT, INSERT ON things.lines TO xxt_runtime;)sql");
  }

  using Body = absl::FunctionRef<absl::Status(Tx&)>;
  absl::Status Change(Body body) { return InTx(db_.pool(), Now(false), body); }
  absl::Status Read(Body body) {
    const Circumstances of = Now(true);
    return pg::Read(db_.pool(), of.deadline, [&](pg::Session& session) { return InTx(session, of, body); });
  }
  // The reason of what came out, "" if it went well.
  std::string ReasonOf(const absl::Status& status) { return status.ok() ? "" : errors::ReasonOf(status); }

  // A folder of kHall with a person.
  Folder MakeFolder(const std::string& hall = kHall) {
    auto folder = test::Text<Folder>(
        "title: 'a folder' summary: 'canary summary' people { full_name: 'canary name' role: 'asks' }");
    folder.set_name(kFolders.NewName("", now_));
    folder.set_hall(hall);
    EXPECT_EQ(Change([&](Tx& tx) {
                tx.Insert(kFolders, folder);
                return absl::OkStatus();
              }),
              absl::OkStatus());
    return folder;
  }
  // A note of it, as `text` says and by its name.
  template <typename N = Note>
  N MakeNote(const Folder& folder, const std::string& text, const TableBase& table = kNotes) {
    auto note = test::Text<N>(text);
    note.set_name(kNotes.NewName(folder.name(), now_));
    note.set_hall(folder.hall());
    EXPECT_EQ(ChangeIn(folder,
                       [&](Tx& tx) {
                         tx.Insert(table, note);
                         return absl::OkStatus();
                       }),
              absl::OkStatus());
    return note;
  }
  // A change of something in the folder: it is locked first.
  absl::Status ChangeIn(const Folder& folder, Body body) {
    return Change([&](Tx& tx) {
      Folder root;
      if (absl::Status status = tx.Load(kFolders, folder.name(), "", &root); !status.ok()) return status;
      return body(tx);
    });
  }
  // Loads the note, has `edit` change it, saves it.
  absl::Status Edit(const Note& note, absl::FunctionRef<void(Note&)> edit) {
    return Change([&](Tx& tx) {
      Folder root;
      Note found;
      const std::string folder = note.name().substr(0, note.name().find("/notes"));
      if (absl::Status status = tx.Load(kFolders, folder, "", &root); !status.ok()) return status;
      if (absl::Status status = tx.Load(kNotes, note.name(), "", &found); !status.ok()) return status;
      edit(found);
      tx.Save(kNotes, found);
      return absl::OkStatus();
    });
  }
  template <typename M>
  absl::StatusOr<M> Get(const TableBase& table, const std::string& name) {
    M found;
    absl::Status status = Read([&](Tx& tx) { return tx.Get(table, name, &found); });
    if (!status.ok()) return status;
    return found;
  }
  // Where it must be there.
  template <typename M>
  M Found(const TableBase& table, const std::string& name) {
    const absl::StatusOr<M> found = Get<M>(table, name);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : M();
  }

  // First column of the first row, as superuser.
  std::string Sql(const std::string& sql) { return db_.Sql(sql); }
  // Of the row of `name`: "sealed IS NULL".
  std::string Column(const TableBase& table, const std::string& name, const std::string& expression) {
    return Sql(absl::StrCat("SELECT ", expression, " FROM ", table.name(), " WHERE id = '",
                            name.substr(name.rfind('/') + 1), "'"));
  }
  void Set(const TableBase& table, const std::string& name, const std::string& assignment) {
    Sql(absl::StrCat("UPDATE ", table.name(), " SET ", assignment, " WHERE id = '", name.substr(name.rfind('/') + 1),
                     "'"));
  }

  Circumstances Now(bool reads_only) {
    return {.caller = caller_,
            .now = now_,
            .deadline = absl::Now() + absl::Seconds(60),
            .method = method_,
            .keys = keys_,
            .reads_only = reads_only,
            .must_open = must_open_};
  }

  test::Database db_{"intake"};
  identity::Caller caller_{"staff/wang", kHall, {"officer"}, identity::HallScope::One(kHall)};
  absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  std::string method_ = "/test";
  seal::Keyring keys_ = test::KeysOf({1});
  bool must_open_ = false;  // as for the machine
};

}  // namespace xxt::store

#endif  // XXT_COMMON_STORE_TX_WORLD_H_
