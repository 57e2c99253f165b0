// What is personal: where it stands, and what becomes of rows that cannot be
// opened, were erased, or were written by another version.

#include "absl/strings/escaping.h"
#include "common/store/tx.h"
#include "common/store/tx_world.h"

namespace xxt::store {
namespace {

using test::EqualsProto;
using test::Partially;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ResultOf;
using ::xixinting::testing::v1::ListNotesRequest;

// What the text says, and nothing where the words were.
auto WithoutWords(const char* text) {
  return AllOf(Partially(text), ResultOf([](const Note& note) { return note.text() + note.remarks(0); }, ""));
}

class TxSealTest : public TxTest {
 protected:
  const Folder folder_ = MakeFolder();
  const Note note_ = MakeNote(folder_, "state: STATE_OPEN author: 'a' text: 'canary text' remarks: 'canary remark'");
  const std::string sealed_ = Column(kNotes, note_.name(), "sealed");

  // The note is read without its words and counted; a change of anything else
  // is stored and leaves the blob alone; new words are refused with `reason`.
  void ExpectReadWithoutWords(const std::string& reason) {
    EXPECT_THAT(Found<Note>(kNotes, note_.name()), WithoutWords("state: STATE_OPEN author: 'a' etag: '1'"));
    EXPECT_EQ(Edit(note_, [](Note& found) { found.set_author("b"); }), absl::OkStatus());
    EXPECT_EQ(ReasonOf(Edit(note_, [](Note& found) { found.set_text("new words"); })), reason);
    EXPECT_THAT(Found<Note>(kNotes, note_.name()), WithoutWords("state: STATE_OPEN author: 'b' etag: '2'"));
    EXPECT_EQ(Column(kNotes, note_.name(), "sealed"), sealed_);
  }
};

TEST_F(TxSealTest, NothingPersonalStandsOpenInAnyColumn) {
  for (const char* table : {"folders", "notes"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM things.", table, " AS t WHERE t::text LIKE '%canary%' OR ",
                               "position('canary'::bytea IN message) + position('canary'::bytea IN sealed) > 0")),
              "0");
  }
}

TEST_F(TxSealTest, ARowIsFoundByAHashOfEachNumberThatIsMarkedAsLongAsItSaysIt) {
  const auto edit = [this](absl::FunctionRef<void(Folder&)> change) {
    EXPECT_EQ(Change([&](Tx& tx) -> absl::Status {
                Folder found;
                if (absl::Status status = tx.Load(kFolders, folder_.name(), "", &found); !status.ok()) return status;
                change(found);
                tx.Save(kFolders, found);
                return absl::OkStatus();
              }),
              absl::OkStatus());
    return Column(kFolders, folder_.name(), "encode(search, 'hex')");
  };
  EXPECT_EQ(Column(kFolders, folder_.name(), "search IS NULL"), "t");
  const std::string hash =
      absl::BytesToHexString(keys_.SearchHash("xixinting.testing.v1.Folder.Person.number", "canary 7"));
  EXPECT_EQ(edit([](Folder& found) { found.mutable_people(0)->set_number("canary 7"); }), hash);
  EXPECT_EQ(edit([](Folder& found) { found.add_people()->set_number("canary 7"); }), hash) << "one of two";
  EXPECT_EQ(edit([](Folder& found) { found.set_title("another"); }), hash);
  EXPECT_EQ(edit([](Folder& found) { found.mutable_people(0)->set_number("canary 8"); }).size(), 2 * hash.size());
  EXPECT_EQ(edit([](Folder& found) { found.clear_people(); }), "");
  auto folder = test::Text<Folder>("people: {number: 'canary 7'}");
  folder.set_name(kFolders.NewName("", now_));
  EXPECT_EQ(Change([&](Tx& tx) {
              tx.Insert(kFolders, folder);
              return absl::OkStatus();
            }),
            absl::OkStatus());
  EXPECT_EQ(Column(kFolders, folder.name(), "encode(search, 'hex')"), hash);
}

TEST_F(TxSealTest, WordsAreSealedAnewOnlyIfTheyChange) {
  ASSERT_EQ(Edit(note_, [](Note& found) { found.set_author("b"); }), absl::OkStatus());
  EXPECT_EQ(Column(kNotes, note_.name(), "sealed"), sealed_);
  ASSERT_EQ(Edit(note_, [](Note& found) { found.set_text("other words"); }), absl::OkStatus());
  EXPECT_NE(Column(kNotes, note_.name(), "sealed"), sealed_);
  EXPECT_THAT(Found<Note>(kNotes, note_.name()), Partially("text: 'other words' remarks: 'canary remark'"));
}

TEST_F(TxSealTest, ARowWithoutWordsHasNoBlob) {
  ASSERT_EQ(Edit(note_,
                 [](Note& found) {
                   found.clear_text();
                   found.clear_remarks();
                 }),
            absl::OkStatus());
  EXPECT_EQ(Column(kNotes, note_.name(), "sealed IS NULL"), "t");
  EXPECT_EQ(Column(kNotes, MakeNote(folder_, "").name(), "sealed IS NULL"), "t");
}

TEST_F(TxSealTest, ABlobThatWasMovedToAnotherRowDoesNotOpen) {
  const Note other = MakeNote(folder_, "text: 'canary of another'");
  Set(kNotes, other.name(), absl::StrCat("sealed = '", sealed_, "'"));
  const std::int64_t before = kNotes.unreadable();
  EXPECT_EQ(Found<Note>(kNotes, other.name()).text(), "");
  EXPECT_EQ(kNotes.unreadable(), before + 1);
}

TEST_F(TxSealTest, ADamagedBlobIsKeptAndTheRowCanBeChangedWithoutNewWords) {
  Set(kNotes, note_.name(), "sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)");
  const std::string damaged = Column(kNotes, note_.name(), "sealed");
  EXPECT_EQ(Edit(note_, [](Note& found) { found.set_author("b"); }), absl::OkStatus());
  EXPECT_EQ(ReasonOf(Edit(note_, [](Note& found) { found.set_text("new words"); })), "INTERNAL");
  EXPECT_EQ(Column(kNotes, note_.name(), "sealed"), damaged);
  EXPECT_THAT(Found<Note>(kNotes, note_.name()), WithoutWords("author: 'b' etag: '2'"));
}

TEST_F(TxSealTest, WhatMustOpenAndDoesNotIsAnErrorButNotWhatWasErased) {
  must_open_ = true;
  const auto edit = [this] { return Edit(note_, [](Note& found) { found.set_author("b"); }); };
  const auto load_all = [this] {
    return ChangeIn(folder_, [this](Tx& tx) {
      google::protobuf::RepeatedPtrField<Note> all;
      return tx.LoadAll(kNotes, "of_folder", folder_.name(), &all);
    });
  };
  Set(kNotes, note_.name(), "sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)");
  EXPECT_THAT(Get<Note>(kNotes, note_.name()).status().ToString(), HasSubstr("internal error at notes.sealed"));
  EXPECT_EQ(ReasonOf(edit()), "INTERNAL");
  EXPECT_EQ(ReasonOf(load_all()), "INTERNAL");
  Set(kFolders, folder_.name(), "key = NULL");
  EXPECT_THAT(Found<Note>(kNotes, note_.name()), WithoutWords("state: STATE_OPEN author: 'a' etag: '1'"));
  EXPECT_EQ(edit(), absl::OkStatus());
  EXPECT_EQ(load_all(), absl::OkStatus());
}

TEST_F(TxSealTest, AKeyThatWasMovedToAnotherRootDoesNotUnwrap) {
  Set(kFolders, folder_.name(), absl::StrCat("key = '", Column(kFolders, MakeFolder().name(), "key"), "'"));
  const std::int64_t before = kNotes.unreadable();
  ExpectReadWithoutWords("INTERNAL");
  EXPECT_GT(kNotes.unreadable(), before);
}

TEST_F(TxSealTest, RowsUnderAKeyThatTheFileLacksAreKeptAsTheyAre) {
  keys_ = test::KeysOf({2});
  ExpectReadWithoutWords("INTERNAL");
  keys_ = test::KeysOf({1});
  EXPECT_THAT(Found<Note>(kNotes, note_.name()), Partially("author: 'b' text: 'canary text'"));
}

TEST_F(TxSealTest, NothingIsDoneWithKeysThatAreNotKnownToBeTheDatabases) {
  keys_.SetChecked(false);
  bool ran = false;
  const auto body = [&ran](Tx&) {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(ReasonOf(Change(body)), "STORE_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(Read(body)), "STORE_UNAVAILABLE");
  EXPECT_FALSE(ran);
  keys_.SetChecked(true);
  EXPECT_EQ(Found<Note>(kNotes, note_.name()).text(), "canary text");
}

TEST_F(TxSealTest, AnErasedPersonIsReadChangedAndNeverWrittenAgain) {
  Set(kFolders, folder_.name(), "key = NULL");
  const std::int64_t before = kNotes.unreadable();
  ExpectReadWithoutWords("PERSONAL_DATA_ERASED");
  EXPECT_EQ(kNotes.unreadable(), before);
  const auto folder = Found<Folder>(kFolders, folder_.name());
  EXPECT_THAT(folder, Partially("title: 'a folder' people { role: 'asks' }"));
  EXPECT_EQ(folder.summary() + folder.people(0).full_name(), "");
}

TEST_F(TxSealTest, AnErasedRootTakesNoNewChildWithWordsButOneWithout) {
  Set(kFolders, folder_.name(), "key = NULL");
  auto note = test::Text<Note>("text: 'new words'");
  note.set_name(kNotes.NewName(folder_.name(), now_));
  const auto insert = [&] {
    return ChangeIn(folder_, [&](Tx& tx) {
      tx.Insert(kNotes, note);
      return absl::OkStatus();
    });
  };
  EXPECT_EQ(ReasonOf(insert()), "PERSONAL_DATA_ERASED");
  note.clear_text();
  EXPECT_EQ(ReasonOf(insert()), "");
}

TEST_F(TxSealTest, ARootIsErasedOnceItsKeyIsGone) {
  for (const bool erased : {false, true}) {
    if (erased) Set(kFolders, folder_.name(), "key = NULL");
    EXPECT_EQ(ChangeIn(folder_,
                       [&](Tx& tx) {
                         EXPECT_EQ(tx.IsErased(note_.name()), erased);
                         return absl::OkStatus();
                       }),
              absl::OkStatus());
  }
}

TEST_F(TxSealTest, AMessageThatIsDamagedOrOfAnotherRowIsAnErrorToWhoAsksForIt) {
  const Note other = MakeNote(folder_, "");
  for (const std::string& bytes : {std::string("\\xff"), Column(kNotes, other.name(), "message")}) {
    Set(kNotes, note_.name(), absl::StrCat("message = '", bytes, "'"));
    EXPECT_EQ(ReasonOf(Get<Note>(kNotes, note_.name()).status()), "INTERNAL");
    EXPECT_EQ(ReasonOf(Edit(note_, [](Note& found) { found.set_author("b"); })), "INTERNAL");
  }
}

// Two versions run side by side while a new one is rolled out.
class NewerRow : public TxTest {
 protected:
  const Table<NewerNote> newer_{"things.notes", &kFolders, kNotes.spec()};
  const Folder folder_ = MakeFolder();
  const NewerNote note_ = MakeNote<NewerNote>(folder_, R"pb(
                                                state: STATE_DONE
                                                author: 'canary author'
                                                text: 'canary text'
                                                place { address: 'canary place' keeper: 'canary keeper' }
                                                color: 'red'
                                                secret: 'canary secret'
                                                witnesses { role: 'first' }
                                                witnesses { role: 'second' full_name: 'canary witness' }
                                              )pb",
                                              newer_);
  Note Older() {
    Note older;
    older.set_name(note_.name());
    return older;
  }
  // Whose `note` is, as the newer version lists it.
  std::vector<std::string> Authors(const char* list, const ListNotesRequest& request, const Note& note) {
    ::xixinting::testing::v1::ListNewerNotesResponse response;
    EXPECT_EQ(Read([&](Tx& tx) { return tx.List(newer_, list, request, &response); }), absl::OkStatus());
    std::vector<std::string> authors;
    for (const NewerNote& listed : response.notes()) {
      if (listed.name() == note.name()) authors.push_back(listed.author());
    }
    return authors;
  }
};

TEST_F(NewerRow, SurvivesALoadAndASaveByAnOlderVersion) {
  now_ += absl::Hours(1);
  ASSERT_EQ(Edit(Older(), [](Note& found) { found.set_text("canary of the older"); }), absl::OkStatus());
  NewerNote expected = note_;
  expected.set_text("canary of the older");
  expected.set_etag("2");
  expected.mutable_update_time()->set_seconds(absl::ToUnixSeconds(now_));
  EXPECT_THAT(Found<NewerNote>(newer_, note_.name()), EqualsProto(expected.DebugString()));
  EXPECT_EQ(Column(kNotes, note_.name(), "position('canary'::bytea IN message)"), "0");
}

TEST_F(NewerRow, InAStateThatTheOlderVersionDoesNotKnowIsShownToPeopleAndNothingIsDoneWithIt) {
  Note older;
  older.set_name(MakeNote<NewerNote>(folder_, "state: STATE_SPLIT text: 'canary text'", newer_).name());
  EXPECT_THAT(Found<Note>(kNotes, older.name()), Partially("text: 'canary text' etag: '1'"));
  EXPECT_EQ(Found<Note>(kNotes, older.name()).state(), 7);

  const absl::Status edited = Edit(older, [](Note& found) { found.set_state(Note::STATE_DONE); });
  EXPECT_EQ(ReasonOf(edited), "INTERNAL");
  EXPECT_THAT(std::string(edited.message()), HasSubstr("notes.state: its state is one of a newer version"));
  google::protobuf::RepeatedPtrField<Note> all;
  EXPECT_EQ(ReasonOf(ChangeIn(folder_, [&](Tx& tx) { return tx.LoadAll(kNotes, "of_folder", folder_.name(), &all); })),
            "INTERNAL");
  must_open_ = true;
  EXPECT_EQ(ReasonOf(Get<Note>(kNotes, older.name()).status()), "INTERNAL");
  EXPECT_EQ(Column(kNotes, older.name(), "state || ' ' || version"), "7 1");
}

TEST_F(NewerRow, FallsToNobodyElseWhereAnOlderVersionPutsAnotherInItsPlace) {
  const auto note =
      MakeNote<NewerNote>(folder_, "places { address: 'canary a' keeper: 'canary of a' } secret: 'canary'", newer_);
  Note older;
  older.set_name(note.name());
  ASSERT_EQ(Edit(older,
                 [](Note& found) {
                   auto made = test::Text<Note>("places { address: 'canary b' }");
                   made.set_name(found.name());
                   made.set_hall(found.hall());
                   found = made;
                 }),
            absl::OkStatus());
  auto found = Found<NewerNote>(newer_, note.name());
  found.clear_update_time();
  EXPECT_THAT(found, EqualsProto(absl::StrCat("name: '", note.name(), "' hall: '", kHall,
                                              "' places { address: 'canary b' } etag: '2'")));
  EXPECT_EQ(Column(kNotes, note.name(), "position('canary'::bytea IN message)"), "0");
}

// Nor in lists that never open what is sealed.
TEST_F(NewerRow, ShowsNothingThatStandsOpenAndIsPersonalNowWhereItIsNotOpened) {
  const Note note = MakeNote(folder_, "state: STATE_OPEN author: 'canary author' text: 'canary text'");
  EXPECT_EQ(Found<NewerNote>(newer_, note.name()).author(), "canary author");
  EXPECT_THAT(Authors("open", {}, note), ElementsAre(""));

  const char* damage_or_mend = "sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)";
  Set(kNotes, note.name(), damage_or_mend);
  EXPECT_EQ(Found<NewerNote>(newer_, note.name()).author(), "");
  ListNotesRequest of_folder;
  of_folder.set_parent(folder_.name());
  EXPECT_THAT(Authors("of_folder", of_folder, note), ElementsAre(""));

  ASSERT_EQ(Edit(note, [](Note& found) { found.set_state(Note::STATE_DONE); }), absl::OkStatus());
  Set(kNotes, note.name(), damage_or_mend);
  EXPECT_EQ(Found<NewerNote>(newer_, note.name()).author(), "canary author")
      << "it may open again, and nothing is lost";
}

// What was not personal when it was written stands open until it is sealed, and nothing is without a key.
TEST_F(NewerRow, OfAnErasedPersonIsReadAndSavedWithoutWhatStoodOpenAndIsPersonalNow) {
  const Note note = MakeNote(folder_, "state: STATE_OPEN author: 'canary author'");
  Set(kFolders, folder_.name(), "key = NULL");
  EXPECT_EQ(Found<NewerNote>(newer_, note.name()).author(), "");
  EXPECT_EQ(ChangeIn(folder_,
                     [&](Tx& tx) -> absl::Status {
                       NewerNote found;
                       if (absl::Status status = tx.Load(newer_, note.name(), "", &found); !status.ok()) return status;
                       found.set_color("red");
                       tx.Save(newer_, found);
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_THAT(Found<NewerNote>(newer_, note.name()), Partially("state: STATE_OPEN color: 'red' etag: '2'"));
  EXPECT_EQ(Column(kNotes, note.name(), "position('canary'::bytea IN message)"), "0");
}

TEST_F(NewerRow, KeepsItsUnknownWordsWhereAllThatTheOlderOneKnowsAreTakenAway) {
  ASSERT_EQ(Edit(Older(),
                 [](Note& found) {
                   found.clear_text();
                   found.clear_place();
                 }),
            absl::OkStatus());
  EXPECT_THAT(Found<NewerNote>(newer_, note_.name()),
              Partially("secret: 'canary secret' witnesses { role: 'first' } "
                        "witnesses { role: 'second' full_name: 'canary witness' } author: 'canary author'"));
}

}  // namespace
}  // namespace xxt::store
