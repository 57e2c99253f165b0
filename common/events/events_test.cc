#include "common/events/events.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/events/horizon.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::events {
namespace {

constexpr pg::Statement kPing{"test.ping", "SELECT pg_current_xact_id()"};

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

class EventsTest : public testing::Test {
 protected:
  Event Named(const std::string& subject, const std::string& hall = "halls/110102016") {
    return {"", "test.happened.v1", subject, hall, "staff/wang", "发生了", absl::Now()};
  }
  void Commit(const std::string& subject, const std::string& hall = "halls/110102016") {
    ASSERT_TRUE(pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) {
                  Append(session, Named(subject, hall));
                  return absl::OkStatus();
                }).ok());
  }
  absl::StatusOr<Batch> TryReadFrom(const Place& from) {
    Batch batch;
    XXT_RETURN_IF_ERROR(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(batch, ReadAfter(session, from));
      return absl::OkStatus();
    }));
    return batch;
  }
  Batch ReadFrom(const Place& from) {
    const absl::StatusOr<Batch> batch = TryReadFrom(from);
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.value_or(Batch{{}, from});
  }
  Batch ReadSubjectFrom(const Place& from, const std::string& subject) {
    Batch batch;
    EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(batch, ReadSubjectAfter(session, from, subject));
                  return absl::OkStatus();
                }).ok());
    return batch;
  }
  // Reads until `count` events have come. Any transaction of the cluster holds
  // xmin back, other tests' too.
  Batch Await(std::size_t count, const Place& from) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    Batch batch = ReadFrom(from);
    while (batch.entries.size() < count && absl::Now() < deadline) {
      std::this_thread::yield();
      batch = ReadFrom(from);
    }
    return batch;
  }
  Place Now() {
    Place place;
    EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(place, Latest(session));
                  return absl::OkStatus();
                }).ok());
    return place;
  }
  absl::StatusOr<Place> At(const std::string& token) {
    Place place;
    XXT_RETURN_IF_ERROR(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(place, Find(session, token));
      return absl::OkStatus();
    }));
    return place;
  }
  xxt::test::Database db_{"intake"};
};

TEST_F(EventsTest, AReaderSeesWhatWasCommittedAfterItsPosition) {
  const Place empty = Now();
  EXPECT_TRUE(empty.AtBeginning());
  Commit("cases/1");
  const Place start = Await(1, empty).next;
  Commit("cases/2");
  Commit("cases/3");
  const Batch batch = Await(2, start);
  ASSERT_EQ(batch.entries.size(), 2u);
  EXPECT_EQ(batch.entries[0].event.subject, "cases/2");
  EXPECT_EQ(batch.entries[1].event.subject, "cases/3");
  EXPECT_EQ(batch.entries[0].event.summary, "发生了");
  EXPECT_TRUE(ReadFrom(batch.next).entries.empty());
}

TEST_F(EventsTest, ALateCommitterIsNeverSkipped) {
  const Place start = Now();
  absl::Notification early_has_its_id;
  absl::Notification commit_early;
  std::future<absl::Status> early = std::async(std::launch::async, [&] {
    return pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
      Append(session, Named("cases/early"));
      XXT_RETURN_IF_ERROR(session.Run(kPing).status());
      if (!early_has_its_id.HasBeenNotified()) early_has_its_id.Notify();
      commit_early.WaitForNotification();
      return absl::OkStatus();
    });
  });
  early_has_its_id.WaitForNotification();
  Commit("cases/later");  // a larger transaction id, committed first
  const Batch before = ReadFrom(start);
  EXPECT_TRUE(before.entries.empty());  // nothing is told while an earlier one is open
  commit_early.Notify();
  ASSERT_TRUE(early.get().ok());
  const Batch after = Await(2, before.next);
  ASSERT_EQ(after.entries.size(), 2u);
  EXPECT_EQ(after.entries[0].event.subject, "cases/early");
  EXPECT_EQ(after.entries[1].event.subject, "cases/later");
}

TEST_F(EventsTest, ManyConcurrentWritersLoseNothingToAFollower) {
  constexpr int kWriters = 6;
  constexpr int kEach = 40;
  Place position = Now();
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) Commit(absl::StrCat("cases/", w, "-", i));
    });
  }
  std::multiset<std::string> seen;
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (seen.size() < kWriters * kEach && absl::Now() < deadline) {
    const Batch batch = ReadFrom(position);
    for (const Entry& entry : batch.entries) seen.insert(entry.event.subject);
    position = batch.next;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kEach));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TEST_F(EventsTest, ASubjectIsReadByItselfAndEndsWhereTheLedgerDoes) {
  const Place start = Now();
  Commit("cases/1");
  Commit("cases/2");
  Commit("cases/3");
  const Place end = Await(3, start).next;
  const Batch batch = ReadSubjectFrom(start, "cases/2");
  ASSERT_EQ(batch.entries.size(), 1U);
  EXPECT_EQ(batch.entries[0].event.subject, "cases/2");
  EXPECT_EQ(batch.next.position, end.position);
  EXPECT_TRUE(ReadSubjectFrom(end, "cases/2").entries.empty());
}

TEST_F(EventsTest, ALongLedgerIsReadBatchByBatch) {
  const Place start = Now();
  db_.Sql(
      "INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time) "
      "SELECT gen_random_uuid(), 'test.happened.v1', 'cases/' || i, 'halls/1', 'staff/wang', '', now() "
      "FROM generate_series(1, 1200) AS i");
  const Batch first = Await(kBatch, start);
  ASSERT_EQ(first.entries.size(), static_cast<std::size_t>(kBatch));
  const Batch second = ReadFrom(first.next);
  ASSERT_EQ(second.entries.size(), static_cast<std::size_t>(kBatch));
  EXPECT_EQ(second.entries[0].event.subject, "cases/501");
  EXPECT_EQ(ReadFrom(second.next).entries.size(), 200U);
}

TEST_F(EventsTest, ATokenLeadsBackToItsPlace) {
  EXPECT_TRUE(At(Now().ToToken())->AtBeginning());
  const Place start = Now();
  Commit("cases/1");
  const Place place = Await(1, start).next;
  Commit("cases/2");
  const absl::StatusOr<Place> found = At(place.ToToken());
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(Await(1, *found).entries.size(), 1U);
  EXPECT_EQ(Await(2, *At("0")).entries.size(), 2U);
}

// What a restore, a promotion and a forgery have in common: the token's event
// is not there, or another is.
TEST_F(EventsTest, ATokenOfAnotherHistoryIsExpired) {
  const Place start = Now();
  Commit("cases/1");
  Commit("cases/2");
  const Place place = Await(2, start).next;
  const auto changed = [&place](auto change) {
    Place other = place;
    change(other);
    return other.ToToken();
  };
  const std::string token = place.ToToken();
  for (const std::string& expired :
       std::vector<std::string>{"",
                                "x",
                                "1",
                                "1-",
                                "-1",
                                "1-x",
                                "7--1",
                                "00",
                                "1-2-3",
                                "1-2-3-4",
                                token + "0",
                                token.substr(0, token.size() - 1),
                                " " + token,
                                "-" + token,
                                changed([](Place& p) { p.history = "0"; }),
                                changed([](Place& p) { ++p.position.transaction; }),
                                changed([](Place& p) { p.position.transaction += 1'000'000; }),
                                changed([](Place& p) { p.position.transaction = ~std::uint64_t{0}; }),
                                changed([](Place& p) { ++p.position.row; }),
                                changed([](Place& p) { p.position.row = -1; }),
                                changed([](Place& p) { p.event_id = "0193d5c0-0000-7000-8000-000000000000"; }),
                                changed([](Place& p) { p.event_id = "'"; }),
                                changed([](Place& p) { p.position = {}; })}) {
    EXPECT_EQ(errors::ReasonOf(At(expired).status()), "RESUME_TOKEN_EXPIRED") << expired;
  }
  ASSERT_TRUE(At(token).ok());
  db_.Sql("DELETE FROM backbone.event WHERE subject = 'cases/2'");  // as a restore to before it, or old age
  EXPECT_EQ(errors::ReasonOf(At(token).status()), "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(errors::ReasonOf(TryReadFrom(place).status()), "RESUME_TOKEN_EXPIRED") << "who reads on sees it too";
}

TEST_F(EventsTest, HistoriesOfTwoDatabasesDiffer) {
  xxt::test::Database other("intake");
  EXPECT_NE(db_.Sql("SELECT backbone.history()"), other.Sql("SELECT backbone.history()"));
}

// pg_dump brings transaction ids of another cluster: nobody would hear of those
// to come for ever.
TEST_F(EventsTest, EventsOfARestoredDumpAreHeardOnceAdopted) {
  const Place start = Now();
  Commit("cases/1");
  Commit("cases/2");
  ASSERT_EQ(Await(2, start).entries.size(), 2U);
  db_.Sql("UPDATE backbone.event SET transaction = '900000000000000'");
  EXPECT_TRUE(ReadFrom(start).entries.empty());
  EXPECT_EQ(db_.Sql("SELECT backbone.adopt_events()"), "2");
  const Batch batch = Await(2, start);
  ASSERT_EQ(batch.entries.size(), 2U);
  EXPECT_EQ(batch.entries[0].event.subject, "cases/1");
  EXPECT_EQ(db_.Sql("SELECT backbone.adopt_events()"), "0");
}

TEST_F(EventsTest, TellsWhatHoldsTheHorizonBack) {
  absl::Notification commit;
  absl::Notification open;
  std::future<absl::Status> early = std::async(std::launch::async, [&] {
    return pg::InTransaction(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
      XXT_RETURN_IF_ERROR(session.Run(kPing).status());
      if (!open.HasBeenNotified()) open.Notify();
      commit.WaitForNotification();
      return absl::OkStatus();
    });
  });
  open.WaitForNotification();
  Commit("cases/1");
  absl::StatusOr<std::vector<Holder>> held = std::vector<Holder>{};
  EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                held = Holders(session);
                return held.status();
              }).ok());
  commit.Notify();
  ASSERT_TRUE(early.get().ok());
  std::set<std::string> names;
  for (const Holder& holder : *held) {
    names.insert(holder.what);
    const bool ours = holder.what == "transaction" || holder.what == "untold";
    EXPECT_TRUE(!ours || holder.age > absl::ZeroDuration()) << holder.what;
    EXPECT_TRUE(holder.what != "transaction" || holder.transactions > 0);
  }
  EXPECT_EQ(names, (std::set<std::string>{"transaction", "snapshot", "prepared", "slot", "untold"}));
}

}  // namespace
}  // namespace xxt::events
