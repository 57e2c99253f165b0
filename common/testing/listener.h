#ifndef XXT_COMMON_TESTING_LISTENER_H_
#define XXT_COMMON_TESTING_LISTENER_H_

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xxt::test {

// Listens on a free port of this machine, for tests that play somebody who
// answers badly, or not at all. Closes the port in the end.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }
  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_LISTENER_H_
