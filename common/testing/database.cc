#include "common/testing/database.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace xxt::test {
namespace {

using nlohmann::json;

const json& Stores() {
  static const json* const stores = [] {
    const char* path = std::getenv("XXT_TEST_STORES");
    std::ifstream file(path == nullptr ? "build/dev/test-stores/env.json" : path);
    if (!file) {
      std::fprintf(stderr, "The test stores do not run: use ctest, or tests/fixture/postgres.sh start\n");
      std::abort();
    }
    return new json(json::parse(file));
  }();
  return *stores;
}

std::string Text(const char* key) { return Stores().at(key).get<std::string>(); }

std::string Dsn(const std::string& database, const std::string& user) {
  return absl::StrCat("host=", Text("postgres_host"), " port=", Stores().at("postgres_port").get<int>(),
                      " dbname=", database, " user=", user);
}

// One statement as superuser; aborts on error.
std::string RunSql(const std::string& database, const std::string& sql) {
  PGconn* conn = PQconnectdb(absl::StrCat(Dsn(database, Text("superuser")), " password=", Text("superuser_password"),
                                          " options='-c timezone=UTC -c client_min_messages=error'")
                                 .c_str());
  PGresult* result = PQexec(conn, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    std::fprintf(stderr, "%s\n%s", sql.c_str(), PQerrorMessage(conn));
    std::abort();
  }
  std::string first = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(conn);
  return first;
}

}  // namespace

Database::Database(const std::string& service) {
  static std::atomic<int> count{0};
  name_ = absl::StrCat("xxt_test_", service, "_", getpid(), "_", ++count);
  RunSql("postgres", absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE xxt_template_", service));
  options_.dsn = Dsn(name_, absl::StrCat("xxt_", service));
  options_.password = Text("runtime_password");
  pool_ = std::make_unique<pg::Pool>(options_);
}

Database::~Database() {
  pool_.reset();
  RunSql("postgres", absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)"));
}

std::string Database::Sql(const std::string& sql) const { return RunSql(name_, sql); }

redis::Options TestRedis() {
  redis::Options options;
  options.address = Text("redis_address");
  options.username = Text("redis_username");
  options.password = Text("redis_password");
  return options;
}

void FlushRedis() {
  const std::string address = Text("redis_address");
  const auto colon = address.rfind(':');
  redisContext* context = redisConnect(address.substr(0, colon).c_str(), std::atoi(address.c_str() + colon + 1));
  for (const std::string& command :
       {absl::StrCat("AUTH ", Text("redis_operator"), " ", Text("redis_operator_password")), std::string("FLUSHALL")}) {
    auto* reply = static_cast<redisReply*>(redisCommand(context, command.c_str()));
    if (reply == nullptr || reply->type == REDIS_REPLY_ERROR) {
      std::fprintf(stderr, "%s failed\n", command.substr(0, 8).c_str());
      std::abort();
    }
    freeReplyObject(reply);
  }
  redisFree(context);
}

}  // namespace xxt::test
