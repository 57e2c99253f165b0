#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/store/compiled.h"
#include "tools/xxt-store/change.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/row.h"
#include "tools/xxt-store/tool_world.h"

namespace xxt::store_tool {
namespace {

using test::EqualsProto;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class RowsTest : public ToolTest {
 protected:
  const Folder folder_ = MakeFolder();
  const Note note_ = MakeNote(folder_, "state: STATE_OPEN author: 'a' text: 'canary text' remarks: 'canary remark'");

  std::string OfNote(const std::string& fault) { return "things.notes " + note_.name() + ": " + fault; }
  std::string OfFolder(const std::string& fault) { return "things.folders " + folder_.name() + ": " + fault; }
  // The bytes of the note's row as this version reads them, changed by `edit`.
  template <typename Edit>
  void EditBytes(const std::string& name, Edit edit) {
    Note bytes;
    ASSERT_TRUE(bytes.ParseFromString(absl::HexStringToBytes(Column(kNotes, name, "encode(message, 'hex')"))));
    edit(bytes);
    Set(kNotes, name, "message = decode('" + absl::BytesToHexString(bytes.SerializeAsString()) + "', 'hex')");
  }
  ExitCode Fill(const BackfillOptions& options = {}) { return Backfill(Around(), kNotes, options); }
};

TEST_F(RowsTest, AreWalkedInTheOrderOfTheirIdsEachOnce) {
  for (int i = 0; i < 4; ++i) MakeNote(MakeFolder(), "state: STATE_DONE");
  MakeNote(folder_, "state: STATE_DONE");
  std::vector<std::string> names;
  const auto note_them = [&](const std::vector<Row>& rows) {
    for (const Row& row : rows) names.push_back(row.name);
  };
  Walk(*connection_, kNotes, {}, 2, note_them);
  EXPECT_THAT(names, SizeIs(6));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  const std::vector<std::string> all = std::exchange(names, {});
  Walk(*connection_, kNotes, *kNotes.compiled().pattern.Ids(all[2]), 2, note_them);
  EXPECT_THAT(names, ElementsAre(all[3], all[4], all[5]));
}

TEST_F(RowsTest, AreShownMaskedAndThatIsNotRecorded) {
  EXPECT_EQ(Show(Around(), kNotes, note_.name(), std::nullopt), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("# things.notes, personal data masked\n"), HasSubstr("state: STATE_OPEN"),
                           HasSubstr("text: \"***\""), HasSubstr("remarks: \"***\""),
                           HasSubstr("create_time {\n  2026-05-29 04:26:40 +08:00\n}"), Not(HasSubstr("canary"))));
  EXPECT_EQ(Sql("SELECT count(*) FROM backbone.reveal"), "0");
}

TEST_F(RowsTest, AreRevealedForAReasonThatIsRecorded) {
  EXPECT_EQ(Show(Around(), kNotes, note_.name(), Reveal{"wang@desk", "a letter came back"}), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("text: \"canary text\""), HasSubstr("personal data shown")));
  EXPECT_EQ(Sql("SELECT concat_ws('|', who, role, name, reason, reveal_time > now() - interval '1 hour') "
                "FROM backbone.reveal"),
            "wang@desk|xxt_store|" + note_.name() + "|a letter came back|t");
}

TEST_F(RowsTest, AreNotRevealedWhereThatCannotBeRecorded) {
  Sql("REVOKE INSERT (who, name, reason) ON backbone.reveal FROM xxt_store");
  EXPECT_THROW(Show(Around(), kNotes, note_.name(), Reveal{"wang@desk", "curious"}), pqxx::sql_error);
  EXPECT_EQ(Out(), "");
  // As the service, which records nothing.
  EXPECT_THROW(Show(AroundAsService(), kNotes, note_.name(), Reveal{"wang@desk", "curious"}), pqxx::sql_error);
  EXPECT_EQ(Out(), "");
}

TEST_F(RowsTest, ThatWereRevealedStayRecordedWhateverTheRoleDoes) {
  ASSERT_EQ(Show(Around(), kNotes, note_.name(), Reveal{"wang@desk", "curious"}), kDone);
  for (const char* sql :
       {"DELETE FROM backbone.reveal", "TRUNCATE backbone.reveal", "UPDATE backbone.reveal SET reason = 'a letter'",
        "SELECT who FROM backbone.reveal", "DROP TABLE backbone.reveal", "SELECT backbone.keep_house()",
        "UPDATE backbone.retention SET term = '0 s'",
        "INSERT INTO backbone.reveal (who, name, reason, role) VALUES ('li', 'a', 'b', 'xxt_intake')",
        "INSERT INTO backbone.reveal (who, name, reason, reveal_time) VALUES ('li', 'a', 'b', '2000-01-01')"}) {
    EXPECT_THAT(Refusal(sql), AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner"))) << sql;
  }
  EXPECT_EQ(Sql("SELECT string_agg(reason, ',') FROM backbone.reveal"), "curious");
}

TEST_F(RowsTest, AreWrittenByTheRoleOnlyWhereBackfillWrites) {
  for (const char* sql : {"UPDATE things.folders SET key = NULL", "UPDATE things.folders SET version = 9",
                          "UPDATE things.notes SET folder_id = id", "UPDATE things.lines SET number = DEFAULT",
                          "DELETE FROM things.notes", "INSERT INTO things.lines (id) VALUES (gen_random_uuid())"}) {
    EXPECT_THAT(Refusal(sql), HasSubstr("permission denied")) << sql;
  }
  EXPECT_EQ(Refusal("UPDATE things.notes SET hall = hall, state = state, due = due, day = day, message = message, "
                    "sealed = sealed"),
            "");
  EXPECT_EQ(Refusal("UPDATE things.lines SET message = message, sealed = sealed"), "");
}

TEST_F(RowsTest, ThatAreNotThereAreNotShownAndNotRecorded) {
  const std::string nobody = kNotes.NewName(folder_.name(), now_);
  EXPECT_EQ(Show(Around(), kNotes, nobody, Reveal{"wang@desk", "curious"}), kFailed);
  EXPECT_EQ(Err(), "there is no " + nobody + "\n");
  EXPECT_EQ(Sql("SELECT count(*) FROM backbone.reveal"), "0");
}

TEST_F(RowsTest, StaySealedWithoutAKeyFile) {
  Surroundings around = Around();
  around.keys = nullptr;
  EXPECT_EQ(Show(around, kNotes, note_.name(), std::nullopt), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("personal data sealed (no key file)"), HasSubstr("author: \"a\""),
                           Not(HasSubstr("canary"))));
}

TEST_F(RowsTest, ThatAreAsTheServiceWroteThemHaveNoFault) {
  MakeNote(folder_,
           "state: STATE_DONE due_time { seconds: 1780000000 nanos: 120000000 } "
           "place { day { year: 2026 month: 5 day: 1 } address: 'canary' }");
  EXPECT_EQ(Edit(note_, [](Note& found) { found.set_author("b"); }), absl::OkStatus());
  auto line = test::Text<Line>("text: 'canary'");
  line.set_name(kLines.NewName(folder_.name(), now_));
  EXPECT_EQ(ChangeIn(folder_,
                     [&](Tx& tx) {
                       tx.Insert(kLines, line);
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_THAT(Err(), HasSubstr("things.notes 2 rows, 0 faults\n"));
}

TEST_F(RowsTest, ThatAreDamagedAreNamed) {
  Set(kNotes, note_.name(), "message = '\\x0aff'");
  EXPECT_THAT(Faults(), ElementsAre(OfNote("message cannot be read")));
  EXPECT_EQ(Show(Around(), kNotes, note_.name(), std::nullopt), kFailed);
  EXPECT_THAT(Out(), HasSubstr("# ! message cannot be read\n"));
}

// As a value is that PostgreSQL keeps apart, and whose bytes there are damaged.
TEST_F(RowsTest, ThatPostgresqlCannotReadAreNamedAndHideNoOther) {
  const Note after = MakeNote(MakeFolder(), "state: STATE_OPEN");
  Set(kNotes, after.name(), "state = 2");
  Sql(
      absl::StrCat("ALTER TABLE things.notes RENAME TO kept; CREATE VIEW things.notes AS SELECT id, folder_id, hall, "
                   "state, due, day, version, CASE WHEN id = '",
                   note_.name().substr(note_.name().rfind('/') + 1),
                   "' THEN convert_to((1 / (version - version))::text, 'UTF8') ELSE message END AS message, sealed "
                   "FROM things.kept; GRANT SELECT ON things.notes TO xxt_store"));
  EXPECT_THAT(Faults(), ElementsAre(OfNote("PostgreSQL cannot read the row: ERROR:  division by zero"),
                                    "things.notes " + after.name() + ": column state is 2, the message says 1"));
  EXPECT_EQ(Export(Around(), kNotes), kFailed);
  EXPECT_THAT(Out(), HasSubstr(after.name()));
  EXPECT_THAT(Err(), HasSubstr("1 exported, 1 cannot be read"));
}

TEST_F(RowsTest, ThatHoldTheMessageOfAnotherAreNamed) {
  const Note other = MakeNote(folder_, "state: STATE_OPEN");
  Set(kNotes, note_.name(),
      "message = (SELECT message FROM things.notes AS o WHERE o.id = '" +
          other.name().substr(other.name().rfind('/') + 1) + "')");
  EXPECT_THAT(Faults(), ElementsAre(OfNote("message is of another name")));
}

TEST_F(RowsTest, WhoseColumnsDisagreeAreNamedWithBothValues) {
  Set(kNotes, note_.name(), "state = 2, due = '2026-05-01 08:00:00+08', version = 9");
  EXPECT_THAT(Faults(), ElementsAre(OfNote("column version is 9, the message's etag differs"),
                                    OfNote("column state is 2, the message says 1"),
                                    OfNote("column due is 2026-05-01 00:00:00+00, the message says infinity")));
}

TEST_F(RowsTest, WhoseKeyIsGoneFromTheFileAreNamedWithItsNumber) {
  keys_ = KeysOf({2});
  EXPECT_THAT(Faults(), ElementsAre(OfFolder("key was wrapped by key 1, which the key file lacks"),
                                    OfNote("key was wrapped by key 1, which the key file lacks")));
}

TEST_F(RowsTest, WhoseKeyIsOfAnotherRootAreNamed) {
  const Folder other = MakeFolder();
  Set(kFolders, folder_.name(), "key = '" + Column(kFolders, other.name(), "key") + "'");
  EXPECT_THAT(Faults(), ElementsAre(OfFolder("key does not unwrap: it is damaged, or of another root"),
                                    OfNote("key does not unwrap: it is damaged, or of another root")));
}

TEST_F(RowsTest, WhoseBlobDoesNotOpenAreNamed) {
  Set(kNotes, note_.name(), "sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)");
  EXPECT_THAT(Faults(), ElementsAre(OfNote("sealed does not open: it is damaged, or of another row")));
}

TEST_F(RowsTest, WithoutTheirRootAreNamed) {
  Sql("DELETE FROM things.folders");
  EXPECT_THAT(Faults(), ElementsAre(OfNote(folder_.name() + " is not there")));
}

TEST_F(RowsTest, InWhichSomethingPersonalStandsOpenAreNamedWithoutIt) {
  EditBytes(note_.name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  EXPECT_THAT(Faults(), ElementsAre(OfNote("what is personal stands open: field 10")));
}

TEST_F(RowsTest, OfAnErasedPersonHaveNoFaultAndAreCounted) {
  Set(kFolders, folder_.name(), "key = NULL");
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_THAT(Err(), HasSubstr("things.folders 1 rows, 0 faults, 1 erased\n"));
  EXPECT_EQ(Show(Around(), kNotes, note_.name(), std::nullopt), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("personal data erased"), HasSubstr("author: \"a\"")));
}

TEST_F(RowsTest, AreCountedByTheKeyOfTheFileThatTheyNeed) {
  BeginWith({2, 1});
  MakeFolder();
  MakeFolder();
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_THAT(Err(), HasSubstr("3 rows, 0 faults; keys wrapped by each key of the file: 1: 1, 2: 2\n"));
}

TEST_F(RowsTest, AreExportedMaskedOneALineAndOneThatCannotBeReadHidesNoOther) {
  const Note bad = MakeNote(folder_, "state: STATE_OPEN");
  MakeNote(folder_, "state: STATE_DONE text: 'canary'");
  Set(kNotes, bad.name(), "message = '\\x0aff'");
  EXPECT_EQ(Export(Around(), kNotes), kFailed);
  const std::vector<std::string> lines = absl::StrSplit(Out(), '\n', absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], AllOf(HasSubstr("{\"name\":\"" + note_.name() + "\""), HasSubstr("\"text\":\"***\""),
                              HasSubstr("\"create_time\":\"2026-05-28T20:26:40Z\"")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("STATE_DONE"), Not(HasSubstr("canary"))));
  EXPECT_THAT(Err(),
              AllOf(HasSubstr(bad.name() + ": message cannot be read\n"), HasSubstr("2 exported, 1 cannot be read\n")));
}

TEST_F(RowsTest, ThatAreFoundByWhatTheyDoNotSayAreNamedAndFilledAnew) {
  for (const char* assignment : {"search = '\\x00'", "search = '\\x00', key = NULL"}) {
    Set(kFolders, folder_.name(), assignment);
    EXPECT_THAT(Faults(), ElementsAre(OfFolder("column search is not of what is sealed, or of another search key")));
    EXPECT_EQ(Backfill(Around(), kFolders, {}), kDone);
    EXPECT_THAT(Faults(), ElementsAre());
    EXPECT_EQ(Column(kFolders, folder_.name(), "search IS NULL"), "t");
  }
}

TEST_F(RowsTest, AreNotFilledWithTheSearchKeyOfAnotherDatabase) {
  Set(kFolders, folder_.name(), "search = '\\x00'");
  Sql("UPDATE backbone.seal_key SET mark = '\\x00' WHERE id = 0");
  EXPECT_EQ(Backfill(Around(), kFolders, {}), kFailed);
  EXPECT_THAT(Err(), HasSubstr("keys search of seal.key_file are not those"));
  EXPECT_EQ(Column(kFolders, folder_.name(), "encode(search, 'hex')"), "00");
}

TEST_F(RowsTest, AreFilledAnewInBatchesAndKeepTheirEtag) {
  for (int i = 0; i < 3; ++i) MakeNote(MakeFolder(), "state: STATE_DONE text: 'canary'");
  Sql("UPDATE things.notes SET state = 0, due = '-infinity'");
  EXPECT_EQ(Fill({.batch = 3, .after = ""}), kDone);
  EXPECT_THAT(Err(), HasSubstr("4 rows, 4 written, 0 left\n"));
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_EQ(Column(kNotes, note_.name(), "version"), "1");
  Err();
  EXPECT_EQ(Fill(), kDone);
  EXPECT_THAT(Err(), HasSubstr("4 rows, 0 written, 0 left\n"));
}

TEST_F(RowsTest, BehindAGivenOneAreFilledAlone) {
  const Note later = MakeNote(folder_, "state: STATE_OPEN");
  Sql("UPDATE things.notes SET state = 0");
  EXPECT_EQ(Fill({.batch = 200, .after = note_.name()}), kDone);
  EXPECT_EQ(Column(kNotes, note_.name(), "state"), "0");
  EXPECT_EQ(Column(kNotes, later.name(), "state"), "1");
}

TEST_F(RowsTest, InWhichSomethingStandsOpenThatIsPersonalNowAreSealed) {
  EditBytes(note_.name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  EXPECT_EQ(Fill(), kDone);
  EXPECT_EQ(Column(kNotes, note_.name(), "position('canary'::bytea IN message)"), "0");
  EXPECT_THAT(Faults(), ElementsAre());
  EXPECT_THAT(Found<Note>(kNotes, note_.name()),
              test::Partially("nickname: 'canary nick' text: 'canary text' remarks: 'canary remark' etag: '1'"));
}

TEST_F(RowsTest, InWhichNothingWasSealedYetAreSealedWithTheKeyOfTheirRoot) {
  const Note open = MakeNote(folder_, "state: STATE_OPEN");
  EditBytes(open.name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  EXPECT_EQ(Fill(), kDone);
  EXPECT_EQ(Column(kNotes, open.name(), "sealed IS NULL OR position('canary'::bytea IN message) > 0"), "f");
  EXPECT_EQ(Found<Note>(kNotes, open.name()).nickname(), "canary nick");
}

TEST_F(RowsTest, ThatCannotBeReadOrHaveNoRootAreLeftAndNamed) {
  const Note bad = MakeNote(folder_, "state: STATE_OPEN");
  Set(kNotes, bad.name(), "message = '\\x0aff'");
  Set(kNotes, note_.name(), "state = 0");
  Sql("DELETE FROM things.folders");
  EXPECT_EQ(Fill(), kFailed);
  EXPECT_THAT(Err(), AllOf(HasSubstr(bad.name() + ": message cannot be read\n"),
                           HasSubstr(note_.name() + ": " + folder_.name() + " is not there\n"),
                           HasSubstr("2 rows, 0 written, 2 left\n")));
}

TEST_F(RowsTest, ThatPostgresqlRefusesAreLeftAndTheOthersOfTheirBatchAreFilled) {
  const Note bad = MakeNote(folder_, "state: STATE_DONE");
  const Note last = MakeNote(folder_, "state: STATE_OPEN");
  Sql("UPDATE things.notes SET state = 0; ALTER TABLE things.notes ADD CONSTRAINT not_done CHECK (state <> 2)");
  EXPECT_EQ(Fill(), kFailed);
  EXPECT_THAT(Err(), AllOf(HasSubstr(bad.name() + ": PostgreSQL refuses: ERROR:"), HasSubstr("not_done"),
                           HasSubstr("3 rows, 2 written, 1 left\n")));
  EXPECT_EQ(Column(kNotes, note_.name(), "state") + Column(kNotes, last.name(), "state"), "11");
}

TEST_F(RowsTest, ThatCannotBeSealedAreLeftAndNamedButTheirColumnsAreFilled) {
  const Folder other = MakeFolder();
  EditBytes(note_.name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  Set(kFolders, folder_.name(), "key = '" + Column(kFolders, other.name(), "key") + "'");
  Set(kNotes, note_.name(), "state = 0");
  EXPECT_EQ(Fill(), kFailed);
  EXPECT_THAT(Err(), AllOf(HasSubstr(note_.name() + ": something personal stands open"), Not(HasSubstr("canary"))));
  EXPECT_EQ(Column(kNotes, note_.name(), "state"), "1");
}

TEST_F(RowsTest, OfAnErasedPersonLoseWhatStandsOpenAndIsPersonalNow) {
  const Note open = MakeNote(folder_, "state: STATE_OPEN");
  for (const Note* note : {&note_, &open}) {
    EditBytes(note->name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  }
  Set(kFolders, folder_.name(), "key = NULL");
  Set(kNotes, note_.name(), "state = 0");
  const std::string sealed = Column(kNotes, note_.name(), "sealed");
  EXPECT_EQ(Show(Around(), kNotes, note_.name(), Reveal{"wang@desk", "curious"}), kDone);
  EXPECT_THAT(Out(), Not(HasSubstr("canary")));
  EXPECT_EQ(Fill(), kDone);
  EXPECT_EQ(Sql("SELECT sum(position('canary'::bytea IN message)) FROM things.notes"), "0");
  EXPECT_EQ(Column(kNotes, note_.name(), "state") + Column(kNotes, note_.name(), "sealed"), "1" + sealed);
  EXPECT_THAT(Faults(), ElementsAre());
}

TEST_F(RowsTest, ThatSomebodyChangesAreLeftAndTheOthersAreFilledAllTheSame) {
  const Note other = MakeNote(MakeFolder(), "state: STATE_OPEN");
  Sql("UPDATE things.notes SET state = 0");
  EXPECT_EQ(ChangeIn(folder_,
                     [&](Tx&) {
                       EXPECT_EQ(Fill(), kFailed);
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_THAT(Err(), HasSubstr(note_.name() + ": somebody holds it all the time"));
  EXPECT_EQ(Column(kNotes, other.name(), "state"), "1");
  EXPECT_EQ(Fill(), kDone);
  EXPECT_EQ(Column(kNotes, note_.name(), "state"), "1");
}

// Writes nothing anew.
class Locking final : public Change {
 public:
  using Change::Change;

 private:
  bool Wants(const Row& /*row*/) override { return true; }
  std::int64_t Write(pqxx::transaction_base& /*transaction*/, const std::vector<const Row*>& rows) override {
    return static_cast<std::int64_t>(rows.size());
  }
};

TEST_F(RowsTest, ThatSomebodyChangesAreNotPassedOverByWhoGoesOnWhereTheProgressWas) {
  const auto next = [this] {
    now_ += absl::Seconds(1);
    return MakeFolder();
  };
  const Note before = MakeNote(next(), "state: STATE_OPEN");
  const Folder held = next();
  MakeNote(held, "state: STATE_OPEN");
  const Note last = MakeNote(next(), "state: STATE_OPEN");
  const Surroundings around = Around();
  const auto place = [&](int batch) {
    Locking locking(around, kNotes);
    locking.Run({}, batch);
    return locking.place();
  };
  // It ends its page, or stands within one.
  for (const int batch : {2, 3}) {
    EXPECT_EQ(ChangeIn(held,
                       [&](Tx&) {
                         EXPECT_EQ(place(batch), before.name());
                         return absl::OkStatus();
                       }),
              absl::OkStatus());
  }
  EXPECT_EQ(place(2), last.name());
}

// What a newer version has written, unknown fields, values and words, is
// neither a fault nor lost when this version writes the row.
class NewerRowTest : public RowsTest {
 protected:
  const store::Table<NewerNote> newer_{"things.notes", &kFolders, kNotes.spec()};
  const NewerNote newest_ = MakeNote<NewerNote>(folder_, R"pb(
                                                  state: STATE_SPLIT
                                                  author: 'canary author'
                                                  text: 'canary text'
                                                  place { address: 'canary place' keeper: 'canary keeper' }
                                                  color: 'red'
                                                  secret: 'canary secret'
                                                  witnesses { role: 'second' full_name: 'canary witness' }
                                                )pb",
                                                newer_);
};

TEST_F(NewerRowTest, HasNoFault) { EXPECT_THAT(Faults(), ElementsAre()); }

TEST_F(NewerRowTest, IsShownWithWhatIsUnknownButNothingPersonal) {
  EXPECT_EQ(Show(Around(), kNotes, newest_.name(), std::nullopt), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("state: 7"), HasSubstr("20: \"red\""), HasSubstr("author: \"***\""),
                           Not(HasSubstr("canary"))));
}

TEST_F(NewerRowTest, SurvivesThatItsColumnsAreFilledByThisVersion) {
  Set(kNotes, newest_.name(), "state = 1, hall = 'halls/1'");
  EXPECT_EQ(Fill(), kDone);
  EXPECT_EQ(Column(kNotes, newest_.name(), "state"), "7");
  EXPECT_THAT(Found<NewerNote>(newer_, newest_.name()), EqualsProto(newest_.DebugString()));
}

TEST_F(NewerRowTest, SurvivesThatItIsSealedAnewByThisVersion) {
  EditBytes(newest_.name(), [](Note& bytes) { bytes.set_nickname("canary nick"); });
  EXPECT_EQ(Fill(), kDone);
  NewerNote expected = newest_;
  expected.set_nickname("canary nick");
  EXPECT_THAT(Found<NewerNote>(newer_, newest_.name()), EqualsProto(expected.DebugString()));
  EXPECT_EQ(Column(kNotes, newest_.name(), "position('canary'::bytea IN message)"), "0");
}

}  // namespace
}  // namespace xxt::store_tool
