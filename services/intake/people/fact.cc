#include "services/intake/people/fact.h"

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/fact.grpc.pb.h"

namespace xxt::intake {
namespace people {

const store::Table<v1::Fact> kFacts("intake.facts", &cases::kCases, {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

}  // namespace people

namespace {

using people::kFacts;

absl::Status Record(Tx& tx, const v1::RecordFactRequest& request, v1::Fact& made) {
  made = request.fact();
  if (rpc::FromProto(made.as_of_date()) > calendar::ToCivilDay(tx.now)) {
    return errors::FieldInvalid("fact.as_of_date", "不能晚于今天", "must not lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  if (!made.party().empty() && !cases::HasParty(about, made.party())) {
    return errors::NotFound("intake.xixinting/Party", made.party());
  }
  google::protobuf::RepeatedPtrField<v1::Fact> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kFacts, "of_case", about.name(), &before));
  XXT_RETURN_IF_ERROR(edge::CheckRoomFor(*v1::ListFactsResponse::descriptor(), "facts", about.name(), before.size()));
  made.set_name(kFacts.NewName(about.name(), tx.now));
  made.set_state(v1::Fact::STATE_CURRENT);
  made.set_author(tx.caller.subject);
  tx.Insert(kFacts, made);
  tx.Tell(about, "fact.recorded.v1", "新记一项家庭情况");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetFactRequest& request, v1::Fact& found) {
  return tx.Get(kFacts, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListFactsRequest& request, v1::ListFactsResponse& response) {
  return tx.List(kFacts, "of_case", request, &response);
}

absl::Status Retract(Tx& tx, const v1::RetractFactRequest& request, v1::Fact& fact) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kFacts, request.name(), request.etag(), &fact));
  if (fact.state() == v1::Fact::STATE_RETRACTED) {
    return errors::StateForbids(fact.name(), "这项情况已撤回", "the fact is retracted already");
  }
  fact.set_state(v1::Fact::STATE_RETRACTED);
  fact.set_retract_reason(request.reason());
  tx.Save(kFacts, fact);
  tx.Tell(about, "fact.retracted.v1", "撤回一项家庭情况");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::FactService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordFact, Fact, Record)
  XXT_READ(GetFact, Fact, Get)
  XXT_READ(ListFacts, ListFactsResponse, List)
  XXT_CHANGE(RetractFact, Fact, Retract)
};

}  // namespace

edge::Slice FactSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
