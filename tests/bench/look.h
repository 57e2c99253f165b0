#ifndef XXT_TESTS_BENCH_LOOK_H_
#define XXT_TESTS_BENCH_LOOK_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// What people at the window look at, as they ask for it.
namespace xxt::bench {

class Look {
 public:
  virtual ~Look() = default;
  // `of` is a telephone number, a word or a case, where one is asked for. One call at a time.
  virtual void Send(grpc::ClientContext* context, const std::string& of,
                    std::function<void(grpc::Status)> answered) = 0;
  // How much the last answer held: a look that finds nothing is none.
  virtual int found() const = 0;
};

std::vector<std::string> Looks();
// Null if Looks() has no such name.
std::unique_ptr<Look> MakeLook(const std::string& name, const std::shared_ptr<grpc::Channel>& channel);

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_LOOK_H_
