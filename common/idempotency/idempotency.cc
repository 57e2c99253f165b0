#include "common/idempotency/idempotency.h"

#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::idempotency {
namespace {

// The table is partitioned by time, so no unique index spans it: concurrent
// twins are kept apart by the lock, and the second sees what the first stored.
constexpr pg::Statement kLock{"idempotency.lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};

constexpr pg::Statement kFind{"idempotency.find", R"sql(
  SELECT request_sha256, response FROM backbone.idempotency
   WHERE request_id = $1 AND caller = $2 AND method = $3)sql"};

constexpr pg::Statement kStore{"idempotency.store", R"sql(
  INSERT INTO backbone.idempotency (caller, method, request_id, request_sha256, response)
  VALUES ($1, $2, $3, $4, $5))sql"};

// What the body of a repeat is rolled back with.
absl::Status Repeated() { return absl::AlreadyExistsError("request was answered before"); }

}  // namespace

absl::Status Once(pg::Pool& pool, absl::Time deadline, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&)> body, absl::FunctionRef<std::string()> encode,
                  std::optional<std::string>* replay) {
  bool reused = false;
  const absl::Status status = pg::InTransaction(
      pool, deadline,
      [&](pg::Session& session) -> absl::Status {
        replay->reset();
        reused = false;
        // These ride along with the body's first statement. A repeat runs the
        // body in vain, maybe to an error, and is rolled back: repeats are rare,
        // a round trip is paid by all.
        session.Queue(kLock, key.request_id);
        const std::size_t find = session.Queue(kFind, key.request_id, key.caller, key.method);
        absl::Status done = body(session);
        if (!session.Has(find)) {
          if (!done.ok()) return done;
          XXT_RETURN_IF_ERROR(session.Flush());
        }
        if (const pg::Result found = session.Take(find); !found.empty()) {
          reused = found[0].Bytes(0) != key.request_sha256;
          if (!reused) *replay = found[0].Bytes(1);
          return Repeated();
        }
        XXT_RETURN_IF_ERROR(done);
        XXT_CRASH_POINT("rpc.before_store_answer");
        session.Queue(kStore, key.caller, key.method, key.request_id, pg::Param::Bytes(key.request_sha256),
                      pg::Param::Bytes(encode()));
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun);
  // Whatever the body of a repeat met, even an error of the store.
  if (reused) return errors::RequestIdReused(key.request_id);
  return replay->has_value() ? absl::OkStatus() : status;
}

}  // namespace xxt::idempotency
