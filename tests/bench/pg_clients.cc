// Measures what a change costs through common/pg, which sends the statements of a
// transaction together, and through libpqxx, which waits for each of them
// (docs/decisions/0002). On a migrated database of intake in which nobody else is.
// Prints one line of JSON; see `--help` for what there is.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/pg/insert.h"
#include "common/pg/pool.h"
#include "nlohmann/json.hpp"
#include "tests/bench/cpu.h"
#include "tests/bench/password.h"

namespace {

using nlohmann::ordered_json;
using xxt::bench::CpuSeconds;
using xxt::bench::PasswordIn;

constexpr char kInsertSql[] =
    "INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due) "
    "VALUES (gen_random_uuid(), 'bench', 'bulk', $1, gen_random_uuid()::text, 'infinity')";
constexpr xxt::pg::Statement kInsert{"bench.insert", kInsertSql};
constexpr char kName[] = "bench_insert";
const xxt::pg::Insert kRow("bench.row", "backbone.timer",
                           {{"id", "uuid"},
                            {"kind", "text"},
                            {"lane", "text"},
                            {"subject", "text"},
                            {"dedupe_key", "text"},
                            {"due", "timestamptz"}});
// Rows of a transaction that loads many.
constexpr int kLoad = 1000;

struct Settings {
  std::string what;
  std::string client;
  std::string dsn;
  std::string password_file;
  int statements = 5;
  int callers = 1;
  int seconds = 4;
};

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "pg_clients: %s\n", why.c_str());
  std::exit(1);
}

// Of a row that is loaded; another one each time.
std::string NextId() {
  static const std::int64_t run = absl::ToUnixMicros(absl::Now()) & 0xffffffffffff;
  static std::uint32_t next = 0;
  return absl::StrCat(absl::Hex(next++, absl::kZeroPad8), "-0000-4000-8000-", absl::Hex(run, absl::kZeroPad12));
}

class Client {
 public:
  virtual ~Client() = default;
  // One transaction of so many statements.
  virtual void Change(int statements) = 0;
  // One transaction of kLoad rows.
  virtual void Load() = 0;
};

// One pool for all callers, as a service has it. A change that only queues may
// share its commit with those of other callers: that is how it is used.
class Pipeline final : public Client {
 public:
  explicit Pipeline(xxt::pg::Pool& pool) : pool_(pool) {}

  void Change(int statements) override {
    Check(xxt::pg::InTransaction(pool_, Soon(), [&](xxt::pg::Session& session) {
      for (int i = 0; i < statements; ++i) session.Queue(kInsert, "bench");
      return absl::OkStatus();
    }));
  }
  void Load() override {
    Check(xxt::pg::InTransaction(pool_, Soon(), [&](xxt::pg::Session& session) {
      for (int i = 0; i < kLoad; ++i) {
        const std::string id = NextId();
        session.Queue(kRow, id, "bench", "bulk", "bench", id, "infinity");
      }
      return absl::OkStatus();
    }));
  }

 private:
  static xxt::SteadyTime Soon() { return xxt::SteadyTime::Now() + absl::Seconds(10); }
  static void Check(const absl::Status& status) {
    if (!status.ok()) Fail(status.ToString());
  }
  xxt::pg::Pool& pool_;
};

// A connection of its own for each caller, which no pool of libpqxx could better.
class Waiting final : public Client {
 public:
  explicit Waiting(const std::string& conninfo) : connection_(conninfo) { connection_.prepare(kName, kInsertSql); }

  void Change(int statements) override {
    pqxx::work transaction(connection_);
    for (int i = 0; i < statements; ++i) transaction.exec_prepared0(kName, "bench");
    transaction.commit();
  }
  void Load() override {
    pqxx::work transaction(connection_);
    pqxx::stream_to stream(transaction, "backbone.timer",
                           std::vector<std::string>{"id", "kind", "lane", "subject", "dedupe_key", "due"});
    for (int i = 0; i < kLoad; ++i) {
      const std::string id = NextId();
      stream << std::array<std::string, 6>{id, "bench", "bulk", "bench", id, "infinity"};
    }
    stream.complete();
    transaction.commit();
  }

 private:
  pqxx::connection connection_;
};

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings),
        password_(PasswordIn(settings.password_file)),
        pool_({settings.dsn, password_, std::max(2, settings.callers)}) {}

  ordered_json Run() {
    const bool loads = settings_.what == "load";
    if (loads && settings_.callers > 1) Fail("rows are loaded by one caller");
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < settings_.callers; ++i) {
      clients.push_back(Make());
      clients.back()->Change(1);  // connects
    }
    const absl::Time end = absl::Now() + absl::Seconds(settings_.seconds);
    const double cpu = CpuSeconds();
    std::vector<std::thread> threads;
    for (const auto& client : clients) {
      threads.emplace_back([this, &client, loads, end] {
        std::vector<double> took;
        while (absl::Now() < end) {
          const absl::Time begin = absl::Now();
          if (loads) {
            client->Load();
          } else {
            client->Change(settings_.statements);
          }
          took.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
        }
        const std::lock_guard<std::mutex> lock(mu_);
        took_.insert(took_.end(), took.begin(), took.end());
      });
    }
    for (std::thread& thread : threads) thread.join();
    return Figures(loads ? kLoad : 1, CpuSeconds() - cpu);
  }

 private:
  std::string Conninfo() const { return absl::StrCat(settings_.dsn, " password=", password_.value()); }

  std::unique_ptr<Client> Make() {
    if (settings_.client == "pipeline") return std::make_unique<Pipeline>(pool_);
    return std::make_unique<Waiting>(Conninfo());
  }

  ordered_json Figures(int unit, double cpu) {
    if (took_.empty()) Fail("nothing was done in time");
    std::sort(took_.begin(), took_.end());
    const auto count = static_cast<double>(took_.size());
    return {{"rate", unit * count / settings_.seconds},
            {"cpu_us", 1e6 * cpu / (unit * count)},
            {"p50_ms", took_[took_.size() / 2]},
            {"p99_ms", took_[took_.size() * 99 / 100]}};
  }

  const Settings& settings_;
  const xxt::files::Secret password_;
  xxt::pg::Pool pool_;
  std::mutex mu_;
  std::vector<double> took_;
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Measures a change through common/pg and through libpqxx.");
  app.add_option("--what", settings.what,
                 "change: a transaction of --statements inserts; load: one of 1,000 rows, by libpqxx with COPY")
      ->required()
      ->check(CLI::IsMember({"change", "load"}));
  app.add_option("--client", settings.client)->required()->check(CLI::IsMember({"pipeline", "pqxx"}));
  app.add_option("--dsn", settings.dsn)->required();
  app.add_option("--password-file", settings.password_file)->required();
  app.add_option("--statements", settings.statements)->check(CLI::Range(1, 1000));
  app.add_option("--callers", settings.callers)->check(CLI::Range(1, 64));
  app.add_option("--seconds", settings.seconds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    std::printf("%s\n", Bench(settings).Run().dump().c_str());
  } catch (const std::exception& error) {
    Fail(error.what());
  }
}
