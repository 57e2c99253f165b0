// The RPCs of the referral service, for every_rpc_test.cc and drain_test.cc.

#include <memory>
#include <string>
#include <vector>

#include "tests/contract/every_rpc.h"
#include "tests/contract/referral/requests.h"
#include "tests/contract/replica.h"
#include "tests/contract/task_rpcs.h"

namespace xxt::referral {
namespace {

using contract::Copy;
using contract::Rpc;

template <typename Request>
std::unique_ptr<google::protobuf::Message> Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return Copy(request);
}

std::vector<Rpc> AllRpcs() {
  return {
      {"BodyService/ListBodies", [] { return Copy(v1::ListBodiesRequest()); }, Officer, Clerk, false},
      {"BodyService/GetBody", [] { return Named<v1::GetBodyRequest>("bodies/babaoshan"); }, Officer, Clerk, false},
      {"BodyService/PutBody", [] { return Copy(BodyRequest()); }, District, Officer, false},
      {"RuleNoteService/CreateRuleNote", [] { return Copy(NoteRequest()); }, Officer, Clerk, false},
      {"RuleNoteService/GetRuleNote",
       [] { return Named<v1::GetRuleNoteRequest>(Get(&RuleNotes::CreateRuleNote, NoteRequest(), Officer()).name()); },
       Officer, Clerk, false},
      {"RuleNoteService/ListRuleNotes",
       [] {
         v1::ListRuleNotesRequest request;
         request.set_parent("bodies/babaoshan");
         return Copy(request);
       },
       Officer, Clerk, false},
      {"ReferralService/CreateReferral", [] { return Copy(CreateRequest()); }, Officer, District},
      {"ReferralService/GetReferral", [] { return Named<v1::GetReferralRequest>(NewReferral().name()); }, Officer,
       Clerk},
      {"ReferralService/ListReferrals",
       [] {
         NewReferral();
         return Copy(v1::ListReferralsRequest());
       },
       Officer, Clerk, false, true},
      {"EntryService/CreateEntry", [] { return Copy(ReachedRequest(NewReferral().name())); }, Officer, District},
      {"EntryService/GetEntry",
       [] {
         return Named<v1::GetEntryRequest>(
             Get(&Entries::CreateEntry, ReachedRequest(NewReferral().name()), Officer()).name());
       },
       Officer, Clerk},
      {"EntryService/ListEntries",
       [] {
         v1::ListEntriesRequest request;
         request.set_parent(NewReferral().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"ReferralService/RecordReply",
       [] { return Copy(ReplyRequest(SentReferral().name(), v1::Reply::KIND_DECLINED, "不予办理")); }, Officer,
       District},
      {"ReferralService/SetCutOff",
       [] { return Copy(CutOffRequest(NewReferral().name(), absl::CivilDay(2018, 5, 6))); }, Officer, District},
      {"ReferralService/CancelReferral", [] { return Copy(CancelRequest(NewReferral().name())); }, Officer, District},
      {"RouteSheetService/IssueRouteSheet", [] { return Copy(SheetRequest(NewReferral().name())); }, Officer, District},
      {"RouteSheetService/GetRouteSheet",
       [] {
         const v1::Referral referral = NewReferral();
         Get(&RouteSheets::IssueRouteSheet, SheetRequest(referral.name()), Officer());
         return Named<v1::GetRouteSheetRequest>(referral.name() + "/routeSheets/latest");
       },
       Officer, Clerk},
      {"MailService/GetAttachment",
       [] { return Named<v1::GetAttachmentRequest>(ScanOf(NewReferral(v1::Referral::CONNECTOR_EMAIL)).name()); },
       Officer, Clerk},
      {"MailService/GetUnmatchedMail", [] { return Named<v1::GetUnmatchedMailRequest>(NewUnmatched().name()); },
       Officer, Clerk},
      {"MailService/ListUnmatchedMails", [] { return Copy(v1::ListUnmatchedMailsRequest()); }, Officer, Clerk},
      {"MailService/FileUnmatchedMail", [] { return Copy(FileRequest(NewReferral().name())); }, Officer, Clerk},
  };
}

std::vector<Rpc> AllStreams() {
  return {{"ReferralService/WatchReferrals", [] { return Named<v1::WatchReferralsRequest>(NewReferral().name()); },
           Officer, Clerk}};
}

}  // namespace
}  // namespace xxt::referral

namespace xxt::contract {

const Service& ServiceUnderTest() {
  static const Service service = {
      "xixinting.referral.v1",
      [] { return referral::World::Get().channel(); },
      [] { referral::World::Get().Stop(); },
      referral::Stranger,
      WithTasks(referral::AllRpcs(), {[] { return referral::NewReferral().name(); },
                                      []() -> test::Database& { return referral::World::Get().database(); }, "REACHED",
                                      [] { return referral::World::Get().now(); }}),
      referral::AllStreams()};
  return service;
}

const Replica& ReplicaUnderTest() {
  static const Replica replica = ReplicaOf<referral::World>("BodyService/ListBodies", "ReferralService/CreateReferral");
  return replica;
}

}  // namespace xxt::contract
