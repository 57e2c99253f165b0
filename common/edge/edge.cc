#include "common/edge/edge.h"

#include <memory>

#include "common/calendar/shanghai_time.h"
#include "common/edge/prepare.h"
#include "common/edge/present.h"
#include "common/status/macros.h"

namespace xxt::edge {
namespace {

using google::protobuf::Message;
using Handle = std::function<absl::Status(Tx&, const Message&, Message&)>;

auto Around(const seal::Keyring& keys, bool reads_only, Handle handle) {
  return [&keys, reads_only, handle = std::move(handle)](const rpc::Call& call, pg::Session& session,
                                                         const Message& request, Message& response) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::unique_ptr<Message> prepared, Prepare(request, calendar::ToCivilDay(call.now)));
    const Circumstances of{call.caller, call.now, call.deadline, call.method, keys, reads_only};
    XXT_RETURN_IF_ERROR(InTx(session, of, [&](Tx& tx) { return handle(tx, *prepared, response); }));
    Present(call.caller, ViewOf(*prepared), &response);
    return absl::OkStatus();
  };
}

}  // namespace

grpc::ServerUnaryReactor* Edge::ReadAny(grpc::CallbackServerContext* context, const Message* request, Message* response,
                                        Handle handle) {
  return calls_.Read(context, request, response, Around(keys_, /*reads_only=*/true, std::move(handle)));
}

grpc::ServerUnaryReactor* Edge::ChangeAny(grpc::CallbackServerContext* context, const Message* request,
                                          Message* response, Handle handle) {
  return calls_.Change(context, request, response, Around(keys_, /*reads_only=*/false, std::move(handle)));
}

grpc::ServerUnaryReactor* Edge::QueueAny(grpc::CallbackServerContext* context, const Message* request,
                                         Message* response, Handle handle) {
  return calls_.Queue(context, request, response, Around(keys_, /*reads_only=*/false, std::move(handle)));
}

}  // namespace xxt::edge
