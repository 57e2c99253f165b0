#include "tools/xxt/rpc.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tls/credentials.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/schema.h"

namespace xxt::cli {

std::atomic<bool> interrupted{false};

namespace {

constexpr absl::Duration kLookForInterrupt = absl::Milliseconds(100);
constexpr absl::Duration kRepeatAfter = absl::Milliseconds(300);

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToBytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// What gRPC says when a server was not believed, in words that help.
absl::Status Explained(absl::StatusCode code, const std::string& words) {
  if (absl::StrContains(words, "erification check failed") || absl::StrContains(words, "erification Check failed")) {
    return errors::InBothLanguages(
        code, "对方的证书不是这个服务、这个主机的，或已被吊销",
        absl::StrCat("the certificate is of another service or host than is meant, or was taken back (", words, ")"));
  }
  if (absl::StrContains(words, "handshake failed") || absl::StrContains(words, "certificate verify failed")) {
    return errors::InBothLanguages(
        code, "服务器的证书不被信任：不是 tls.ca_file 中机构签发的，或已过期；也可能那里不讲 TLS",
        absl::StrCat("the server's certificate is not trusted: it is of no CA in tls.ca_file, or has expired; or no "
                     "TLS is spoken there (",
                     words, ")"));
  }
  return absl::Status(code, words);
}

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details()) || rich.code() != status.error_code()) {
    return Explained(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }
  return FromRpcStatus(rich);
}

// Waits for the operation begun last; cancels the call at Ctrl-C. False if the
// operation failed.
bool Await(grpc::CompletionQueue& queue, grpc::ClientContext& call) {
  void* tag = nullptr;
  bool ok = false;
  bool cancelled = false;
  for (;;) {
    const auto until = absl::ToChronoTime(absl::Now() + kLookForInterrupt);
    if (queue.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::TIMEOUT) return ok;
    if (interrupted && !cancelled) {
      call.TryCancel();
      cancelled = true;
    }
  }
}

using Credentials = std::shared_ptr<grpc::ChannelCredentials>;

absl::StatusOr<Credentials> CredentialsTo(const Context& context, const CallOptions& options,
                                          const std::string& endpoint) {
  if (const std::optional<tls::Files> files = context.TlsFor(options.as)) {
    XXT_ASSIGN_OR_RETURN(const std::unique_ptr<tls::Credentials> own, tls::Credentials::Load(*files));
    return own->ForChannelTo(absl::StrCat("services/", options.service));
  }
#ifdef XXT_TEST_CLOCK
  if (absl::StartsWith(endpoint, "127.0.0.1:")) return grpc::InsecureChannelCredentials();
#endif
  return errors::InBothLanguages(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("context 中没有 tls，不能与 ", endpoint,
                   " 通信：请写明 tls.certificate_file、tls.key_file 和 tls.ca_file"),
      absl::StrCat("the context has no tls, without which ", endpoint,
                   " is not spoken to: name tls.certificate_file, tls.key_file and tls.ca_file"));
}

absl::Status Prepare(const Context& context, const CallOptions& options, grpc::ClientContext* call) {
  call->set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
  if (options.as.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const std::string token, context.Token(options.as));
  call->AddMetadata("authorization", absl::StrCat("Bearer ", token));
  return absl::OkStatus();
}

// Every call but that of the health service is made as somebody.
absl::Status CheckCaller(const CallOptions& options) {
  if (!options.as.empty()) return absl::OkStatus();
  return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "还缺 --as：请说明以谁的身份，如 --as staff/wang",
                                 "--as is missing: say as whom, for instance --as staff/wang");
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) { return absl::StrCat("/", NameOf(method)); }

absl::StatusOr<std::string> UnaryBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                                       const std::string& request, grpc::ClientContext& call) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto reader = stub.PrepareUnaryCall(&call, path, ToBuffer(request), &queue);
  grpc::ByteBuffer response;
  grpc::Status status;
  reader->StartCall();
  reader->Finish(&response, &status, nullptr);
  Await(queue, call);
  XXT_RETURN_IF_ERROR(ToStatus(status));
  return ToBytes(response);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Rpc::ChannelTo(const CallOptions& options) {
  const bool as_service = absl::StartsWith(options.as, "services/");
  std::shared_ptr<grpc::Channel>& channel = channels_[{options.service, as_service ? options.as : ""}];
  if (channel != nullptr) return channel;
  XXT_ASSIGN_OR_RETURN(const std::string endpoint, context_.Endpoint(options.service));
  XXT_ASSIGN_OR_RETURN(const Credentials credentials, CredentialsTo(context_, options, endpoint));
  channel = grpc::CreateChannel(endpoint, credentials);
  return channel;
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Rpc::Unary(const google::protobuf::MethodDescriptor& method,
                                                                      const google::protobuf::Message& request,
                                                                      const CallOptions& options) {
  const absl::Time until = absl::Now() + options.repeat_for;
  for (;;) {
    absl::StatusOr<std::unique_ptr<google::protobuf::Message>> response = UnaryOnce(method, request, options);
    if (response.ok() || !IsWorthRepeating(response.status()) || interrupted) return response;
    if (absl::Now() >= until) return response;
    absl::SleepFor(kRepeatAfter);
  }
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Rpc::UnaryOnce(
    const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
    const CallOptions& options) {
  XXT_RETURN_IF_ERROR(CheckCaller(options));
  XXT_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, ChannelTo(options));
  grpc::ClientContext call;
  XXT_RETURN_IF_ERROR(Prepare(context_, options, &call));
  XXT_ASSIGN_OR_RETURN(const std::string bytes, UnaryBytes(channel, PathOf(method), request.SerializeAsString(), call));
  std::unique_ptr<google::protobuf::Message> response = NewMessage(*method.output_type());
  if (!response->ParseFromString(bytes)) return absl::InternalError("the response does not parse");
  return response;
}

absl::Status Rpc::Stream(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                         const CallOptions& options,
                         const std::function<bool(const google::protobuf::Message&)>& take) {
  XXT_RETURN_IF_ERROR(CheckCaller(options));
  XXT_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, ChannelTo(options));
  grpc::ClientContext call;
  XXT_RETURN_IF_ERROR(Prepare(context_, options, &call));
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&call, PathOf(method), &queue);
  stream->StartCall(nullptr);
  bool open = Await(queue, call);
  if (open) {
    stream->WriteLast(ToBuffer(request.SerializeAsString()), grpc::WriteOptions(), nullptr);
    open = Await(queue, call);
  }
  bool wanted = true;
  const std::unique_ptr<google::protobuf::Message> response = NewMessage(*method.output_type());
  while (open && wanted) {
    grpc::ByteBuffer buffer;
    stream->Read(&buffer, nullptr);
    open = Await(queue, call);
    if (open && response->ParseFromString(ToBytes(buffer))) wanted = take(*response);
  }
  if (!wanted) call.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  Await(queue, call);
  return wanted ? ToStatus(status) : absl::OkStatus();
}

absl::StatusOr<bool> Rpc::Serving(const std::string& service, absl::Duration timeout) {
  const CallOptions options{service, "", timeout, absl::ZeroDuration()};
  XXT_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, ChannelTo(options));
  grpc::ClientContext call;
  XXT_RETURN_IF_ERROR(Prepare(context_, options, &call));
  XXT_ASSIGN_OR_RETURN(const std::string bytes,
                       UnaryBytes(channel, "/grpc.health.v1.Health/Check", std::string(), call));
  // HealthCheckResponse{status = 1 (field 1): SERVING}.
  return bytes == std::string("\x08\x01", 2);
}

}  // namespace xxt::cli
