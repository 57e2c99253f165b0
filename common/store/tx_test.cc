#include "common/store/tx.h"

#include <thread>
#include <vector>

#include "common/store/tx_world.h"

namespace xxt::store {
namespace {

using test::EqualsProto;
using test::Partially;
using ::testing::HasSubstr;

TEST_F(TxTest, WhatWasInsertedIsReadAgainWholeWithItsTimesAndEtag) {
  const Folder folder = MakeFolder();
  const Note note = MakeNote(folder, "state: STATE_OPEN text: 'canary' place { day { year: 2026 month: 5 day: 1 } }");
  EXPECT_EQ(note.etag(), "1");
  EXPECT_THAT(Found<Folder>(kFolders, folder.name()), EqualsProto(folder.DebugString()));
  EXPECT_THAT(Found<Note>(kNotes, note.name()), EqualsProto(note.DebugString()));
  EXPECT_THAT(note,
              Partially("create_time { seconds: 1780000000 } update_time { seconds: 1780000000 } text: 'canary'"));
}

TEST_F(TxTest, ColumnsAreDerivedFromTheMessageWithEveryWrite) {
  const Note note = MakeNote(MakeFolder(), "state: STATE_OPEN");
  EXPECT_EQ(Column(kNotes, note.name(), "concat_ws(' ', state, due, coalesce(day::text, 'none'), version)"),
            "1 infinity none 1");
  EXPECT_EQ(Edit(note,
                 [](Note& found) {
                   found.set_state(Note::STATE_DONE);
                   found.mutable_due_time()->set_seconds(1'780'000'000);
                   found.mutable_due_time()->set_nanos(123'456'789);
                   found.mutable_place()->mutable_day()->set_year(2026);
                   found.mutable_place()->mutable_day()->set_month(5);
                   found.mutable_place()->mutable_day()->set_day(1);
                 }),
            absl::OkStatus());
  EXPECT_EQ(Column(kNotes, note.name(), "concat_ws(' ', state, due, day, version)"),
            "2 2026-05-28 20:26:40.123456+00 2026-05-01 2");
}

TEST_F(TxTest, SaveCountsTheEtagOnAlsoTwiceInOneTransaction) {
  const Folder folder = MakeFolder();
  now_ += absl::Hours(1);
  Folder changed;
  ASSERT_EQ(Change([&](Tx& tx) {
              absl::Status status = tx.Load(kFolders, folder.name(), "1", &changed);
              for (const char* title : {"first", "second"}) {
                changed.set_title(title);
                tx.Save(kFolders, changed);
              }
              return status;
            }),
            absl::OkStatus());
  EXPECT_THAT(Found<Folder>(kFolders, folder.name()), EqualsProto(changed.DebugString()));
  EXPECT_THAT(changed, Partially("etag: '3' title: 'second' create_time { seconds: 1780000000 } "
                                 "update_time { seconds: 1780003600 } summary: 'canary summary'"));
}

// Events are told in the order of their transactions' ids.
TEST_F(TxTest, ChangesOfOneThingHaveTheirEventsInTheirOrderHoweverManyCrowdIn) {
  const Folder folder = MakeFolder();
  std::vector<std::thread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&] {
      for (int change = 0; change < 100; ++change) {
        EXPECT_EQ(Change([&](Tx& tx) {
                    Folder found;
                    if (absl::Status status = tx.Load(kFolders, folder.name(), "", &found); !status.ok()) return status;
                    tx.Save(kFolders, found);
                    tx.Tell(found, "folder.changed.v1", "once more");
                    return absl::OkStatus();
                  }),
                  absl::OkStatus());
      }
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM (SELECT row_number < lag(row_number) OVER (ORDER BY transaction) AS back "
                "FROM backbone.event) AS told WHERE back"),
            "0");
}

TEST_F(TxTest, WhatIsInsertedCanBeSavedInTheSameTransaction) {
  Folder folder = test::Text<Folder>("title: 'a'");
  folder.set_name(kFolders.NewName("", now_));
  folder.set_hall(kHall);
  ASSERT_EQ(Change([&](Tx& tx) {
              tx.Insert(kFolders, folder);
              folder.set_summary("words");
              tx.Save(kFolders, folder);
              return absl::OkStatus();
            }),
            absl::OkStatus());
  EXPECT_THAT(Found<Folder>(kFolders, folder.name()), Partially("etag: '2' summary: 'words'"));
}

TEST_F(TxTest, AnEtagThatPassedIsAMismatchAndNoneIsNotChecked) {
  const Folder folder = MakeFolder();
  Folder found;
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) { return tx.Load(kFolders, folder.name(), "2", &found); })), "ETAG_MISMATCH");
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) { return tx.Load(kFolders, folder.name(), "", &found); })), "");
}

TEST_F(TxTest, ANameThatIsNotThereOrNoneOfTheTableIsNotFound) {
  const Folder folder = MakeFolder();
  const Note note = MakeNote(folder, "");
  const std::string other = MakeFolder().name();
  for (const std::string& name :
       {kNotes.NewName(folder.name(), now_), folder.name(), std::string(), std::string("/"), note.name() + "/",
        other + note.name().substr(note.name().find("/notes")), folder.name() + "/notes/-",
        folder.name() + "/lines/" + note.name().substr(note.name().rfind('/') + 1)}) {
    EXPECT_EQ(ReasonOf(Get<Note>(kNotes, name).status()), "RESOURCE_NOT_FOUND") << name;
  }
}

TEST_F(TxTest, WhatIsOfAnotherHallIsRefused) {
  const Folder folder = MakeFolder();
  const Note note = MakeNote(folder, "");
  caller_.halls = identity::HallScope::One(kOtherHall);
  Folder root;
  EXPECT_EQ(ReasonOf(Get<Folder>(kFolders, folder.name()).status()), "OTHER_HALL");
  EXPECT_EQ(ReasonOf(Get<Note>(kNotes, note.name()).status()), "OTHER_HALL");
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) { return tx.Load(kFolders, folder.name(), "", &root); })), "OTHER_HALL");
  caller_.halls = identity::HallScope();
  EXPECT_EQ(ReasonOf(Get<Note>(kNotes, note.name()).status()), "OTHER_HALL");
  caller_.halls = identity::HallScope::All();
  EXPECT_EQ(ReasonOf(Get<Note>(kNotes, note.name()).status()), "");
}

TEST_F(TxTest, ASaveOfWhatWasNotLoadedFailsTheTransaction) {
  Folder folder = MakeFolder();
  folder.set_title("other");
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) {
              tx.Save(kFolders, folder);
              return absl::OkStatus();
            })),
            "INTERNAL");
  EXPECT_EQ(Found<Folder>(kFolders, folder.name()).title(), "a folder");
}

TEST_F(TxTest, AChildIsChangedUnderItsRootsLockOnly) {
  const Folder folder = MakeFolder();
  Note note = MakeNote(folder, "");
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) { return tx.Load(kNotes, note.name(), "", &note); })), "INTERNAL");
  note.set_name(kNotes.NewName(folder.name(), now_));
  EXPECT_EQ(ReasonOf(Change([&](Tx& tx) {
              tx.Insert(kNotes, note);
              return absl::OkStatus();
            })),
            "INTERNAL");
  EXPECT_EQ(Sql("SELECT count(*) FROM things.notes"), "1");
}

TEST_F(TxTest, ARowThatChangedWithoutTheLockIsNotOverwritten) {
  const Note note = MakeNote(MakeFolder(), "author: 'before'");
  EXPECT_EQ(ReasonOf(Edit(note,
                          [&](Note& found) {
                            found.set_author("after");
                            Set(kNotes, note.name(), "version = 7");
                          })),
            "INTERNAL");
  EXPECT_EQ(Found<Note>(kNotes, note.name()).author(), "before");
}

TEST_F(TxTest, ChangesOfOneChildComeOneAfterTheOther) {
  const Note note = MakeNote(MakeFolder(), "count: 0");
  const auto count = [&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(Edit(note, [](Note& found) { found.set_count(found.count() + 1); }), absl::OkStatus());
    }
  };
  std::thread other(count);
  count();
  other.join();
  EXPECT_THAT(Found<Note>(kNotes, note.name()), Partially("count: 40 etag: '41'"));
}

TEST_F(TxTest, AReadChangesNothing) {
  Folder folder = MakeFolder();
  EXPECT_EQ(ReasonOf(Read([&](Tx& tx) { return tx.Load(kFolders, folder.name(), "", &folder); })), "INTERNAL");
  folder.set_name(kFolders.NewName("", now_));
  EXPECT_EQ(ReasonOf(Read([&](Tx& tx) {
              tx.Insert(kFolders, folder);
              return absl::OkStatus();
            })),
            "INTERNAL");
  EXPECT_EQ(ReasonOf(Read([&](Tx& tx) {
              tx.Tell(folder, "folder.made.v1", "新的案卷");
              return absl::OkStatus();
            })),
            "INTERNAL");
  EXPECT_EQ(Sql("SELECT (SELECT count(*) FROM things.folders) + (SELECT count(*) FROM backbone.event)"), "1");
}

TEST_F(TxTest, MoreThanAMegabyteIsRefused) {
  const Note note = MakeNote(MakeFolder(), "");
  EXPECT_EQ(ReasonOf(Edit(note, [](Note& found) { found.set_text(std::string(1 << 20, 'x')); })), "INTERNAL");
  EXPECT_EQ(ReasonOf(Edit(note, [](Note& found) { found.set_author(std::string(1 << 20, 'x')); })), "INTERNAL");
  EXPECT_EQ(ReasonOf(Edit(note, [](Note& found) { found.set_text(std::string(1 << 19, 'x')); })), "");
}

TEST_F(TxTest, WhatIsAppendedOnlyIsNotSaved) {
  const Folder folder = MakeFolder();
  auto line = test::Text<Line>("text: 'canary'");
  line.set_name(kLines.NewName(folder.name(), now_));
  EXPECT_EQ(ReasonOf(ChangeIn(folder,
                              [&](Tx& tx) {
                                tx.Insert(kLines, line);
                                tx.Save(kLines, line);
                                return absl::OkStatus();
                              })),
            "INTERNAL");
}

TEST_F(TxTest, AnEventIsToldInTheSameTransaction) {
  const Folder folder = MakeFolder();
  ASSERT_EQ(ChangeIn(folder,
                     [&](Tx& tx) {
                       tx.Tell(folder, "folder.made.v1", "新的案卷");
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  EXPECT_EQ(Sql("SELECT concat_ws(' ', type, subject, hall, actor, summary, time) FROM backbone.event"),
            absl::StrCat("folder.made.v1 ", folder.name(), " ", kHall, " staff/wang 新的案卷 2026-05-28 20:26:40+00"));
}

// Passes on to a session, and counts what is waited for.
class Listening final : public pg::Session {
 public:
  explicit Listening(pg::Session& of) : of_(of) {}
  absl::StatusOr<pg::Result> RunParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    ++runs;
    return of_.RunParams(statement, std::move(params));
  }
  void QueueParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    ++queued;
    of_.QueueParams(statement, std::move(params));
  }
  void QueueLastParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    of_.QueueLastParams(statement, std::move(params));
  }
  absl::Status MayWait() override { return of_.MayWait(); }
  void Announce(std::string news) override { of_.Announce(std::move(news)); }
  int runs = 0;
  int queued = 0;

 private:
  pg::Session& of_;
};

// So that it may share its commit with others.
TEST_F(TxTest, ANewRootWithAChildAndAnEventIsQueuedAndWaitsForNothing) {
  auto folder = test::Text<Folder>("title: 'a' summary: 'canary'");
  folder.set_name(kFolders.NewName("", now_));
  folder.set_hall(kHall);
  auto note = test::Text<Note>("text: 'canary'");
  note.set_name(kNotes.NewName(folder.name(), now_));
  note.set_hall(kHall);
  const Circumstances of = Now(false);
  ASSERT_EQ(pg::InTransaction(db_.pool(), of.deadline,
                              [&](pg::Session& session) {
                                Listening listening(session);
                                const absl::Status status = InTx(listening, of, [&](Tx& tx) {
                                  tx.Insert(kFolders, folder);
                                  tx.Insert(kNotes, note);
                                  tx.Tell(folder, "folder.made.v1", "新的案卷");
                                  return absl::OkStatus();
                                });
                                EXPECT_EQ(listening.runs, 0);
                                EXPECT_EQ(listening.queued, 3);
                                return status;
                              }),
            absl::OkStatus());
  EXPECT_EQ(Found<Note>(kNotes, note.name()).text(), "canary");
}

TEST_F(TxTest, ChildrenThatAreNewTogetherAreWrittenTogether) {
  auto folder = test::Text<Folder>("title: 'a'");
  folder.set_name(kFolders.NewName("", now_));
  folder.set_hall(kHall);
  std::vector<Note> notes = {test::Text<Note>("text: 'canary one' place { day { year: 2026 month: 5 day: 1 } }"),
                             test::Text<Note>("text: 'canary two' state: STATE_DONE author: 'a'")};
  ASSERT_EQ(Change([&](Tx& tx) {
              tx.Insert(kFolders, folder);
              for (Note& note : notes) {
                note.set_name(kNotes.NewName(folder.name(), now_));
                tx.Insert(kNotes, note);
              }
              return absl::OkStatus();
            }),
            absl::OkStatus());
  EXPECT_EQ(Sql("SELECT string_agg(concat_ws(' ', state, due, day), ', ' ORDER BY id) FROM things.notes"),
            "0 infinity 2026-05-01, 2 infinity");
  for (const Note& note : notes) {
    EXPECT_THAT(Found<Note>(kNotes, note.name()), EqualsProto(note.DebugString()));
  }
}

TEST_F(TxTest, EveryStatementOfATableCanBePrepared) {
  for (const TableBase::Described& one : TableBase::Statements()) {
    const std::string sql = Sql(absl::StrCat("PREPARE it AS ", one.statement->sql,
                                             "; SELECT cardinality(parameter_types) FROM pg_prepared_statements"));
    EXPECT_EQ(sql, std::to_string(one.parameters.size())) << one.statement->name;
    if (one.statement->for_many != nullptr) Sql(absl::StrCat("PREPARE it AS ", one.statement->for_many->sql));
  }
}

}  // namespace
}  // namespace xxt::store
