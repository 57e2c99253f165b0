#ifndef XXT_COMMON_REDIS_CONNECTION_H_
#define XXT_COMMON_REDIS_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/files/secret.h"

struct redisContext;

// The few commands of Redis that hand out task ids. Redis is never the truth:
// any of these may fail, or lose what it answered, and nothing is lost.
namespace xxt::redis {

struct Options {
  std::string address;                        // "127.0.0.1:6379" or "unix:/path/redis.sock"
  std::string username;                       // ACL user; empty: default
  files::Secret password;                     // of connections made from now on
  absl::Duration timeout = absl::Seconds(5);  // of connect and of each answer; above XREADGROUP's BLOCK
};

// One entry of a stream.
struct Entry {
  std::string id;
  std::string task;
};

// One blocking connection; connects at first use and again after an error.
// One thread at a time. Errors: UNAVAILABLE (transport; the connection is
// closed), FAILED_PRECONDITION (Redis answered an error).
class Connection {
 public:
  explicit Connection(Options options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // XADD of every task id, pipelined.
  absl::Status Add(const std::string& stream, const std::vector<std::string>& tasks);

  // Entries that no consumer has been given: XLEN without what XPENDING counts.
  absl::StatusOr<std::int64_t> Undelivered(const std::string& stream);

  // XREADGROUP of new entries of several streams, at most `count` of each, waiting
  // up to `block`; in the order of `streams`. Makes groups that are gone (after a
  // flush).
  absl::StatusOr<std::vector<std::vector<Entry>>> ReadGroup(const std::vector<std::string>& streams,
                                                            const std::string& consumer, int count,
                                                            absl::Duration block);

  // XAUTOCLAIM of entries that some consumer has left unacknowledged, from
  // `cursor` on, which it moves; kBegin again: there are no more.
  absl::StatusOr<std::vector<Entry>> AutoClaim(const std::string& stream, const std::string& consumer,
                                               absl::Duration min_idle, int count, std::string* cursor);

  // XGROUP DELCONSUMER of those that have nothing pending: with nothing heard of
  // them for `idle`, and of one. A consumer that lives is made again by its next
  // read.
  absl::Status DropIdleConsumers(const std::string& stream, absl::Duration idle);
  absl::Status DropConsumer(const std::string& stream, const std::string& consumer);

  // XACK and XDEL, in one transaction. Bookkeeping only.
  absl::Status AckAndDelete(const std::string& stream, const std::vector<std::string>& entry_ids);

 private:
  struct Reply;
  struct Consumer {
    std::string name;
    std::int64_t pending = 0;
    absl::Duration idle;
  };
  absl::StatusOr<std::vector<Consumer>> Consumers(const std::string& stream);
  absl::Status Connect();
  absl::Status Send(const std::vector<std::string>& command);
  absl::StatusOr<Reply> Receive();
  absl::StatusOr<Reply> Call(const std::vector<std::string>& command);
  void Close();

  const Options options_;
  redisContext* context_ = nullptr;
};

// Name of the one consumer group of every stream.
inline constexpr char kGroup[] = "workers";
inline constexpr char kBegin[] = "0-0";

}  // namespace xxt::redis

#endif  // XXT_COMMON_REDIS_CONNECTION_H_
