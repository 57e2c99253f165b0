#include "common/testing/database.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace xxt::test {
namespace {

using nlohmann::json;

std::string StoresFile() {
  const char* path = std::getenv("XXT_TEST_STORES");
  return path == nullptr ? "build/dev/test-stores/env.json" : path;
}

const json& Stores() {
  static const json* const stores = [] {
    std::ifstream file(StoresFile());
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

std::vector<std::string> LogFiles() {
  std::vector<std::string> paths;
  const std::filesystem::path logs = std::filesystem::path(StoresFile()).parent_path() / "logs";
  for (const auto& entry : std::filesystem::directory_iterator(logs)) paths.push_back(entry.path().string());
  return paths;
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

// Redis, as its operator. Aborts on error.
class RedisOperator {
 public:
  RedisOperator() {
    const std::string address = Text("redis_address");
    const auto colon = address.rfind(':');
    context_ = redisConnect(address.substr(0, colon).c_str(), std::atoi(address.c_str() + colon + 1));
    Run({"AUTH", Text("redis_operator"), Text("redis_operator_password")});
  }
  ~RedisOperator() { redisFree(context_); }
  RedisOperator(const RedisOperator&) = delete;
  RedisOperator& operator=(const RedisOperator&) = delete;

  // All texts of the reply.
  std::vector<std::string> Run(const std::vector<std::string>& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    auto* reply = static_cast<redisReply*>(
        redisCommandArgv(context_, static_cast<int>(words.size()), words.data(), sizes.data()));
    if (reply == nullptr || reply->type == REDIS_REPLY_ERROR) {
      std::fprintf(stderr, "%s failed\n", command[0].c_str());
      std::abort();
    }
    std::vector<std::string> texts;
    Collect(*reply, &texts);
    freeReplyObject(reply);
    return texts;
  }

 private:
  static void Collect(const redisReply& reply, std::vector<std::string>* texts) {
    if (reply.str != nullptr) texts->emplace_back(reply.str, reply.len);
    for (std::size_t i = 0; i < reply.elements; ++i) Collect(*reply.element[i], texts);
  }

  redisContext* context_ = nullptr;
};

}  // namespace

Database::Database(const std::string& service) {
  static std::atomic<int> count{0};
  name_ = absl::StrCat("xxt_test_", service, "_", getpid(), "_", ++count);
  RunSql("postgres", absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE xxt_template_", service));
  options_.dsn = Dsn(name_, absl::StrCat("xxt_", service));
  options_.password = files::Secret(Text("runtime_password"));
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
  options.password = files::Secret(Text("redis_password"));
  return options;
}

void FlushRedis() { RedisOperator().Run({"FLUSHALL"}); }

std::string RedisContents() {
  static const std::map<std::string, std::vector<std::string>> kReads = {
      {"string", {"GET"}},   {"list", {"LRANGE", "0", "-1"}}, {"set", {"SMEMBERS"}},
      {"hash", {"HGETALL"}}, {"zset", {"ZRANGE", "0", "-1"}}, {"stream", {"XRANGE", "-", "+"}}};
  RedisOperator redis;
  std::vector<std::string> texts = redis.Run({"KEYS", "*"});
  for (const std::string& key : std::vector<std::string>(texts)) {
    const auto read = kReads.find(redis.Run({"TYPE", key}).front());
    if (read == kReads.end()) continue;  // "none": gone meanwhile
    std::vector<std::string> command = read->second;
    command.insert(command.begin() + 1, key);
    for (std::string& text : redis.Run(command)) texts.push_back(std::move(text));
  }
  return absl::StrJoin(texts, "\n");
}

StoresLog::StoresLog() {
  for (const std::string& path : LogFiles()) {
    sizes_[path] = static_cast<std::int64_t>(std::filesystem::file_size(path));
  }
}

std::string StoresLog::Text() const {
  std::string text;
  for (const std::string& path : LogFiles()) {
    const auto before = sizes_.find(path);
    std::ifstream file(path);
    file.seekg(before == sizes_.end() ? 0 : before->second);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

}  // namespace xxt::test
