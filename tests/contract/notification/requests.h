#ifndef XXT_TESTS_CONTRACT_NOTIFICATION_REQUESTS_H_
#define XXT_TESTS_CONTRACT_NOTIFICATION_REQUESTS_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/rpc/timestamp.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/world.h"
#include "tests/contract/text.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// Calls to the notification service, and requests that are right.
namespace xxt::notification {

using contract::Ask;
using contract::Get;
using contract::Text;

using Messages = v1::MessageService::Stub;
using Tasks = common::TaskService::Stub;

// Far from where the clock gets to in these tests.
inline constexpr absl::CivilDay kLastDay(2037, 3, 5);

// The message's parameter of that name, which it has from then on.
inline v1::Parameter& ParameterOf(v1::Message* proto, const std::string& name) {
  for (v1::Parameter& parameter : *proto->mutable_parameters()) {
    if (parameter.name() == name) return parameter;
  }
  v1::Parameter& added = *proto->add_parameters();
  added.set_name(name);
  return added;
}

inline void DropParameter(v1::Message* proto, const std::string& name) {
  auto& all = *proto->mutable_parameters();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&name](const v1::Parameter& parameter) { return parameter.name() == name; }),
            all.end());
}

inline void FillMessage(v1::Message* proto, const std::string& phone = "138 0013 8000") {
  *proto = Text<v1::Message>(R"(
    case_name: "$0"
    event: "$0#route-sheet"
    audience: "$0/parties/y"
    hall: "$1"
    recipient { display_name: "沈女士" phone_number: "$2" }
    template: "route-sheet-ready"
    parameters { name: "code" text: "$3" }
    parameters { name: "body" text: "八宝山殡仪馆" }
    parameters { name: "last_day" date $4 }
  )",
                             "cases/" + NewId(), kHall, phone, kCode, contract::On(kLastDay));
}

inline v1::CreateMessageRequest CreateRequest(const std::string& phone = "138 0013 8000") {
  auto request = Text<v1::CreateMessageRequest>("request_id: '$id'");
  FillMessage(request.mutable_message(), phone);
  return request;
}

inline v1::Message Create(const v1::CreateMessageRequest& request) {
  return Get(&Messages::CreateMessage, request, Intake());
}

inline v1::Message Read(const std::string& name) {
  return Get(&Messages::GetMessage, Text<v1::GetMessageRequest>("name: '$0'", name), Officer());
}

// The recipient of the case's messages has another number, corrected once.
inline v1::CorrectRecipientRequest RecipientRequest(const v1::Message& message) {
  return Text<v1::CorrectRecipientRequest>(R"(
    case_name: "$0"
    audience: "$1"
    recipient { display_name: "沈女士" phone_number: "138 0013 8111" revision: 1 }
    request_id: "$id"
  )",
                                           message.case_name(), message.audience());
}

// Waits until the message is in `state`, and returns it.
inline v1::Message Await(const std::string& name, v1::Message::State state) {
  v1::Message message;
  EXPECT_TRUE(Eventually([&] {
    message = Read(name);
    return message.state() == state;
  })) << message.ShortDebugString();
  return message;
}

inline std::vector<common::Task> TasksOf(const std::string& name, bool include_future = false) {
  const auto request = Text<common::ListTasksRequest>("subject: '$0' include_future: $1", name, include_future);
  const auto listed = Get(&Tasks::ListTasks, request, Officer());
  return {listed.tasks().begin(), listed.tasks().end()};
}

// The one desk task about a message, waiting for it.
inline common::Task TaskOf(const std::string& name, const std::string& kind) {
  std::vector<common::Task> tasks;
  EXPECT_TRUE(Eventually([&] {
    tasks = TasksOf(name);
    return tasks.size() == 1 && tasks[0].kind() == kind;
  })) << tasks.size();
  return tasks.empty() ? common::Task() : tasks[0];
}

inline absl::Status Complete(const common::Task& task, const std::string& outcome) {
  const auto leased = Get(&Tasks::LeaseTask, Text<common::LeaseTaskRequest>("name: '$0'", task.name()), Officer());
  const auto request = Text<common::CompleteTaskRequest>(
      "name: '$0' lease_token: '$1' outcome: '$2' note: '家里人接的电话' request_id: '$id'", task.name(),
      leased.lease_token(), outcome);
  common::CompleteTaskResponse response;
  return Ask(&Tasks::CompleteTask, request, &response, Officer());
}

// A message that nobody knows the fate of: its receipt never came.
inline v1::Message InDoubt() {
  World& world = World::Get();
  world.AdvanceTo(10);  // nobody is written to at night
  world.gateway().DelayReceipts(3600 * 1000);
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  world.gateway().DelayReceipts(50);
  world.Advance(absl::Hours(49));
  return Await(message.name(), v1::Message::STATE_IN_DOUBT);
}

inline v1::ResolveInDoubtRequest ResolveRequest(const std::string& name,
                                                v1::ResolveInDoubtRequest::Resolution resolution) {
  return Text<v1::ResolveInDoubtRequest>("name: '$0' resolution: $1 note: '当事人说收到了' request_id: '$id'", name,
                                         v1::ResolveInDoubtRequest::Resolution_Name(resolution));
}

}  // namespace xxt::notification

#endif  // XXT_TESTS_CONTRACT_NOTIFICATION_REQUESTS_H_
