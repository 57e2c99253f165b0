#include "common/store/tx.h"
#include "common/store/tx_world.h"

namespace xxt::store {
namespace {

using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::xixinting::testing::v1::Clerk;
using ::xixinting::testing::v1::ListClerksRequest;
using ::xixinting::testing::v1::ListClerksResponse;
using ::xixinting::testing::v1::ListLinesRequest;
using ::xixinting::testing::v1::ListLinesResponse;
using ::xixinting::testing::v1::ListNotesRequest;
using ::xixinting::testing::v1::ListNotesResponse;
using ::xixinting::testing::v1::Shelf;

class TxListTest : public TxTest {
 protected:
  absl::StatusOr<ListNotesResponse> List(const char* list, const ListNotesRequest& request) {
    ListNotesResponse response;
    absl::Status status = Read([&](Tx& tx) { return tx.List(kNotes, list, request, &response); });
    if (!status.ok()) return status;
    return response;
  }
  ListNotesResponse Must(const char* list, const ListNotesRequest& request) {
    const absl::StatusOr<ListNotesResponse> response = List(list, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : ListNotesResponse();
  }
  static ListNotesRequest Of(const Folder& folder) {
    ListNotesRequest request;
    request.set_parent(folder.name());
    return request;
  }
  static std::vector<std::string> AuthorsOf(const ListNotesResponse& response) {
    std::vector<std::string> authors;
    for (const Note& note : response.notes()) authors.push_back(note.author());
    return authors;
  }
  // All pages, one after the other.
  std::vector<std::string> AllPages(const char* list, ListNotesRequest request) {
    std::vector<std::string> all;
    do {
      const ListNotesResponse response = Must(list, request);
      for (const std::string& author : AuthorsOf(response)) all.push_back(author);
      EXPECT_LE(response.notes_size(), request.page_size());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
};

TEST_F(TxListTest, OfOneParentShowsWhatIsPersonal) {
  const Folder folder = MakeFolder();
  const Note note = MakeNote(folder, "text: 'canary'");
  MakeNote(MakeFolder(), "");
  const ListNotesResponse response = Must("of_folder", Of(folder));
  EXPECT_EQ(response.notes_size(), 1);
  EXPECT_THAT(response.notes(0), test::EqualsProto(note.DebugString()));
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(TxListTest, OfHallsNeverShowsWhatIsPersonal) {
  MakeNote(MakeFolder(), "state: STATE_OPEN author: 'a' text: 'canary' remarks: 'canary'");
  const ListNotesResponse response = Must("open", {});
  EXPECT_THAT(response, Partially("notes { author: 'a' remarks: '' }"));
  EXPECT_EQ(response.notes(0).text(), "");
}

TEST_F(TxListTest, OfAParentWithoutChildrenIsEmptyAndOfNoneNotFound) {
  EXPECT_THAT(AuthorsOf(Must("of_folder", Of(MakeFolder()))), IsEmpty());
  ListNotesRequest request;
  for (const std::string& parent : {kFolders.NewName("", now_), std::string("folders/-"), std::string()}) {
    request.set_parent(parent);
    EXPECT_EQ(ReasonOf(List("of_folder", request).status()), "RESOURCE_NOT_FOUND") << parent;
  }
}

TEST_F(TxListTest, IsOfTheCallersHallsOneAllOrNone) {
  MakeNote(MakeFolder(kHall), "state: STATE_OPEN author: 'here'");
  caller_.halls = identity::HallScope::All();
  MakeNote(MakeFolder(kOtherHall), "state: STATE_OPEN author: 'there'");
  EXPECT_THAT(AuthorsOf(Must("open", {})), UnorderedElementsAre("here", "there"));
  caller_.halls = identity::HallScope::One(kHall);
  EXPECT_THAT(AuthorsOf(Must("open", {})), ElementsAre("here"));
  caller_.halls = identity::HallScope();
  EXPECT_THAT(AuthorsOf(Must("open", {})), IsEmpty());
}

TEST_F(TxListTest, IsNarrowedToAHallThatTheCallerMaySee) {
  MakeNote(MakeFolder(kHall), "state: STATE_OPEN author: 'here'");
  caller_.halls = identity::HallScope::All();
  MakeNote(MakeFolder(kOtherHall), "state: STATE_OPEN author: 'there'");
  ListNotesRequest request;
  request.set_hall(kOtherHall);
  EXPECT_THAT(AuthorsOf(Must("open", request)), ElementsAre("there"));
  caller_.halls = identity::HallScope::One(kHall);
  EXPECT_EQ(ReasonOf(List("open", request).status()), "OTHER_HALL");
}

TEST_F(TxListTest, OfAParentInAnotherHallIsRefused) {
  const Folder folder = MakeFolder();
  caller_.halls = identity::HallScope::One(kOtherHall);
  EXPECT_EQ(ReasonOf(List("of_folder", Of(folder)).status()), "OTHER_HALL");
}

TEST_F(TxListTest, GoesOnWhereItsPageEndedInItsOrder) {
  const Folder folder = MakeFolder();
  for (const char* note :
       {"author: 'never'", "author: 'second' due_time { seconds: 20 }", "author: 'first' due_time { seconds: 10 }",
        "author: 'third' due_time { seconds: 20 }", "author: 'last'"}) {
    MakeNote(folder, note);
  }
  ListNotesRequest request = Of(folder);
  request.set_page_size(2);
  EXPECT_THAT(AllPages("of_folder", request), ElementsAre("first", "second", "third", "never", "last"));
  request.set_page_size(5);
  EXPECT_THAT(AllPages("of_folder", request), ElementsAre("first", "second", "third", "never", "last"));
  EXPECT_EQ(Must("of_folder", request).next_page_token(), "");
  // Downwards, by a condition that the request says.
  request.set_page_size(2);
  EXPECT_THAT(AllPages("of_state", request), ElementsAre("last", "never", "third", "second", "first"));
  request.set_state(Note::STATE_DONE);
  EXPECT_THAT(AllPages("of_state", request), IsEmpty());
}

TEST_F(TxListTest, RefusesATokenOfAnotherRequestMethodOrCaller) {
  const Folder folder = MakeFolder();
  for (int i = 0; i < 2; ++i) MakeNote(folder, "");
  ListNotesRequest request = Of(folder);
  request.set_page_size(1);
  request.set_page_token(Must("of_folder", request).next_page_token());
  EXPECT_EQ(Must("of_folder", request).notes_size(), 1);

  ListNotesRequest other = request;
  other.set_state(Note::STATE_DONE);
  EXPECT_EQ(ReasonOf(List("of_folder", other).status()), "PAGE_TOKEN_INVALID");
  method_ = "/other";
  EXPECT_EQ(ReasonOf(List("of_folder", request).status()), "PAGE_TOKEN_INVALID");
  method_ = "/test";
  caller_.halls = identity::HallScope::All();
  EXPECT_EQ(ReasonOf(List("of_folder", request).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(TxListTest, OfWhatIsAppendedIsInTheOrderOfWriting) {
  const Folder folder = MakeFolder();
  for (const char* text : {"one", "two", "three"}) {
    auto line = test::Text<Line>(absl::StrCat("text: '", text, "'"));
    line.set_name(kLines.NewName(folder.name(), now_));
    ASSERT_EQ(ChangeIn(folder,
                       [&](Tx& tx) {
                         tx.Insert(kLines, line);
                         return absl::OkStatus();
                       }),
              absl::OkStatus());
  }
  ListLinesRequest request;
  request.set_parent(folder.name());
  request.set_page_size(1);
  std::vector<std::string> texts;
  do {
    ListLinesResponse response;
    ASSERT_EQ(Read([&](Tx& tx) { return tx.List(kLines, "of_folder", request, &response); }), absl::OkStatus());
    texts.push_back(response.lines(0).text());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(texts, ElementsAre("one", "two", "three"));
}

TEST_F(TxListTest, ShowsARowThatCannotBeReadByItsNameAloneAndTheOthersWhole) {
  const Folder folder = MakeFolder();
  const Note bad = MakeNote(folder, "author: 'bad' state: STATE_OPEN due_time { seconds: 1 }");
  MakeNote(folder, "author: 'good' text: 'canary' state: STATE_OPEN due_time { seconds: 2 }");
  Set(kNotes, bad.name(), "message = '\\xff'");
  const std::int64_t before = kNotes.unreadable();
  for (const char* list : {"of_folder", "open"}) {
    ListNotesRequest request = Of(folder);
    const ListNotesResponse response = Must(list, request);
    ASSERT_EQ(response.notes_size(), 2);
    EXPECT_THAT(response.notes(0), test::EqualsProto(absl::StrCat("name: '", bad.name(), "'")));
    EXPECT_EQ(response.notes(1).author(), "good");
  }
  EXPECT_EQ(kNotes.unreadable(), before + 2);
}

using Notes = google::protobuf::RepeatedPtrField<Note>;

TEST_F(TxListTest, LoadsAllOfAParentInOrderForTheTransactionThatHasLockedItsRoot) {
  const Folder folder = MakeFolder();
  MakeNote(MakeFolder(), "");
  const Note second = MakeNote(folder, "author: 'second' text: 'canary' due_time { seconds: 20 }");
  const Note first = MakeNote(folder, "author: 'first' due_time { seconds: 10 }");
  ASSERT_EQ(ChangeIn(folder,
                     [&](Tx& tx) -> absl::Status {
                       Notes notes;
                       notes.Add();
                       absl::Status status = tx.LoadAll(kNotes, "of_folder", folder.name(), &notes);
                       EXPECT_EQ(notes.size(), 2);
                       if (!status.ok() || notes.size() != 2) return status;
                       EXPECT_THAT(notes[0], test::EqualsProto(first.DebugString()));
                       EXPECT_THAT(notes[1], test::EqualsProto(second.DebugString()));
                       notes[1].set_author("other");
                       tx.Save(kNotes, notes[1]);
                       return status;
                     }),
            absl::OkStatus());
  EXPECT_THAT(Found<Note>(kNotes, second.name()), Partially("author: 'other' text: 'canary' etag: '2'"));
  EXPECT_EQ(Found<Note>(kNotes, first.name()).etag(), "1");
  const Folder empty = MakeFolder();
  Notes none;
  EXPECT_EQ(ChangeIn(empty, [&](Tx& tx) { return tx.LoadAll(kNotes, "of_folder", empty.name(), &none); }),
            absl::OkStatus());
  EXPECT_THAT(none, IsEmpty());
}

TEST_F(TxListTest, LoadsAllOrNothing) {
  const Folder folder = MakeFolder();
  const Note note = MakeNote(folder, "");
  Notes found;
  const auto load = [&](const char* list) {
    return ReasonOf(ChangeIn(folder, [&](Tx& tx) { return tx.LoadAll(kNotes, list, folder.name(), &found); }));
  };
  const auto load_unlocked = [&](Tx& tx) { return tx.LoadAll(kNotes, "of_folder", folder.name(), &found); };
  EXPECT_EQ(load("of_folder"), "");
  EXPECT_EQ(ReasonOf(Change(load_unlocked)), "INTERNAL");
  EXPECT_EQ(ReasonOf(Read(load_unlocked)), "INTERNAL");
  for (const char* list : {"of_folder_and_state", "open_of_folder", "open", "no_list"}) {
    EXPECT_EQ(load(list), "INTERNAL") << list;
  }
  Set(kNotes, note.name(), "message = '\\xff'");
  EXPECT_EQ(load("of_folder"), "INTERNAL") << "one that cannot be read";

  const Folder full = MakeFolder();
  const std::string id = full.name().substr(full.name().find('/') + 1);
  Sql(absl::StrCat("INSERT INTO things.notes SELECT gen_random_uuid(), '", id,
                   "', 'h', 1, now(), NULL, 1, '', NULL FROM generate_series(1, 1001)"));
  const absl::Status too_many =
      ChangeIn(full, [&](Tx& tx) { return tx.LoadAll(kNotes, "of_folder", full.name(), &found); });
  EXPECT_THAT(too_many.ToString(), HasSubstr("notes.of_folder.too_many"));
}

TEST_F(TxListTest, ShowsAnErasedPersonsRowsWithoutTheirWords) {
  const Folder folder = MakeFolder();
  MakeNote(folder, "author: 'a' text: 'canary'");
  Set(kFolders, folder.name(), "key = NULL");
  const ListNotesResponse response = Must("of_folder", Of(folder));
  EXPECT_THAT(response, Partially("notes { author: 'a' }"));
  EXPECT_EQ(response.notes(0).text(), "");
}

class ClerksTest : public TxTest {
 protected:
  ClerksTest() {
    Sql(R"sql(
      CREATE TABLE things.clerks (id text PRIMARY KEY, title text NOT NULL, version bigint NOT NULL,
        message bytea NOT NULL, sealed bytea, key bytea);
      CREATE TABLE things.shelves (id uuid PRIMARY KEY, clerk_id text NOT NULL, message bytea NOT NULL, sealed bytea);
      GRANT SELECT, INSERT, UPDATE ON things.clerks, things.shelves TO xxt_runtime;)sql");
  }
  void MakeClerk(const std::string& id, const std::string& title) {
    auto clerk = test::Text<Clerk>(absl::StrCat("name: 'staff/", id, "' title: '", title, "' home: 'canary'"));
    EXPECT_EQ(Change([&](Tx& tx) {
                tx.Insert(kClerks, clerk);
                return absl::OkStatus();
              }),
              absl::OkStatus());
  }
  ListClerksResponse Page(const std::string& request) {
    ListClerksResponse response;
    EXPECT_EQ(Read([&](Tx& tx) { return tx.List(kClerks, "all", test::Text<ListClerksRequest>(request), &response); }),
              absl::OkStatus());
    return response;
  }

  const Table<Clerk> kClerks{"things.clerks", {.columns = {"title"}, .lists = {{"all", {}, "title, id"}}}};
  const Table<Shelf> kShelves{"things.shelves", &kClerks, {}};
};

TEST_F(ClerksTest, WithCodesForIdsAreSealedReadAndListedByThem) {
  MakeClerk("li-na-2", "b");
  MakeClerk("wang", "a");
  EXPECT_THAT(Found<Clerk>(kClerks, "staff/li-na-2"), Partially("title: 'b' home: 'canary' etag: '1'"));
  EXPECT_EQ(ReasonOf(Get<Clerk>(kClerks, "staff/Li").status()), "RESOURCE_NOT_FOUND");
  const ListClerksResponse first = Page("page_size: 1");
  EXPECT_THAT(first.clerks(), ElementsAre(EqualsProto("name: 'staff/wang' title: 'a' etag: '1'")));
  const ListClerksResponse second = Page(absl::StrCat("page_size: 1 page_token: '", first.next_page_token(), "'"));
  EXPECT_THAT(second.clerks(), ElementsAre(EqualsProto("name: 'staff/li-na-2' title: 'b' etag: '1'")));
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(ClerksTest, HaveChildrenWithIdsOfTheirOwnKind) {
  MakeClerk("wang", "a");
  auto shelf = test::Text<Shelf>("label: 'canary'");
  shelf.set_name(kShelves.NewName("staff/wang", now_));
  EXPECT_EQ(Change([&](Tx& tx) {
              Clerk clerk;
              absl::Status status = tx.Load(kClerks, "staff/wang", "", &clerk);
              tx.Insert(kShelves, shelf);
              return status;
            }),
            absl::OkStatus());
  EXPECT_THAT(Found<Shelf>(kShelves, shelf.name()), EqualsProto(shelf.DebugString()));
  EXPECT_EQ(ReasonOf(Get<Shelf>(kShelves, "staff/wang/shelves/wang").status()), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::store
