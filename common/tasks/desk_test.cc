#include "common/tasks/desk.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::tasks {
namespace {

constexpr char kHall[] = "halls/110102016";

class DeskTest : public testing::Test {
 protected:
  template <typename Body>
  absl::Status Do(Body body) {
    return pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), body);
  }
  std::string Make(absl::Time due = absl::InfinitePast()) {
    std::string id;
    EXPECT_TRUE(Do([&](pg::Session& session) {
                  NewTask task;
                  task.kind = "test.call";
                  task.subject = "referrals/1";
                  task.lane = Lane::kDesk;
                  task.hall = kHall;
                  task.summary = "致电档案室";
                  task.due = Due::ForPeople(due);
                  id = Enqueue(session, task);
                  return absl::OkStatus();
                }).ok());
    return id;
  }
  absl::StatusOr<DeskLease> Take(const std::string& id, const std::string& staff, const std::string& hall = kHall) {
    absl::StatusOr<DeskLease> lease;
    const absl::Status status = Do([&](pg::Session& session) {
      lease = LeaseTask(session, id, staff, identity::HallScope::One(hall), absl::Now());
      return lease.status();
    });
    return status.ok() ? lease : status;
  }
  absl::Status Complete(const std::string& id, const std::string& token, const std::string& staff,
                        const std::string& outcome = "REACHED", absl::Status answer = absl::OkStatus()) {
    const std::vector<DeskKind> kinds = {
        {"test.call", {"REACHED", "NO_ANSWER"}, [&](pg::Session&, const Task&, const Completion&) { return answer; }}};
    return Do([&](pg::Session& session) {
      return CompleteTask(session, kinds, id, token, identity::HallScope::One(kHall),
                          {outcome, "", absl::InfinitePast(), staff, absl::Now()})
          .status();
    });
  }
  xxt::test::Database db_{"intake"};
};

TEST_F(DeskTest, AnOfficerTakesAndCompletesATask) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_EQ(lease->task.state, "running");
  EXPECT_TRUE(Complete(id, lease->token, "staff/wang").ok());
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.desk_task"), "0");
  EXPECT_EQ(db_.Sql("SELECT outcome FROM backbone.task_settled"), "REACHED");
}

TEST_F(DeskTest, AColleagueCannotTakeWhatSomebodyHolds) {
  const std::string id = Make();
  ASSERT_TRUE(Take(id, "staff/wang").ok());
  EXPECT_EQ(errors::ReasonOf(Take(id, "staff/li").status()), "STATE_FORBIDS");
}

TEST_F(DeskTest, TakingAgainRenewsTheSameLease) {
  const std::string id = Make();
  const auto first = Take(id, "staff/wang");
  const auto second = Take(id, "staff/wang");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->token, second->token);
}

TEST_F(DeskTest, AnotherHallsTaskIsRefused) {
  EXPECT_EQ(errors::ReasonOf(Take(Make(), "staff/wang", "halls/110102014").status()), "OTHER_HALL");
}

TEST_F(DeskTest, ATaskOfTomorrowWaits) {
  EXPECT_EQ(errors::ReasonOf(Take(Make(absl::Now() + absl::Hours(24)), "staff/wang").status()), "STATE_FORBIDS");
}

TEST_F(DeskTest, ALeaseThatRanOutIsAnybodysAndTheOldHolderIsFencedOff) {
  const std::string id = Make();
  const auto old = Take(id, "staff/wang");
  db_.Sql("UPDATE backbone.desk_task SET lease_until = now() - interval '1 s'");
  EXPECT_EQ(errors::ReasonOf(Complete(id, old->token, "staff/wang")), "LEASE_LOST");
  const auto lease = Take(id, "staff/li");
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ(errors::ReasonOf(Complete(id, old->token, "staff/wang")), "LEASE_LOST");
  EXPECT_TRUE(Complete(id, lease->token, "staff/li").ok());
}

TEST_F(DeskTest, SomebodyElsesTokenIsOfNoUse) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  EXPECT_EQ(errors::ReasonOf(Complete(id, lease->token, "staff/li")), "LEASE_LOST");
}

TEST_F(DeskTest, AnUnknownOutcomeNamesTheKnownOnes) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  const absl::Status status = Complete(id, lease->token, "staff/wang", "WHATEVER");
  EXPECT_EQ(errors::ReasonOf(status), "FIELD_INVALID");
  EXPECT_NE(status.message().find("NO_ANSWER"), absl::string_view::npos);
}

TEST_F(DeskTest, WhatAnotherCallSettlesSaysWhichWhateverTheOutcome) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  const std::vector<DeskKind> kinds = {{"test.call", {}, [](pg::Session&, const Task& task, const Completion&) {
                                          return errors::StateForbids(task.subject, "请登记答复",
                                                                      "settled by RecordReply");
                                        }}};
  const absl::Status status = Do([&](pg::Session& session) {
    return CompleteTask(session, kinds, id, lease->token, identity::HallScope::One(kHall),
                        {"DONE", "", absl::InfinitePast(), "staff/wang", absl::Now()})
        .status();
  });
  EXPECT_EQ(errors::ReasonOf(status), "STATE_FORBIDS");
  EXPECT_NE(status.message().find("RecordReply"), absl::string_view::npos);
}

TEST_F(DeskTest, WhatTheKindRefusesLeavesTheTaskLeased) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  EXPECT_FALSE(Complete(id, lease->token, "staff/wang", "REACHED", absl::FailedPreconditionError("no")).ok());
  EXPECT_TRUE(Complete(id, lease->token, "staff/wang").ok());
}

TEST_F(DeskTest, AGivenBackTaskIsAnybodys) {
  const std::string id = Make();
  const auto lease = Take(id, "staff/wang");
  ASSERT_TRUE(Do([&](pg::Session& session) {
                return ReleaseTask(session, id, lease->token, "staff/wang", identity::HallScope::One(kHall)).status();
              }).ok());
  EXPECT_TRUE(Take(id, "staff/li").ok());
}

TEST_F(DeskTest, OnlyDeadTasksOfTheMachineAreRequeued) {
  const auto requeue = [&](const std::string& id) {
    return Do([&](pg::Session& session) { return RequeueTask(session, id).status(); });
  };
  EXPECT_EQ(errors::ReasonOf(requeue(Make())), "STATE_FORBIDS");
  const std::string id = db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due)
    VALUES (gen_random_uuid(), 'test.work', 'normal', 's', 'k', now()) RETURNING id)sql");
  EXPECT_EQ(errors::ReasonOf(requeue(id)), "STATE_FORBIDS");
  db_.Sql("UPDATE backbone.machine_task SET state = 'dead', not_before = 'infinity', crashes = 5, fence = 5");
  // It died of an error after one of its holders had.
  db_.Sql(R"sql(INSERT INTO backbone.attempt (task_id, fence, outcome)
                SELECT id, a.fence, outcome FROM backbone.machine_task,
                       (VALUES (3, 'started'), (3, 'retry'), (4, 'started'), (5, 'started'), (5, 'dead')) AS a (fence, outcome))sql");
  EXPECT_TRUE(requeue(id).ok());
  EXPECT_EQ(
      db_.Sql(
          "SELECT state || ' ' || crashes || ' ' || fence || ' ' || (not_before <= now()) FROM backbone.machine_task"),
      "retry 0 5 true");
  EXPECT_EQ(
      db_.Sql("SELECT string_agg(fence::text, ' ' ORDER BY fence) FROM backbone.attempt WHERE outcome = 'requeued'"),
      "4 5");
}

TEST_F(DeskTest, AnOperatorIsShownWhatTheMachineHasToo) {
  Make();
  db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before)
    VALUES (gen_random_uuid(), 'test.dead', 'bulk', 's', 'k', now(), 'dead', 'infinity'))sql");
  db_.Sql(R"sql(
    INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due)
    VALUES (gen_random_uuid(), 'test.timer', 'normal', 's', 'k', now() + interval '1 day'))sql");
  const auto kinds = [&](bool future, const std::string& lane, const std::string& subject,
                         const identity::HallScope& halls = identity::HallScope::All()) {
    TaskFilter filter;
    filter.halls = halls;
    filter.now = absl::Now();
    filter.include_future = future;
    filter.lane = lane;
    filter.subject = subject;
    std::string found;
    EXPECT_TRUE(Do([&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(const std::vector<ListedTask> tasks, ListTasks(session, filter));
                  found.clear();
                  for (const ListedTask& listed : tasks) absl::StrAppend(&found, listed.task.kind, " ");
                  return absl::OkStatus();
                }).ok());
    return found;
  };
  EXPECT_EQ(kinds(false, "", ""), "test.call test.dead ");
  EXPECT_EQ(kinds(true, "", ""), "test.call test.dead test.timer ");
  EXPECT_EQ(kinds(true, "desk", ""), "test.call ");
  EXPECT_EQ(kinds(true, "bulk", ""), "test.dead ");
  EXPECT_EQ(kinds(true, "", "s"), "test.dead test.timer ");
  const identity::HallScope ours = identity::HallScope::One(kHall);
  EXPECT_EQ(kinds(true, "", "", ours), "test.call ");
  EXPECT_EQ(kinds(true, "", "s", ours), "");
  EXPECT_EQ(kinds(true, "", "referrals/1", ours), "test.call ");
}

TEST_F(DeskTest, ListsNothingWhereNobodySaidOfWhichHalls) {
  Make();
  db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before)
    VALUES (gen_random_uuid(), 'test.send', 'bulk', 'referrals/1', 'k', now(), 'pending', 'infinity'))sql");
  TaskFilter forgotten;
  forgotten.now = absl::Now();
  forgotten.include_future = true;
  for (const char* subject : {"", "referrals/1"}) {
    forgotten.subject = subject;
    EXPECT_TRUE(Do([&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(const std::vector<ListedTask> tasks, ListTasks(session, forgotten));
                  EXPECT_TRUE(tasks.empty()) << subject;
                  return absl::OkStatus();
                }).ok());
  }
}

TEST_F(DeskTest, ListsPageByPageInOrderOfNextAction) {
  for (int i = 0; i < 5; ++i) Make(absl::Now() - absl::Hours(i));
  Make(absl::Now() + absl::Hours(24));
  TaskFilter filter;
  filter.halls = identity::HallScope::One(kHall);
  filter.now = absl::Now();
  filter.limit = 2;
  std::vector<std::string> seen;
  absl::Time last = absl::InfinitePast();
  while (true) {
    std::vector<ListedTask> page;
    ASSERT_TRUE(Do([&](pg::Session& session) -> absl::Status {
                  XXT_ASSIGN_OR_RETURN(page, ListTasks(session, filter));
                  return absl::OkStatus();
                }).ok());
    if (page.empty()) break;
    for (const ListedTask& listed : page) {
      EXPECT_GE(listed.next_action_time, last);
      last = listed.next_action_time;
      seen.push_back(listed.task.id);
    }
    filter.after_time = page.back().next_action_time;
    filter.after_id = page.back().task.id;
  }
  EXPECT_EQ(seen.size(), 5u);  // not the one of tomorrow
}

// One of them dead and due at once: it, too, has a time that a page can end with.
TEST_F(DeskTest, ThePagesOfTheMachinesTasksHoldEachOnceInOrder) {
  db_.Sql(R"sql(
    INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before, create_time)
    SELECT gen_random_uuid(), 'test.' || n % 3, CASE n % 2 WHEN 0 THEN 'normal' ELSE 'urgent' END, 's', n, '-infinity',
           CASE n WHEN 7 THEN 'dead' ELSE 'pending' END, CASE n WHEN 7 THEN 'infinity' ELSE now() - n % 20 * interval '1 s' END,
           now() - interval '5.5 s'
      FROM generate_series(1, 50) AS n)sql");
  TaskFilter filter;
  filter.now = absl::Now();
  filter.halls = identity::HallScope::All();
  filter.limit = 8;
  std::vector<std::string> ids;
  for (const char* lane : {"normal", "urgent", ""}) {
    ids.clear();
    filter.lane = lane;
    filter.after_time = absl::InfinitePast();
    filter.after_id.clear();
    for (std::size_t before = 1; ids.size() != before;) {
      before = ids.size();
      std::vector<ListedTask> page;
      ASSERT_TRUE(Do([&](pg::Session& session) -> absl::Status {
                    XXT_ASSIGN_OR_RETURN(page, ListTasks(session, filter));
                    return absl::OkStatus();
                  }).ok());
      for (const ListedTask& listed : page) {
        EXPECT_GE(listed.next_action_time, filter.after_time);
        filter.after_time = listed.next_action_time;
        filter.after_id = listed.task.id;
        ids.push_back(listed.task.id);
      }
    }
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
    EXPECT_EQ(ids.size(), filter.lane.empty() ? 50u : 25u);
  }
  EXPECT_NE(db_.Sql("SELECT next_action_time FROM backbone.task WHERE state = 'dead'"), "-infinity");
}

}  // namespace
}  // namespace xxt::tasks
