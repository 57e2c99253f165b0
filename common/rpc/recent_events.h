#ifndef XXT_COMMON_RPC_RECENT_EVENTS_H_
#define XXT_COMMON_RPC_RECENT_EVENTS_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "common/events/events.h"
#include "common/identity/hall_scope.h"

namespace xxt::rpc {

// Whose events a watch tells.
struct WatchScope {
  identity::HallScope halls;
  std::string subject;  // the only one; empty: all
  bool Has(const events::Event& event) const;
};

// What to tell next.
struct WatchPage {
  int events = 0;
  grpc::ByteBuffer response;  // if there are any; to be shared: copies refer to the same bytes
  events::Place next;         // as the response's token says
};

// A response without events.
grpc::ByteBuffer Heartbeat(const events::Place& next);

// A stretch of the ledger in memory, as responses of watches. An event is
// serialized once, whoever watches; watches of one scope at one place share
// all of a response. Not thread-safe.
//
// Responses are written without their message type: every WatchXResponse has
// the events as field 1 and the token as field 2.
class RecentEvents {
 public:
  // `source` is Event.source. Of more than `most` events the oldest are forgotten.
  RecentEvents(std::string source, std::size_t most) : source_(std::move(source)), most_(most) {}

  // Forgets everything: nothing has come after `place`.
  void BeginAt(const events::Place& place);

  // Adds what was read after end().
  void Add(const events::Batch& batch);

  const events::Place& begin() const { return begin_; }
  const events::Place& end() const { return end_; }

  // The next response for who stands at `from`, which is not before begin();
  // one who was told beyond end() stays where they are. Moves past what is not
  // in `scope`. Valid until the next change.
  const WatchPage& After(const events::Place& from, const WatchScope& scope);

 private:
  struct Item {
    events::Event event;
    events::Position position;
    std::string field;  // a serialized field 1
  };
  using Key = std::tuple<events::Position, std::optional<std::string>, std::string>;

  WatchPage Make(const events::Place& from, const WatchScope& scope) const;

  const std::string source_;
  const std::size_t most_;
  events::Place begin_;
  events::Place end_;
  std::deque<Item> items_;
  std::map<Key, WatchPage> made_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_RECENT_EVENTS_H_
