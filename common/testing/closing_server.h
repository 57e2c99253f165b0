#ifndef XXT_COMMON_TESTING_CLOSING_SERVER_H_
#define XXT_COMMON_TESTING_CLOSING_SERVER_H_

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/listener.h"

namespace xxt::test {

// Takes each connection, counts it and closes it at once.
class ClosingServer {
 public:
  ClosingServer() : thread_([this] { Run(); }) {}
  ~ClosingServer() {
    shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }
  ClosingServer(const ClosingServer&) = delete;
  ClosingServer& operator=(const ClosingServer&) = delete;

  int connections() const { return connections_; }
  // For who takes it for a PostgreSQL.
  std::string dsn() const {
    return absl::StrCat("host=127.0.0.1 port=", listener_.port(), " dbname=x user=y sslmode=disable");
  }

 private:
  void Run() {
    for (int fd = accept(listener_.fd(), nullptr, nullptr); fd >= 0; fd = accept(listener_.fd(), nullptr, nullptr)) {
      ++connections_;
      close(fd);
    }
  }

  const Listener listener_;
  std::atomic<int> connections_{0};
  std::thread thread_;  // last: it uses the others
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_CLOSING_SERVER_H_
