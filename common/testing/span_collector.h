#ifndef XXT_COMMON_TESTING_SPAN_COLLECTOR_H_
#define XXT_COMMON_TESTING_SPAN_COLLECTOR_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/concurrency/mutex.h"

namespace xxt::test {

// A collector of spans, OTLP over gRPC, at a free port of this machine. It takes
// all of them and keeps their bytes as they came: names and ids are found in these.
class SpanCollector final : public grpc::CallbackGenericService {
 public:
  SpanCollector() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~SpanCollector() override { server_->Shutdown(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  std::string Received() const {
    const MutexLock lock(mu_);
    return received_;
  }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Export(*this, context->method());
  }

 private:
  // One call. Deletes itself when it is over.
  class Export final : public grpc::ServerGenericBidiReactor {
   public:
    Export(SpanCollector& collector, const std::string& method) : collector_(collector) {
      if (method == "/opentelemetry.proto.collector.trace.v1.TraceService/Export") {
        StartRead(&request_);
      } else {
        Finish({grpc::StatusCode::UNIMPLEMENTED, method});
      }
    }

    void OnReadDone(bool ok) override {
      grpc::Slice bytes;
      if (!ok || !request_.DumpToSingleSlice(&bytes).ok()) {
        Finish({grpc::StatusCode::INVALID_ARGUMENT, "no request"});
        return;
      }
      collector_.Keep({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
      StartWriteAndFinish(&response_, {}, grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    SpanCollector& collector_;
    grpc::ByteBuffer request_;
    const grpc::Slice nothing_{""};  // the response says what was refused: nothing
    grpc::ByteBuffer response_{&nothing_, 1};
  };

  void Keep(absl::string_view bytes) {
    const MutexLock lock(mu_);
    absl::StrAppend(&received_, bytes);
  }

  int port_ = 0;
  mutable Mutex mu_;
  std::string received_ XXT_GUARDED_BY(mu_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_SPAN_COLLECTOR_H_
