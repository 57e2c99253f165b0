#ifndef XXT_COMMON_EDGE_SLICE_H_
#define XXT_COMMON_EDGE_SLICE_H_

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/seal/seal.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"

namespace xxt::edge {

class Edge;

// What slices stand on besides their own settings. Outlives all of them.
struct Host {
  std::string name;  // "intake"
  const Clock& clock;
  const seal::Keyring& keys;
};

// What a noun adds to its service. A service is the list of its slices, in
// their one order (assembly.cc): kinds first, for the engine is there before the
// edge.
struct Slice {
  std::vector<tasks::MachineKind> machine_kinds = {};
  std::vector<tasks::DeskKind> desk_kinds = {};
  // Of each gRPC service of it.
  std::vector<std::function<std::unique_ptr<grpc::Service>(Edge&)>> services = {};
};

// A kind of the machine that touches nothing outside: `body` runs in the
// transaction that settles the task, as this service, at the time of the clock.
// `on_dead`: see tasks::MachineKind.
using TimerBody = std::function<absl::Status(Tx&, const tasks::Task&)>;
using DeadBody = std::function<absl::Status(Tx&, const tasks::Task&, absl::string_view reason)>;
tasks::MachineKind Timer(const Host& host, const char* kind, TimerBody body, DeadBody on_dead);

// Queues a task of a Timer about `subject`, whose key is "kind/subject"; and
// takes it back.
void Later(Tx& tx, const char* kind, absl::string_view subject, absl::Time due);
void Never(Tx& tx, const char* kind, absl::string_view subject);
std::string KeyOf(absl::string_view kind, absl::string_view subject);

// A kind of the desk that ends by itself when an RPC does what it asks for:
// CompleteTask answers STATE_FORBIDS with these words.
tasks::DeskKind Settled(const char* kind, const char* zh, const char* en);

// The kinds of all slices, behind `others`.
std::vector<tasks::MachineKind> With(const std::vector<Slice>& slices, std::vector<tasks::MachineKind> others);
std::vector<tasks::DeskKind> With(const std::vector<Slice>& slices, std::vector<tasks::DeskKind> others);
// The gRPC services of all slices.
std::vector<std::unique_ptr<grpc::Service>> ServicesOf(const std::vector<Slice>& slices, Edge& edge);

template <typename Service>
std::function<std::unique_ptr<grpc::Service>(Edge&)> ServiceOf() {
  return [](Edge& edge) { return std::make_unique<Service>(edge); };
}

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_SLICE_H_
