#ifndef XXT_TESTS_CONTRACT_SERVICE_WORLD_H_
#define XXT_TESTS_CONTRACT_SERVICE_WORLD_H_

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/clock/clock.h"
#include "common/config/service_config.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/listener.h"
#include "common/testing/scratch_dir.h"
#include "common/testing/tokens.h"

// What the worlds of all services are made of.
namespace xxt::contract {

// Waits until `found` answers true; false after forty seconds.
inline bool Eventually(const std::function<bool()>& found) {
  const absl::Time give_up = absl::Now() + absl::Seconds(40);
  while (!found()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

// A port of this machine that nobody listens at.
inline int FreePort() { return test::Listener().port(); }

inline std::string FreeAddress() { return absl::StrCat("127.0.0.1:", FreePort()); }

// Where a service of these tests is, HOST:PORT each, and what is around it.
struct Surroundings {
  std::string address;
  std::string metrics_address;
  std::string neighbours;                   // who answers for the other services
  std::map<std::string, std::string> sims;  // the simulated outside, as stories name it: {"phone", URL}
  const test::ScratchDir* dir = nullptr;
};

// How a service of these tests is started.
struct Startup {
  absl::Duration probe_period = absl::ZeroDuration();
  absl::Duration task_lease = absl::Seconds(30);
  // Where what its own loops ask outside is, and says nothing; 0: it is where it always is.
  int silent_port = 0;
  std::string span_collector{};  // HOST:PORT; empty: spans are not made
};

// The configuration of `service` ("intake") over `database` and the tests'
// Redis; its ports are free ones, its clock the file "clock" in `dir`.
inline config::Service ConfigOf(const std::string& service, const test::Database& database,
                                const test::ScratchDir& dir) {
  config::Service made;
  made.listen_address = "127.0.0.1:0";
  made.tls_plaintext = true;
  made.health_address = "127.0.0.1:0";
  made.metrics_address = FreeAddress();
  made.postgres_dsn = database.options().dsn;
  made.postgres_password = database.options().password;
  const redis::Options redis = test::TestRedis();
  made.redis_address = redis.address;
  made.redis_username = redis.username;
  made.redis_password = redis.password;
  made.jwks_file = dir.Write("jwks.json", test::TestJwks());
  made.signing_key = files::Secret(test::TestServiceKey(service));
  made.seal_key_file = test::WriteKeyFile(dir);
  made.test_clock_file = dir.File("clock");
  made.probe_period = absl::ZeroDuration();
  return made;
}

// One replica of a service and a channel to it.
template <typename Assembly>
class Running {
 public:
  // Starts it; ends the program if it does not start.
  template <typename Config>
  void Start(const Config& config) {
    auto assembly = Assembly::Start(config);
    if (!assembly.ok()) {
      std::fprintf(stderr, "%s\n", assembly.status().ToString().c_str());
      std::abort();
    }
    assembly_ = *std::move(assembly);
    channel_ = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  }
  // As an operator stops it.
  void Drain() { assembly_->Drain(); }
  // Drains and destroys it.
  void End() {
    channel_.reset();
    assembly_.reset();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", assembly_->port()); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::unique_ptr<Assembly> assembly_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Serves what stands in for other services, at a port of its own.
class PeerServer {
 public:
  PeerServer(std::initializer_list<grpc::Service*> services) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    for (grpc::Service* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// What the worlds of all services are: `World` derives from this, adds what is
// around its service, has Start and surroundings, and calls End when it is
// destroyed, for what is around it goes before what is here.
template <typename World, typename Assembly, typename Config>
class ServiceWorld {
 public:
  // The one of this program: made with its first use, and anew after Stop.
  static World& Get() {
    if (Slot() == nullptr) Slot() = std::make_unique<World>();
    return *Slot();
  }
  // Ends it, if there is one. See stop_world.h.
  static void Stop() { Slot().reset(); }

  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  const std::shared_ptr<grpc::Channel>& channel() const { return running_.channel(); }
  test::Database& database() { return database_; }
  absl::Time now() const { return clock_.Now(); }

  // As an operator stops a replica; Start starts another one on the same stores.
  void Drain() { running_.Drain(); }
  void End() { running_.End(); }

 protected:
  // At 10:00 on a working day that is in the seeded rota.
  explicit ServiceWorld(const std::string& service) : database_(service), clock_(dir_.File("clock")) {
    absl::CivilDay day = calendar::ToCivilDay(absl::Now()) + 1;
    while (!calendar::WorkingDays::China().IsWorkday(day) || absl::GetWeekday(day) == absl::Weekday::saturday ||
           absl::GetWeekday(day) == absl::Weekday::sunday) {
      ++day;
    }
    clock_.Advance(calendar::AtTimeOfDay(day, 10, 0) - absl::Now());
  }
  ~ServiceWorld() = default;

  test::ScratchDir dir_;
  Config config_;
  test::Database database_;
  FileClock clock_;
  Running<Assembly> running_;

 private:
  static std::unique_ptr<World>& Slot() {
    static auto* const slot = new std::unique_ptr<World>();
    return *slot;
  }
};

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_SERVICE_WORLD_H_
