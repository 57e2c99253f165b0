// Measures the task engine with a task that does nothing, in a migrated
// database of its own. Prints one line of JSON; see `--help` for the modes.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/loop.h"
#include "common/pg/pool.h"
#include "common/tasks/engine.h"
#include "common/tasks/party.h"
#include "nlohmann/json.hpp"
#include "tests/bench/cpu.h"
#include "tests/bench/password.h"

namespace {

using nlohmann::ordered_json;
using xxt::bench::CpuSeconds;
using xxt::bench::PasswordIn;

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr char kNothing[] = "bench.nothing";
constexpr char kHangs[] = "bench.hangs";
constexpr char kLater[] = "bench.later";
// As the metrics of every service do.
constexpr absl::Duration kReadBacklogEvery = absl::Seconds(5);
// More than are tried before the party rests, and than are claimed at a time.
constexpr int kHung = 2000;
constexpr xxt::pg::Statement kNoTimeout{"bench.no_timeout", "SET LOCAL statement_timeout = 0"};
constexpr xxt::pg::Statement kSleep{"bench.sleep", "SELECT pg_sleep($1::int)"};
constexpr xxt::pg::Statement kDead{"bench.dead", R"sql(
  SELECT max(n_dead_tup) FROM pg_stat_user_tables WHERE schemaname = 'backbone')sql"};
constexpr xxt::pg::Statement kSilences{"bench.silences", "SELECT silences FROM backbone.party WHERE name = $1"};
constexpr xxt::pg::Statement kOpen{"bench.open", "SELECT EXISTS (SELECT FROM backbone.machine_task)"};

struct Settings {
  std::string mode;
  std::string dsn;
  std::string password_file;
  std::string redis;
  std::string redis_user;
  std::string redis_password_file;
  int workers = 2;
  int batch = xxt::tasks::EngineOptions{}.batch;
  int tasks = 20000;
  int per_commit = 100;  // tasks enqueued in one transaction
  int producers = 2;
  bool effect = false;
  int rate = 100;
  int per_tick = 1;
  int seconds = 5;
  int hung = 60;
};

[[noreturn]] void Fail(absl::string_view what, const absl::Status& status) {
  std::fprintf(stderr, "task_engine: %s\n", absl::StrCat(what, ": ", status.ToString()).c_str());
  std::exit(1);
}

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings), pool_({settings.dsn, PasswordIn(settings.password_file), 12}) {}

  // All tasks are there before the engine starts: the rate of its work alone.
  ordered_json Drain() {
    Enqueue(0, settings_.tasks);
    const absl::Time begin = absl::Now();
    const double cpu = CpuSeconds();
    const std::unique_ptr<xxt::tasks::Engine> engine = StartEngine();
    AwaitSettled(settings_.tasks);
    return Rate(begin, cpu);
  }

  // Producers commit tasks while the engine works on them: end to end.
  ordered_json Flow() {
    const std::unique_ptr<xxt::tasks::Engine> engine = StartEngine();
    const absl::Time begin = absl::Now();
    const double cpu = CpuSeconds();
    std::vector<std::thread> producers;
    const int share = settings_.tasks / settings_.producers;
    for (int i = 0; i < settings_.producers; ++i) {
      producers.emplace_back([this, share, i] { Enqueue(i * share, (i + 1) * share); });
    }
    for (std::thread& producer : producers) producer.join();
    const absl::Duration enqueued = absl::Now() - begin;
    AwaitSettled(share * settings_.producers);
    ordered_json line = Rate(begin, cpu);
    line["enqueue_rate"] = share * settings_.producers / absl::ToDoubleSeconds(enqueued);
    return line;
  }

  // One task per commit at a low rate: from the commit's answer to the handler.
  ordered_json Latency() {
    const std::unique_ptr<xxt::tasks::Engine> engine = StartEngine();
    WarmUp();
    const Steady steady = RunSteadily();
    return {{"p50_ms", steady.Percentile(50)}, {"p95_ms", steady.Percentile(95)}, {"p99_ms", steady.Percentile(99)}};
  }

  // The same while another kind hangs, as when a body takes connections and says
  // nothing: before, meanwhile, and after.
  ordered_json Hang() {
    const std::unique_ptr<xxt::tasks::Engine> engine = StartEngine();
    WarmUp();
    const Steady before = RunSteadily();
    EnqueueBatch(0, kHung, kHangs);
    const Steady hung = RunSteadily(settings_.rate * settings_.hung);
    const std::int64_t silences = Silences();
    release_ = true;
    const Steady after = RunSteadily();
    const double clean = (before.Percentile(99) + after.Percentile(99)) / 2;
    return {{"clean_p50_ms", (before.Percentile(50) + after.Percentile(50)) / 2},
            {"clean_p99_ms", clean},
            {"hung_p50_ms", hung.Percentile(50)},
            {"hung_p99_ms", hung.Percentile(99)},
            {"ratio", hung.Percentile(99) / clean},
            {"noise", after.Percentile(99) / before.Percentile(99)},
            {"silences", silences},
            {"rested", silences >= xxt::tasks::kSilences}};
  }

  // The same while a transaction holds a snapshot: before, meanwhile, and what is
  // dead in the tables a minute after. Each commit also makes a timer, and the
  // backlog is read as operators' metrics read it: what a service does.
  ordered_json Held() {
    const std::unique_ptr<xxt::tasks::Engine> engine = StartEngine();
    double slowest_backlog_ms = 0;
    xxt::Loop metrics("metrics", [&]() -> absl::Duration {
      const absl::Time began = absl::Now();
      const auto backlog = engine->ReadBacklog(xxt::SteadyTime::Now() + kReadBacklogEvery);
      if (!backlog.ok()) Fail("read the backlog", backlog.status());
      slowest_backlog_ms = std::max(slowest_backlog_ms, absl::ToDoubleMilliseconds(absl::Now() - began));
      return kReadBacklogEvery;
    });
    timers_too_ = true;
    WarmUp();
    const Steady clean = RunSteadily(settings_.rate * std::min(settings_.seconds, 60));  // a minute says it, too
    std::thread holder([this] { HoldSnapshot(); });
    const Steady held = RunSteadily();
    holder.join();
    metrics.Stop();
    absl::SleepFor(absl::Seconds(60));
    return {{"clean_rate", clean.rate},
            {"held_rate", held.rate},
            {"ratio", held.rate / clean.rate},
            {"clean_p50_ms", clean.Percentile(50)},
            {"clean_p99_ms", clean.Percentile(99)},
            {"held_p50_ms", held.Percentile(50)},
            {"held_p99_ms", held.Percentile(99)},
            {"slowest_backlog_ms", slowest_backlog_ms},
            {"dead_tuples_after_a_minute", MostDeadTuples()}};
  }

 private:
  // What came of a run at the set rate.
  struct Steady {
    std::vector<double> milliseconds;  // sorted; from the commit's answer to the handler
    double rate = 0;                   // tasks handled per second

    double Percentile(std::size_t hundredths) const {
      return milliseconds[std::min(milliseconds.size() - 1, milliseconds.size() * hundredths / 100)];
    }
  };

  // The first second, in which connections are made, does not count.
  void WarmUp() { RunSteadily(settings_.rate); }

  Steady RunSteadily() { return RunSteadily(settings_.rate * settings_.seconds); }

  Steady RunSteadily(int count) {
    handled_ = 0;
    handled_at_ = std::vector<std::atomic<std::int64_t>>(static_cast<std::size_t>(count));
    std::vector<std::int64_t> committed_at;
    const absl::Time begin = absl::Now();
    for (int i = 0; i < count; i += settings_.per_tick) {
      absl::SleepFor(begin + i * absl::Seconds(1) / settings_.rate - absl::Now());
      const int to = std::min(i + settings_.per_tick, count);
      EnqueueBatch(i, to);
      committed_at.resize(static_cast<std::size_t>(to), absl::GetCurrentTimeNanos());
    }
    AwaitHandled(count);
    Steady steady;
    steady.rate = count / absl::ToDoubleSeconds(absl::Now() - begin);
    for (std::size_t i = 0; i < committed_at.size(); ++i) {
      steady.milliseconds.push_back(std::max(0.0, 1e-6 * static_cast<double>(handled_at_[i] - committed_at[i])));
    }
    std::sort(steady.milliseconds.begin(), steady.milliseconds.end());
    return steady;
  }

  // One statement, which sees the database as it was when it began.
  void HoldSnapshot() {
    const absl::Duration length = absl::Seconds(settings_.seconds);
    const absl::Status status =
        xxt::pg::InTransaction(pool_, absl::Now() + length + absl::Minutes(1), [&](xxt::pg::Session& session) {
          session.Queue(kNoTimeout);
          return session.Run(kSleep, settings_.seconds).status();
        });
    if (!status.ok()) Fail("hold a snapshot", status);
  }

  // How often the party that hangs was tried in vain.
  std::int64_t Silences() {
    std::int64_t silences = 0;
    const absl::Status status = xxt::pg::Read(pool_, absl::Now() + absl::Seconds(10), [&](xxt::pg::Session& session) {
      const absl::StatusOr<xxt::pg::Result> rows = session.Run(kSilences, silent_);
      if (rows.ok() && !rows->empty()) silences = (*rows)[0].Int(0);
      return rows.status();
    });
    if (!status.ok()) Fail("read how often the party was silent", status);
    return silences;
  }

  std::int64_t MostDeadTuples() {
    std::int64_t most = 0;
    const absl::Status status = xxt::pg::Read(pool_, absl::Now() + absl::Seconds(10), [&](xxt::pg::Session& session) {
      const absl::StatusOr<xxt::pg::Result> rows = session.Run(kDead);
      if (rows.ok()) most = (*rows)[0].Int(0);
      return rows.status();
    });
    if (!status.ok()) Fail("count dead tuples", status);
    return most;
  }

  std::unique_ptr<xxt::tasks::Engine> StartEngine() {
    xxt::tasks::EngineOptions options;
    options.service = "bench";
    options.redis.address = settings_.redis;
    options.redis.username = settings_.redis_user;
    if (!settings_.redis_password_file.empty()) options.redis.password = PasswordIn(settings_.redis_password_file);
    options.workers = settings_.workers;
    options.batch = settings_.batch;
    xxt::tasks::MachineKind kind;
    kind.name = kNothing;
    kind.handle = [this](const xxt::tasks::Task& task, xxt::SteadyTime) { return Handle(task); };
    kind.on_dead = [](xxt::pg::Session&, const xxt::tasks::Task&, absl::string_view) { return absl::OkStatus(); };
    xxt::tasks::MachineKind hangs = kind;
    hangs.name = kHangs;
    hangs.handle = [this](const xxt::tasks::Task&, xxt::SteadyTime deadline) {
      while (!release_ && !deadline.passed()) absl::SleepFor(absl::Milliseconds(10));
      return xxt::tasks::Verdict::Retry("no answer").PartySilent();
    };
    hangs.party = [this](const xxt::tasks::Task&) { return silent_; };
    xxt::tasks::MachineKind later = kind;
    later.name = kLater;
    later.handle = [](const xxt::tasks::Task&, xxt::SteadyTime) { return xxt::tasks::Verdict::Done(); };
    return std::make_unique<xxt::tasks::Engine>(options, pool_, clock_, std::vector{kind, hangs, later});
  }

  xxt::tasks::Verdict Handle(const xxt::tasks::Task& task) {
    int number = 0;
    if (!handled_at_.empty() && absl::SimpleAtoi(task.subject, &number)) {
      handled_at_[static_cast<std::size_t>(number)] = absl::GetCurrentTimeNanos();
    }
    ++handled_;
    if (!settings_.effect) return xxt::tasks::Verdict::Done();
    return xxt::tasks::Verdict::Done([](xxt::pg::Session&) { return absl::OkStatus(); });
  }

  void Enqueue(int from, int to) {
    for (; from < to; from += settings_.per_commit) {
      EnqueueBatch(from, std::min(from + settings_.per_commit, to));
    }
  }

  void EnqueueBatch(int from, int to, const char* kind = kNothing) {
    const absl::Status status =
        xxt::pg::InTransaction(pool_, absl::Now() + absl::Seconds(10), [&](xxt::pg::Session& session) {
          for (int i = from; i < to; ++i) {
            xxt::tasks::NewTask task;
            task.kind = kind;
            task.subject = std::to_string(i);
            xxt::tasks::Enqueue(session, std::move(task));
          }
          if (timers_too_) {
            xxt::tasks::NewTask timer;
            timer.kind = kLater;
            timer.subject = std::to_string(from);
            timer.due = xxt::tasks::Due::At(clock_.Now() + absl::Seconds(1), clock_.Now());
            xxt::tasks::Enqueue(session, std::move(timer));
          }
          return absl::OkStatus();
        });
    if (!status.ok()) Fail("enqueue", status);
  }

  void AwaitHandled(int count) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (handled_ < count) {
      if (absl::Now() > give_up) Fail("tasks stayed open", absl::DeadlineExceededError(absl::StrCat(handled_.load())));
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  // Asks the database only when the handlers have seen all.
  void AwaitSettled(int count) {
    AwaitHandled(count);
    const absl::Time give_up = absl::Now() + kPatience;
    bool open = true;
    while (open) {
      if (absl::Now() > give_up) Fail("tasks stayed open", absl::DeadlineExceededError(absl::StrCat(handled_.load())));
      const absl::Status status = xxt::pg::Read(pool_, give_up, [&](xxt::pg::Session& session) {
        const absl::StatusOr<xxt::pg::Result> rows = session.Run(kOpen);
        if (rows.ok()) open = (*rows)[0].Bool(0);
        return rows.status();
      });
      if (!status.ok()) Fail("look for open tasks", status);
    }
  }

  ordered_json Rate(absl::Time begin, double cpu_before) const {
    return {{"rate", handled_.load() / absl::ToDoubleSeconds(absl::Now() - begin)},
            {"cpu_us_per_task", 1e6 * (CpuSeconds() - cpu_before) / handled_.load()}};
  }

  const Settings& settings_;
  // Another one in each run: PostgreSQL remembers who was silent.
  const std::string silent_ = absl::StrCat("bodies/", absl::ToUnixMicros(absl::Now()));
  const xxt::SystemClock clock_;
  xxt::pg::Pool pool_;
  std::atomic<int> handled_{0};
  std::atomic<bool> release_{false};
  bool timers_too_ = false;
  std::vector<std::atomic<std::int64_t>> handled_at_;  // empty unless latency is measured
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Measures the task engine with a task that does nothing.");
  app.add_option(
         "--mode", settings.mode,
         "drain: all enqueued before; flow: enqueued meanwhile; latency: at a low rate; hang: that, beside a kind that "
         "hangs; held: that, beside a transaction that holds a snapshot")
      ->required()
      ->check(CLI::IsMember({"drain", "flow", "latency", "hang", "held"}));
  app.add_option("--dsn", settings.dsn)->required();
  app.add_option("--password-file", settings.password_file)->required();
  app.add_option("--redis", settings.redis, "HOST:PORT")->required();
  app.add_option("--redis-user", settings.redis_user);
  app.add_option("--redis-password-file", settings.redis_password_file);
  app.add_option("--workers", settings.workers, "threads of the lane")->check(CLI::Range(1, 64));
  app.add_option("--batch", settings.batch, "most tasks claimed at once")->check(CLI::Range(1, 1000));
  app.add_option("--tasks", settings.tasks)->check(CLI::PositiveNumber);
  app.add_option("--per-commit", settings.per_commit, "tasks enqueued in one transaction")->check(CLI::PositiveNumber);
  app.add_option("--producers", settings.producers, "threads that enqueue, in flow")->check(CLI::Range(1, 8));
  app.add_flag("--effect", settings.effect, "every task stores something of its own, as those of the services do");
  app.add_option("--rate", settings.rate, "tasks a second, in latency, hang, held")->check(CLI::PositiveNumber);
  app.add_option("--per-tick", settings.per_tick, "tasks of one commit, in latency, hang, held")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", settings.seconds, "how long a run is, in latency, hang, held")
      ->check(CLI::PositiveNumber);
  app.add_option("--hung", settings.hung, "how long the other kind hangs, in hang: a party rests after some 30 s")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  Bench bench(settings);
  const ordered_json line = settings.mode == "drain"  ? bench.Drain()
                            : settings.mode == "flow" ? bench.Flow()
                            : settings.mode == "hang" ? bench.Hang()
                            : settings.mode == "held" ? bench.Held()
                                                      : bench.Latency();
  std::printf("%s\n", line.dump().c_str());
}
