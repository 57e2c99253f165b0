#include "common/rpc/watch.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/log/log.h"
#include "common/rpc/wire_status.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

// The shortest pause between looks. One is as long as the telling before it took,
// so that many streams get fewer and larger responses. Commits do not wake the
// tail: they come from all replicas, and one look tells all of them.
constexpr absl::Duration kLook = absl::Milliseconds(20);
constexpr absl::Duration kLookAgain = absl::Milliseconds(200);  // after an error
constexpr absl::Duration kIdle = absl::Seconds(1);
constexpr absl::Duration kStoreDeadline = absl::Seconds(5);
// Streams end by themselves so that connections spread over new replicas, and
// when the store is away: another replica may reach it.
constexpr absl::Duration kLongest = absl::Minutes(30);
constexpr absl::Duration kLongestBlind = absl::Seconds(30);
constexpr absl::Duration kRetryAfter = absl::Seconds(1);
// Events that are kept for streams that write slowly.
constexpr std::size_t kRecent = 5'000;
// A connection has room for 1,200 calls (server.cc): watches leave room for others.
constexpr int kMostOfConnection = 500;
constexpr int kMostOfCaller = 1'000;
constexpr int kMost = 5'000;

// What may pass by itself, as opposed to what the stream will meet again.
bool IsTransient(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kAborted;
}

void LogOpening(const std::string& method, const WatchStream& stream, const absl::Status& status) {
  log::Info("watch.opened", {{"method", method},
                             {"caller", stream.caller},
                             {"code", absl::StatusCodeToString(status.code())},
                             {"reason", errors::ReasonOf(status)}});
}

}  // namespace

Watcher::Watcher(Parts parts)
    : parts_(std::move(parts)),
      admission_(parts_.verifier, parts_.calls, parts_.trust_domain),
      recent_(parts_.source, kRecent) {
  catch_up_ = std::make_unique<Loop>("catch-up", [this] { return CatchUp(); });
  tail_ = std::make_unique<Loop>("watch", [this] { return Tail(); });
}

Watcher::~Watcher() { Drain(); }

void Watcher::Drain() {
  {
    const MutexLock lock(mu_);
    draining_ = true;
  }
  for (const auto& loop : {catch_up_.get(), tail_.get()}) loop->BeginStop();
  for (const auto& loop : {catch_up_.get(), tail_.get()}) loop->Stop();
  Streams streams;
  {
    const MutexLock lock(mu_);
    streams.swap(streams_);
  }
  for (const auto& stream : streams) stream->End(grpc::Status::OK);
}

// --- Opening ------------------------------------------------------------------

grpc::ServerWriteReactor<grpc::ByteBuffer>* Watcher::Submit(grpc::CallbackServerContext* context, Opening opening) {
  const std::shared_ptr<WatchStream> stream = WatchStream::Make();
  WatchStream* const reactor = stream.get();
  const SteadyTime arrived = SteadyTime::Now();
  const std::string method = opening.method;
  const auto open = [this, context, stream, arrived, opening = std::move(opening)] {
    const trace::Span span = SpanOf(*context, opening.method);
    const trace::Scope scope(span.context());
    absl::Status status = errors::Internal("an exception");
    static_cast<void>(Guarded(opening.method, [&] {
      status = Open(*context, opening, *stream);
      if (status.ok()) status = Add(stream);
    }));
    LogOpening(opening.method, *stream, status);
    parts_.calls.Observe(opening.method.substr(1), absl::StatusCodeToString(status.code()),
                         SteadyTime::Now() - arrived);
    EndSpan(span, status);
    if (!status.ok()) stream->End(ToGrpcStatus(status));
    stream->EndOpening();
  };
  if (!parts_.executor.TrySubmit(open)) {
    parts_.calls.Observe(method.substr(1), "RESOURCE_EXHAUSTED", SteadyTime::Now() - arrived);
    stream->End(ToGrpcStatus(errors::AtCapacity(kRetryAfter)));
    stream->EndOpening();
  }
  return reactor;
}

absl::Status Watcher::Open(const grpc::CallbackServerContext& context, const Opening& opening, WatchStream& stream) {
  if (context.IsCancelled()) return absl::CancelledError();
  stream.removals = parts_.verifier.removals();
  XXT_ASSIGN_OR_RETURN(const identity::Caller caller, admission_.Admit(context, opening.method, absl::Now()));
  stream.caller = caller.subject;
  stream.connection = context.peer();
  const WatchRequest request = opening.read();
  if (!request.violations.empty()) return errors::FieldsInvalid(request.violations);
  events::Place place;
  const absl::Status status =
      pg::Read(parts_.request_pool, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) -> absl::Status {
        if (!request.name.empty()) XXT_RETURN_IF_ERROR(opening.check(session, caller, request.name));
        XXT_ASSIGN_OR_RETURN(place,
                             request.token.empty() ? events::Latest(session) : events::Find(session, request.token));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  stream.Start({caller.halls, request.name}, std::move(place));
  return absl::OkStatus();
}

absl::Status Watcher::Add(const std::shared_ptr<WatchStream>& stream) {
  {
    const MutexLock lock(mu_);
    int all = 0;
    int of_caller = 0;
    int of_connection = 0;
    for (const auto& other : streams_) {
      if (other->gone()) continue;
      ++all;
      if (other->caller == stream->caller) ++of_caller;
      if (other->connection == stream->connection) ++of_connection;
    }
    if (all >= kMost || of_caller >= kMostOfCaller || of_connection >= kMostOfConnection) {
      return errors::AtCapacity(kRetryAfter);
    }
    if (draining_) {
      stream->End(grpc::Status::OK);
    } else {
      streams_.push_back(stream);
    }
  }
  tail_->Nudge();
  return absl::OkStatus();
}

// --- Telling ------------------------------------------------------------------

Watcher::Streams Watcher::Present() {
  const MutexLock lock(mu_);
  streams_.remove_if([](const std::shared_ptr<WatchStream>& stream) { return stream->gone(); });
  parts_.metrics.streams.Set(static_cast<double>(streams_.size()));
  return streams_;
}

absl::Duration Watcher::Tail() {
  const Streams streams = Present();
  const SteadyTime now = SteadyTime::Now();
  if (streams.empty()) {
    reading_ = false;
    last_read_ = now;
    return kIdle;
  }
  const absl::Status status = ReadOn();
  if (status.ok()) {
    last_read_ = now;
    const SteadyTime began = SteadyTime::Now();
    TellAll(streams);
    return full_ ? absl::ZeroDuration() : std::max(kLook, SteadyTime::Now() - began);
  }
  parts_.metrics.failures.Increment();
  log::SeldomWarning("watch.read_failed", errors::ReasonOf(status), {{"status", status}});
  const bool blind = now - last_read_ > kLongestBlind;
  if (absl::IsOutOfRange(status)) {
    reading_ = false;  // another history: the streams of this one end when the next reading tells so
  } else if (!IsTransient(status) || blind) {
    // The store is away for long, or a defect: each stream is taken up elsewhere, or begun anew.
    for (const auto& stream : streams) stream->End(ToGrpcStatus(status));
    reading_ = false;
  }
  return kLookAgain;
}

absl::Status Watcher::ReadOn() {
  full_ = false;
  XXT_RETURN_IF_ERROR(
      pg::Read(parts_.pool, SteadyTime::Now() + kStoreDeadline, [this](pg::Session& session) -> absl::Status {
        if (!reading_) {
          XXT_ASSIGN_OR_RETURN(const events::Place latest, events::Latest(session));
          recent_.BeginAt(latest);
          reading_ = true;
          return absl::OkStatus();
        }
        XXT_ASSIGN_OR_RETURN(const events::Batch batch, events::ReadAfter(session, recent_.end()));
        for (const events::Entry& entry : batch.entries) {
          parts_.metrics.lag.Observe(absl::ToDoubleSeconds(entry.age));
        }
        full_ = batch.entries.size() == events::kBatch;
        recent_.Add(batch);
        return absl::OkStatus();
      }));
  const MutexLock lock(mu_);
  reach_ = recent_.begin();
  return absl::OkStatus();
}

void Watcher::TellAll(const Streams& streams) {
  const SteadyTime now = SteadyTime::Now();
  const std::int64_t removals = parts_.verifier.removals();
  int behind = 0;
  for (const auto& stream : streams) {
    // A key that was taken away lets nobody listen on: whose token is good still comes again with it.
    if (now - stream->opened() > kLongest || stream->removals != removals) stream->End(grpc::Status::OK);
    if (!stream->idle()) continue;
    const events::Place place = stream->place();
    if (place.history != recent_.end().history) {
      stream->End(ToGrpcStatus(errors::ResumeTokenExpired()));
    } else if (place.position < recent_.begin().position) {
      ++behind;
    } else {
      Tell(*stream, recent_.After(place, stream->scope()));
    }
  }
  parts_.metrics.behind.Set(behind);
  if (behind > 0) catch_up_->Nudge();
}

bool Watcher::Draining() {
  const MutexLock lock(mu_);
  return draining_;
}

absl::Duration Watcher::CatchUp() {
  Streams streams;
  events::Place reach;
  {
    const MutexLock lock(mu_);
    streams = streams_;
    reach = reach_;
  }
  bool read = false;
  for (const auto& stream : streams) {
    if (Draining()) break;  // a store that says nothing is waited for once, not once for each
    if (!stream->idle()) continue;
    const events::Place place = stream->place();
    // The tail's, which never reaches further back later on.
    if (place.history != reach.history || place.position >= reach.position) continue;
    const absl::Status status = ReadFor(*stream, place);
    if (status.ok()) {
      read = true;
      continue;
    }
    parts_.metrics.failures.Increment();
    log::SeldomWarning("watch.catch_up_failed", errors::ReasonOf(status), {{"status", status}});
    if (!IsTransient(status)) stream->End(ToGrpcStatus(status));
  }
  return read ? absl::ZeroDuration() : kIdle;
}

absl::Status Watcher::ReadFor(WatchStream& stream, const events::Place& from) {
  events::Batch batch;
  XXT_RETURN_IF_ERROR(
      pg::Read(parts_.pool, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) -> absl::Status {
        const std::string& subject = stream.scope().subject;
        XXT_ASSIGN_OR_RETURN(batch, subject.empty() ? events::ReadAfter(session, from)
                                                    : events::ReadSubjectAfter(session, from, subject));
        return absl::OkStatus();
      }));
  RecentEvents stretch(parts_.source, events::kBatch);
  stretch.BeginAt(from);
  stretch.Add(batch);
  Tell(stream, stretch.After(from, stream.scope()));
  return absl::OkStatus();
}

void Watcher::Tell(WatchStream& stream, const WatchPage& page) {
  parts_.metrics.told.Increment(page.events);
  stream.Tell(page, parts_.heartbeat);
}

}  // namespace xxt::rpc
