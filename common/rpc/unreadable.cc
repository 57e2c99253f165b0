#include "common/rpc/unreadable.h"

#include "common/rpc/wire_status.h"

namespace xxt::rpc {
namespace {

class Interceptor final : public grpc::experimental::Interceptor {
 public:
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    // No handler of ours returns UNIMPLEMENTED: for a registered method it is
    // gRPC's word for "could not parse".
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS) &&
        methods->GetSendStatus().error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      methods->ModifySendStatus(ToGrpcStatus(errors::FieldsInvalid({UnreadableRequest()})));
    }
    methods->Proceed();
  }
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // gRPC shows a method that it does not know as one that streams both ways,
  // which none of ours does; such a call keeps its UNIMPLEMENTED.
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    using Type = grpc::experimental::ServerRpcInfo::Type;
    return info->type() == Type::BIDI_STREAMING ? nullptr : new Interceptor();  // gRPC owns it
  }
};

}  // namespace

errors::Violation UnreadableRequest() {
  return {"request", "无法读取：文字须为 UTF-8 编码", "cannot be parsed: text must be valid UTF-8"};
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> UnreadableRequestInterceptors() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>());
  return factories;
}

}  // namespace xxt::rpc
