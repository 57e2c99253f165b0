#include "common/edge/edge.h"

#include <memory>
#include <string>
#include <utility>

#include "common/calendar/shanghai_time.h"
#include "common/edge/prepare.h"
#include "common/edge/present.h"
#include "common/idempotency/idempotency.h"
#include "common/seal/split.h"
#include "common/status/macros.h"
#include "common/store/owner.h"
#include "common/store/row.h"

namespace xxt::edge {
namespace {

using google::protobuf::Message;
using Handle = std::function<absl::Status(Tx&, const Message&, Message&)>;

// Says whose key seals the response where it is kept for repeats. Of a root whose
// key is gone nothing personal is kept, and so nothing is shown: as whoever reads it.
absl::Status SayWhose(Tx& tx, Message* response, idempotency::Response* kept) {
  std::string root = store::RootOf(*response);
  if (root.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const store::RootKey key, tx.FindKey(root));
  if (key.key() == nullptr) {
    seal::TakeOut(response, {});
    return absl::OkStatus();
  }
  kept->root = std::move(root);
  kept->key = *key.key();
  return absl::OkStatus();
}

// One run of a handler; `kept` is null if its response is not.
absl::Status Run(const seal::Keyring& keys, bool reads_only, const Handle& handle, const rpc::Call& call,
                 pg::Session& session, const Message& request, Message& response, idempotency::Response* kept) {
  XXT_ASSIGN_OR_RETURN(const std::unique_ptr<Message> prepared, Prepare(request, calendar::ToCivilDay(call.now)));
  const Circumstances of{call.caller, call.now, call.deadline, call.method, keys, reads_only};
  return InTx(session, of, [&](Tx& tx) -> absl::Status {
    XXT_RETURN_IF_ERROR(handle(tx, *prepared, response));
    XXT_RETURN_IF_ERROR(tx.failure());
    Present(call.caller, ViewOf(*prepared), &response);
    return kept == nullptr ? absl::OkStatus() : SayWhose(tx, &response, kept);
  });
}

auto Changing(const seal::Keyring& keys, Handle handle) {
  return [&keys, handle = std::move(handle)](const rpc::Call& call, pg::Session& session, const Message& asked,
                                             Message& made, idempotency::Response* kept) -> absl::Status {
    return Run(keys, /*reads_only=*/false, handle, call, session, asked, made, kept);
  };
}

}  // namespace

grpc::ServerUnaryReactor* Edge::ReadAny(grpc::CallbackServerContext* context, const Message* request, Message* response,
                                        Handle handle) {
  return calls_.Read(context, request, response,
                     [&keys = keys_, handle = std::move(handle)](const rpc::Call& call, pg::Session& session,
                                                                 const Message& asked, Message& made) -> absl::Status {
                       return Run(keys, /*reads_only=*/true, handle, call, session, asked, made, /*kept=*/nullptr);
                     });
}

grpc::ServerUnaryReactor* Edge::ChangeAny(grpc::CallbackServerContext* context, const Message* request,
                                          Message* response, Handle handle) {
  return calls_.ChangeOfRoots(context, request, response, store::WrappedKeyOf, Changing(keys_, std::move(handle)));
}

grpc::ServerUnaryReactor* Edge::QueueAny(grpc::CallbackServerContext* context, const Message* request,
                                         Message* response, Handle handle) {
  return calls_.QueueOfRoots(context, request, response, store::WrappedKeyOf, Changing(keys_, std::move(handle)));
}

}  // namespace xxt::edge
