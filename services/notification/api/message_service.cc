#include "services/notification/api/message_service.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/identifiers/uuid.h"
#include "common/paging/page_token.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/api/convert.h"
#include "services/notification/app/create_message.h"
#include "services/notification/app/read_messages.h"
#include "services/notification/app/resolve_in_doubt.h"
#include "services/notification/domain/sms.h"

namespace xxt::notification::api {
namespace {

// What a page token is bound to: the method, and all that was asked for.
std::string ScopeOf(const rpc::Call& call, v1::ListMessagesRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  return absl::StrCat(call.method, "\n", call.caller.halls.sql().value_or("*"), "\n", request.SerializeAsString());
}

// Sets where the page of `asked` starts.
absl::Status ReadStart(const rpc::Call& call, const v1::ListMessagesRequest& asked, app::MessageQuery& query) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> key, paging::ReadToken(ScopeOf(call, asked), asked.page_token()));
  if (key.empty()) return absl::OkStatus();
  std::int64_t micros = 0;
  if (key.size() != 2 || !absl::SimpleAtoi(key[0], &micros) || !identifiers::IsUuid(key[1])) {
    return errors::PageTokenInvalid();
  }
  query.before_time = absl::FromUnixMicros(micros);
  query.before_id = key[1];
  return absl::OkStatus();
}

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
  return edge_.Read(
      context, request, response,
      [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        const int size = paging::PageSize(asked.page_size());
        app::MessageQuery query;
        if (!asked.case_name().empty()) {
          XXT_ASSIGN_OR_RETURN(query.case_id, IdFrom(asked.case_name(), "cases", "case_name"));
        }
        query.state = api::FromProto(asked.state());
        query.limit = size + 1;  // one more tells whether there is a next page
        XXT_RETURN_IF_ERROR(ReadStart(call, asked, query));
        XXT_ASSIGN_OR_RETURN(const std::vector<Message> messages, app::ListMessages(session, call.caller, query));
        for (std::size_t i = 0; i < messages.size() && i < static_cast<std::size_t>(size); ++i) {
          ToProto(messages[i], call.now, answer.add_messages());
        }
        if (messages.size() <= static_cast<std::size_t>(size)) return absl::OkStatus();
        const Message& last = messages[static_cast<std::size_t>(size) - 1];
        answer.set_next_page_token(
            paging::MakeToken(ScopeOf(call, asked), {absl::StrCat(absl::ToUnixMicros(last.create_time)), last.id}));
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

}  // namespace xxt::notification::api
