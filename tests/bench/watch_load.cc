// Measures how late watches tell: opens streams, writes events into the ledger
// at an even rate, one transaction each, and takes the time from before an
// event's commit to its arrival at a stream. Prints one line of JSON.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/events/events.h"
#include "common/identifiers/uuid.h"
#include "common/identity/token.h"
#include "common/pg/pool.h"
#include "nlohmann/json.hpp"
#include "tests/bench/password.h"
#include "tests/bench/tls.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace {

constexpr char kMethod[] = "/xixinting.intake.v1.CaseService/WatchCases";
constexpr int kWriters = 8;

struct Load {
  std::string target;
  std::string keys;
  std::string tls;
  std::string dsn;
  std::string password_file;
  int streams = 1000;
  int connections = 8;
  int halls = 100;  // 0: every stream hears of all halls
  int rate = 500;
  int seconds = 10;
  int every = 1;  // one stream of so many reads its events; the others count bytes
};

std::string HallOf(const Load& load, int number) {
  return absl::StrCat("halls/", 110200000 + number % std::max(load.halls, 1));
}

class Watch final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& token, bool reads)
      : stub_(channel), reads_(reads) {
    context_.AddMetadata("authorization", "Bearer " + token);
    stub_.PrepareBidiStreamingCall(&context_, kMethod, {}, this);
    const grpc::Slice none(std::string{});
    request_ = grpc::ByteBuffer(&none, 1);
    StartWriteLast(&request_, {});
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const absl::Time now = absl::Now();
    listens_ = true;
    bytes_ += static_cast<std::int64_t>(response_.Length());
    xixinting::intake::v1::WatchCasesResponse response;
    if (reads_ &&
        grpc::SerializationTraits<xixinting::intake::v1::WatchCasesResponse>::Deserialize(&response_, &response).ok()) {
      for (const auto& event : response.events()) {
        const absl::Time made =
            absl::FromUnixSeconds(event.event_time().seconds()) + absl::Nanoseconds(event.event_time().nanos());
        milliseconds_.push_back(absl::ToDoubleMilliseconds(now - made));
      }
      heard_ += response.events_size();
    }
    response_.Clear();
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    const absl::MutexLock lock(&mu_);
    status_ = status;
    done_ = true;
  }

  void Cancel() { context_.TryCancel(); }
  void Await() {
    const absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&done_));
  }
  bool listens() const { return listens_; }
  bool reads() const { return reads_; }
  int heard() const { return heard_; }
  std::int64_t bytes() const { return bytes_; }
  const std::vector<double>& milliseconds() const { return milliseconds_; }

 private:
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  const bool reads_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::atomic<bool> listens_{false};
  std::atomic<int> heard_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::vector<double> milliseconds_;
  absl::Mutex mu_;
  bool done_ = false;
  grpc::Status status_;
};

template <typename Done>
bool Await(absl::Duration patience, Done done) {
  const absl::Time give_up = absl::Now() + patience;
  while (!done()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

// Writes the events of one of several writers, each at its time; answers how many failed.
int Write(const Load& load, xxt::pg::Pool& pool, int writer, absl::Time begin) {
  int failed = 0;
  const int count = load.rate * load.seconds;
  for (int i = writer; i < count; i += kWriters) {
    absl::SleepFor(begin + i * absl::Seconds(1) / load.rate - absl::Now());
    const absl::Time now = absl::Now();
    const absl::Status status =
        xxt::pg::InTransaction(pool, now + absl::Seconds(5), [&](xxt::pg::Session& session) -> absl::Status {
          xxt::events::Append(session, {"", "case.changed.v1", "cases/" + xxt::identifiers::NewUuid(now),
                                        HallOf(load, i), "staff/wang", "记下需要的材料：火化证明", now});
          return absl::OkStatus();
        });
    if (!status.ok()) ++failed;
  }
  return failed;
}

std::vector<std::unique_ptr<Watch>> Open(const Load& load, const std::string& jwk) {
  std::vector<std::unique_ptr<Watch>> watches;
  const auto credentials = xxt::bench::ClientCredentials(load.tls);
  for (int i = 0; i < load.streams; ++i) {
    const bool all = load.halls == 0;
    auto signer = xxt::identity::Signer::Make(jwk, all ? "staff/qu" : "staff/wang", all ? "" : HallOf(load, i),
                                              {all ? "district" : "officer"}, "xixinting");
    if (!signer.ok()) {
      std::fprintf(stderr, "watch_load: %s\n", signer.status().ToString().c_str());
      std::exit(1);
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt("xxt.bench.connection", i % load.connections);
    // As many at once as the service has room for.
    if (i > 0 && i % 100 == 0) Await(absl::Seconds(20), [&] { return watches.back()->listens(); });
    watches.push_back(std::make_unique<Watch>(grpc::CreateCustomChannel(load.target, credentials, arguments),
                                              (*signer)->Token(absl::Now()), i % load.every == 0));
  }
  return watches;
}

int Run(const Load& load) {
  auto watches = Open(load, xxt::bench::ReadFile(load.keys + "/staff-dev.jwk"));
  const auto all = [&watches](auto is) { return std::all_of(watches.begin(), watches.end(), is); };
  const bool open = Await(absl::Seconds(60), [&] { return all([](const auto& watch) { return watch->listens(); }); });
  xxt::pg::PoolOptions options;
  options.dsn = load.dsn;
  options.password = xxt::bench::PasswordIn(load.password_file);
  options.connections = kWriters;
  xxt::pg::Pool pool(options);
  std::atomic<int> failed{0};
  std::vector<std::thread> writers;
  const absl::Time begin = absl::Now() + absl::Milliseconds(200);
  for (int i = 0; i < kWriters; ++i) writers.emplace_back([&, i] { failed += Write(load, pool, i, begin); });
  for (std::thread& writer : writers) writer.join();
  const double took = absl::ToDoubleSeconds(absl::Now() - begin);
  const int events = load.rate * load.seconds;
  const int each = load.halls == 0 ? events : events / load.halls;
  // Those that only count bytes have heard all when they have as many as one that reads, but for the frames.
  const bool heard = Await(absl::Seconds(30), [&] {
    std::int64_t read = std::numeric_limits<std::int64_t>::max();
    for (const auto& watch : watches) {
      if (watch->reads()) read = std::min(read, watch->bytes());
    }
    return all([&](const auto& watch) {
      return watch->reads() ? watch->heard() >= each : watch->bytes() >= read - read / 50;
    });
  });
  std::vector<double> milliseconds;
  std::int64_t bytes = 0;
  for (const auto& watch : watches) watch->Cancel();
  for (const auto& watch : watches) {
    watch->Await();
    milliseconds.insert(milliseconds.end(), watch->milliseconds().begin(), watch->milliseconds().end());
    bytes += watch->bytes();
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto percentile = [&milliseconds](double rank) {
    if (milliseconds.empty()) return 0.0;
    return milliseconds[std::min(milliseconds.size() - 1,
                                 static_cast<std::size_t>(rank * static_cast<double>(milliseconds.size())))];
  };
  const nlohmann::ordered_json line = {{"streams", load.streams},
                                       {"rate", events / took},
                                       {"calls", events},
                                       {"told", milliseconds.size()},
                                       {"mb_per_second", 1e-6 * static_cast<double>(bytes) / took},
                                       {"p50_ms", percentile(0.50)},
                                       {"p99_ms", percentile(0.99)},
                                       {"max_ms", milliseconds.empty() ? 0.0 : milliseconds.back()},
                                       {"errors", failed + (open ? 0 : 1) + (heard ? 0 : 1)}};
  std::printf("%s\n", line.dump().c_str());
  return open && heard ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the services do
  Load load;
  CLI::App app("Watches intake from many streams and prints how late they hear of events.");
  app.add_option("--target", load.target, "HOST:PORT")->required();
  app.add_option("--keys", load.keys, "folder with staff-dev.jwk")->required();
  app.add_option("--tls", load.tls, "folder with the certificates of the instance; without: plaintext");
  app.add_option("--dsn", load.dsn, "intake's database")->required();
  app.add_option("--password-file", load.password_file)->required();
  app.add_option("--streams", load.streams)->check(CLI::Range(1, 10000));
  app.add_option("--connections", load.connections)->check(CLI::Range(1, 1000));
  app.add_option("--halls", load.halls, "that the streams belong to; 0: all hear everything");
  app.add_option("--rate", load.rate, "events per second")->check(CLI::PositiveNumber);
  app.add_option("--seconds", load.seconds)->check(CLI::PositiveNumber);
  app.add_option("--every", load.every, "one of so many streams reads what it hears")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return Run(load);
}
