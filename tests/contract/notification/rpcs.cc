// The RPCs of the notification service, for every_rpc_test.cc and drain_test.cc.

#include <string>
#include <vector>

#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/requests.h"
#include "tests/contract/replica.h"
#include "tests/contract/task_rpcs.h"

namespace xxt::notification {
namespace {

using contract::Copy;
using contract::Rpc;

std::vector<Rpc> AllRpcs() {
  return {
      {"MessageService/CreateMessage", [] { return Copy(CreateRequest()); }, Officer, Clerk},
      {"MessageService/PreviewMessage",
       [] {
         v1::PreviewMessageRequest request;
         FillMessage(request.mutable_message());
         return Copy(request);
       },
       Officer, District},
      {"MessageService/GetMessage",
       [] {
         v1::GetMessageRequest request;
         request.set_name(Create(CreateRequest()).name());
         return Copy(request);
       },
       Officer, Clerk},
      {"MessageService/ListMessages",
       [] {
         Create(CreateRequest());
         return Copy(v1::ListMessagesRequest());
       },
       Officer, Clerk, false, true},
      {"MessageService/ResolveInDoubt",
       [] { return Copy(ResolveRequest(InDoubt().name(), v1::ResolveInDoubtRequest::RESOLUTION_RECEIVED)); }, Officer,
       Intake},
      {"MessageService/CorrectRecipient", [] { return Copy(RecipientRequest(Create(CreateRequest()))); }, Intake,
       Officer, false},
  };
}

}  // namespace
}  // namespace xxt::notification

namespace xxt::contract {

const Service& ServiceUnderTest() {
  static const Service service = {
      "xixinting.notification.v1", [] { return notification::World::Get().channel(); },
      [] { notification::World::Get().Stop(); }, notification::Stranger,
      WithTasks(notification::AllRpcs(),
                {[] { return notification::Create(notification::CreateRequest("010-6000 1234")).name(); },
                 []() -> test::Database& { return notification::World::Get().database(); }, "REACHED",
                 [] { return notification::World::Get().now(); }})};
  return service;
}

const Replica& ReplicaUnderTest() {
  static const Replica replica =
      ReplicaOf<notification::World>("MessageService/ListMessages", "MessageService/CreateMessage");
  return replica;
}

}  // namespace xxt::contract
