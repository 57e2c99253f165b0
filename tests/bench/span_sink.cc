// A collector of spans that looks at none, so that it costs next to nothing beside who sends them. Usage:
// xxt_span_sink HOST:PORT
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>

#include "absl/synchronization/mutex.h"

namespace {

// Answers a call of whatever method with nothing, which every message may be.
class Take final : public grpc::ServerGenericBidiReactor {
 public:
  Take() { StartRead(&asked_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartWriteAndFinish(&nothing_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer asked_;
  const grpc::Slice empty_{""};
  const grpc::ByteBuffer nothing_{&empty_, 1};
};

class Sink final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override { return new Take; }
};

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the services do
  if (argc != 2) {
    std::fputs("usage: xxt_span_sink HOST:PORT\n", stderr);
    return 2;
  }
  Sink sink;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(argv[1], grpc::InsecureServerCredentials());
  builder.RegisterCallbackGenericService(&sink);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  server->Wait();
}
