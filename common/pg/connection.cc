#include "common/pg/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

// Limits of every statement, without a round trip of their own: a statement
// 5 s, a lock 2 s (reliability: bounded waits), an idle transaction 10 s.
// Plans are made once per connection, maybe while a table is nearly empty, and
// kept; so what only pays in a small table is off: every query of a service has
// an index, and walks it in its order. No just-in-time compilation, which pays
// for long queries only.
constexpr char kOptions[] =
    "-c timezone=UTC -c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 "
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off "
    "-c client_min_messages=error";
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

int PollMillis(SteadyTime deadline) {
  const absl::Duration left = deadline.left();
  if (left <= absl::ZeroDuration()) return 0;
  return static_cast<int>(std::min<std::int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000));
}

// Waits for `events` on the connection's socket; false at the deadline.
bool PollSocket(PGconn* conn, short events, SteadyTime deadline) {
  while (true) {
    pollfd fd{PQsocket(conn), events, 0};
    if (poll(&fd, 1, PollMillis(deadline)) > 0) return true;
    if (deadline.passed()) return false;
  }
}

bool StartsWith(absl::string_view text, absl::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

Failure FromSqlState(absl::string_view state, const char* statement) {
  if (state == "40001" || state == "40P01") {
    return {Failure::Kind::kConflict, errors::StoreConflict(statement, kRetryAfter)};
  }
  // Shutdown, crash of another backend, starting up, no more connections.
  if (StartsWith(state, "57P") || StartsWith(state, "08") || state == "53300") {
    return {Failure::Kind::kBroken, errors::StoreUnavailable(kRetryAfter)};
  }
  if (state == "57014") return {Failure::Kind::kStatement, errors::DeadlineExceeded(statement)};
  if (state == "55P03") {
    return {Failure::Kind::kStatement, errors::StoreConflict(statement, kRetryAfter)};
  }
  return {Failure::Kind::kStatement, errors::Internal(statement)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const PoolOptions& options, SteadyTime deadline) {
  const char* keys[] = {"dbname", "password", "options", "client_encoding", "fallback_application_name", nullptr};
  const char* values[] = {options.dsn.c_str(), options.password.c_str(), kOptions, "UTF8", "xixinting", nullptr};
  auto connection = std::unique_ptr<Connection>(new Connection(PQconnectStartParams(keys, values, 1)));
  PGconn* conn = connection->conn_;
  deadline = std::min(deadline, SteadyTime::Now() + absl::Seconds(3));
  if (conn == nullptr || PQstatus(conn) == CONNECTION_BAD) return errors::StoreUnavailable(kRetryAfter);
  PostgresPollingStatusType polled = PGRES_POLLING_WRITING;
  while (polled == PGRES_POLLING_WRITING || polled == PGRES_POLLING_READING) {
    if (!PollSocket(conn, polled == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, deadline)) break;
    polled = PQconnectPoll(conn);
  }
  if (polled != PGRES_POLLING_OK) {
    log::Warning("pg.connect_failed", {{"server", PQhost(conn) == nullptr ? "" : PQhost(conn)}});
    return errors::StoreUnavailable(kRetryAfter);
  }
  XXT_CRASH_POINT("pg.connected");
  if (PQsetnonblocking(conn, 1) != 0 || PQenterPipelineMode(conn) != 1) return errors::Internal("pg.pipeline");
  return connection;
}

Connection::~Connection() { PQfinish(conn_); }

Failure Connection::Broken(const char* where) {
  log::Warning("pg.connection_lost", {{"statement", where}});
  return {Failure::Kind::kBroken, errors::StoreUnavailable(kRetryAfter)};
}

bool Connection::Send(const Pending& pending) {
  const Statement& statement = *pending.statement;
  const int count = static_cast<int>(pending.params.size());
  if (prepared_.insert(statement.name).second &&
      PQsendPrepare(conn_, statement.name, XXT_PLANTED_SQL(statement.name, statement.sql), count, nullptr) != 1) {
    return false;
  }
  std::vector<const char*> values(pending.params.size());
  std::transform(pending.params.begin(), pending.params.end(), values.begin(),
                 [](const Param& param) { return param.c_str(); });
  return PQsendQueryPrepared(conn_, statement.name, count, values.data(), nullptr, nullptr, 0) == 1;
}

bool Connection::WaitReadable(SteadyTime deadline, bool* broken) {
  const int unsent = PQflush(conn_);
  if (unsent < 0) {
    *broken = true;
    return false;
  }
  if (!PollSocket(conn_, static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), deadline)) return false;
  if (PQconsumeInput(conn_) != 1) {
    *broken = true;
    return false;
  }
  return true;
}

std::optional<Failure> Connection::Flush(const std::vector<Pending>& pending, SteadyTime deadline,
                                         std::vector<Result>* results) {
  // libpq answers one result per message sent: a prepare has one of its own.
  std::vector<const Statement*> expected;
  for (const Pending& item : pending) {
    const bool first_use = prepared_.count(item.statement->name) == 0;
    if (!Send(item)) return Broken(item.statement->name);
    if (first_use) expected.push_back(nullptr);
    expected.push_back(item.statement);
  }
  if (PQpipelineSync(conn_) != 1) return Broken("pg.sync");
  return Collect(expected, deadline, results);
}

std::optional<Failure> Connection::Collect(const std::vector<const Statement*>& expected, SteadyTime deadline,
                                           std::vector<Result>* results) {
  std::optional<Failure> failure;
  std::size_t at = 0;
  while (true) {
    bool broken = false;
    while (PQisBusy(conn_) == 1) {
      if (!WaitReadable(deadline, &broken)) {
        const char* where = at < expected.size() && expected[at] != nullptr ? expected[at]->name : "pg.wait";
        if (broken || PQstatus(conn_) == CONNECTION_BAD) return Broken(where);
        return Failure{Failure::Kind::kTimeout, errors::DeadlineExceeded(where)};
      }
    }
    PGresult* raw = PQgetResult(conn_);
    if (raw == nullptr) {
      if (PQstatus(conn_) == CONNECTION_BAD) return Broken("pg.result");
      if (++at > expected.size()) return Broken("pg.order");
      continue;
    }
    Result result(raw);
    switch (PQresultStatus(raw)) {
      case PGRES_PIPELINE_SYNC:
        return failure;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        if (expected[at] != nullptr) results->push_back(std::move(result));
        break;
      case PGRES_PIPELINE_ABORTED:
        if (expected[at] == nullptr && at + 1 < expected.size()) prepared_.erase(expected[at + 1]->name);
        break;
      default: {
        const char* state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
        const Statement* statement = expected[std::min(at, expected.size() - 1)];
        if (statement == nullptr) {
          statement = expected[at + 1];
          prepared_.erase(statement->name);
        }
        const char* name = statement->name;
        if (!failure.has_value()) failure = FromSqlState(state == nullptr ? "08006" : state, name);
        if (failure->kind == Failure::Kind::kStatement && failure->status.code() == absl::StatusCode::kInternal) {
          const char* text = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);
          const char* constraint = PQresultErrorField(raw, PG_DIAG_CONSTRAINT_NAME);
          // A unique key is how idempotency.h finds a repeat; nothing is wrong.
          const bool repeat = state != nullptr && absl::string_view(state) == "23505";
          (repeat ? log::Info : log::Error)(
              "pg.statement_failed",
              {{"statement", name},
               {"sqlstate", state == nullptr ? "" : state},
               {"constraint", constraint == nullptr ? "" : constraint},
               {"shape",
                constraint == nullptr && text != nullptr && state != nullptr && StartsWith(state, "42") ? text : ""}});
        }
        if (failure->kind == Failure::Kind::kBroken) return failure;
      }
    }
  }
}

}  // namespace xxt::pg
