#include "services/notification/api/message_service.h"

#include <cstddef>
#include <string>
#include <vector>

#include "common/rpc/page.h"
#include "common/status/macros.h"
#include "services/notification/api/convert.h"
#include "services/notification/app/correct_recipient.h"
#include "services/notification/app/create_message.h"
#include "services/notification/app/read_messages.h"
#include "services/notification/app/resolve_in_doubt.h"
#include "services/notification/domain/sms.h"

namespace xxt::notification::api {
namespace {

app::Resolution FromProto(v1::ResolveInDoubtRequest::Resolution resolution) {
  switch (resolution) {
    case v1::ResolveInDoubtRequest::RESOLUTION_RECEIVED:
      return app::Resolution::kReceived;
    case v1::ResolveInDoubtRequest::RESOLUTION_SEND_AGAIN:
      return app::Resolution::kSendAgain;
    default:
      return app::Resolution::kCall;
  }
}

}  // namespace

grpc::ServerUnaryReactor* MessageService::CreateMessage(grpc::CallbackServerContext* context,
                                                        const v1::CreateMessageRequest* request,
                                                        v1::Message* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const app::NewMessage input, api::FromProto(asked.message()));
        XXT_RETURN_IF_ERROR(app::CheckCase(intake_, call.caller, input, call.deadline));
        XXT_ASSIGN_OR_RETURN(const Message message,
                             app::CreateMessage(session, catalogue_, policy_, call.caller, input, call.now));
        ToProto(message, call.now, &answer);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* MessageService::PreviewMessage(grpc::CallbackServerContext* context,
                                                         const v1::PreviewMessageRequest* request,
                                                         v1::PreviewMessageResponse* response) {
  return edge_.Read(context, request, response,
                    [this](const rpc::Call& call, pg::Session&, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const app::NewMessage input, api::FromProto(asked.message()));
                      XXT_ASSIGN_OR_RETURN(const Message message,
                                           app::PreviewMessage(catalogue_, policy_, call.caller, input, call.now));
                      ToProto(message, call.now, answer.mutable_message());
                      if (IsByPerson(message.current().channel)) return absl::OkStatus();
                      XXT_ASSIGN_OR_RETURN(const SmsSize size, MeasureSms(message.sms_text));
                      answer.set_sms_parts(size.parts);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* MessageService::GetMessage(grpc::CallbackServerContext* context,
                                                     const v1::GetMessageRequest* request, v1::Message* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const std::string id, IdFrom(asked.name(), "messages", "name"));
                      XXT_ASSIGN_OR_RETURN(const Message message, app::GetMessage(session, call.caller, id));
                      ToProto(message, call.now, &answer);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* MessageService::ListMessages(grpc::CallbackServerContext* context,
                                                       const v1::ListMessagesRequest* request,
                                                       v1::ListMessagesResponse* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page page,
                                           rpc::ReadPage(call, asked, {paging::Part::kTime, paging::Part::kUuid}));
                      const auto size = static_cast<std::size_t>(page.size);
                      app::MessageQuery query;
                      if (!asked.case_name().empty()) {
                        XXT_ASSIGN_OR_RETURN(query.case_id, IdFrom(asked.case_name(), "cases", "case_name"));
                      }
                      query.state = api::FromProto(asked.state());
                      query.limit = page.size + 1;  // one more tells whether there is a next page
                      if (!page.after.empty()) {
                        query.before_time = paging::TimeOf(page.after[0]);
                        query.before_id = page.after[1];
                      }
                      XXT_ASSIGN_OR_RETURN(const std::vector<Message> messages,
                                           app::ListMessages(session, call.caller, query));
                      for (std::size_t i = 0; i < messages.size() && i < size; ++i) {
                        ToListProto(messages[i], call.now, answer.add_messages());
                      }
                      if (messages.size() <= size) return absl::OkStatus();
                      const Message& last = messages[size - 1];
                      answer.set_next_page_token(page.TokenAfter({paging::PartOf(last.create_time), last.id}));
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* MessageService::ResolveInDoubt(grpc::CallbackServerContext* context,
                                                         const v1::ResolveInDoubtRequest* request,
                                                         v1::Message* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const std::string id, IdFrom(asked.name(), "messages", "name"));
        const app::Context change{session, policy_, call.now, call.caller.subject, ""};
        XXT_ASSIGN_OR_RETURN(const Message message,
                             app::ResolveInDoubt(change, call.caller, id, FromProto(asked.resolution()), asked.note()));
        ToProto(message, call.now, &answer);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* MessageService::CorrectRecipient(grpc::CallbackServerContext* context,
                                                           const v1::CorrectRecipientRequest* request,
                                                           v1::CorrectRecipientResponse* response) {
  return edge_.Change(context, request, response,
                      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto&) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const std::string case_id,
                                             IdFrom(asked.case_name(), "cases", "case_name"));
                        XXT_ASSIGN_OR_RETURN(const Recipient recipient, api::FromProto(asked.recipient()));
                        const app::Context change{session, policy_, call.now, call.caller.subject, ""};
                        return app::CorrectRecipient(change, catalogue_, case_id, asked.audience(), recipient);
                      });
}

}  // namespace xxt::notification::api
