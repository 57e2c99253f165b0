#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/aftercare.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kAftercareDueKind[] = "aftercare.due";
constexpr char kTouchKind[] = "aftercare.touch";

const store::Table<v1::Aftercare> kAftercares(
    "intake.aftercares", &cases::kCases,
    {.columns = {"hall", "state", "next_touch_time"},
     .lists = {{"of_case", {"case_id"}, "next_touch_time, id"},
               {"due", {}, "next_touch_time, id", store::Of::kHalls, {{"state", v1::Aftercare::STATE_DUE}}}}});

absl::Status CheckTouchTime(const Policy& policy, absl::Time touch, absl::Time now, const char* field) {
  if (touch <= now) return errors::FieldInvalid(field, "必须晚于现在", "must lie in the future");
  if (touch > calendar::EndOfDay(calendar::ToCivilDay(now) + policy.aftercare_days)) {
    return errors::FieldInvalid(field, absl::StrCat("最迟在 ", policy.aftercare_days, " 天之内"),
                                absl::StrCat("must lie within ", policy.aftercare_days, " days"));
  }
  return absl::OkStatus();
}

// What is asked at the time, by the machine or by a person.
void Forget(Tx& tx, const v1::Aftercare& it) {
  for (const char* kind : {kAftercareDueKind, kTouchKind}) edge::Never(tx, kind, it.name());
}

absl::Status Create(const Policy& policy, Tx& tx, const v1::CreateAftercareRequest& request, v1::Aftercare& made) {
  made = request.aftercare();
  const absl::Time touch = rpc::FromProto(made.next_touch_time());
  XXT_RETURN_IF_ERROR(CheckTouchTime(policy, touch, tx.now, "aftercare.next_touch_time"));
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  made.set_name(kAftercares.NewName(about.name(), tx.now));
  made.set_state(v1::Aftercare::STATE_WAITING);
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kAftercares, made);
  tx.Tell(about, "aftercare.arranged.v1", "安排跟踪关怀");
  edge::Later(tx, kAftercareDueKind, made.name(), touch);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetAftercareRequest& request, v1::Aftercare& found) {
  return tx.Get(kAftercares, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListAftercaresRequest& request, v1::ListAftercaresResponse& response) {
  return tx.List(kAftercares, request.parent() == "cases/-" ? "due" : "of_case", request, &response);
}

absl::Status CheckGoesOn(const v1::Aftercare& it) {
  if (it.state() != v1::Aftercare::STATE_ENDED) return absl::OkStatus();
  return errors::StateForbids(it.name(), "这项跟踪关怀已结束", "the aftercare has ended");
}

absl::Status Touch(const Policy& policy, Tx& tx, const v1::RecordTouchRequest& request, v1::Aftercare& it) {
  const absl::Time touch = rpc::FromProto(request.next_touch_time());
  XXT_RETURN_IF_ERROR(CheckTouchTime(policy, touch, tx.now, "next_touch_time"));
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kAftercares, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckGoesOn(it));
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, contact::Load(tx, about, request.contact()));
  if (!contact::HasTheirWord(said)) {
    return errors::FieldInvalid("contact", "这次联系中没有联系上当事人或亲属",
                                "neither the applicant nor kin were reached in that contact");
  }
  // Names sort as they were made: an older contact has been counted, or was before anybody looked after them.
  const bool is_new = it.last_contact().empty() ? rpc::FromProto(said.occur_time()) >= rpc::FromProto(it.create_time())
                                                : said.name() > it.last_contact();
  if (!is_new) {
    return errors::FieldInvalid("contact", "这次联系已登记过，或早于这项跟踪",
                                "was counted before, or is older than the aftercare");
  }
  it.set_state(v1::Aftercare::STATE_WAITING);
  it.set_touch_count(it.touch_count() + 1);
  it.set_last_contact(said.name());
  *it.mutable_next_touch_time() = request.next_touch_time();
  tx.Save(kAftercares, it);
  tx.Tell(about, "aftercare.touched.v1", "跟踪关怀：已联系");
  Forget(tx, it);
  edge::Later(tx, kAftercareDueKind, it.name(), touch);
  return absl::OkStatus();
}

absl::Status End(Tx& tx, const v1::EndAftercareRequest& request, v1::Aftercare& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kAftercares, request.name(), request.etag(), &it));
  XXT_RETURN_IF_ERROR(CheckGoesOn(it));
  it.set_state(v1::Aftercare::STATE_ENDED);
  it.set_end_reason(request.reason());
  rpc::ToProto(tx.now, it.mutable_end_time());
  tx.Save(kAftercares, it);
  tx.Tell(about, "aftercare.ended.v1", "跟踪关怀结束");
  Forget(tx, it);
  return absl::OkStatus();
}

// Its time has come. Nothing ends by itself, however long nobody gets in touch.
absl::Status Due(Tx& tx, const tasks::Task& task) {
  v1::Aftercare it;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kAftercares, task.subject, "", &it));
  if (it.state() != v1::Aftercare::STATE_WAITING) return absl::OkStatus();
  it.set_state(v1::Aftercare::STATE_DUE);
  tx.Save(kAftercares, it);
  tx.Tell(about, "aftercare.due.v1", "跟踪关怀：该联系了");
  cases::AskOwner(tx, about, kTouchKind, it.name(), absl::StrCat("跟踪关怀：请联系当事人：", about.display_code()));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::AftercareService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateAftercare, Aftercare, std::bind_front(Create, settings_))
  XXT_READ(GetAftercare, Aftercare, Get)
  XXT_READ(ListAftercares, ListAftercaresResponse, List)
  XXT_CHANGE(RecordTouch, Aftercare, std::bind_front(Touch, settings_))
  XXT_CHANGE(EndAftercare, Aftercare, End)
};

}  // namespace

edge::Slice AftercareSlice(const edge::Host& host, const Policy& policy) {
  return {{edge::Timer(host, kAftercareDueKind, Due, cases::ShowDead)},
          {edge::Settled(kTouchKind, "请登记联系或结束关怀来完成", "settled by RecordTouch or EndAftercare")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
