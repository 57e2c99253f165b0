#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/closing/follow_up_rules.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/aftercare.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kTouchKind[] = "aftercare.touch";

const store::Table<v1::Aftercare> kAftercares(
    "intake.aftercares", &cases::kCases,
    {.columns = {"hall", "state", "next_touch_time"},
     .lists = {{"of_case", {"case_id"}, "id DESC"},
               {"active", {}, "next_touch_time, id", store::Of::kHalls, {{"state", v1::Aftercare::STATE_ACTIVE}}}}});

absl::Status CheckNextTouch(const Policy& policy, absl::Time next, bool reached, absl::Time now, const char* field) {
  if (next <= now) return errors::FieldInvalid(field, "须晚于现在", "must lie in the future");
  const absl::CivilDay last = LastDayToTouch(reached, policy, calendar::ToCivilDay(now));
  if (calendar::ToCivilDay(next) <= last) return absl::OkStatus();
  const std::string day = absl::FormatCivilTime(last);
  return errors::FieldInvalid(field, absl::StrCat("太远，最迟 ", day),
                              absl::StrCat("is too far off, at the latest ", day));
}

void AskToTouch(Tx& tx, const v1::Case& about, const v1::Aftercare& it) {
  cases::AskAt(tx, about, kTouchKind, it.name(), about.owner(),
               absl::StrCat("后续关心，到了约定的联系时间：", about.display_code()),
               rpc::FromProto(it.next_touch_time()));
}

absl::Status Create(const Policy& policy, Tx& tx, const v1::CreateAftercareRequest& request, v1::Aftercare& made) {
  made = request.aftercare();
  XXT_RETURN_IF_ERROR(CheckNextTouch(policy, rpc::FromProto(made.next_touch_time()), /*reached=*/true, tx.now,
                                     "aftercare.next_touch_time"));
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  made.set_name(kAftercares.NewName(about.name(), tx.now));
  made.set_state(v1::Aftercare::STATE_ACTIVE);
  made.set_hall(about.hall());
  made.set_author(tx.caller.subject);
  tx.Insert(kAftercares, made);
  AskToTouch(tx, about, made);
  tx.Tell(about, "aftercare.begun.v1", "开始后续关心");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetAftercareRequest& request, v1::Aftercare& found) {
  return tx.Get(kAftercares, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListAftercaresRequest& request, v1::ListAftercaresResponse& response) {
  return tx.List(kAftercares, request.parent() == "cases/-" ? "active" : "of_case", request, &response);
}

// Its case, locked, while it goes on.
absl::StatusOr<v1::Case> LockActive(Tx& tx, const std::string& name, const std::string& etag, v1::Aftercare* it) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockWith(tx, kAftercares, name, etag, it));
  if (it->state() == v1::Aftercare::STATE_ACTIVE) return about;
  return errors::StateForbids(name, "后续关心已结束", "the aftercare has ended");
}

absl::Status Touch(const Policy& policy, Tx& tx, const v1::TouchAftercareRequest& request, v1::Aftercare& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockActive(tx, request.name(), request.etag(), &it));
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, contact::Load(tx, about, request.contact()));
  const bool reached = said.result() == v1::Contact::RESULT_REACHED;
  // Names sort as they were made.
  if (request.contact() <= it.contact() || !contact::WithThePerson(said) ||
      rpc::FromProto(said.record_time()) < rpc::FromProto(it.create_time())) {
    return errors::FieldInvalid("contact", "须是上次之后与当事人或亲属的联系",
                                "must be with the person or kin, and written since the last touch");
  }
  XXT_RETURN_IF_ERROR(
      CheckNextTouch(policy, rpc::FromProto(request.next_touch_time()), reached, tx.now, "next_touch_time"));
  it.set_contact(request.contact());
  rpc::ToProto(tx.now, it.mutable_touch_time());
  it.set_touch_count(it.touch_count() + (reached ? 1 : 0));
  it.set_vain_count(reached ? 0 : it.vain_count() + 1);
  *it.mutable_next_touch_time() = request.next_touch_time();
  tx.Save(kAftercares, it);
  // Anew, for the owner may be another by now.
  edge::Never(tx, kTouchKind, it.name());
  AskToTouch(tx, about, it);
  tx.Tell(about, "aftercare.touched.v1", reached ? "后续关心：已联系" : "后续关心：未接通");
  return absl::OkStatus();
}

absl::Status End(Tx& tx, const v1::EndAftercareRequest& request, v1::Aftercare& it) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LockActive(tx, request.name(), request.etag(), &it));
  it.set_state(v1::Aftercare::STATE_ENDED);
  it.set_end_reason(request.reason());
  rpc::ToProto(tx.now, it.mutable_end_time());
  tx.Save(kAftercares, it);
  edge::Never(tx, kTouchKind, it.name());
  tx.Tell(about, "aftercare.ended.v1", "后续关心已结束");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::AftercareService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateAftercare, Aftercare, std::bind_front(Create, settings_))
  XXT_READ(GetAftercare, Aftercare, Get)
  XXT_READ(ListAftercares, ListAftercaresResponse, List)
  XXT_CHANGE(TouchAftercare, Aftercare, std::bind_front(Touch, settings_))
  XXT_CHANGE(EndAftercare, Aftercare, End)
};

}  // namespace

// There is always a next touch on the desk, and no timer: quiet ends nothing.
edge::Slice AftercareSlice(const Policy& policy) {
  return {
      {},
      {edge::Settled(kTouchKind, "请用记一次关心或结束后续关心来完成", "settled by TouchAftercare or EndAftercare")},
      {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
