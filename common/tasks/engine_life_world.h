#ifndef XXT_COMMON_TASKS_ENGINE_LIFE_WORLD_H_
#define XXT_COMMON_TASKS_ENGINE_LIFE_WORLD_H_

#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/tasks/claim.h"
#include "common/tasks/desk.h"
#include "common/tasks/engine_life_model.h"
#include "common/tasks/sweep.h"
#include "common/testing/database.h"

// The real thing beside engine_life_model.h: the tables, and how they are compared.
namespace xxt::tasks::life {

inline constexpr std::array<const char*, 2> kWorkers = {"one@host", "two@host"};
inline constexpr std::array<const char*, 2> kStaff = {"staff/wang", "staff/li"};
inline constexpr int kKeys = 2;

inline constexpr pg::Statement kEffect{"test.life_effect", R"sql(
  INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
  VALUES (gen_random_uuid(), 'effect', $1, '', '', '', now()))sql"};
inline constexpr pg::Statement kEffects{"test.life_effects",
                                        "SELECT count(*) || ' effects' FROM backbone.event WHERE subject = $1"};

// The database's time passes for the tasks of one life.
inline constexpr pg::Statement kPass{"test.life_pass", R"sql(
  UPDATE backbone.machine_task
     SET lease_until = lease_until - $2::interval, not_before = not_before - $2::interval,
         started_at = started_at - $2::interval
   WHERE subject = $1)sql"};
inline constexpr pg::Statement kPassDesk{"test.life_pass_desk", R"sql(
  UPDATE backbone.desk_task SET lease_until = lease_until - $2::interval WHERE subject = $1)sql"};

// As Life::Lines writes them.
inline constexpr pg::Statement kRows{"test.life_rows", R"sql(
  SELECT ('x' || right(id::text, 6))::bit(24)::int || ' ' || shelf || ' ' || state || ' due '
         || CASE WHEN isfinite(due) THEN (round(extract(epoch FROM due - $2) / 1800))::text ELSE 'at once' END
         || CASE shelf WHEN 'timer' THEN '' ELSE ' lease '
            || CASE WHEN lease_until IS NULL THEN '-'
                 ELSE greatest(0, round(extract(epoch FROM lease_until - now()) / 500))::text END
            || ' fence ' || fence || ' attempt ' || attempt || ' by ' || coalesce(holder, '') END
         || CASE shelf WHEN 'machine_task' THEN ' crashes ' || crashes || ' in '
            || CASE WHEN isfinite(not_before)
                 THEN greatest(0, round(extract(epoch FROM not_before - now()) / 500))::text
                 ELSE 'infinity' END ELSE '' END
    FROM backbone.task WHERE subject = $1)sql"};
inline constexpr pg::Statement kSettledRows{"test.life_settled", R"sql(
  SELECT ('x' || right(id::text, 6))::bit(24)::int || ' settled ' || outcome || ' attempt ' || attempt || ' by '
         || coalesce(holder, '')
    FROM backbone.task_settled WHERE id BETWEEN $1::uuid AND $2::uuid)sql"};
inline constexpr pg::Statement kAttemptRows{"test.life_attempts", R"sql(
  SELECT ('x' || right(task_id::text, 6))::bit(24)::int || '/' || fence || ' ' || outcome
         || CASE outcome WHEN 'started' THEN ' ' || holder ELSE '' END
    FROM backbone.attempt WHERE task_id BETWEEN $1::uuid AND $2::uuid)sql"};

// The tasks of one life, in a database that all lives share.
class World {
 public:
  explicit World(test::Database& database) : pool_(database.pool()), life_(++lives) {
    kind_.name = absl::StrCat("life.", life_);
    kind_.give_up_after = absl::Seconds(kGiveUpSeconds);
    kind_.on_dead = [this](pg::Session& session, const Task& task, absl::string_view) {
      NewTask desk = New(next_, absl::StrCat("dead/", task.id), kAtOnce);
      desk.lane = Lane::kDesk;
      Enqueue(session, std::move(desk));
      return absl::OkStatus();
    };
    desk_kind_.name = kind_.name;
    desk_kind_.outcomes = {"DONE"};
    desk_kind_.complete = [this](pg::Session& session, const Task&, const Completion&) {
      session.Queue(kEffect, subject());
      return absl::OkStatus();
    };
  }

  pg::Pool& pool() { return pool_; }
  const MachineKind& kind() const { return kind_; }
  std::vector<DeskKind> desk_kinds() const { return {desk_kind_}; }
  std::string subject() const { return absl::StrCat("lives/", life_); }
  std::string Id(int work) const { return absl::StrFormat("%08x-0000-7000-8000-%012x", life_, work); }
  std::string MachineKey(int key) const { return absl::StrCat(life_, "/machine/", key); }
  std::string DeskKey(int key) const { return absl::StrCat(life_, "/desk/", key); }
  absl::Time Business(int half_hours) const { return base_ + absl::Minutes(30) * half_hours; }
  // Past all that the database's clock stood at in this life so far.
  absl::Time Now(const Life& life) const { return Business(life.half_hours) + absl::Minutes(10); }

  NewTask New(int work, std::string dedupe_key, int due) const {
    NewTask task;
    task.id = Id(work);
    task.kind = kind_.name;
    task.subject = subject();
    task.dedupe_key = std::move(dedupe_key);
    if (due != kAtOnce) task.due = Due::At(Business(due), absl::InfinitePast());
    return task;
  }
  // Whatever makes a task makes the next one of the model.
  void Next(const Life& before) { next_ = static_cast<int>(before.works.size()); }

  absl::Status InTransaction(absl::FunctionRef<absl::Status(pg::Session&)> body) {
    return pg::InTransaction(pool_, SteadyTime::Now() + absl::Seconds(30), body);
  }
  static void Succeeds(const absl::Status& status) {
    if (!status.ok()) RC_FAIL(status.ToString());
  }
  void Change(absl::FunctionRef<void(pg::Session&)> queue) {
    Succeeds(pg::RunTogether(pool_, SteadyTime::Now() + absl::Seconds(30), queue).status());
  }

  void Pass(int seconds) {
    const std::string interval = absl::StrCat(seconds, " seconds");
    Change([&](pg::Session& session) {
      session.Queue(kPass, subject(), interval);
      session.Queue(kPassDesk, subject(), interval);
    });
  }

  void Judge(const Life& life);

  std::map<std::pair<int, int>, Claimed> hands;       // by worker and key
  std::map<std::pair<int, int>, std::string> tokens;  // by staff and work

 private:
  static inline int lives = 0;

  pg::Pool& pool_;
  const int life_;
  const absl::Time base_ = absl::Now();
  MachineKind kind_;
  DeskKind desk_kind_;
  int next_ = 0;
};

inline std::string Compare(const std::set<std::string>& rows, const std::set<std::string>& model) {
  std::string text = "found (-) and of the model (+):";
  for (const std::string& row : rows) absl::StrAppend(&text, model.count(row) == 0 ? absl::StrCat("\n- ", row) : "");
  for (const std::string& line : model) absl::StrAppend(&text, rows.count(line) == 0 ? absl::StrCat("\n+ ", line) : "");
  return text;
}

inline void World::Judge(const Life& life) {
  std::set<std::string> lines;
  const auto results = pg::RunTogether(pool_, SteadyTime::Now() + absl::Seconds(30), [&](pg::Session& session) {
    session.Queue(kRows, subject(), base_);
    session.Queue(kSettledRows, Id(0), Id(0xffffff));
    session.Queue(kAttemptRows, Id(0), Id(0xffffff));
    session.Queue(kEffects, subject());
  });
  Succeeds(results.status());
  for (const pg::Result& rows : *results) {
    for (int i = 0; i < rows.size(); ++i) {
      if (!lines.insert(rows[i].Text(0)).second) RC_FAIL(absl::StrCat("twice: ", rows[i].Text(0)));
    }
  }
  if (lines != life.Lines()) RC_FAIL(Compare(lines, life.Lines()));
  std::set<std::string> waiting;
  for (const int work : life.Waiting()) waiting.insert(Id(work));
  std::set<std::string> found;
  Sweep sweep(kind_.name, "normal", absl::Hours(1));
  const auto due = sweep.Next(pool_, Now(life), 1000, true);
  Succeeds(due.status());
  for (const DueTask& task : *due) found.insert(task.id);
  if (found != waiting) RC_FAIL(Compare(found, waiting));
}

}  // namespace xxt::tasks::life

#endif  // XXT_COMMON_TASKS_ENGINE_LIFE_WORLD_H_
