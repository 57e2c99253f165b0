#include "common/redis/connection.h"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace xxt::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

std::string TextOf(const redisReply* reply) { return std::string(reply->str, reply->len); }

bool IsArray(const redisReply* reply, std::size_t at_least) {
  return reply->type == REDIS_REPLY_ARRAY && reply->elements >= at_least;
}

// [[id, [field, value, …]], …]. An entry deleted meanwhile has nil fields.
std::vector<Entry> EntriesOf(const redisReply* list) {
  std::vector<Entry> entries;
  if (list->type != REDIS_REPLY_ARRAY) return entries;
  for (std::size_t i = 0; i < list->elements; ++i) {
    const redisReply* item = list->element[i];
    if (!IsArray(item, 2)) continue;
    Entry entry{TextOf(item->element[0]), ""};
    const redisReply* fields = item->element[1];
    if (IsArray(fields, 2)) entry.task = TextOf(fields->element[1]);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

struct Connection::Reply {
  std::unique_ptr<redisReply, FreeReply> owned;
  const redisReply* operator->() const { return owned.get(); }
  const redisReply* get() const { return owned.get(); }
};

Connection::Connection(Options options) : options_(std::move(options)) {}

Connection::~Connection() { Close(); }

void Connection::Close() {
  if (context_ != nullptr) redisFree(context_);
  context_ = nullptr;
}

absl::Status Connection::Connect() {
  if (context_ != nullptr) return absl::OkStatus();
  const timeval timeout = absl::ToTimeval(options_.timeout);
  if (absl::StartsWith(options_.address, "unix:")) {
    context_ = redisConnectUnixWithTimeout(options_.address.c_str() + 5, timeout);
  } else {
    const auto colon = options_.address.rfind(':');
    int port = 0;
    if (colon == std::string::npos || !absl::SimpleAtoi(options_.address.substr(colon + 1), &port)) {
      return absl::InvalidArgumentError("redis address is not HOST:PORT");
    }
    context_ = redisConnectWithTimeout(options_.address.substr(0, colon).c_str(), port, timeout);
  }
  if (context_ == nullptr || context_->err != 0 || redisSetTimeout(context_, timeout) != REDIS_OK) {
    Close();
    return absl::UnavailableError("redis cannot be reached");
  }
  const std::string password = options_.password.value();
  if (password.empty()) return absl::OkStatus();
  std::vector<std::string> auth = {"AUTH"};
  if (!options_.username.empty()) auth.push_back(options_.username);
  auth.push_back(password);
  absl::Status status = Call(auth).status();
  if (!status.ok()) Close();
  return status;
}

absl::Status Connection::Send(const std::vector<std::string>& command) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (redisAppendCommandArgv(context_, static_cast<int>(command.size()), texts.data(), sizes.data()) == REDIS_OK) {
    return absl::OkStatus();
  }
  Close();
  return absl::UnavailableError("redis connection broke");
}

absl::StatusOr<Connection::Reply> Connection::Receive() {
  void* raw = nullptr;
  if (context_ == nullptr || redisGetReply(context_, &raw) != REDIS_OK || raw == nullptr) {
    Close();
    return absl::UnavailableError("redis connection broke");
  }
  Reply reply{std::unique_ptr<redisReply, FreeReply>(static_cast<redisReply*>(raw))};
  if (reply->type == REDIS_REPLY_ERROR) return absl::FailedPreconditionError(TextOf(reply.get()));
  return reply;
}

absl::StatusOr<Connection::Reply> Connection::Call(const std::vector<std::string>& command) {
  if (absl::Status status = Connect(); !status.ok()) return status;
  if (absl::Status status = Send(command); !status.ok()) return status;
  return Receive();
}

absl::Status Connection::Add(const std::string& stream, const std::vector<std::string>& tasks) {
  if (absl::Status status = Connect(); !status.ok()) return status;
  for (const std::string& task : tasks) {
    if (absl::Status status = Send({"XADD", stream, "*", "t", task}); !status.ok()) return status;
  }
  absl::Status first;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const absl::Status status = Receive().status();
    first.Update(status);
    if (status.code() == absl::StatusCode::kUnavailable) break;
  }
  return first;
}

absl::StatusOr<std::int64_t> Connection::Undelivered(const std::string& stream) {
  // In this order: what is delivered between the two counts as delivered.
  absl::StatusOr<Reply> length = Call({"XLEN", stream});
  if (!length.ok()) return length.status();
  if ((*length)->integer == 0) return 0;
  absl::StatusOr<Reply> pending = Call({"XPENDING", stream, kGroup});
  if (!pending.ok() && absl::StartsWith(pending.status().message(), "NOGROUP")) return (*length)->integer;
  if (!pending.ok()) return pending.status();
  const std::int64_t delivered = IsArray(pending->get(), 1) ? (*pending)->element[0]->integer : 0;
  return std::max<std::int64_t>(0, (*length)->integer - delivered);
}

absl::StatusOr<std::vector<std::vector<Entry>>> Connection::ReadGroup(const std::vector<std::string>& streams,
                                                                      const std::string& consumer, int count,
                                                                      absl::Duration block) {
  std::vector<std::string> command = {"XREADGROUP", "GROUP",
                                      kGroup,       consumer,
                                      "COUNT",      absl::StrCat(count),
                                      "BLOCK",      absl::StrCat(absl::ToInt64Milliseconds(block)),
                                      "STREAMS"};
  command.insert(command.end(), streams.begin(), streams.end());
  command.insert(command.end(), streams.size(), ">");
  absl::StatusOr<Reply> reply = Call(command);
  if (!reply.ok() && absl::StartsWith(reply.status().message(), "NOGROUP")) {
    for (const std::string& stream : streams) {
      const absl::Status made = Call({"XGROUP", "CREATE", stream, kGroup, "0", "MKSTREAM"}).status();
      if (!made.ok() && !absl::StartsWith(made.message(), "BUSYGROUP")) return made;
    }
    reply = Call(command);
  }
  if (!reply.ok()) return reply.status();
  std::vector<std::vector<Entry>> entries(streams.size());
  if ((*reply)->type != REDIS_REPLY_ARRAY) return entries;
  for (std::size_t i = 0; i < (*reply)->elements; ++i) {
    const redisReply* one = (*reply)->element[i];
    if (!IsArray(one, 2)) continue;
    const auto place = std::find(streams.begin(), streams.end(), TextOf(one->element[0]));
    if (place != streams.end()) entries[static_cast<std::size_t>(place - streams.begin())] = EntriesOf(one->element[1]);
  }
  return entries;
}

absl::StatusOr<std::vector<Connection::Consumer>> Connection::Consumers(const std::string& stream) {
  absl::StatusOr<Reply> reply = Call({"XINFO", "CONSUMERS", stream, kGroup});
  std::vector<Consumer> consumers;
  // No such stream, or no such group.
  if (absl::IsFailedPrecondition(reply.status())) return consumers;
  if (!reply.ok()) return reply.status();
  for (std::size_t i = 0; IsArray(reply->get(), i + 1); ++i) {
    const redisReply* fields = (*reply)->element[i];
    Consumer consumer;
    for (std::size_t j = 0; IsArray(fields, j + 2); j += 2) {
      const std::string field = TextOf(fields->element[j]);
      const redisReply* value = fields->element[j + 1];
      if (field == "name") consumer.name = TextOf(value);
      if (field == "pending") consumer.pending = value->integer;
      if (field == "idle") consumer.idle = absl::Milliseconds(value->integer);
    }
    consumers.push_back(std::move(consumer));
  }
  return consumers;
}

absl::Status Connection::DropIdleConsumers(const std::string& stream, absl::Duration idle) {
  const absl::StatusOr<std::vector<Consumer>> consumers = Consumers(stream);
  if (!consumers.ok()) return consumers.status();
  for (const Consumer& consumer : *consumers) {
    if (consumer.pending > 0 || consumer.idle < idle) continue;
    if (absl::Status status = Call({"XGROUP", "DELCONSUMER", stream, kGroup, consumer.name}).status(); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Connection::DropConsumer(const std::string& stream, const std::string& name) {
  const absl::StatusOr<std::vector<Consumer>> consumers = Consumers(stream);
  if (!consumers.ok()) return consumers.status();
  for (const Consumer& consumer : *consumers) {
    if (consumer.name == name && consumer.pending == 0) {
      return Call({"XGROUP", "DELCONSUMER", stream, kGroup, name}).status();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Entry>> Connection::AutoClaim(const std::string& stream, const std::string& consumer,
                                                         absl::Duration min_idle, int count, std::string* cursor) {
  absl::StatusOr<Reply> reply =
      Call({"XAUTOCLAIM", stream, kGroup, consumer, absl::StrCat(absl::ToInt64Milliseconds(min_idle)),
            std::exchange(*cursor, kBegin), "COUNT", absl::StrCat(count)});
  if (!reply.ok()) {
    if (absl::StartsWith(reply.status().message(), "NOGROUP")) return std::vector<Entry>();
    return reply.status();
  }
  if (!IsArray(reply->get(), 2)) return std::vector<Entry>();
  *cursor = TextOf((*reply)->element[0]);
  return EntriesOf((*reply)->element[1]);
}

absl::Status Connection::AckAndDelete(const std::string& stream, const std::vector<std::string>& entry_ids) {
  if (entry_ids.empty()) return absl::OkStatus();
  std::vector<std::string> ack = {"XACK", stream, kGroup};
  std::vector<std::string> del = {"XDEL", stream};
  ack.insert(ack.end(), entry_ids.begin(), entry_ids.end());
  del.insert(del.end(), entry_ids.begin(), entry_ids.end());
  if (absl::Status status = Connect(); !status.ok()) return status;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"MULTI"}, ack, del, {"EXEC"}}) {
    if (absl::Status status = Send(command); !status.ok()) return status;
  }
  absl::Status first;
  for (int i = 0; i < 4; ++i) {
    const absl::Status status = Receive().status();
    first.Update(status);
    if (status.code() == absl::StatusCode::kUnavailable) break;
  }
  return first;
}

}  // namespace xxt::redis
