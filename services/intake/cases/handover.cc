#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/handover.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kOfferedKind[] = "case.handover_offered";

const store::Table<v1::Handover> kHandovers("intake.handovers", &cases::kCases,
                                            {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

absl::Status ByOwner(const Tx& tx, const v1::Case& about) {
  if (tx.caller.subject == about.owner() || tx.caller.Has("leader")) return absl::OkStatus();
  return errors::StateForbids(about.name(), "只有首接负责人或窗口负责人可以移交", "only its owner or a leader may");
}

absl::Status ByRecipient(const Tx& tx, const v1::Handover& offer) {
  if (tx.caller.subject == offer.recipient()) return absl::OkStatus();
  return errors::StateForbids(offer.name(), "只有被请接手的人可以答复", "only the recipient may");
}

absl::Status CheckOffer(Tx& tx, const v1::Case& about, const v1::Handover& offer) {
  XXT_RETURN_IF_ERROR(ByOwner(tx, about));
  XXT_ASSIGN_OR_RETURN(const std::string hall, hall::HallOf(tx.session, offer.recipient()));
  if (hall != about.hall()) return errors::NotFound("intake.xixinting/Staff", offer.recipient());
  if (offer.recipient() == about.owner()) {
    return errors::FieldInvalid("handover.recipient", "已经是首接负责人", "keeps the case already");
  }
  google::protobuf::RepeatedPtrField<v1::Handover> before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kHandovers, "of_case", about.name(), &before));
  for (const v1::Handover& other : before) {
    if (other.state() != v1::Handover::STATE_OFFERED) continue;
    return errors::StateForbids(other.name(), "已请过一位同事接手，尚未答复", "another offer waits for its answer");
  }
  return absl::OkStatus();
}

absl::Status Create(Tx& tx, const v1::CreateHandoverRequest& request, v1::Handover& made) {
  made = request.handover();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  made.set_name(kHandovers.NewName(about.name(), tx.now));
  XXT_RETURN_IF_ERROR(CheckOffer(tx, about, made));
  made.set_state(v1::Handover::STATE_OFFERED);
  made.set_owner(about.owner());
  made.set_author(tx.caller.subject);
  tx.Insert(kHandovers, made);
  tx.Tell(about, "handover.offered.v1", "已请同事接手");
  cases::Ask(tx, about, kOfferedKind, made.name(), made.recipient(),
             absl::StrCat("同事请你接手诉求：", about.display_code()));
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetHandoverRequest& request, v1::Handover& found) {
  return tx.Get(kHandovers, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListHandoversRequest& request, v1::ListHandoversResponse& response) {
  return tx.List(kHandovers, "of_case", request, &response);
}

// An offer ends once.
absl::Status End(Tx& tx, v1::Handover& offer, v1::Handover::State state) {
  if (offer.state() != v1::Handover::STATE_OFFERED) {
    return errors::StateForbids(offer.name(), "这次移交已了结", "the offer has ended");
  }
  offer.set_state(state);
  rpc::ToProto(tx.now, offer.mutable_end_time());
  tx.Save(kHandovers, offer);
  edge::Never(tx, kOfferedKind, offer.name());
  return absl::OkStatus();
}

absl::Status Accept(Tx& tx, const v1::AcceptHandoverRequest& request, v1::Handover& offer) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kHandovers, request.name(), request.etag(), &offer));
  XXT_RETURN_IF_ERROR(ByRecipient(tx, offer));
  XXT_RETURN_IF_ERROR(End(tx, offer, v1::Handover::STATE_ACCEPTED));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(about, "former_owners"));
  const auto& former = about.former_owners();
  if (std::find(former.begin(), former.end(), about.owner()) == former.end()) about.add_former_owners(about.owner());
  // What else was to be done for the case is not left with who has it no more.
  tasks::PassOn(tx.session, about.name(), about.owner(), offer.recipient());
  about.set_owner(offer.recipient());
  cases::PassNextAction(tx, about);
  cases::Save(tx, about, "case.owner_changed.v1", "首接负责人已变更");
  return absl::OkStatus();
}

absl::Status Decline(Tx& tx, const v1::DeclineHandoverRequest& request, v1::Handover& offer) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kHandovers, request.name(), request.etag(), &offer));
  XXT_RETURN_IF_ERROR(ByRecipient(tx, offer));
  offer.set_decline_reason(request.reason());
  XXT_RETURN_IF_ERROR(End(tx, offer, v1::Handover::STATE_DECLINED));
  tx.Tell(about, "handover.ended.v1", "同事未接手");
  return absl::OkStatus();
}

absl::Status Withdraw(Tx& tx, const v1::WithdrawHandoverRequest& request, v1::Handover& offer) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kHandovers, request.name(), request.etag(), &offer));
  XXT_RETURN_IF_ERROR(ByOwner(tx, about));
  XXT_RETURN_IF_ERROR(End(tx, offer, v1::Handover::STATE_WITHDRAWN));
  tx.Tell(about, "handover.ended.v1", "已收回移交");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::HandoverService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateHandover, Handover, Create)
  XXT_READ(GetHandover, Handover, Get)
  XXT_READ(ListHandovers, ListHandoversResponse, List)
  XXT_CHANGE(AcceptHandover, Handover, Accept)
  XXT_CHANGE(DeclineHandover, Handover, Decline)
  XXT_CHANGE(WithdrawHandover, Handover, Withdraw)
};

}  // namespace

edge::Slice HandoverSlice() {
  return {{},
          {edge::Settled(kOfferedKind, "请用接手或不接来完成", "settled by AcceptHandover or DeclineHandover")},
          {edge::ServiceOf<Service>()}};
}

}  // namespace xxt::intake
