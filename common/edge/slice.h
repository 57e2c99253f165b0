#ifndef XXT_COMMON_EDGE_SLICE_H_
#define XXT_COMMON_EDGE_SLICE_H_

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
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
// It is tried for an hour.
// `on_dead`: see tasks::MachineKind.
using TimerBody = std::function<absl::Status(Tx&, const tasks::Task&)>;
using DeadBody = std::function<absl::Status(Tx&, const tasks::Task&, absl::string_view reason)>;
tasks::MachineKind Timer(const Host& host, const char* kind, TimerBody body, DeadBody on_dead);

// Runs `body` as the service itself, now: for kinds that the above does not fit.
// What was sealed and does not open is INTERNAL, as in the above: the key may be
// back later, so whoever asked tries again.
absl::Status AsService(const Host& host, pg::Session& session, absl::FunctionRef<absl::Status(Tx&)> body);
// The same to read, in no transaction: what a kind must know before it asks outside.
absl::Status ReadAsService(const Host& host, pg::Pool& pool, SteadyTime deadline,
                           absl::FunctionRef<absl::Status(Tx&)> body);
// Makes a tasks::MachineKind::on_dead of a body, which runs as the service itself
// and is shown without its words what does not open: that may be what the task
// died of, and a person is to learn of it. Logged. `host` must outlive the result.
std::function<absl::Status(pg::Session&, const tasks::Task&, absl::string_view)> WhenDead(const Host& host,
                                                                                          DeadBody body);

// What people are shown of a task that the machine could not do.
struct Undone {
  const char* kind = "";  // of the desk: "intake.dead_task"
  std::string subject = {};
  std::string hall = {};
  std::string assignee = {};  // empty: anybody of the hall
  std::string summary = {};
};

// For a DeadBody: queues the one task of people that is about `dead`.
void ShowDead(Tx& tx, const tasks::Task& dead, Undone undone);

// Queues a task of a Timer about `subject`, whose key is "kind/subject"; and
// takes it back.
void Later(Tx& tx, const char* kind, absl::string_view subject, absl::Time due);
void Never(Tx& tx, const char* kind, absl::string_view subject);
std::string KeyOf(absl::string_view kind, absl::string_view subject);

// A kind of the desk: what a person says came of it is stored by `body`, as that
// person, in the transaction that settles the task. Whoever may complete a task
// may do what it is about, whichever hall that is of.
using DeskBody = std::function<absl::Status(Tx&, const tasks::Task&, const tasks::Completion&)>;
tasks::DeskKind Desk(const Host& host, const char* kind, std::vector<std::string> outcomes, DeskBody body);

// A DeskBody of what is done once somebody has seen it.
absl::Status Seen(Tx& tx, const tasks::Task& task, const tasks::Completion& completion);

// A kind of the desk that ends by itself when an RPC does what it asks for:
// CompleteTask returns STATE_FORBIDS with these words.
tasks::DeskKind Settled(const char* kind, const char* zh, const char* en);

// The kinds of all slices.
std::vector<tasks::MachineKind> MachineKindsOf(const std::vector<Slice>& slices);
std::vector<tasks::DeskKind> DeskKindsOf(const std::vector<Slice>& slices);
// The gRPC services of all slices.
std::vector<std::unique_ptr<grpc::Service>> ServicesOf(const std::vector<Slice>& slices, Edge& edge);

// Makes a Service(edge, settings…); a copy of them.
template <typename Service, typename... Settings>
std::function<std::unique_ptr<grpc::Service>(Edge&)> ServiceOf(const Settings&... settings) {
  return [settings...](Edge& edge) { return std::make_unique<Service>(edge, settings...); };
}

}  // namespace xxt::edge

#endif  // XXT_COMMON_EDGE_SLICE_H_
