#include "common/rpc/watch.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

constexpr int kBatch = 200;
constexpr absl::Duration kPoll = absl::Milliseconds(100);
constexpr absl::Duration kHeartbeat = absl::Seconds(15);
// Streams end by themselves so that connections spread over new replicas.
constexpr absl::Duration kLongest = absl::Minutes(30);
constexpr absl::Duration kStoreDeadline = absl::Seconds(5);

xixinting::common::v1::Event ToProto(const std::string& source, const events::Event& event) {
  xixinting::common::v1::Event proto;
  proto.set_id(event.id);
  proto.set_source(source);
  proto.set_type(event.type);
  proto.set_subject(event.subject);
  proto.mutable_event_time()->set_seconds(absl::ToUnixSeconds(event.time));
  proto.mutable_event_time()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(event.time - absl::FromUnixSeconds(absl::ToUnixSeconds(event.time)))));
  proto.set_actor(event.actor);
  proto.set_hall(event.hall);
  proto.set_summary(event.summary);
  return proto;
}

// Where a stream without a token begins; resolved by the tail, so that no gRPC
// thread waits for the database.
bool StartsNow(const events::Position& position) { return position.row < 0; }

}  // namespace

Watcher::Watcher(std::string source, pg::Pool& pool, const identity::Verifier& verifier)
    : source_(std::move(source)), pool_(pool), admission_(verifier) {
  tail_ = std::make_unique<Loop>("watch", [this] { return Tail(); });
}

Watcher::~Watcher() { Drain(); }

void Watcher::Drain() {
  tail_->Stop();
  std::list<std::shared_ptr<Stream>> streams;
  {
    const MutexLock lock(mu_);
    draining_ = true;
    streams.swap(streams_);
  }
  for (const auto& stream : streams) stream->End(grpc::Status::OK);
}

absl::Status Watcher::Open(grpc::CallbackServerContext* context, const std::string& method, const std::string& token,
                           Stream& stream) {
  XXT_ASSIGN_OR_RETURN(const identity::Caller caller, admission_.Admit(*context, method, absl::Now()));
  if (!caller.halls.all()) stream.hall = *caller.halls.sql();
  if (token.empty()) {
    stream.position.row = -1;
  } else {
    XXT_ASSIGN_OR_RETURN(stream.position, events::Position::FromToken(token));
  }
  stream.opened = absl::Now();
  stream.last_write = absl::Now();
  return absl::OkStatus();
}

void Watcher::Add(const std::shared_ptr<Stream>& stream) {
  bool late = false;
  {
    const MutexLock lock(mu_);
    late = draining_;
    if (!late) streams_.push_back(stream);
  }
  if (late) {
    stream->End(grpc::Status::OK);
  } else {
    tail_->Nudge();
  }
}

void Watcher::Serve(Stream& stream, pg::Session& session) {
  if (StartsNow(stream.position)) {
    const absl::StatusOr<events::Position> now = events::Current(session);
    if (!now.ok()) return;
    stream.position = *now;
    stream.Write({}, stream.position.ToToken());  // tells that it is listening
    return;
  }
  const absl::StatusOr<events::Batch> batch =
      events::ReadAfter(session, stream.position, stream.hall, stream.subject, kBatch);
  if (!batch.ok()) return;
  const absl::Time now = absl::Now();
  if (batch->events.empty() && now - stream.last_write < kHeartbeat) return;
  std::vector<xixinting::common::v1::Event> events;
  for (const events::Event& event : batch->events) events.push_back(ToProto(source_, event));
  if (!events.empty()) XXT_CRASH_POINT("rpc.before_watch_write");
  if (!stream.Write(events, batch->next.ToToken())) return;
  if (!events.empty()) XXT_CRASH_POINT("rpc.after_watch_write");
  stream.position = batch->next;
  stream.last_write = now;
}

absl::Duration Watcher::Tail() {
  std::list<std::shared_ptr<Stream>> streams;
  {
    const MutexLock lock(mu_);
    streams_.remove_if([](const std::shared_ptr<Stream>& stream) { return stream->gone(); });
    streams = streams_;
  }
  if (streams.empty()) return absl::Seconds(1);
  const absl::Status status = pg::Read(pool_, absl::Now() + kStoreDeadline, [&](pg::Session& session) {
    for (const auto& stream : streams) {
      if (absl::Now() - stream->opened > kLongest) stream->End(grpc::Status::OK);
      if (stream->idle()) Serve(*stream, session);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) log::Warning("watch.read_failed", {{"status", status}});
  return kPoll;
}

}  // namespace xxt::rpc
