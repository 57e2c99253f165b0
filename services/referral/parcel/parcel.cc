#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/referral/parcel/custody_rules.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/referrals/report.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/parcel.grpc.pb.h"

namespace xxt::referral {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(ParcelDirection::kIn) == v1::Parcel::DIRECTION_IN);
static_assert(static_cast<int>(ParcelHolder::kPerson) == v1::Parcel::HOLDER_PERSON);
static_assert(static_cast<int>(ParcelHolder::kPerson) == v1::Parcel::Holder_MAX);
static_assert(static_cast<int>(ParcelState::kLost) == v1::Parcel::STATE_LOST);
static_assert(static_cast<int>(ParcelState::kLost) == v1::Parcel::State_MAX);

constexpr char kDueKind[] = "referral.parcel_due";

const store::Table<v1::Parcel> kParcels("referral.parcels", &referrals::kReferrals,
                                        {.lists = {{"of_referral", {"referral_id"}, "id DESC"}}});

ParcelDirection DirectionOf(const v1::Parcel& parcel) { return static_cast<ParcelDirection>(parcel.direction()); }
ParcelHolder HolderOf(const v1::Parcel& parcel) { return static_cast<ParcelHolder>(parcel.holder()); }

Carried CarriedIn(const v1::Parcel& parcel) {
  Carried carried;
  for (const v1::Parcel::Item& item : parcel.items()) {
    if (!item.original()) continue;
    carried.originals.push_back(item.title());
    if (parcel.direction() == v1::Parcel::DIRECTION_OUT && !item.stays()) carried.lent.push_back(item.title());
  }
  if (parcel.state() != v1::Parcel::STATE_LOST) carried.holder = HolderOf(parcel);
  return carried;
}

// What the parcels of a referral have carried, the oldest first.
absl::StatusOr<std::vector<Carried>> CarriedBy(Tx& tx, const v1::Referral& referral) {
  google::protobuf::RepeatedPtrField<v1::Parcel> parcels;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kParcels, "of_referral", referral.name(), &parcels));
  std::vector<Carried> carried;
  for (auto parcel = parcels.rbegin(); parcel != parcels.rend(); ++parcel) carried.push_back(CarriedIn(*parcel));
  return carried;
}

// Nobody sends an original that they do not hold.
absl::Status CheckCustody(Tx& tx, const v1::Referral& referral, const v1::Parcel& parcel) {
  std::vector<std::string> originals;
  std::vector<int> places;
  for (int i = 0; i < parcel.items_size(); ++i) {
    if (!parcel.items(i).original()) continue;
    originals.push_back(parcel.items(i).title());
    places.push_back(i);
  }
  if (originals.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const std::vector<Carried> before, CarriedBy(tx, referral));
  const std::optional<std::size_t> missing = FirstNotHeld(before, originals, SenderOf(DirectionOf(parcel)));
  if (!missing.has_value()) return absl::OkStatus();
  return errors::FieldInvalid(absl::StrCat("parcel.items[", places[*missing], "].title"),
                              "这份原件现在不在寄出方手里，请先登记它在谁那里",
                              "the sender does not hold this original");
}

void AddHanding(Tx& tx, v1::Parcel::Holder taker, const std::string& receipt, v1::Parcel* parcel) {
  v1::Parcel::Handing& handing = *parcel->add_handings();
  handing.set_giver(parcel->holder());
  handing.set_taker(taker);
  handing.set_receipt(receipt);
  rpc::ToProto(tx.now, handing.mutable_hand_time());
  handing.set_author(tx.caller.subject);
  parcel->set_holder(taker);
  parcel->set_state(static_cast<v1::Parcel::State>(StateWith(DirectionOf(*parcel), HolderOf(*parcel))));
}

// Somebody asks after it as long as it has not arrived: also of one that came back.
void AskAfter(Tx& tx, const v1::Referral& referral, const v1::Parcel& parcel) {
  const bool over = parcel.state() == v1::Parcel::STATE_ARRIVED || parcel.state() == v1::Parcel::STATE_LOST;
  if (over) return edge::Never(tx, kDueKind, parcel.name());
  tasks::NewTask task;
  task.kind = kDueKind;
  task.subject = parcel.name();
  task.dedupe_key = edge::KeyOf(kDueKind, parcel.name());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(rpc::FromProto(parcel.expected_time()));
  task.hall = referral.hall();
  task.assignee = referral.owner();
  task.summary = "寄递的材料应该到了，请查询并登记签收、退回或遗失";
  tasks::Enqueue(tx.session, std::move(task));
}

// Those who follow and the case learn of the parcel, whose row is queued, and somebody asks after it. Saves the
// referral.
absl::Status TellOf(Tx& tx, v1::Referral& referral, const v1::Parcel& parcel, const char* type, const char* words) {
  XXT_ASSIGN_OR_RETURN(const std::vector<Carried> carried, CarriedBy(tx, referral));
  tx.Tell(referral, type, words);
  referrals::Report report;
  report.set_kind(referrals::Report::KIND_PROGRESS);
  report.set_summary(words);
  report.set_originals_counted(true);
  report.set_unreturned_originals(CountUnreturned(carried));
  referrals::TellCase(tx, referral, std::move(report));
  tx.Save(referrals::kReferrals, referral);
  AskAfter(tx, referral, parcel);
  return absl::OkStatus();
}

absl::Status Create(Tx& tx, const v1::CreateParcelRequest& request, v1::Parcel& made) {
  made = request.parcel();
  XXT_RETURN_IF_ERROR(referrals::CheckPlanned(rpc::FromProto(made.expected_time()), tx.now, "parcel.expected_time"));
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.parent()));
  if (made.direction() == v1::Parcel::DIRECTION_OUT && about.has_basis_withdraw_time()) {
    return errors::StateForbids(about.name(), "本人已撤回同意，不能再向单位提供",
                                "the consent was taken back: nothing more is given to the body");
  }
  XXT_RETURN_IF_ERROR(CheckCustody(tx, about, made));
  made.set_name(kParcels.NewName(about.name(), tx.now));
  made.set_holder(static_cast<v1::Parcel::Holder>(SenderOf(DirectionOf(made))));
  AddHanding(tx, v1::Parcel::HOLDER_CARRIER, made.tracking_number(), &made);
  tx.Insert(kParcels, made);
  const bool out = made.direction() == v1::Parcel::DIRECTION_OUT;
  return TellOf(tx, about, made, "parcel.sent.v1", out ? "材料已寄给单位" : "单位已寄出材料");
}

absl::Status Get(Tx& tx, const v1::GetParcelRequest& request, v1::Parcel& found) {
  return tx.Get(kParcels, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListParcelsRequest& request, v1::ListParcelsResponse& response) {
  return tx.List(kParcels, "of_referral", request, &response);
}

absl::Status HandOn(Tx& tx, const v1::HandOnParcelRequest& request, v1::Parcel& parcel) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kParcels, request.name(), request.etag(), &parcel));
  const auto taker = static_cast<ParcelHolder>(request.taker());
  if (parcel.state() == v1::Parcel::STATE_LOST || !MayHandOn(DirectionOf(parcel), HolderOf(parcel), taker)) {
    return errors::StateForbids(parcel.name(), "现在持有的一方不能这样转交", "whoever holds it does not give it there");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(parcel, "handings"));
  AddHanding(tx, request.taker(), request.receipt(), &parcel);
  tx.Save(kParcels, parcel);
  return TellOf(tx, about, parcel, "parcel.handed_on.v1",
                parcel.state() == v1::Parcel::STATE_ARRIVED ? "寄递的材料已签收" : "寄递的材料已转手");
}

absl::Status ReportLost(Tx& tx, const v1::ReportParcelLostRequest& request, v1::Parcel& parcel) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kParcels, request.name(), request.etag(), &parcel));
  const bool with_body = parcel.state() == v1::Parcel::STATE_ARRIVED && parcel.holder() == v1::Parcel::HOLDER_BODY;
  if (parcel.state() != v1::Parcel::STATE_ON_THE_WAY && !with_body) {
    return errors::StateForbids(parcel.name(), "不在途中也不在单位，不能登记遗失",
                                "it is neither on its way nor with the body");
  }
  parcel.set_state(v1::Parcel::STATE_LOST);
  parcel.set_lost_reason(request.reason());
  tx.Save(kParcels, parcel);
  return TellOf(tx, about, parcel, "parcel.lost.v1", "寄递的材料遗失，请另想办法");
}

class Service final : public edge::Serves<v1::ParcelService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateParcel, Parcel, Create)
  XXT_READ(GetParcel, Parcel, Get)
  XXT_READ(ListParcels, ListParcelsResponse, List)
  XXT_CHANGE(HandOnParcel, Parcel, HandOn)
  XXT_CHANGE(ReportParcelLost, Parcel, ReportLost)
};

}  // namespace

edge::Slice ParcelSlice() {
  return {{},
          {edge::Settled(kDueKind, "请登记签收、退回或遗失来完成", "settled by HandOnParcel or ReportParcelLost")},
          {edge::ServiceOf<Service>()}};
}

}  // namespace xxt::referral
