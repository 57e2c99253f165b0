#include "common/pg/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/pg/pool.h"
#include "common/pg/wire.h"
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
constexpr absl::Duration kConnectWithin = absl::Seconds(3);
// pg_type.oid, the same in every PostgreSQL.
constexpr unsigned kByteaType = 17;
constexpr unsigned kTextType = 25;
constexpr Statement kRollback{"pg.rollback", "ROLLBACK"};

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

// This connection or its server cannot do it, though another may: read-only (a
// standby, or a primary that became one), statements forgotten, a transaction
// open for too long, no memory, disk or connections left, a system error; or its
// plans are of a table that has another shape by now.
bool IsUnfit(absl::string_view state, absl::string_view where) {
  if (state == "0A000") return where == "RevalidateCachedQuery";  // else: what PostgreSQL cannot do at all
  return state == "25006" || state == "25P03" || state == "26000" || absl::StartsWith(state, "53") ||
         absl::StartsWith(state, "58");
}

// `where`: the function of PostgreSQL that says so.
Failure FromSqlState(absl::string_view state, absl::string_view where, absl::string_view constraint,
                     const char* statement) {
  // A key over what is drawn, a serial or a random code: run again, the body draws another.
  const bool drawn_twice = state == "23505" && absl::EndsWith(constraint, "_drawn");
  if (state == "40001" || state == "40P01" || drawn_twice) {
    return {Failure::Kind::kConflict, errors::StoreConflict(statement, kRetryAfter)};
  }
  // Shutdown, crash of another backend, starting up.
  if (absl::StartsWith(state, "57P") || absl::StartsWith(state, "08")) {
    return {Failure::Kind::kBroken, errors::StoreUnavailable(kRetryAfter)};
  }
  if (IsUnfit(state, where)) return {Failure::Kind::kUnfit, errors::StoreUnavailable(kRetryAfter)};
  if (state == "57014") return {Failure::Kind::kStatement, errors::DeadlineExceeded(statement)};
  if (state == "55P03") {
    return {Failure::Kind::kStatement, errors::StoreConflict(statement, kRetryAfter)};
  }
  return {Failure::Kind::kStatement, errors::Internal(statement)};
}

struct Server {
  std::string host;
  std::string port;
};

// The servers of a connection string, in its order. libpq would try them by
// itself, but wait for one that is silent until there is no time for the next.
std::vector<Server> ServersOf(const std::string& dsn) {
  std::vector<std::string> hosts{""};
  std::vector<std::string> ports{""};
  PQconninfoOption* options = PQconninfoParse(dsn.c_str(), nullptr);
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (absl::string_view(option->keyword) == "host") hosts = absl::StrSplit(option->val, ',');
    if (absl::string_view(option->keyword) == "port") ports = absl::StrSplit(option->val, ',');
  }
  PQconninfoFree(options);
  std::vector<Server> servers;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    servers.push_back({hosts[i], ports.size() == 1 ? ports[0] : i < ports.size() ? ports[i] : ""});
  }
  return servers;
}

// A connection to `server`, open or not. A peer that is silent is lost after
// some seconds, however long a statement may take.
PGconn* Connect(const PoolOptions& options, const Server& server, SteadyTime deadline) {
  const std::string password = options.password.value();
  std::vector<std::pair<const char*, const char*>> all = {{"tcp_user_timeout", "5000"},
                                                          {"keepalives_idle", "5"},
                                                          {"keepalives_interval", "2"},
                                                          {"keepalives_count", "3"},
                                                          {"dbname", options.dsn.c_str()},
                                                          {"password", password.c_str()},
                                                          {"options", kOptions},
                                                          {"client_encoding", "UTF8"},
                                                          {"target_session_attrs", "read-write"},
                                                          {"fallback_application_name", "xixinting"}};
  if (!server.host.empty()) all.emplace_back("host", server.host.c_str());
  if (!server.port.empty()) all.emplace_back("port", server.port.c_str());
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : all) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* conn = PQconnectStartParams(keys.data(), values.data(), 1);
  if (conn == nullptr || PQstatus(conn) == CONNECTION_BAD) return conn;
  PostgresPollingStatusType polled = PGRES_POLLING_WRITING;
  while (polled == PGRES_POLLING_WRITING || polled == PGRES_POLLING_READING) {
    if (!PollSocket(conn, polled == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, deadline)) break;
    polled = PQconnectPoll(conn);
  }
  return conn;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const PoolOptions& options, SteadyTime deadline) {
  deadline = std::min(deadline, SteadyTime::Now() + kConnectWithin);
  const std::vector<Server> servers = ServersOf(options.dsn);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const SteadyTime until = SteadyTime::Now() + deadline.left() / static_cast<int>(servers.size() - i);
    auto connection = std::unique_ptr<Connection>(new Connection(Connect(options, servers[i], until)));
    PGconn* conn = connection->conn_;
    if (conn != nullptr && PQstatus(conn) == CONNECTION_OK) {
      XXT_CRASH_POINT("pg.connected");
      if (PQsetnonblocking(conn, 1) != 0 || PQenterPipelineMode(conn) != 1) return errors::Internal("pg.pipeline");
      return connection;
    }
    log::SeldomWarning("pg.connect_failed", absl::StrCat(servers[i].host, ":", servers[i].port),
                       {{"server", servers[i].host}, {"port", servers[i].port}});
  }
  return errors::StoreUnavailable(kRetryAfter);
}

Connection::~Connection() { PQfinish(conn_); }

Failure Connection::Broken(const char* where) {
  log::SeldomWarning("pg.connection_lost", where, {{"statement", where}});
  return {Failure::Kind::kBroken, errors::StoreUnavailable(kRetryAfter)};
}

bool Connection::Prepare(const Statement& statement, int count) {
  const char* name = statement.name;
  if (PQsendPrepare(conn_, name, XXT_PLANTED_SQL(name, statement.sql), count, nullptr) != 1) return false;
  prepared_.try_emplace(name);
  expected_.push_back({Expected::Step::kPrepare, &statement});
  if (count == 0) return true;
  if (PQsendDescribePrepared(conn_, name) != 1) return false;
  expected_.push_back({Expected::Step::kDescribe, &statement});
  return true;
}

bool Connection::Send(const Pending& pending) {
  const Statement& statement = *pending.statement;
  const int count = static_cast<int>(pending.params.size());
  auto known = prepared_.find(statement.name);
  if (known == prepared_.end()) {
    if (!Prepare(statement, count)) return false;
    known = prepared_.find(statement.name);
  }
  const Wire wire(pending.params, known->second.parameters);
  expected_.push_back({Expected::Step::kRun, &statement});
  return PQsendQueryPrepared(conn_, statement.name, wire.count(), wire.values(), wire.lengths(), wire.formats(),
                             known->second.rows_of_bytes ? 1 : 0) == 1;
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

std::optional<Failure> Connection::Flush(const std::vector<Pending>& pending, SteadyTime deadline, OnTimeout on_timeout,
                                         std::vector<Result>* results) {
  on_timeout_ = on_timeout;
  for (const Pending& item : pending) {
    if (!Send(item)) return Broken(item.statement->name);
  }
  if (PQpipelineSync(conn_) != 1) return Broken("pg.sync");
  return Collect(deadline, results);
}

std::optional<Failure> Connection::Collect(SteadyTime deadline, std::vector<Result>* results) {
  std::optional<Failure> failure;
  while (true) {
    bool broken = false;
    while (PQisBusy(conn_) == 1) {
      if (!WaitReadable(deadline, &broken)) {
        const char* where = Next() != nullptr ? Next()->statement->name : "pg.wait";
        if (broken || PQstatus(conn_) == CONNECTION_BAD) return Broken(where);
        return Failure{Failure::Kind::kTimeout, errors::DeadlineExceeded(where)};
      }
    }
    PGresult* raw = PQgetResult(conn_);
    if (raw == nullptr) {
      if (PQstatus(conn_) == CONNECTION_BAD) return Broken("pg.result");
      if (++answered_ > expected_.size()) return Broken("pg.order");
      continue;
    }
    Result result(raw);
    switch (PQresultStatus(raw)) {
      case PGRES_PIPELINE_SYNC:
        expected_.clear();
        answered_ = 0;
        return failure;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        if (Next() == nullptr) return Broken("pg.order");
        if (Next()->step == Expected::Step::kRun) results->push_back(std::move(result));
        if (Next()->step == Expected::Step::kDescribe) Learn(*Next()->statement, raw);
        break;
      case PGRES_PIPELINE_ABORTED:
        if (Next() == nullptr) return Broken("pg.order");
        if (Next()->step == Expected::Step::kPrepare) prepared_.erase(Next()->statement->name);
        break;
      default:
        if (!failure.has_value()) failure = Refused(raw);
        if (failure->unusable()) return failure;
    }
  }
}

void Connection::Learn(const Statement& statement, const pg_result* description) {
  const auto known = prepared_.find(statement.name);
  if (known == prepared_.end()) return;
  for (int i = 0; i < PQnparams(description); ++i) known->second.parameters.push_back(PQparamtype(description, i));
  bool bytes = PQnfields(description) > 0;
  for (int i = 0; i < PQnfields(description); ++i) {
    bytes = bytes && (PQftype(description, i) == kByteaType || PQftype(description, i) == kTextType);
  }
  known->second.rows_of_bytes = bytes;
}

Failure Connection::Refused(const pg_result* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return absl::string_view(text == nullptr ? "" : text);
  };
  const absl::string_view state = field(PG_DIAG_SQLSTATE);
  const Expected* refused = Next();
  const Statement* statement = refused == nullptr ? nullptr : refused->statement;
  const char* name = statement == nullptr ? "pg.sync" : statement->name;
  if (refused != nullptr && refused->step == Expected::Step::kPrepare) prepared_.erase(name);
  const absl::string_view constraint = field(PG_DIAG_CONSTRAINT_NAME);
  Failure failure = FromSqlState(state.empty() ? "08006" : state, field(PG_DIAG_SOURCE_FUNCTION), constraint, name);
  // A unique key is how idempotency.h finds a repeat; nothing is wrong.
  if (state == "23505" && failure.kind == Failure::Kind::kStatement) failure.repeated = statement;
  if (failure.kind == Failure::Kind::kUnfit) {
    log::SeldomWarning("pg.unfit", state, {{"statement", name}, {"sqlstate", state}});
  } else if (failure.kind == Failure::Kind::kStatement && failure.status.code() == absl::StatusCode::kInternal) {
    const bool shape = constraint.empty() && absl::StartsWith(state, "42");
    const log::Fields fields = {{"statement", name},
                                {"sqlstate", state},
                                {"constraint", constraint},
                                {"shape", shape ? field(PG_DIAG_MESSAGE_PRIMARY) : ""}};
    if (failure.repeated != nullptr) {
      log::Info("pg.statement_failed", fields);
    } else {
      log::SeldomError("pg.statement_failed", absl::StrCat(name, " ", state), fields);
    }
  }
  return failure;
}

bool Connection::at_rest() const { return expected_.empty() && PQtransactionStatus(conn_) == PQTRANS_IDLE; }

std::string Connection::backend() const { return absl::StrCat(PQbackendPID(conn_)); }

bool Connection::SameServer(const Connection& other) const {
  const auto where = [](PGconn* conn) { return absl::StrCat(PQhost(conn), " ", PQport(conn)); };
  return where(conn_) == where(other.conn_);
}

std::optional<Failure> Connection::ComeToRest(SteadyTime deadline) {
  std::vector<Result> unwanted;
  if (!expected_.empty()) {
    std::optional<Failure> failure = Collect(deadline, &unwanted);
    if (failure.has_value() && (failure->unusable() || failure->kind == Failure::Kind::kTimeout)) return failure;
  }
  if (at_rest()) return std::nullopt;
  return Flush({{&kRollback, {}}}, deadline, OnTimeout::kCancel, &unwanted);
}

}  // namespace xxt::pg
