#ifndef XXT_COMMON_TESTING_DATABASE_H_
#define XXT_COMMON_TESTING_DATABASE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/pg/pool.h"
#include "common/redis/connection.h"

// The real PostgreSQL and Redis that the CTest fixture "stores" runs.
namespace xxt::test {

// A fresh database, cloned from the migrated template of a service, dropped at
// the end. Connects as the service's role: what a test can do, the service can.
class Database {
 public:
  explicit Database(const std::string& service);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  pg::Pool& pool() { return *pool_; }
  // For a second process' worth of connections.
  const pg::PoolOptions& options() const { return options_; }
  const std::string& name() const { return name_; }

  // Runs SQL as superuser, for arranging and judging. Aborts on error; returns
  // the first column of the first row.
  std::string Sql(const std::string& sql) const;

 private:
  std::string name_;
  pg::PoolOptions options_;
  std::unique_ptr<pg::Pool> pool_;
};

// Redis for the engine under test. Streams are named after `service`, so tests
// take a name of their own.
redis::Options TestRedis();

// Empties Redis, as an operator or an accident does.
void FlushRedis();

// All keys of Redis and what they hold, as text.
std::string RedisContents();

// What PostgreSQL and Redis log from now on.
class StoresLog {
 public:
  StoresLog();
  std::string Text() const;

 private:
  std::map<std::string, std::int64_t> sizes_;  // of the files, by path
};

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_DATABASE_H_
