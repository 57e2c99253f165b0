#include "common/idempotency/idempotency.h"

#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::idempotency {
namespace {

constexpr pg::Statement kFind{"idempotency.find", R"sql(
  SELECT request_sha256, response FROM backbone.idempotency
   WHERE request_id = $1 AND caller = $2 AND method = $3)sql"};

// The primary key fails the transaction of a repeat, and lets a twin wait for
// the first.
constexpr pg::Statement kStore{"idempotency.store", R"sql(
  INSERT INTO backbone.idempotency (caller, method, request_id, request_sha256, response)
  VALUES ($1, $2, $3, $4, $5))sql"};

// What was answered under `key` before, if anything. REQUEST_ID_REUSED if that
// was another request.
absl::StatusOr<std::optional<std::string>> FindAnswer(pg::Pool& pool, absl::Time deadline, const Key& key) {
  std::optional<std::string> found;
  bool reused = false;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, key.request_id, key.caller, key.method));
    if (rows.empty()) return absl::OkStatus();
    reused = rows[0].Bytes(0) != key.request_sha256;
    found = rows[0].Bytes(1);
    return absl::OkStatus();
  }));
  if (reused) return errors::RequestIdReused(key.request_id);
  return found;
}

}  // namespace

absl::Status Once(pg::Pool& pool, absl::Time deadline, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&)> body, absl::FunctionRef<std::string()> encode,
                  std::optional<std::string>* replay) {
  replay->reset();
  const absl::Status status = pg::InTransaction(
      pool, deadline,
      [&](pg::Session& session) -> absl::Status {
        XXT_RETURN_IF_ERROR(body(session));
        XXT_CRASH_POINT("rpc.before_store_answer");
        session.Queue(kStore, key.caller, key.method, key.request_id, pg::Param::Bytes(key.request_sha256),
                      pg::Param::Bytes(encode()));
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun);
  if (status.ok()) return status;
  // Only a failure can be a repeat, whatever its body met: first requests pay
  // nothing for the question.
  const absl::StatusOr<std::optional<std::string>> found = FindAnswer(pool, deadline, key);
  if (errors::ReasonOf(found.status()) == "REQUEST_ID_REUSED") return found.status();
  if (!found.ok() || !found->has_value()) return status;
  *replay = *found;
  return absl::OkStatus();
}

}  // namespace xxt::idempotency
