#include "common/idempotency/idempotency.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/pg/insert.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::idempotency {
namespace {

// What is made with the key file's search key: the mark of a request, and the
// key of responses that have no root. As stored; they stay.
constexpr char kRequest[] = "xixinting.request";
constexpr char kResponse[] = "xixinting.response";

constexpr pg::Statement kFind{"idempotency.find", R"sql(
  SELECT request_mac, root, response FROM backbone.idempotency
   WHERE request_id = $1 AND caller = $2 AND method = $3)sql"};

// The primary key fails the transaction of a repeat, and lets a twin wait for
// the first.
const pg::Insert kStore("idempotency.store", "backbone.idempotency",
                        {{"caller", "text"},
                         {"method", "text"},
                         {"request_id", "uuid"},
                         {"request_mac", "bytea"},
                         {"root", "text"},
                         {"response", "bytea"}},
                        "", {"caller", "method", "request_id"});

// What a sealed response is bound to: its row.
std::string RowOf(const Key& key) {
  return absl::StrCat("responses/", key.request_id, "/", key.caller, "/", key.method);
}

std::string Seal(const seal::Keyring& keys, const Key& key, const Response& made) {
  const seal::DataKey closer = made.key.has_value() ? *made.key : keys.KeyFor(kResponse);
  return closer.Seal(RowOf(key), made.bytes);
}

struct Stored {
  std::string request_mac;
  std::string root;
  std::string sealed;
  std::string wrapped_key;  // the root's; empty: erased
};

absl::StatusOr<std::string> Open(const seal::Keyring& keys, const Key& key, const Stored& stored) {
  const bool of_root = !stored.root.empty();
  if (of_root && stored.wrapped_key.empty()) return errors::ResponseGone(stored.root);
  const std::optional<seal::DataKey> opener =
      of_root ? keys.Unwrap(stored.root, stored.wrapped_key) : keys.KeyFor(kResponse);
  std::optional<std::string> bytes = opener.has_value() ? opener->Open(RowOf(key), stored.sealed) : std::nullopt;
  if (!bytes.has_value()) return errors::Internal("idempotency.open");
  return *std::move(bytes);
}

// What was stored under `key` before, if anything.
absl::StatusOr<std::optional<Stored>> FindStored(pg::Pool& pool, SteadyTime deadline, const Key& key,
                                                 KeyOfRoot key_of_root) {
  std::optional<Stored> found;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, key.request_id, key.caller, key.method));
    if (rows.empty()) return absl::OkStatus();
    found = Stored{rows[0].Bytes(0), rows[0].Text(1), rows[0].Bytes(2), ""};
    if (found->root.empty() || key_of_root == nullptr) return absl::OkStatus();
    XXT_ASSIGN_OR_RETURN(found->wrapped_key, key_of_root(session, found->root));
    return absl::OkStatus();
  }));
  return found;
}

// Runs `body`, and queues what it made under `key`.
absl::Status RunAndStore(pg::Session& session, const seal::Keyring& keys, const Key& key,
                         absl::FunctionRef<absl::Status(pg::Session&, Response*)> body) {
  Response made;
  XXT_RETURN_IF_ERROR(body(session, &made));
  XXT_CRASH_POINT("rpc.before_store_answer");
  if (XXT_PLANTED_BUG("answer_not_stored")) return absl::OkStatus();
  session.Queue(
      kStore, key.caller, key.method, key.request_id, pg::Param::Bytes(keys.SearchHash(kRequest, key.request)),
      made.root.empty() ? pg::Param(std::nullopt) : pg::Param(made.root), pg::Param::Bytes(Seal(keys, key, made)));
  return absl::OkStatus();
}

}  // namespace

absl::Status Once(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
                  absl::FunctionRef<absl::Status(pg::Session&, Response*)> body, KeyOfRoot key_of_root,
                  std::optional<std::string>* replay) {
  replay->reset();
  const absl::Status status = pg::InTransaction(
      pool, deadline, [&](pg::Session& session) { return RunAndStore(session, keys, key, body); },
      pg::OnUnknownCommit::kRerun);
  // Only a failure can be a repeat, whatever its body met: first requests pay
  // nothing for the question. A store that is away, or late, is not asked again.
  if (status.ok() || absl::IsUnavailable(status) || deadline.passed()) return status;
  // Whatever it met, it may be a repeat of what was done: then a refusal would be a lie.
  XXT_RETURN_IF_ERROR(Recall(pool, deadline, keys, key, key_of_root, replay));
  return replay->has_value() ? absl::OkStatus() : status;
}

absl::Status Recall(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
                    KeyOfRoot key_of_root, std::optional<std::string>* replay) {
  replay->reset();
  XXT_ASSIGN_OR_RETURN(const std::optional<Stored> found, FindStored(pool, deadline, key, key_of_root));
  if (!found.has_value()) return absl::OkStatus();
  if (found->request_mac != keys.SearchHash(kRequest, key.request)) return errors::RequestIdReused(key.request_id);
  XXT_CRASH_POINT("rpc.before_replay");
  XXT_ASSIGN_OR_RETURN(*replay, Open(keys, key, *found));
  return absl::OkStatus();
}

bool QueueOnce(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys, const Key& key,
               absl::FunctionRef<absl::Status(pg::Session&, Response*)> body,
               std::function<void(const absl::Status&)> done) {
  return pg::QueueTransaction(
      pool, deadline, [&](pg::Session& session) { return RunAndStore(session, keys, key, body); }, std::move(done));
}

}  // namespace xxt::idempotency
