#include "services/notification/message/doubt.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/noun.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/way.h"

namespace xxt::notification::message {
namespace {

using Request = v1::ResolveInDoubtRequest;

// The outcomes of the task are the values of the request.
constexpr absl::string_view kPrefix = "RESOLUTION_";

void SendAgain(const Context& context, v1::Message& message) {
  TakeCorrection(message);
  const common::Channel channel = Current(message).channel();
  if (!LeadsTo(context.policy, message.recipient(), channel)) {
    return HandToStaff(context, message, common::CHANNEL_PHONE, "当事人的信息已更正，由窗口电话告知");
  }
  if (IsByPerson(channel)) return HandToStaff(context, message, channel, "信件没有送到，工作人员决定再寄一次");
  CancelTasks(context, message);
  Start(context, message, channel);
  Tell(context, message, "message.sent_again.v1",
       absl::StrCat("工作人员决定重发", TitleOf(channel), "，当事人可能收到两次"));
}

absl::Status Do(const Context& context, v1::Message& message, Request::Resolution resolution) {
  v1::Delivery& delivery = Current(message);
  switch (resolution) {
    case Request::RESOLUTION_RECEIVED:
      Note(delivery, DeliveryState::kDelivered, FailureKind::kNone, "经核实，当事人已收到", context.tx.now);
      delivery.set_in_flight(false);
      MarkDelivered(context, message, delivery.channel(),
                    absl::StrCat("经工作人员核实，当事人已收到", TitleOf(delivery.channel())));
      return absl::OkStatus();
    case Request::RESOLUTION_SEND_AGAIN:
      SendAgain(context, message);
      return absl::OkStatus();
    case Request::RESOLUTION_CALL:
      HandToStaff(context, message, common::CHANNEL_PHONE,
                  absl::StrCat(TitleOf(delivery.channel()), "是否送到不能确定，工作人员决定打电话告知"));
      return absl::OkStatus();
    case Request::RESOLUTION_UNSPECIFIED:
    case XXT_SENTINELS(v1::ResolveInDoubtRequest_Resolution_ResolveInDoubtRequest_Resolution):
      break;
  }
  return errors::FieldInvalid("resolution", "没有这个选项", "is not a known value");
}

// Stores the decision and does what it asks for, on a message that was locked.
absl::Status Resolve(const Context& context, v1::Message& message, Request::Resolution resolution, std::string note) {
  if (message.state() != v1::Message::STATE_IN_DOUBT) {
    return errors::StateForbids(message.name(), "这条消息的去向已经确定，不用再核实", "the message is not IN_DOUBT");
  }
  Decide(context.tx, message, std::string(absl::StripPrefix(Request::Resolution_Name(resolution), kPrefix)),
         std::move(note));
  XXT_RETURN_IF_ERROR(Do(context, message, resolution));
  Save(context.tx, message);
  return absl::OkStatus();
}

absl::Status Complete(const SendingPolicy& policy, Tx& tx, const tasks::Task& task,
                      const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(v1::Message message, Lock(tx, task.subject));
  Request::Resolution resolution = Request::RESOLUTION_UNSPECIFIED;
  Request::Resolution_Parse(absl::StrCat(kPrefix, completion.outcome), &resolution);
  return Resolve({tx, policy, kInDoubtKind}, message, resolution, completion.note);
}

}  // namespace

const store::Table<v1::Decision> kDecisions("notification.decisions", &kMessages,
                                            {.columns = {"staff", "outcome"}, .append_only = true});

void Decide(Tx& tx, const v1::Message& about, std::string outcome, std::string note) {
  v1::Decision made;
  made.set_name(kDecisions.NewName(about.name(), tx.now));
  made.set_staff(tx.caller.subject);
  made.set_outcome(std::move(outcome));
  made.set_note(std::move(note));
  rpc::ToProto(tx.now, made.mutable_decide_time());
  tx.Insert(kDecisions, made);
}

absl::Status ResolveInDoubt(const SendingPolicy& policy, Tx& tx, const Request& request, v1::Message& found) {
  XXT_ASSIGN_OR_RETURN(found, Lock(tx, request.name()));
  XXT_RETURN_IF_ERROR(Resolve({tx, policy}, found, request.resolution(), request.note()));
  Show(tx.now, &found);
  return absl::OkStatus();
}

absl::Status Withdraw(const SendingPolicy& policy, Tx& tx, const v1::WithdrawMessageRequest& request,
                      v1::Message& found) {
  XXT_ASSIGN_OR_RETURN(found, Lock(tx, request.name()));
  if (IsOver(found.state()) || !IsUntouched(Current(found))) {
    return errors::StateForbids(found.name(), "这条消息已经告知，或可能已经发出", "the message is told, or may be");
  }
  Decide(tx, found, "WITHDRAWN", request.reason());
  Suppress({tx, policy}, found, "已收回，不再告知");
  Save(tx, found);
  Show(tx.now, &found);
  return absl::OkStatus();
}

tasks::DeskKind InDoubtKind(const edge::Host& host, const SendingPolicy& policy) {
  return edge::Desk(host, kInDoubtKind, {"RECEIVED", "SEND_AGAIN", "CALL"},
                    std::bind_front(Complete, std::cref(policy)));
}

}  // namespace xxt::notification::message
