#ifndef XXT_COMMON_FAULT_CRASH_POINT_H_
#define XXT_COMMON_FAULT_CRASH_POINT_H_

// Marks a place where a chaos test may kill the process with SIGKILL. With
// XXT_CRASH_AT="<name>:<n>" in the environment the n-th passage dies there;
// "*:<n>" counts passages of all points. ":stop" at the end stops it there
// (SIGSTOP), to be continued. Compiled in with XXT_FAULT only.
//
// Names are "<subject>.<place>", unique in the source: "tasks.after_claim".
#ifdef XXT_FAULT
#define XXT_CRASH_POINT(name) ::xxt::fault::MaybeCrash(name)
#else
#define XXT_CRASH_POINT(name) static_cast<void>(0)
#endif

namespace xxt::fault {

void MaybeCrash(const char* name);

// True if the chaos tests planted the bug `name` (XXT_PLANTED_BUG in the
// environment of a build with XXT_FAULT), to see whether they catch it.
bool Planted(const char* name);

// What to send for the statement called `name`: `sql`, unless a bug is planted
// in that very statement (planted_sql.cc lists them). Ends the process where
// the bug does not fit the statement any more: it must be planted anew.
const char* PlantedSql(const char* name, const char* sql);

}  // namespace xxt::fault

#ifdef XXT_FAULT
#define XXT_PLANTED_BUG(name) ::xxt::fault::Planted(name)
#define XXT_PLANTED_SQL(name, sql) ::xxt::fault::PlantedSql(name, sql)
#else
#define XXT_PLANTED_BUG(name) false
#define XXT_PLANTED_SQL(name, sql) (sql)
#endif

#endif  // XXT_COMMON_FAULT_CRASH_POINT_H_
