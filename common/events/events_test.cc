#include "common/events/events.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
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
  Batch ReadFrom(const Position& from, const std::string& hall = "", const std::string& subject = "") {
    Batch batch;
    EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(batch, ReadAfter(session, from, hall, subject, 100));
                  return absl::OkStatus();
                }).ok());
    return batch;
  }
  // Reads until `count` events have come. Any transaction of the cluster holds
  // xmin back, other tests' too.
  Batch Await(std::size_t count, const Position& from, const std::string& hall = "", const std::string& subject = "") {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    Batch batch = ReadFrom(from, hall, subject);
    while (batch.events.size() < count && absl::Now() < deadline) {
      std::this_thread::yield();
      batch = ReadFrom(from, hall, subject);
    }
    return batch;
  }
  Position Now() {
    Position position;
    EXPECT_TRUE(pg::Read(db_.pool(), Soon(), [&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(position, Current(session));
                  return absl::OkStatus();
                }).ok());
    return position;
  }
  xxt::test::Database db_{"intake"};
};

TEST_F(EventsTest, AReaderSeesWhatWasCommittedAfterItsPosition) {
  Commit("cases/1");
  const Position start = Await(1, Position{}).next;
  Commit("cases/2");
  Commit("cases/3");
  const Batch batch = Await(2, start);
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0].subject, "cases/2");
  EXPECT_EQ(batch.events[1].subject, "cases/3");
  EXPECT_EQ(batch.events[0].summary, "发生了");
  EXPECT_TRUE(ReadFrom(batch.next).events.empty());
}

TEST_F(EventsTest, ALateCommitterIsNeverSkipped) {
  const Position start = Now();
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
  EXPECT_TRUE(before.events.empty());  // nothing is told while an earlier one is open
  commit_early.Notify();
  ASSERT_TRUE(early.get().ok());
  const Batch after = Await(2, before.next);
  ASSERT_EQ(after.events.size(), 2u);
  EXPECT_EQ(after.events[0].subject, "cases/early");
  EXPECT_EQ(after.events[1].subject, "cases/later");
}

TEST_F(EventsTest, ManyConcurrentWritersLoseNothingToAFollower) {
  constexpr int kWriters = 6;
  constexpr int kEach = 40;
  Position position = Now();
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
    for (const Event& event : batch.events) seen.insert(event.subject);
    position = batch.next;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kEach));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TEST_F(EventsTest, FiltersByHallAndSubject) {
  const Position start = Now();
  Commit("cases/1", "halls/110102016");
  Commit("cases/2", "halls/110102014");
  ASSERT_EQ(Await(2, start).events.size(), 2u);
  EXPECT_EQ(ReadFrom(start, "halls/110102014").events.size(), 1u);
  EXPECT_EQ(ReadFrom(start, "", "cases/1").events.size(), 1u);
  EXPECT_EQ(ReadFrom(start, "halls/110102014", "cases/1").events.size(), 0u);
}

TEST(Position, TokensSurviveARoundTripAndGarbageIsRefused) {
  const Position position{123456789012345ull, 42};
  EXPECT_EQ(*Position::FromToken(position.ToToken()), position);
  EXPECT_EQ(*Position::FromToken("0"), Position{});
  for (const char* bad : {"", "x", "1", "1-", "-1", "1-x", "7--1"}) {
    EXPECT_EQ(errors::ReasonOf(Position::FromToken(bad).status()), "RESUME_TOKEN_EXPIRED") << bad;
  }
}

}  // namespace
}  // namespace xxt::events
