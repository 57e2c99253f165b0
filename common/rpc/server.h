#ifndef XXT_COMMON_RPC_SERVER_H_
#define XXT_COMMON_RPC_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"

namespace xxt::rpc {

struct ServerOptions {
  std::string address;  // HOST:PORT; port 0 picks a free one
  // How whoever calls is known. Required: what is served in plaintext says so.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // HOST:PORT where health alone is told, in plaintext: a kubelet has no
  // certificate. Empty: nowhere else.
  std::string health_address;
  bool reflection = false;
  // Who opens a connection must speak HTTP/2 this soon, and answer a ping after
  // silence; one without calls is closed after a while. Clients that live
  // notice nothing but a new connection.
  absl::Duration greet_within = absl::Seconds(10);
  absl::Duration ping_after = absl::Seconds(60);
  absl::Duration answer_ping_within = absl::Seconds(20);
  absl::Duration close_idle_after = absl::Minutes(5);
  absl::Duration probe_period = absl::Seconds(5);    // go on serving that long after health says no
  absl::Duration drain_deadline = absl::Seconds(8);  // then running calls may take that long
};

// A gRPC server that says whether it is well: the health services "" and
// "readiness" are SERVING while `ready` returns OK (asked every second),
// "liveness" as long as the process runs.
class Server {
 public:
  // Starts listening. `services` and what `ready` uses must outlive the server.
  // Errors: UNAVAILABLE if an address cannot be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services,
                                                       std::function<absl::Status()> ready);
  ~Server();

  int port() const { return port_; }
  // Of health alone; 0 if there is none.
  int health_port() const { return health_port_; }

  // Health says NOT_SERVING at once; serves on for the probe period; runs
  // `before_refusing` (which ends streams and must not wait); then refuses new
  // calls and waits for running ones. Returns when every handler has finished.
  // Idempotent.
  void Drain(const std::function<void()>& before_refusing = [] {});

 private:
  explicit Server(ServerOptions options) : options_(std::move(options)) {}
  absl::Status ListenForHealth();
  absl::Status Listen(const std::vector<grpc::Service*>& services);
  // Of the server and of health's own port.
  void Say(const std::string& service, bool serving);
  // Tells clients whether they should come; never again once draining.
  void SetServing(bool serving) XXT_EXCLUDES(mu_);

  const ServerOptions options_;
  int port_ = 0;
  int health_port_ = 0;
  Mutex mu_;
  bool draining_ XXT_GUARDED_BY(mu_) = false;
  // They answer UNIMPLEMENTED.
  grpc::CallbackGenericService nothing_else_;
  grpc::CallbackGenericService nothing_but_health_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::Server> health_server_;
  std::unique_ptr<Loop> health_;
};

// Blocks SIGTERM and SIGINT for this thread and all it starts later: the first
// thing in main, before gRPC makes threads. Has the process ignore SIGPIPE, of
// which libraries that write to who is gone (hiredis) would have it die.
class StopSignals {
 public:
  StopSignals();
  // Waits for one of them.
  void Wait();

 private:
  sigset_t signals_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_SERVER_H_
