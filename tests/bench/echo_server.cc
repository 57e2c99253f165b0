// The anchor of GetCase: gRPC alone, answering every call with the same Case
// of about 1 KB. Usage: xxt_echo_server HOST:PORT [TLS_FOLDER]
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "tests/bench/tls.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace {

namespace intake = xixinting::intake::v1;

class Echo final : public intake::CaseService::CallbackService {
 public:
  Echo() {
    case_.set_display_code("0102-26-000042-1");
    case_.set_title("火化证明遗失，丧葬费无法申领");
    case_.set_summary(std::string(800, 's'));
    case_.set_hall("halls/110102016");
    case_.set_owner("staff/wang");
  }

  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context, const intake::GetCaseRequest* request,
                                    intake::Case* response) override {
    *response = case_;
    response->set_name(request->name());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  intake::Case case_;
};

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the services do
  if (argc < 2 || argc > 3) {
    std::fputs("usage: xxt_echo_server HOST:PORT [TLS_FOLDER]\n", stderr);
    return 2;
  }
  Echo echo;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(argv[1], xxt::bench::ServerCredentials(argc == 3 ? argv[2] : ""));
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  server->Wait();
}
