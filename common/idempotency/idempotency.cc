#include "common/idempotency/idempotency.h"

#include <openssl/sha.h>

#include <utility>

#include "common/fault/crash_point.h"
#include "common/idempotency/seal.h"
#include "common/pg/insert.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::idempotency {
namespace {

constexpr pg::Statement kFind{"idempotency.find", R"sql(
  SELECT request_sha256, response FROM backbone.idempotency
   WHERE request_id = $1 AND caller = $2 AND method = $3)sql"};

// The primary key fails the transaction of a repeat, and lets a twin wait for
// the first.
const pg::Insert kStore("idempotency.store", "backbone.idempotency",
                        {{"caller", "text"},
                         {"method", "text"},
                         {"request_id", "uuid"},
                         {"request_sha256", "bytea"},
                         {"response", "bytea"}},
                        "", {"caller", "method", "request_id"});

std::string Sha256(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

struct Stored {
  std::string request_sha256;
  std::string response;
};

// What was stored under `key` before, if anything.
absl::StatusOr<std::optional<Stored>> FindStored(pg::Pool& pool, SteadyTime deadline, const Key& key) {
  std::optional<Stored> found;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, key.request_id, key.caller, key.method));
    if (!rows.empty()) found = Stored{rows[0].Bytes(0), rows[0].Bytes(1)};
    return absl::OkStatus();
  }));
  return found;
}

// Runs `body`, and queues its response under `key`.
absl::Status RunAndStore(pg::Session& session, const Key& key, const std::string& sha256,
                         absl::FunctionRef<absl::Status(pg::Session&)> body, absl::FunctionRef<std::string()> encode) {
  XXT_RETURN_IF_ERROR(body(session));
  XXT_CRASH_POINT("rpc.before_store_answer");
  if (XXT_PLANTED_BUG("answer_not_stored")) return absl::OkStatus();
  session.Queue(kStore, key.caller, key.method, key.request_id, pg::Param::Bytes(sha256),
                pg::Param::Bytes(Seal(key.request, encode())));
  return absl::OkStatus();
}

}  // namespace

absl::Status Once(pg::Pool& pool, SteadyTime deadline, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&)> body, absl::FunctionRef<std::string()> encode,
                  std::optional<std::string>* replay) {
  replay->reset();
  const std::string sha256 = Sha256(key.request);
  const absl::Status status = pg::InTransaction(
      pool, deadline, [&](pg::Session& session) { return RunAndStore(session, key, sha256, body, encode); },
      pg::OnUnknownCommit::kRerun);
  // Only a failure can be a repeat, whatever its body met: first requests pay
  // nothing for the question. A store that is away, or late, is not asked again.
  if (status.ok() || absl::IsUnavailable(status) || deadline.passed()) return status;
  // Whatever it met, it may be a repeat of what was done: then a refusal would be a lie.
  XXT_RETURN_IF_ERROR(Recall(pool, deadline, key, replay));
  return replay->has_value() ? absl::OkStatus() : status;
}

absl::Status Recall(pg::Pool& pool, SteadyTime deadline, const Key& key, std::optional<std::string>* replay) {
  replay->reset();
  XXT_ASSIGN_OR_RETURN(const std::optional<Stored> found, FindStored(pool, deadline, key));
  if (!found.has_value()) return absl::OkStatus();
  if (found->request_sha256 != Sha256(key.request)) return errors::RequestIdReused(key.request_id);
  XXT_CRASH_POINT("rpc.before_replay");
  *replay = Open(key.request, found->response);
  return replay->has_value() ? absl::OkStatus() : errors::Internal("idempotency.open");
}

bool QueueOnce(pg::Pool& pool, SteadyTime deadline, const Key& key, absl::FunctionRef<absl::Status(pg::Session&)> body,
               absl::FunctionRef<std::string()> encode, std::function<void(const absl::Status&)> done) {
  const std::string sha256 = Sha256(key.request);
  return pg::QueueTransaction(
      pool, deadline, [&](pg::Session& session) { return RunAndStore(session, key, sha256, body, encode); },
      std::move(done));
}

}  // namespace xxt::idempotency
