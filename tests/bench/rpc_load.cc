// A closed-loop driver: each caller sends its next call when the last was
// answered. Prints one line of JSON.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identifiers/uuid.h"
#include "common/identity/token.h"
#include "nlohmann/json.hpp"
#include "tests/bench/cpu.h"
#include "tests/bench/look.h"
#include "tests/bench/new_case.h"
#include "tests/bench/tls.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace {

namespace intake = xixinting::intake::v1;
using xxt::bench::CpuSeconds;
using xxt::bench::kHall;
using xxt::bench::NewCase;
using xxt::bench::ReadFile;

struct Load {
  std::string target;
  std::string keys;
  std::string tls;
  std::string method;
  int callers = 8;
  int connections = 8;  // as a few counters' programs would have
  double seconds = 4;
  std::string of;   // a file with what looks are of (look.h), one a line
  int repeats = 0;  // of a hundred calls to create-case, how many send the caller's last one again
};

// What one caller saw.
struct Tally {
  std::vector<double> milliseconds;
  int errors = 0;
  std::string first_error;
  long long found = 0;  // by looks
};

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The connections, and what every caller sends.
class Driver {
 public:
  // `signer` is null for the echo server, which asks for no token.
  Driver(const Load& load, const xxt::identity::Signer* signer)
      : load_(load),
        signer_(signer),
        credentials_(xxt::bench::ClientCredentials(load.tls)),
        lines_(load.of.empty() ? std::vector<std::string>{""} : LinesOf(load.of)) {}

  // Opens all connections, so that no call waits for one, and creates the case
  // that get-case reads.
  grpc::Status Begin() {
    for (int number = 0; number < load_.connections; ++number) {
      open_.push_back(Connect(number));
      open_.back()->GetState(/*try_to_connect=*/true);
    }
    for (const auto& channel : open_) {
      if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) {
        return {grpc::StatusCode::UNAVAILABLE, "a connection cannot be opened"};
      }
    }
    name_ = "cases/00000000-0000-4000-8000-000000000000";
    if (load_.method != "get-case") return grpc::Status::OK;
    grpc::ClientContext context;
    Prepare(context);
    intake::CreateCaseRequest request;
    *request.mutable_case_() = NewCase();
    request.set_request_id(xxt::identifiers::NewUuid(absl::Now()));
    intake::Case created;
    const grpc::Status status = NewStub(0)->CreateCase(&context, request, &created);
    name_ = created.name();
    return status;
  }

  std::unique_ptr<intake::CaseService::Stub> NewStub(int caller) const {
    return intake::CaseService::NewStub(Connect(caller % load_.connections));
  }
  std::unique_ptr<xxt::bench::Look> NewLook(int caller) const {
    return xxt::bench::MakeLook(load_.method, Connect(caller % load_.connections));
  }
  // What the caller's call of that number is of: no two callers begin alike.
  const std::string& Of(int caller, int call) const {
    return lines_[static_cast<std::size_t>(caller * 997 + call) % lines_.size()];
  }

  void Prepare(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    if (signer_ != nullptr) context.AddMetadata("authorization", "Bearer " + signer_->Token(absl::Now()));
  }

  const Load& load() const { return load_; }
  const std::string& name() const { return name_; }
  bool has_lines() const { return !lines_.empty(); }

 private:
  // Equal numbers share a connection.
  std::shared_ptr<grpc::Channel> Connect(int number) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt("xxt.bench.connection", number);
    return grpc::CreateCustomChannel(load_.target, credentials_, arguments);
  }

  const Load& load_;
  const xxt::identity::Signer* const signer_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const std::vector<std::string> lines_;
  std::string name_;
  std::vector<std::shared_ptr<grpc::Channel>> open_;
};

// Sends its next call when the last was answered, on gRPC's threads: one thread
// for each caller would cost as much as what is measured.
class Caller {
 public:
  // `ended` counts down when the call that was under way `until` then is answered.
  Caller(const Driver& driver, int number, absl::Time until, absl::BlockingCounter& ended)
      : driver_(driver),
        number_(number),
        stub_(driver.NewStub(number)),
        look_(driver.NewLook(number)),
        until_(until),
        ended_(ended) {
    *create_.mutable_case_() = NewCase();
    *hand_off_.mutable_case_() = NewCase();
    hand_off_.mutable_hand_off()->set_counter("3 号综合窗口");
    hand_off_.mutable_hand_off()->set_reason("缺火化证明，按规定收不了件");
    get_.set_name(driver.name());
  }

  // Sends the next call, or none if the time is over.
  void Next() {
    if (absl::Now() >= until_) {
      ended_.DecrementCount();
      return;
    }
    ++calls_;
    const int repeats = driver_.load().repeats;
    const bool again = calls_ > 1 && calls_ * repeats / 100 > (calls_ - 1) * repeats / 100;
    if (!again) create_.set_request_id(xxt::identifiers::NewUuid(absl::Now()));
    last_ = std::move(context_);  // gRPC may still be at it
    context_ = std::make_unique<grpc::ClientContext>();
    driver_.Prepare(*context_);
    begin_ = std::chrono::steady_clock::now();
    Send([this](const grpc::Status& status) { Answered(status); });
  }

  // Once `ended` has come to zero.
  const Tally& tally() const { return tally_; }

 private:
  void Send(std::function<void(grpc::Status)> answered) {
    const std::string& method = driver_.load().method;
    if (look_ != nullptr) {
      look_->Send(context_.get(), driver_.Of(number_, calls_), std::move(answered));
    } else if (method == "create-case") {
      stub_->async()->CreateCase(context_.get(), &create_, &case_, std::move(answered));
    } else if (method == "hand-off") {
      hand_off_.set_request_id(xxt::identifiers::NewUuid(absl::Now()));
      stub_->async()->HandOffFromCounter(context_.get(), &hand_off_, &handed_off_, std::move(answered));
    } else {
      stub_->async()->GetCase(context_.get(), &get_, &case_, std::move(answered));
    }
  }

  void Answered(const grpc::Status& status) {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin_;
    if (status.ok()) {
      tally_.milliseconds.push_back(took.count());
      if (look_ != nullptr) tally_.found += look_->found();
    } else if (tally_.errors++ == 0) {
      tally_.first_error = status.error_message();
    }
    Next();
  }

  const Driver& driver_;
  const int number_;
  const std::unique_ptr<intake::CaseService::Stub> stub_;
  const std::unique_ptr<xxt::bench::Look> look_;  // null if the method is another
  const absl::Time until_;
  absl::BlockingCounter& ended_;
  intake::CreateCaseRequest create_;
  intake::HandOffFromCounterRequest hand_off_;
  intake::GetCaseRequest get_;
  intake::Case case_;
  intake::HandOffFromCounterResponse handed_off_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientContext> last_;
  std::chrono::steady_clock::time_point begin_;
  int calls_ = 0;
  Tally tally_;
};

// The value that a share `rank` of the sorted `values` does not exceed.
double Percentile(const std::vector<double>& values, double rank) {
  if (values.empty()) return 0;
  const auto last = values.size() - 1;
  return values[std::min(last, static_cast<std::size_t>(rank * static_cast<double>(values.size())))];
}

int Run(const Load& load) {
  std::unique_ptr<xxt::identity::Signer> signer;
  if (load.method != "echo") {
    const bool counter = load.method == "hand-off";
    auto made =
        xxt::identity::Signer::Make(ReadFile(load.keys + "/staff-dev.jwk"), counter ? "staff/chen" : "staff/wang",
                                    kHall, {counter ? "counter" : "officer"}, "xixinting");
    if (!made.ok()) {
      std::fprintf(stderr, "rpc_load: %s\n", made.status().ToString().c_str());
      return 1;
    }
    signer = *std::move(made);
  }
  Driver driver(load, signer.get());
  if (!driver.has_lines()) {
    std::fputs("rpc_load: there is nothing in --of\n", stderr);
    return 1;
  }
  if (const grpc::Status begun = driver.Begin(); !begun.ok()) {
    std::fprintf(stderr, "rpc_load: %s\n", begun.error_message().c_str());
    return 1;
  }
  const double cpu_before = CpuSeconds();
  const absl::Time begin = absl::Now();
  const absl::Time until = begin + absl::Seconds(load.seconds);
  absl::BlockingCounter ended(load.callers);
  std::list<Caller> callers;
  for (int i = 0; i < load.callers; ++i) callers.emplace_back(driver, i, until, ended);
  for (Caller& caller : callers) caller.Next();
  ended.Wait();
  const double took = absl::ToDoubleSeconds(absl::Now() - begin);
  const double cpu = CpuSeconds() - cpu_before;
  Tally all;
  for (const Caller& caller : callers) {
    const Tally& one = caller.tally();
    all.milliseconds.insert(all.milliseconds.end(), one.milliseconds.begin(), one.milliseconds.end());
    all.errors += one.errors;
    all.found += one.found;
    if (all.first_error.empty()) all.first_error = one.first_error;
  }
  std::sort(all.milliseconds.begin(), all.milliseconds.end());
  const double calls = static_cast<double>(all.milliseconds.size());
  if (all.errors > 0) std::fprintf(stderr, "rpc_load: %d errors, the first: %s\n", all.errors, all.first_error.c_str());
  const nlohmann::ordered_json line = {{"calls", calls},
                                       {"rate", calls / took},
                                       {"p50_ms", Percentile(all.milliseconds, 0.50)},
                                       {"p95_ms", Percentile(all.milliseconds, 0.95)},
                                       {"p99_ms", Percentile(all.milliseconds, 0.99)},
                                       {"errors", all.errors},
                                       {"found_per_call", calls > 0 ? static_cast<double>(all.found) / calls : 0},
                                       {"client_cpu_us_per_call", calls > 0 ? 1e6 * cpu / calls : 0}};
  std::printf("%s\n", line.dump().c_str());
  return calls > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the services do
  Load load;
  CLI::App app("Calls intake from many callers at once and prints how fast it answered.");
  app.add_option("--target", load.target, "HOST:PORT")->required();
  app.add_option("--keys", load.keys, "folder with staff-dev.jwk");
  app.add_option("--tls", load.tls, "folder with the certificates of the instance; without: plaintext");
  std::vector<std::string> methods = xxt::bench::Looks();
  for (const char* one : {"create-case", "hand-off", "get-case", "echo"}) methods.emplace_back(one);
  app.add_option("--method", load.method)->required()->check(CLI::IsMember(methods));
  app.add_option("--of", load.of, "file with what looks are of, one a line")->check(CLI::ExistingFile);
  app.add_option("--callers", load.callers)->check(CLI::Range(1, 1000));
  app.add_option("--connections", load.connections, "open at the same time")->check(CLI::Range(1, 10000));
  app.add_option("--repeats", load.repeats, "percent of create-case calls that are sent again")
      ->check(CLI::Range(0, 50));
  app.add_option("--seconds", load.seconds)->check(CLI::PositiveNumber)->take_last();
  CLI11_PARSE(app, argc, argv);
  return Run(load);
}
