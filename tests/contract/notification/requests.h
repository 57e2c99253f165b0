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
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

// Calls to the notification service, and requests that are right.
namespace xxt::notification {

using contract::Ask;
using contract::Get;

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
  proto->set_case_name("cases/" + NewId());
  proto->set_event(proto->case_name() + "#route-sheet");
  proto->set_audience(proto->case_name() + "/parties/y");
  proto->set_hall(kHall);
  proto->mutable_recipient()->set_display_name("沈女士");
  proto->mutable_recipient()->set_phone_number(phone);
  proto->set_template_("route-sheet-ready");
  ParameterOf(proto, "code").set_text(kCode);
  ParameterOf(proto, "body").set_text("八宝山殡仪馆");
  rpc::ToProto(kLastDay, ParameterOf(proto, "last_day").mutable_date());
}

inline v1::CreateMessageRequest CreateRequest(const std::string& phone = "138 0013 8000") {
  v1::CreateMessageRequest request;
  FillMessage(request.mutable_message(), phone);
  request.set_request_id(NewId());
  return request;
}

inline v1::Message Create(const v1::CreateMessageRequest& request) {
  return Get(&Messages::CreateMessage, request, Intake());
}

inline v1::Message Read(const std::string& name) {
  v1::GetMessageRequest request;
  request.set_name(name);
  return Get(&Messages::GetMessage, request, Officer());
}

// The recipient of the case's messages has another number, corrected once.
inline v1::CorrectRecipientRequest RecipientRequest(const v1::Message& message) {
  v1::CorrectRecipientRequest request;
  request.set_case_name(message.case_name());
  request.set_audience(message.audience());
  request.mutable_recipient()->set_display_name("沈女士");
  request.mutable_recipient()->set_phone_number("138 0013 8111");
  request.mutable_recipient()->set_revision(1);
  request.set_request_id(NewId());
  return request;
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
  common::ListTasksRequest request;
  request.set_subject(name);
  request.set_include_future(include_future);
  const common::ListTasksResponse response = Get(&Tasks::ListTasks, request, Officer());
  return {response.tasks().begin(), response.tasks().end()};
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
  common::LeaseTaskRequest lease;
  lease.set_name(task.name());
  const common::LeaseTaskResponse leased = Get(&Tasks::LeaseTask, lease, Officer());
  common::CompleteTaskRequest request;
  request.set_name(task.name());
  request.set_lease_token(leased.lease_token());
  request.set_outcome(outcome);
  request.set_note("家里人接的电话");
  request.set_request_id(NewId());
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
  v1::ResolveInDoubtRequest request;
  request.set_name(name);
  request.set_resolution(resolution);
  request.set_note("当事人说收到了");
  request.set_request_id(NewId());
  return request;
}

}  // namespace xxt::notification

#endif  // XXT_TESTS_CONTRACT_NOTIFICATION_REQUESTS_H_
