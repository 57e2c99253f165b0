#ifndef XXT_COMMON_TASKS_ENGINE_WORLD_H_
#define XXT_COMMON_TASKS_ENGINE_WORLD_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/tasks/claim.h"
#include "common/tasks/engine.h"
#include "common/testing/database.h"

// What the tests of the engine share: a database, and engines that do "test.work".
namespace xxt::tasks {

inline constexpr pg::Statement kEffect{"test.effect", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 'effect', $1, '', '', '', now()))sql"};

inline constexpr char kOpen[] = "SELECT count(*) FROM backbone.task";
inline constexpr char kDone[] = "SELECT count(*) FROM backbone.task_settled WHERE outcome = 'done'";

class EngineWorld : public testing::Test {
 protected:
  EngineWorld() : clock_(absl::Now()) {
    options_.service = absl::StrCat("test-", identifiers::NewUuid(absl::Now()));
    options_.redis = xxt::test::TestRedis();
    options_.lease = absl::Seconds(4);
    options_.redeliver_after = absl::Milliseconds(300);
    options_.poll = absl::Milliseconds(20);
  }

  // A kind that does `handle`; dead tasks leave a desk task behind.
  static MachineKind Kind(std::function<Verdict(const Task&, SteadyTime)> handle) {
    MachineKind kind;
    kind.name = "test.work";
    kind.handle = std::move(handle);
    kind.on_dead = [](pg::Session& session, const Task& task, absl::string_view) {
      NewTask desk;
      desk.kind = "test.dead";
      desk.lane = Lane::kDesk;
      desk.subject = task.subject;
      Enqueue(session, desk);
      return absl::OkStatus();
    };
    kind.retry_base = absl::Milliseconds(1);
    kind.retry_cap = absl::Milliseconds(1);
    return kind;
  }
  static MachineKind DoneKind() {
    return Kind([](const Task&, SteadyTime) { return Verdict::Done(); });
  }

  // Another kind, "test.hangs", whose tasks are not done before `go`.
  static MachineKind HangingKind(const std::atomic<bool>& go) {
    MachineKind kind = Kind([&go](const Task&, SteadyTime) {
      while (!go) std::this_thread::yield();
      return Verdict::Done();
    });
    kind.name = "test.hangs";
    return kind;
  }

  std::unique_ptr<Engine> Start(MachineKind kind) {
    return std::make_unique<Engine>(options_, db_.pool(), clock_, std::vector{std::move(kind)});
  }

  void Make(int count, absl::Time due = absl::InfinitePast(), const std::string& kind = "test.work") {
    ASSERT_TRUE(pg::InTransaction(db_.pool(), SteadyTime::Now() + absl::Seconds(10), [&](pg::Session& session) {
                  for (int i = 0; i < count; ++i) {
                    NewTask task;
                    task.kind = kind;
                    task.subject = absl::StrCat("cases/", i);
                    task.due = Due::At(due, clock_.Now());
                    Enqueue(session, task);
                  }
                  return absl::OkStatus();
                }).ok());
  }

  // One that no commit tells of: only a sweep finds it.
  void MakeRetry(const std::string& lane) {
    db_.Sql(
        absl::StrCat("INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state) "
                     "VALUES (gen_random_uuid(), 'test.work', '",
                     lane, "', 's', gen_random_uuid(), '-infinity', 'retry')"));
  }

  // Waits until `condition` holds.
  template <typename Condition>
  static bool Comes(Condition condition, absl::Duration within = absl::Seconds(30)) {
    const SteadyTime deadline = SteadyTime::Now() + within;
    while (!condition()) {
      if (deadline.passed()) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Waits until `sql` returns `wanted`.
  bool Becomes(const std::string& sql, const std::string& wanted, absl::Duration within = absl::Seconds(20)) {
    std::string last;
    if (Comes([&] { return (last = db_.Sql(sql)) == wanted; }, within)) return true;
    ADD_FAILURE() << sql << " is " << last << ", not " << wanted;
    return false;
  }

  // PostgreSQL is away for the service, not for the judge.
  void CutOff(bool away) {
    db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " CONNECTION LIMIT ", away ? "0" : "-1"));
    if (!away) return;
    db_.Sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename <> current_user");
  }

  // Claims the one task that there is.
  Claimed ClaimAs(const std::string& holder, absl::Duration lease = absl::Seconds(30)) {
    const std::string id = db_.Sql("SELECT id FROM backbone.task");
    Claimed mine;
    const auto claim = [&] {
      auto claimed = Claim(db_.pool(), {id}, {"test.work"}, clock_.Now(), lease, holder);
      if (!claimed.ok() || claimed->empty()) return false;
      mine = claimed->front();
      return true;
    };
    EXPECT_TRUE(Comes(claim)) << "the task cannot be claimed";
    return mine;
  }

  EngineOptions options_;  // for the next Start
  xxt::test::Database db_{"intake"};
  ManualClock clock_;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_ENGINE_WORLD_H_
