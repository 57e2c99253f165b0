// The RPCs of the intake service, for every_rpc_test.cc and drain_test.cc.

#include <string>
#include <vector>

#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"
#include "tests/contract/replica.h"
#include "tests/contract/task_rpcs.h"

namespace xxt::intake {
namespace {

using contract::Copy;
using contract::Rpc;

std::vector<Rpc> AllRpcs() {
  return {
      {"CaseService/HandOffFromCounter", [] { return Copy(HandOffRequest()); }, Clerk, District},
      {"CaseService/CreateCase", [] { return Copy(CreateRequest()); }, Officer, Clerk},
      {"CaseService/GetCase",
       [] {
         v1::GetCaseRequest request;
         request.set_name(NewCase().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"CaseService/ListCases",
       [] {
         NewCase();
         return Copy(v1::ListCasesRequest());
       },
       Officer, Clerk, false, true},
      {"ContactService/LogContact", [] { return Copy(ContactRequest(NewCase().name())); }, Officer, Clerk},
      {"ContactService/ListContacts",
       [] {
         v1::ListContactsRequest request;
         request.set_parent(NewCase().name());
         return Copy(request);
       },
       Officer, ReferralService},
      {"ContactService/GetContact",
       [] {
         v1::GetContactRequest request;
         request.set_name(NewContact(NewCase().name()).name());
         return Copy(request);
       },
       Officer, ReferralService},
      {"PartyService/CorrectParty", [] { return Copy(CorrectionRequest(NewCase())); }, Officer, Clerk},
      {"PaperService/RecordGap", [] { return Copy(GapRequest(NewCase().name())); }, Officer, District},
      {"PaperService/GetPaper",
       [] {
         v1::GetPaperRequest request;
         request.set_name(NewPaper(NewCase().name()).name());
         return Copy(request);
       },
       Officer, Clerk},
      {"PaperService/ListPapers",
       [] {
         v1::ListPapersRequest request;
         request.set_parent(NewCase().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"PaperService/ReceivePaper", [] { return Copy(ReceiptRequest(NewPaper(NewCase().name()))); }, Officer, District},
      {"PaperService/IssueChecklist", [] { return Copy(ChecklistRequest(NewCase().name())); }, Officer, District},
      {"CaseService/SetNextAction", [] { return Copy(NextActionRequest(NewCase().name())); }, Officer, District},
      {"ClosingService/ConfirmOutcome", [] { return Copy(OutcomeRequest(NewContact(NewCase().name()))); }, Officer,
       District},
      {"ClosingService/ProposeClosure",
       [] {
         const v1::Contact contact = NewContact(NewCase().name());
         Get(&Closing::ConfirmOutcome, OutcomeRequest(contact), Officer());
         return Copy(ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED));
       },
       Officer, District},
      {"ClosingService/ReviewClosure", [] { return Copy(ReviewRequest(Proposed().name())); }, Leader, Clerk},
      {"FeedService/ReportReferral",
       [] { return Copy(ReferralRequest(NewCase().name(), v1::ReportReferralRequest::KIND_OPENED)); }, ReferralService,
       Officer, false},
      {"FeedService/ReportMessage",
       [] { return Copy(MessageRequest(NewCase().name(), v1::ReportMessageRequest::KIND_DELIVERED)); },
       NotificationService, Officer, false},
      {"PromiseService/CreatePromise", [] { return Copy(PromiseRequest(NewCase())); }, Officer, Clerk},
      {"PromiseService/GetPromise",
       [] {
         v1::GetPromiseRequest request;
         request.set_name(NewPromise().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"PromiseService/ListPromises",
       [] {
         v1::ListPromisesRequest request;
         request.set_parent(NewCase().name());
         return Copy(request);
       },
       Officer, Clerk},
      {"PromiseService/KeepPromise",
       [] {
         v1::KeepPromiseRequest request;
         request.set_name(NewPromise().name());
         request.set_request_id(NewId());
         return Copy(request);
       },
       Officer, District},
      {"HallService/ListHalls", [] { return Copy(v1::ListHallsRequest()); }, Clerk, Operator, false},
      {"HallService/GetHall",
       [] {
         v1::GetHallRequest request;
         request.set_name(kHall);
         return Copy(request);
       },
       Clerk, Operator, false},
      {"HallService/ListStaff",
       [] {
         v1::ListStaffRequest request;
         request.set_hall(kHall);
         return Copy(request);
       },
       Clerk, Operator, false},
      {"HallService/GetStaff",
       [] {
         v1::GetStaffRequest request;
         request.set_name("staff/wang");
         return Copy(request);
       },
       Clerk, Operator, false},
      {"ShiftService/GetRota",
       [] {
         v1::GetRotaRequest request;
         request.set_hall(kHall);
         *request.mutable_day() = RotaRequest().rota().day();
         return Copy(request);
       },
       Officer, Operator},
      {"ShiftService/ReplaceRota", [] { return Copy(RotaRequest()); }, Leader, Officer},
      {"ShiftService/LookupDutyOfficer",
       [] {
         v1::LookupDutyOfficerRequest request;
         request.set_hall(kHall);
         return Copy(request);
       },
       Clerk, Operator, false},
  };
}

std::vector<Rpc> AllStreams() {
  return {{"CaseService/WatchCases",
           [] {
             v1::WatchCasesRequest request;
             request.set_name(NewCase().name());
             return Copy(request);
           },
           Officer, Clerk}};
}

}  // namespace
}  // namespace xxt::intake

namespace xxt::contract {

const Service& ServiceUnderTest() {
  static const Service service = {
      "xixinting.intake.v1",
      [] { return intake::World::Get().channel(); },
      [] { intake::World::Get().Stop(); },
      intake::Stranger,
      WithTasks(intake::AllRpcs(), {[] { return intake::NewCase().name(); },
                                    []() -> test::Database& { return intake::World::Get().database(); }, "DONE",
                                    [] { return intake::World::Get().now(); }}),
      intake::AllStreams()};
  return service;
}

const Replica& ReplicaUnderTest() {
  static const Replica replica = ReplicaOf<intake::World>("HallService/ListHalls", "CaseService/CreateCase");
  return replica;
}

}  // namespace xxt::contract
