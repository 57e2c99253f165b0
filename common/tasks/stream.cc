#include "common/tasks/stream.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/log/log.h"

namespace xxt::tasks {
namespace {

// Longest exchange of the writer, for which hand-outs wait; and how long it then
// leaves Redis alone.
constexpr absl::Duration kWriteWithin = absl::Milliseconds(500);
constexpr absl::Duration kLeaveAlone = absl::Seconds(5);
constexpr absl::Duration kReadWaitingEvery = absl::Milliseconds(200);
// How long the reader listens before it looks up: Drain() waits for this. Shorter
// while a queue is full, whose stream is not listened to.
constexpr absl::Duration kBlock = absl::Milliseconds(250);
constexpr absl::Duration kShortBlock = absl::Milliseconds(20);
constexpr absl::Duration kReadWithin = absl::Seconds(2);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(500);
// Entries another consumer left for longer than its lease are ours to look at.
constexpr absl::Duration kAutoClaimIdle = absl::Seconds(45);
constexpr absl::Duration kKeepHouseEvery = absl::Seconds(15);
constexpr int kAtATime = 256;
constexpr std::size_t kAcknowledgements = 1000;

redis::Options Within(redis::Options options, absl::Duration timeout) {
  options.timeout = std::min(options.timeout, timeout);
  return options;
}

}  // namespace

StreamWriter::StreamWriter(redis::Options options) : redis_(Within(std::move(options), kWriteWithin)) {}

void StreamWriter::Note(const absl::Status& status) {
  if (ok_.exchange(status.ok()) != status.ok()) {
    log::Warning(status.ok() ? "redis.back" : "redis.away", {{"status", status}});
  }
  if (status.ok()) return;
  if (XXT_PLANTED_BUG("exits_without_redis")) std::_Exit(1);
  again_at_ = SteadyTime::Now() + kLeaveAlone;
  for (std::atomic<std::int64_t>& waiting : waiting_) waiting = 0;
}

bool StreamWriter::Add(const std::string& stream, const std::vector<std::string>& ids) {
  if (!again_at_.passed()) return false;
  XXT_CRASH_POINT("tasks.before_stream");
  const absl::Status added = redis_.Add(stream, ids);
  refused_ = !added.ok() && !absl::IsUnavailable(added);
  Note(added);
  return added.ok();
}

void StreamWriter::ReadWaiting(const Queues& queues) {
  if (!again_at_.passed() || !(read_at_ + kReadWaitingEvery).passed()) return;
  read_at_ = SteadyTime::Now();
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const absl::StatusOr<std::int64_t> waiting = redis_.Undelivered(queues[i]->stream());
    if (!waiting.ok()) {
      refused_ = false;
      return Note(waiting.status());
    }
    waiting_[i] = *waiting;
  }
  // Who is full, or a replica, tells how much waits and takes nothing: of that only Add() knows the end.
  if (!refused_) Note(absl::OkStatus());
}

StreamReader::StreamReader(redis::Options options, std::string consumer, absl::Duration forget_consumers_after)
    : consumer_(std::move(consumer)),
      forget_consumers_after_(forget_consumers_after),
      redis_(Within(std::move(options), kReadWithin)),
      done_(kAcknowledgements) {}

absl::Duration StreamReader::ReadOnce(const Queues& queues) {
  absl::Status status = AcknowledgeAll(queues);
  if (status.ok() && (house_kept_at_ + kKeepHouseEvery).passed()) {
    house_kept_at_ = SteadyTime::Now();
    status = KeepHouse(queues);
  }
  if (status.ok()) status = Read(queues);
  return status.ok() ? absl::ZeroDuration() : kPauseAfterError;
}

absl::Status StreamReader::Read(const Queues& queues) {
  std::vector<std::string> streams;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < queues.size(); ++i) {
    if (queues[i]->inbox().room() < kAtATime) continue;
    streams.push_back(queues[i]->stream());
    places.push_back(i);
  }
  if (streams.empty()) {
    absl::SleepFor(kShortBlock);
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<std::vector<redis::Entry>>> read =
      redis_.ReadGroup(streams, consumer_, kAtATime, streams.size() == queues.size() ? kBlock : kShortBlock);
  if (!read.ok()) return read.status();
  for (std::size_t i = 0; i < places.size(); ++i) Take(*queues[places[i]], places[i], (*read)[i]);
  return absl::OkStatus();
}

void StreamReader::Take(Queue& queue, std::size_t place, const std::vector<redis::Entry>& entries) {
  std::vector<std::string> useless;
  for (const redis::Entry& entry : entries) {
    const bool taken = identifiers::IsUuid(entry.task) && queue.inbox().Put({entry.task, entry.id});
    if (!taken) useless.push_back(entry.id);
  }
  if (!useless.empty()) Acknowledge(place, std::move(useless));
}

absl::Status StreamReader::KeepHouse(const Queues& queues) {
  for (std::size_t i = 0; i < queues.size(); ++i) {
    if (absl::Status status = TakeOver(*queues[i], i); !status.ok()) return status;
    if (absl::Status status = redis_.DropIdleConsumers(queues[i]->stream(), forget_consumers_after_); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// Takes what others left. If there is no room for all, this goes on before
// anything new is read.
absl::Status StreamReader::TakeOver(Queue& queue, std::size_t place) {
  std::string cursor = redis::kBegin;
  do {
    if (queue.inbox().room() < kAtATime) {
      house_kept_at_ = SteadyTime();
      return absl::OkStatus();
    }
    const absl::StatusOr<std::vector<redis::Entry>> left =
        redis_.AutoClaim(queue.stream(), consumer_, kAutoClaimIdle, kAtATime, &cursor);
    if (!left.ok()) return left.status();
    Take(queue, place, *left);
  } while (cursor != redis::kBegin);
  return absl::OkStatus();
}

void StreamReader::Acknowledge(std::size_t place, std::vector<std::string> entries) {
  done_.Put(place, std::move(entries));
}

absl::Status StreamReader::AcknowledgeAll(const Queues& queues) {
  for (const auto& [place, lists] : done_.Take()) {
    std::vector<std::string> all;
    for (const std::vector<std::string>& list : lists) all.insert(all.end(), list.begin(), list.end());
    if (absl::Status status = redis_.AckAndDelete(queues[place]->stream(), all); !status.ok()) return status;
    XXT_CRASH_POINT("tasks.after_ack");
  }
  return absl::OkStatus();
}

void StreamReader::Leave(const Queues& queues) {
  if (!AcknowledgeAll(queues).ok()) return;
  for (const auto& queue : queues) {
    if (!redis_.DropConsumer(queue->stream(), consumer_).ok()) return;
  }
}

}  // namespace xxt::tasks
