#include "common/rpc/recent_events.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/rpc/timestamp.h"
#include "xixinting/common/v1/common.pb.h"

namespace xxt::rpc {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int kEventsField = 1;
constexpr int kTokenField = 2;
constexpr int kMostEvents = 200;
// Half of what clients accept by default is far away.
constexpr std::size_t kMostBytes = std::size_t{512} * 1024;

std::string Field(int number, const std::string& bytes) {
  std::string field;
  google::protobuf::io::StringOutputStream stream(&field);
  google::protobuf::io::CodedOutputStream coded(&stream);
  WireFormatLite::WriteBytes(number, bytes, &coded);
  coded.Trim();
  return field;
}

std::string Serialize(const std::string& source, const events::Event& event) {
  xixinting::common::v1::Event proto;
  proto.set_id(event.id);
  proto.set_source(source);
  proto.set_type(event.type);
  proto.set_subject(event.subject);
  ToProto(event.time, proto.mutable_event_time());
  proto.set_actor(event.actor);
  proto.set_hall(event.hall);
  proto.set_summary(event.summary);
  return Field(kEventsField, proto.SerializeAsString());
}

grpc::ByteBuffer Response(std::string bytes, const events::Place& next) {
  bytes += Field(kTokenField, next.ToToken());
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

grpc::ByteBuffer Heartbeat(const events::Place& next) { return Response("", next); }

bool WatchScope::Has(const events::Event& event) const {
  return halls.Covers(event.hall) && (subject.empty() || event.subject == subject);
}

void RecentEvents::BeginAt(const events::Place& place) {
  items_.clear();
  made_.clear();
  begin_ = place;
  end_ = place;
}

void RecentEvents::Add(const events::Batch& batch) {
  if (!batch.entries.empty()) made_.clear();
  for (const events::Entry& entry : batch.entries) {
    items_.push_back({entry.event, entry.position, Serialize(source_, entry.event)});
  }
  end_ = batch.next;
  while (items_.size() > most_) {
    begin_.position = items_.front().position;
    begin_.event_id = items_.front().event.id;
    items_.pop_front();
  }
}

const WatchPage& RecentEvents::After(const events::Place& from, const WatchScope& scope) {
  const auto [found, fresh] = made_.try_emplace({from.position, scope.halls.sql(), scope.subject});
  if (fresh) found->second = Make(from, scope);
  return found->second;
}

WatchPage RecentEvents::Make(const events::Place& from, const WatchScope& scope) const {
  WatchPage page;
  page.next = from.position < end_.position ? end_ : from;
  std::string bytes;
  auto item = std::upper_bound(items_.begin(), items_.end(), from.position,
                               [](const events::Position& at, const Item& other) { return at < other.position; });
  for (; item != items_.end(); ++item) {
    if (!scope.Has(item->event)) continue;
    bytes += item->field;
    ++page.events;
    if (page.events < kMostEvents && bytes.size() < kMostBytes) continue;
    page.next = {end_.history, item->position, item->event.id};
    break;
  }
  if (page.events > 0) page.response = Response(std::move(bytes), page.next);
  return page;
}

}  // namespace xxt::rpc
