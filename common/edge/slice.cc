#include "common/edge/slice.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/identity/caller.h"
#include "common/log/log.h"
#include "common/status/errors.h"

namespace xxt::edge {
namespace {

// It waits for nobody outside: what the store refuses an hour long is damaged, and
// a person is to mend it. (Without the keys of the database nothing is begun.)
constexpr absl::Duration kTimerGivesUp = absl::Hours(1);

struct Freedom {
  bool reads_only = false;
  bool must_open = true;
};

absl::Status Run(const Host& host, pg::Session& session, Freedom freedom, absl::FunctionRef<absl::Status(Tx&)> body) {
  const identity::Caller caller{absl::StrCat("services/", host.name), "", {"service"}, identity::HallScope::All()};
  const Circumstances of{.caller = caller,
                         .now = absl::FromUnixMicros(absl::ToUnixMicros(host.clock.Now())),
                         .keys = host.keys,
                         .reads_only = freedom.reads_only,
                         .must_open = freedom.must_open};
  return InTx(session, of, body);
}

template <typename Kind>
std::vector<Kind> KindsOf(const std::vector<Slice>& slices, std::vector<Kind> Slice::*kinds) {
  std::vector<Kind> all;
  for (const Slice& slice : slices) all.insert(all.end(), (slice.*kinds).begin(), (slice.*kinds).end());
  return all;
}

}  // namespace

absl::Status AsService(const Host& host, pg::Session& session, absl::FunctionRef<absl::Status(Tx&)> body) {
  return Run(host, session, {}, body);
}

absl::Status ReadAsService(const Host& host, pg::Pool& pool, SteadyTime deadline,
                           absl::FunctionRef<absl::Status(Tx&)> body) {
  return pg::Read(pool, deadline, [&](pg::Session& session) { return Run(host, session, {.reads_only = true}, body); });
}

std::function<absl::Status(pg::Session&, const tasks::Task&, absl::string_view)> WhenDead(const Host& host,
                                                                                          DeadBody body) {
  return [&host, body = std::move(body)](pg::Session& session, const tasks::Task& task, absl::string_view reason) {
    log::Warning("task.dead", {{"task", task.id}, {"kind", task.kind}, {"reason", reason}});
    return Run(host, session, {.must_open = false}, [&](Tx& tx) { return body(tx, task, reason); });
  };
}

tasks::MachineKind Timer(const Host& host, const char* kind, TimerBody body, DeadBody on_dead) {
  tasks::MachineKind made;
  made.name = kind;
  made.handle = [&host, body = std::move(body)](const tasks::Task& task, SteadyTime) {
    return tasks::Verdict::Done([&host, body, task](pg::Session& session) {
      return AsService(host, session, [&](Tx& tx) { return body(tx, task); });
    });
  };
  made.on_dead = WhenDead(host, std::move(on_dead));
  made.give_up_after = kTimerGivesUp;
  return made;
}

void ShowDead(Tx& tx, const tasks::Task& dead, Undone undone) {
  tasks::NewTask task;
  task.kind = undone.kind;
  task.subject = std::move(undone.subject);
  task.dedupe_key = KeyOf(task.kind, dead.id);
  task.lane = tasks::Lane::kDesk;
  task.hall = std::move(undone.hall);
  task.assignee = std::move(undone.assignee);
  task.summary = std::move(undone.summary);
  tasks::Enqueue(tx.session, std::move(task));
}

std::string KeyOf(absl::string_view kind, absl::string_view subject) { return absl::StrCat(kind, "/", subject); }

void Later(Tx& tx, const char* kind, absl::string_view subject, absl::Time due) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = std::string(subject);
  task.dedupe_key = KeyOf(kind, subject);
  task.due = tasks::Due::At(due, tx.now);
  tasks::Enqueue(tx.session, std::move(task));
}

void Never(Tx& tx, const char* kind, absl::string_view subject) { tasks::Cancel(tx.session, KeyOf(kind, subject)); }

tasks::DeskKind Desk(const Host& host, const char* kind, std::vector<std::string> outcomes, DeskBody body) {
  const auto complete = [&host, body = std::move(body)](pg::Session& session, const tasks::Task& task,
                                                        const tasks::Completion& completion) {
    const identity::Caller caller{completion.staff, task.hall, {}, identity::HallScope::All()};
    const Circumstances of{.caller = caller, .now = completion.now, .keys = host.keys};
    return InTx(session, of, [&](Tx& tx) { return body(tx, task, completion); });
  };
  return {kind, std::move(outcomes), complete};
}

absl::Status Seen(Tx&, const tasks::Task&, const tasks::Completion&) { return absl::OkStatus(); }

tasks::DeskKind Settled(const char* kind, const char* zh, const char* en) {
  return {kind, {}, [zh, en](pg::Session&, const tasks::Task& task, const tasks::Completion&) {
            return errors::StateForbids(task.subject, zh, en);
          }};
}

std::vector<tasks::MachineKind> MachineKindsOf(const std::vector<Slice>& slices) {
  return KindsOf(slices, &Slice::machine_kinds);
}

std::vector<tasks::DeskKind> DeskKindsOf(const std::vector<Slice>& slices) {
  return KindsOf(slices, &Slice::desk_kinds);
}

std::vector<std::unique_ptr<grpc::Service>> ServicesOf(const std::vector<Slice>& slices, Edge& edge) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  for (const Slice& slice : slices) {
    for (const auto& make : slice.services) services.push_back(make(edge));
  }
  return services;
}

}  // namespace xxt::edge
