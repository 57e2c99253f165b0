#include <functional>
#include <string>
#include <utility>

#include "common/edge/noun.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/chase/work.h"
#include "services/referral/cut_off/cut_off.h"
#include "services/referral/entry/entry.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

// The RPCs of referrals and of their ledgers: below all that may move the chase.
namespace xxt::referral {
namespace {

absl::Status Get(Tx& tx, const v1::GetReferralRequest& request, v1::Referral& found) {
  return tx.Get(referrals::kReferrals, request.name(), &found);
}

absl::Status MayWatch(Tx& tx, const std::string& name) {
  v1::Referral found;
  return tx.Get(referrals::kReferrals, name, &found);
}

absl::Status GetOne(Tx& tx, const v1::GetEntryRequest& request, v1::Entry& found) {
  return tx.Get(entry::kEntries, request.name(), &found);
}

absl::Status ListAll(Tx& tx, const v1::ListEntriesRequest& request, v1::ListEntriesResponse& response) {
  return tx.List(entry::kEntries, "of_referral", request, &response);
}

// Watches write bytes that they share.
using Served = v1::ReferralService::WithRawCallbackMethod_WatchReferrals<v1::ReferralService::CallbackService>;

class Referrals final : public Served {
 public:
  Referrals(edge::Edge& edge, const Intake* intake) : edge_(edge), intake_(*intake) {}
  XXT_CHANGE(CreateReferral, Referral, std::bind_front(chase::Create, std::cref(intake_)))
  XXT_READ(GetReferral, Referral, Get)
  XXT_READ(ListReferrals, ListReferralsResponse, referrals::List)
  XXT_CHANGE(RecordReply, Referral, chase::RecordReply)
  XXT_CHANGE(ProvideInput, Referral, chase::ProvideInput)
  XXT_CHANGE(SetCutOff, Referral, cut_off::Set)
  XXT_CHANGE(CancelReferral, Referral, chase::Cancel)
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReferrals(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override {
    return edge_.Watch<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(context, request, MayWatch);
  }

 private:
  edge::Edge& edge_;
  const Intake& intake_;
};

class Entries final : public edge::Serves<v1::EntryService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateEntry, Entry, chase::CreateEntry)
  XXT_READ(GetEntry, Entry, GetOne)
  XXT_READ(ListEntries, ListEntriesResponse, ListAll)
};

}  // namespace

edge::Slice ChaseSlice(const edge::Host& host, const chase::Parts& parts) {
  return {{chase::SilenceKind(host, parts.contacts), chase::ReportKind(host, parts.pool, parts.intake, parts.contacts)},
          chase::DeskKinds(host, parts.patience, parts.contacts),
          {edge::ServiceOf<Referrals>(&parts.intake), edge::ServiceOf<Entries>()}};
}

}  // namespace xxt::referral
