#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "common/fault/crash_point.h"

namespace xxt::fault {
namespace {

struct SqlBug {
  const char* name;
  const char* statement;
  const char* right;  // what the statement says
  const char* wrong;  // what it says with the bug
};

constexpr SqlBug kSqlBugs[] = {
    {"claim_steals", "task.claim", "state = 'running' AND lease_until < now()", "state = 'running'"},
    {"unclaim_without_fence", "task.unclaim",
     " AND fence = ($2::bigint[])[array_position($1::uuid[], id)] AND state = 'running'",
     " AND ($2::bigint[] IS NOT NULL) AND state = 'running'"},
    {"put_back_is_forgotten", "task.put_back", "ELSE now() + $4::interval",
     "ELSE timestamptz 'infinity' + $4::interval"},
    {"abandoned_is_forgotten", "task.sweep", "lease_until >= now()", "lease_until >= '-infinity'"},
    {"end_not_noted", "task.settle_one", "SELECT id, $2, 'done' FROM gone",
     "SELECT id, $2, 'done' FROM gone WHERE false"},
    {"no_partitions_ahead", "service.keep_house", "SELECT backbone.keep_house()", "SELECT false"},
    {"reads_past_xmin", "event.read_from", " AND transaction < pg_snapshot_xmin(pg_current_snapshot())", ""},
};

std::string Rewritten(const SqlBug& bug, const char* sql) {
  std::string text(sql);
  const std::size_t at = text.find(bug.right);
  if (at == std::string::npos) {
    std::fprintf(stderr, "the planted bug %s does not fit %s\n", bug.name, bug.statement);
    std::_Exit(3);
  }
  return text.replace(at, std::string(bug.right).size(), bug.wrong);
}

}  // namespace

const char* PlantedSql(const char* name, const char* sql) {
  for (const SqlBug& bug : kSqlBugs) {
    if (std::string(name) != bug.statement || !Planted(bug.name)) continue;
    static std::mutex mu;
    static std::map<std::string, std::string> rewritten;
    const std::lock_guard<std::mutex> lock(mu);
    return rewritten.try_emplace(name, Rewritten(bug, sql)).first->second.c_str();
  }
  return sql;
}

}  // namespace xxt::fault
