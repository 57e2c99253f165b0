#ifndef XXT_COMMON_TESTING_RAW_CLIENT_H_
#define XXT_COMMON_TESTING_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace xxt::test {

// HTTP/2 by hand, for what no gRPC client would send: any bytes in a header,
// and silence where an answer is due. Only as much of the protocol as that takes.
class RawClient {
 public:
  struct Frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
  };
  enum Type : std::uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6, kGoAway = 7 };
  static constexpr std::uint8_t kEndStream = 1;
  static constexpr std::uint8_t kAck = 1;
  static constexpr std::uint8_t kEndHeaders = 4;

  enum class Greeting { kHttp2, kNone };

  // Connects to 127.0.0.1:`port` and greets.
  explicit RawClient(int port, Greeting greeting = Greeting::kHttp2) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (greeting == Greeting::kNone) return;
    Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    Send({kSettings, 0, 0, ""});
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  void Send(const Frame& frame) {
    std::string bytes;
    const auto size = static_cast<std::uint32_t>(frame.payload.size());
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(size >> shift);
    bytes += static_cast<char>(frame.type);
    bytes += static_cast<char>(frame.flags);
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(frame.stream >> shift);
    Write(bytes + frame.payload);
  }

  // Begins a call on `stream`, an odd number; `headers` in addition to what every call has.
  void Call(std::uint32_t stream, const std::string& path,
            const std::vector<std::pair<std::string, std::string>>& headers, const std::string& message) {
    std::string block;
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{":method", "POST"},
                                                          {":scheme", "http"},
                                                          {":path", path},
                                                          {":authority", "localhost"},
                                                          {"te", "trailers"},
                                                          {"content-type", "application/grpc"}}) {
      AppendHeader(name, value, &block);
    }
    for (const auto& [name, value] : headers) AppendHeader(name, value, &block);
    Send({kHeaders, kEndHeaders, stream, block});
    std::string data(1, '\0');
    for (const int shift : {24, 16, 8, 0}) data += static_cast<char>(message.size() >> shift);
    Send({kData, kEndStream, stream, data + message});
  }

  // The next frame; nothing if the server closed, or said nothing for `patience`.
  std::optional<Frame> Read(absl::Duration patience) {
    const absl::Time until = absl::Now() + patience;
    std::string head;
    if (!ReadExactly(9, until, &head)) return std::nullopt;
    const auto byte = [&head](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(head[i]));
    };
    Frame frame;
    frame.type = static_cast<std::uint8_t>(byte(3));
    frame.flags = static_cast<std::uint8_t>(byte(4));
    frame.stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
    if (!ReadExactly(byte(0) << 16 | byte(1) << 8 | byte(2), until, &frame.payload)) return std::nullopt;
    return frame;
  }

  // Reads on until the server has ended `stream`; false if it closed or fell silent.
  bool AwaitEnd(std::uint32_t stream, absl::Duration patience) {
    const absl::Time until = absl::Now() + patience;
    while (const std::optional<Frame> frame = Read(until - absl::Now())) {
      const bool ends = frame->type == kReset || (frame->flags & kEndStream) != 0;
      if (frame->stream == stream && ends && frame->type != kSettings && frame->type != kPing) return true;
    }
    return false;
  }

  // Reads on, answering nothing, until the server closes; false if it never did.
  bool AwaitClose(absl::Duration patience) {
    const absl::Time until = absl::Now() + patience;
    while (!closed_ && absl::Now() < until) static_cast<void>(Read(until - absl::Now()));
    return closed_;
  }

 private:
  static void AppendLength(std::size_t length, std::string* block) {
    if (length < 127) {
      *block += static_cast<char>(length);
      return;
    }
    *block += static_cast<char>(127);
    for (length -= 127; length >= 128; length /= 128) *block += static_cast<char>(length % 128 + 128);
    *block += static_cast<char>(length);
  }

  // HPACK: a literal without indexing, with a new name, without Huffman code.
  static void AppendHeader(absl::string_view name, absl::string_view value, std::string* block) {
    *block += '\0';
    for (const absl::string_view text : {name, value}) {
      AppendLength(text.size(), block);
      block->append(text.data(), text.size());
    }
  }

  void Write(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  bool ReadExactly(std::size_t size, absl::Time until, std::string* bytes) {
    while (bytes->size() < size) {
      pollfd readable{socket_, POLLIN, 0};
      const auto left =
          static_cast<int>(absl::ToInt64Milliseconds(std::max(absl::ZeroDuration(), until - absl::Now())));
      if (poll(&readable, 1, left) <= 0) return false;
      std::string part(size - bytes->size(), '\0');
      const ssize_t got = recv(socket_, part.data(), part.size(), 0);
      closed_ = closed_ || got <= 0;
      if (got <= 0) return false;
      bytes->append(part, 0, static_cast<std::size_t>(got));
    }
    return true;
  }

  const int socket_;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_RAW_CLIENT_H_
