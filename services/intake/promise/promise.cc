#include <functional>

#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/promise.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kDueKind[] = "promise.due";
constexpr char kBrokenKind[] = "promise.broken";

const store::Table<v1::Promise> kPromises(
    "intake.promises", &cases::kCases,
    {.columns = {"hall", "state", "due_time"},
     .lists = {{"of_case", {"case_id"}, "due_time, id"},
               {"broken", {}, "due_time, id", store::Of::kHalls, {{"state", v1::Promise::STATE_BROKEN}}}}});

absl::Status Create(const Policy& policy, Tx& tx, const v1::CreatePromiseRequest& request, v1::Promise& made) {
  made = request.promise();
  const absl::Time due = rpc::FromProto(made.due_time());
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(cases::CheckActionTime(about, due, policy, tx.now, "promise.due_time"));
  if (!cases::HasParty(about, made.recipient())) return errors::NotFound("intake.xixinting/Party", made.recipient());
  made.set_name(kPromises.NewName(about.name(), tx.now));
  made.set_state(v1::Promise::STATE_OPEN);
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kPromises, made);
  tx.Tell(about, "promise.made.v1", "对当事人作出一项承诺");
  edge::Later(tx, kDueKind, made.name(), due);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPromiseRequest& request, v1::Promise& found) {
  return tx.Get(kPromises, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListPromisesRequest& request, v1::ListPromisesResponse& response) {
  return tx.List(kPromises, request.parent() == "cases/-" ? "broken" : "of_case", request, &response);
}

absl::Status Keep(Tx& tx, const v1::KeepPromiseRequest& request, v1::Promise& promise) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kPromises, request.name(), request.etag(), &promise));
  const bool late = promise.state() == v1::Promise::STATE_BROKEN;
  if (promise.state() != v1::Promise::STATE_OPEN && !late) {
    return errors::StateForbids(promise.name(), "承诺已兑现", "the promise is kept already");
  }
  promise.set_state(late ? v1::Promise::STATE_KEPT_LATE : v1::Promise::STATE_KEPT);
  rpc::ToProto(tx.now, promise.mutable_keep_time());
  tx.Save(kPromises, promise);
  tx.Tell(about, "promise.kept.v1", late ? "一项逾期的承诺已兑现" : "一项承诺已兑现");
  for (const char* kind : {kDueKind, kBrokenKind}) edge::Never(tx, kind, promise.name());
  return absl::OkStatus();
}

// Its time has come.
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Promise promise;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kPromises, task.subject, "", &promise));
  if (promise.state() != v1::Promise::STATE_OPEN) return absl::OkStatus();
  promise.set_state(v1::Promise::STATE_BROKEN);
  tx.Save(kPromises, promise);
  tx.Tell(about, "promise.broken.v1", "一项承诺逾期未兑现");
  cases::AskOwner(tx, about, kBrokenKind, promise.name(),
                  "承诺逾期未兑现，请联系当事人并补上：" + about.display_code());
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PromiseService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreatePromise, Promise, std::bind_front(Create, settings_))
  XXT_READ(GetPromise, Promise, Get)
  XXT_READ(ListPromises, ListPromisesResponse, List)
  XXT_CHANGE(KeepPromise, Promise, Keep)
};

}  // namespace

// What is open when it is due is broken by the machine, and the case's owner is asked to make it good.
edge::Slice PromiseSlice(const edge::Host& host, const Policy& policy) {
  return {{edge::Timer(host, kDueKind, Due, cases::ShowDead)},
          {edge::Settled(kBrokenKind, "请记为已兑现来完成", "settled by KeepPromise")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
