#include "common/store/table.h"

#include <map>

#include "absl/strings/str_join.h"
#include "common/testing/thing.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::xixinting::testing::v1::Badge;
using ::xixinting::testing::v1::Clerk;
using ::xixinting::testing::v1::Folder;
using ::xixinting::testing::v1::Line;
using ::xixinting::testing::v1::ListNotesRequest;
using ::xixinting::testing::v1::Note;
using ::xixinting::testing::v1::Shelf;

const Table<Folder> kFolders("things.folders", {.columns = {"hall", "title", "create_time"},
                                                .lists = {{"newest", {}, "create_time DESC, id DESC", Of::kHalls}}});
const Table<Note> kNotes("things.notes", &kFolders,
                         {.columns = {"hall", "state", {"due", "due_time", "infinity"}, {"day", "place.day"}},
                          .lists = {{"of_folder", {"folder_id", "state"}, "due, id"},
                                    {"open", {}, "due, id", Of::kHalls, {{"state", Note::STATE_OPEN}}}}});
const Table<Line> kLines("things.lines", &kFolders,
                         {.lists = {{"of_folder", {"folder_id"}, "number"}}, .append_only = true, .serial = "number"});
const Table<Clerk> kClerks("things.clerks", {.columns = {"title"}, .lists = {{"all", {}, "title, id"}}});
const Table<Shelf> kShelves("things.shelves", &kClerks, {});

// By name: "sql | parameters".
std::map<std::string, std::string> Statements() {
  std::map<std::string, std::string> all;
  for (const TableBase::Described& one : TableBase::Statements()) {
    all[one.statement->name] = absl::StrCat(one.statement->sql, " | ", absl::StrJoin(one.parameters, ", "));
  }
  return all;
}

TEST(TableStatements, AreMadeOfWhatIsSaidOnce) {
  const std::map<std::string, std::string> all = Statements();
  EXPECT_EQ(
      all.at("notes.insert"),
      "INSERT INTO things.notes (folder_id, id, hall, state, due, day, version, message, sealed) VALUES ($1::uuid, "
      "$2::uuid, $3::text, $4::smallint, $5::timestamptz, $6::date, $7::bigint, $8::bytea, $9::bytea)  | folder_id "
      "uuid, id uuid, hall text, state smallint, due timestamptz, day date, version bigint, message bytea, sealed "
      "bytea");
  EXPECT_EQ(all.at("notes.get"),
            "SELECT r.hall, r.key, t.message, t.sealed FROM things.notes AS t JOIN things.folders AS r ON r.id = "
            "t.folder_id WHERE t.folder_id = $1 AND t.id = $2 | folder_id uuid, id uuid");
  EXPECT_EQ(all.at("folders.load"),
            "SELECT t.hall, t.key, t.message, t.sealed FROM things.folders AS t WHERE t.id = $1 FOR UPDATE | id uuid");
  EXPECT_EQ(
      all.at("notes.save_sealed"),
      "UPDATE things.notes AS t SET hall = $3, state = $4, due = $5, day = $6, version = CASE version WHEN $7 THEN "
      "$7::bigint + 1 END, message = $8, sealed = $9 WHERE t.folder_id = $1 AND t.id = $2 | folder_id uuid, id uuid, "
      "hall text, state smallint, due timestamptz, day date, version bigint, message bytea, sealed bytea");
}

TEST(TableStatements, WriteWhatARowIsFoundByWithWhatIsSealed) {
  const std::map<std::string, std::string> all = Statements();
  EXPECT_THAT(all.at("folders.insert"), HasSubstr("version, message, sealed, search, key) VALUES"));
  EXPECT_THAT(all.at("folders.save_sealed"), HasSubstr("message = $6, sealed = $7, search = $8 WHERE t.id = $1 | "));
  for (const char* other : {"folders.save", "notes.save_sealed"}) {
    EXPECT_THAT(all.at(other), Not(HasSubstr("search"))) << other;
  }
}

TEST(TableStatements, ListAlongOneIndexAndNeverAskForAllByAnEmptyText) {
  const std::map<std::string, std::string> all = Statements();
  EXPECT_EQ(
      all.at("notes.of_folder"),
      "SELECT r.hall, r.key, p.* FROM things.folders AS r LEFT JOIN LATERAL (SELECT t.folder_id, t.id, t.message, "
      "t.sealed, t.due, t.id FROM things.notes AS t WHERE t.folder_id = $1 AND t.state = $2 AND (t.due, t.id) > ($3, "
      "$4) ORDER BY t.due, t.id LIMIT $5) AS p ON true WHERE r.id = $1 | folder_id uuid, state smallint, due "
      "timestamptz, id uuid, limit bigint");
  EXPECT_EQ(
      all.at("notes.open.hall"),
      "SELECT t.folder_id, t.id, t.message, t.due, t.id FROM things.notes AS t WHERE t.hall = $1 AND t.state = 1 AND "
      "(t.due, t.id) > ($2, $3) ORDER BY t.due, t.id LIMIT $4 | hall text, due timestamptz, id uuid, limit bigint");
  EXPECT_EQ(
      all.at("notes.open.all"),
      "SELECT t.folder_id, t.id, t.message, t.due, t.id FROM things.notes AS t WHERE t.hall <> '' AND t.state = 1 AND "
      "(t.due, t.id) > ($1, $2) ORDER BY t.due, t.id LIMIT $3 | due timestamptz, id uuid, limit bigint");
  EXPECT_THAT(all.at("folders.newest.all"),
              HasSubstr("(t.create_time, t.id) < ($1, $2) ORDER BY t.create_time DESC, t.id DESC"));
}

TEST(TableStatements, TakeCodesAsTextAndUuidsAsSuch) {
  const std::map<std::string, std::string> all = Statements();
  EXPECT_EQ(all.at("shelves.insert"),
            "INSERT INTO things.shelves (clerk_id, id, message, sealed) VALUES ($1::text, $2::uuid, $3::bytea, "
            "$4::bytea)  | clerk_id text, id uuid, message bytea, sealed bytea");
  EXPECT_EQ(all.at("clerks.load"),
            "SELECT '', t.key, t.message, t.sealed FROM things.clerks AS t WHERE t.id = $1 FOR UPDATE | id text");
  EXPECT_EQ(all.at("clerks.all"),
            "SELECT t.id, t.message, t.title, t.id FROM things.clerks AS t WHERE (t.title, t.id) > ($1, $2) ORDER BY "
            "t.title, t.id LIMIT $3 | title text, id text, limit bigint");
}

TEST(TableStatements, ChangeNothingOfWhatIsAppendedOnly) {
  const std::map<std::string, std::string> all = Statements();
  EXPECT_TRUE(all.contains("lines.insert"));
  EXPECT_FALSE(all.contains("lines.save") || all.contains("lines.save_sealed"));
}

TEST(TableNames, SortInTheOrderOfTheirMaking) {
  const std::string first = kNotes.NewName("folders/0191f8a0-0000-7000-8000-000000000001", absl::FromUnixSeconds(1));
  const std::string second = kNotes.NewName("folders/0191f8a0-0000-7000-8000-000000000001", absl::FromUnixSeconds(1));
  EXPECT_THAT(first, MatchesRegex("folders/0191f8a0-0000-7000-8000-000000000001/notes/[0-9a-f-]{36}"));
  EXPECT_LT(first, second);
  EXPECT_THAT(kFolders.NewName("", absl::FromUnixSeconds(1)), MatchesRegex("folders/[0-9a-f-]{36}"));
}

TEST(TableProblems, AreNoneOfARightTable) { EXPECT_THAT(TableBase::Problems(), IsEmpty()); }

TEST(TableProblems, AreToldOfColumns) {
  const Table<Note> table("things.other", &kFolders,
                          {.columns = {"color", "text", "remarks", "place", "version", "folder_id"}});
  EXPECT_THAT(TableBase::Problems(),
              ElementsAre("things.other: has no single field color",
                          "things.other: text is personal and would stand open in a column",
                          "things.other: has no single field remarks", "things.other: no column can hold place",
                          "things.other: has no single field version", "things.other: has no single field folder_id"));
}

TEST(TableProblems, AreToldOfWhatNoRowCanBeFoundBy) {
  const Table<Badge> table("things.badges", {});
  EXPECT_THAT(
      TableBase::Problems(),
      ElementsAre("things.badges: xixinting.testing.v1.Badge.color is searched by and no single personal text",
                  "things.badges: xixinting.testing.v1.Badge.numbers is searched by and no single personal text"));
}

TEST(TableProblems, AreToldOfLists) {
  const Table<Note> table("things.other", &kFolders,
                          {.columns = {"state", "author"},
                           .lists = {{"a", {"folder_id"}, "author"},
                                     {"a", {"folder_id"}, "author DESC, id DESC"},
                                     {"b", {"state"}, "id"},
                                     {"c", {"folder_id", "color"}, "state, id DESC"},
                                     {"d", {}, "id", Of::kHalls, {{"author", 1}}}}});
  EXPECT_THAT(TableBase::Problems(),
              ElementsAre("things.other: a: its order is not unique", "things.other: two lists are called a",
                          "things.other: a: no text goes down", "things.other: b: its first condition is not folder_id",
                          "things.other: c: there is no column color", "things.other: c: its order goes up and down",
                          "things.other: c: nothing is sorted by state", "things.other: d: no number is author",
                          "things.other: d: there is no column hall"));
}

TEST(TableProblems, AreToldOfTypesRootsAndKeys) {
  const Table<ListNotesRequest> no_resource("things.requests", {});
  const Table<Note> no_root("things.notes", {});
  const Table<Folder> no_key("things.open", {.keyless = true});
  const Table<Note> under_no_key("things.under", &no_key, {});
  const Table<Note> under_child("things.below", &kNotes, {});
  EXPECT_THAT(
      TableBase::Problems(),
      ElementsAre("things.requests: its type is no resource with a pattern and a name", "things.notes: there are two",
                  "things.notes: a root's names have one id", "things.open: has something personal and no key",
                  "things.under: has something personal under a root without a key",
                  "things.below: its root hangs on another"));
}

}  // namespace
}  // namespace xxt::store
