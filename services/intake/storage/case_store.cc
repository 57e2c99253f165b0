#include "services/intake/storage/case_store.h"

#include <optional>
#include <utility>

#include "common/pg/insert.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/storage/case_doc.h"
#include "services/intake/storage/names.h"

namespace xxt::intake::case_store {
namespace {

const pg::Insert kInsert("case.insert", "intake.cases",
                         {{"id", "uuid"},
                          {"display_code", "text"},
                          {"hall", "text"},
                          {"state", "text"},
                          {"owner", "text"},
                          {"title", "text"},
                          {"service_item", "text"},
                          {"next_action_time", "timestamptz"},
                          {"create_time", "timestamptz"},
                          {"update_time", "timestamptz"},
                          {"close_time", "timestamptz"},
                          {"version", "bigint"},
                          {"doc", "jsonb"},
                          {"key", "bytea"}});

#define XXT_CASE_COLUMNS                                                                                           \
  "SELECT id, display_code, hall, state, owner, title, service_item, next_action_time, create_time, update_time, " \
  "close_time, version, "
#define XXT_CASE_COLUMNS_BASIC XXT_CASE_COLUMNS "doc - '{parties,summary,corrections}'::text[] "

constexpr pg::Statement kLoad{"case.load", XXT_CASE_COLUMNS "doc FROM intake.cases WHERE id = $1"};

constexpr pg::Statement kLoadForUpdate{"case.load_for_update",
                                       XXT_CASE_COLUMNS "doc, key FROM intake.cases WHERE id = $1 FOR UPDATE"};

constexpr pg::Statement kUpdate{"case.update", R"sql(
  UPDATE intake.cases
     SET state = $2, owner = $3, next_action_time = $4, update_time = $5, close_time = $6, version = $7, doc = $8
   WHERE id = $1)sql"};

// Lists: $1 of a hall, an owner or all, $2 in which states, after ($3, $4), at
// most $5. Each state is read along an index, and they are merged: no other
// way keeps the order over several states without reading all of them.
#define XXT_OF_STATE(scope, state, page) \
  "(SELECT * FROM intake.cases WHERE " scope " AND state = '" state "' AND '" state "' = ANY ($2) " page ")"
#define XXT_LIST_CASES(scope, page)                                                                    \
  XXT_CASE_COLUMNS_BASIC "FROM (" XXT_OF_STATE(scope, "IN_PROGRESS", page) " UNION ALL " XXT_OF_STATE( \
      scope, "CLOSURE_PROPOSED", page) " UNION ALL " XXT_OF_STATE(scope, "CLOSED", page) ") AS found WHERE true " page
#define XXT_BY_NEXT_ACTION "AND (next_action_time, id) > ($3, $4::uuid) ORDER BY next_action_time, id LIMIT $5"
#define XXT_NEWEST "AND (create_time, id) < ($3, $4::uuid) ORDER BY create_time DESC, id DESC LIMIT $5"
// Almost all cases of an owner are of one hall.
#define XXT_OF_OWNER "owner = $1 AND coalesce($6 = hall, true)"

constexpr pg::Statement kListOfHall{"case.list_of_hall", XXT_LIST_CASES("hall = $1", XXT_BY_NEXT_ACTION)};
constexpr pg::Statement kListOfOwner{"case.list_of_owner", XXT_LIST_CASES(XXT_OF_OWNER, XXT_BY_NEXT_ACTION)};
constexpr pg::Statement kListAll{"case.list_all", XXT_LIST_CASES("hall <> '' AND $1 = ''", XXT_BY_NEXT_ACTION)};
constexpr pg::Statement kNewestOfHall{"case.newest_of_hall", XXT_LIST_CASES("hall = $1", XXT_NEWEST)};
constexpr pg::Statement kNewestOfOwner{"case.newest_of_owner", XXT_LIST_CASES(XXT_OF_OWNER, XXT_NEWEST)};
constexpr pg::Statement kNewest{"case.newest", XXT_LIST_CASES("hall <> '' AND $1 = ''", XXT_NEWEST)};

// At most one: display codes are unique.
constexpr pg::Statement kListByCode{"case.list_by_code", XXT_CASE_COLUMNS_BASIC
                                    "FROM intake.cases WHERE display_code = $1 AND coalesce($2 = hall, true) "
                                    "AND state = ANY ($3) AND ($4 = '' OR owner = $4)"};

#undef XXT_OF_OWNER
#undef XXT_NEWEST
#undef XXT_BY_NEXT_ACTION
#undef XXT_LIST_CASES
#undef XXT_OF_STATE
#undef XXT_CASE_COLUMNS_BASIC
#undef XXT_CASE_COLUMNS

constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

absl::Time NextActionTime(const Case& found) {
  return found.next_action.has_value() ? found.next_action->due_time : absl::InfiniteFuture();
}

absl::StatusOr<Case> ReadCase(const pg::Row& row) {
  const std::optional<CaseState> state = names::Parse<CaseState>(row.View(3));
  if (!state.has_value()) return errors::Internal("case.state");
  Case found;
  found.id = row.Text(0);
  found.display_code = row.Text(1);
  found.hall = row.Text(2);
  found.state = *state;
  found.owner = row.Text(4);
  found.title = row.Text(5);
  found.service_item = row.Text(6);
  found.create_time = row.Time(8);
  found.update_time = row.Time(9);
  found.close_time = row.MaybeTime(10);
  found.version = row.Int(11);
  XXT_RETURN_IF_ERROR(case_doc::Read(row.View(12), found));
  if (found.next_action.has_value()) found.next_action->due_time = row.Time(7);
  return found;
}

absl::StatusOr<pg::Result> Find(pg::Session& session, const pg::Statement& statement, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(pg::Result rows, session.Run(statement, id));
  if (rows.empty())
    return errors::NotFound("intake.xixinting/Case", std::string("cases/").append(id.data(), id.size()));
  return rows;
}

std::vector<std::string> StatesOf(const Filter& filter) {
  std::vector<std::string> states;
  for (const CaseState state : filter.states) states.emplace_back(names::Of(state));
  if (states.empty()) {
    states.emplace_back(names::Of(CaseState::kInProgress));
    states.emplace_back(names::Of(CaseState::kClosureProposed));
  }
  return states;
}

absl::StatusOr<pg::Result> RunList(pg::Session& session, const Filter& filter) {
  const std::optional<std::string> hall = filter.halls.sql();
  if (!filter.display_code.empty()) {
    return session.Run(kListByCode, filter.display_code, hall, StatesOf(filter), filter.owner);
  }
  const Key start = filter.newest_first ? Key{absl::InfiniteFuture(), kLastId} : Key{absl::InfinitePast(), kFirstId};
  const Key after = filter.after.value_or(start);
  if (!filter.owner.empty()) {
    return session.Run(filter.newest_first ? kNewestOfOwner : kListOfOwner, filter.owner, StatesOf(filter), after.time,
                       after.id, filter.limit, hall);
  }
  const pg::Statement& statement =
      filter.newest_first ? (hall ? kNewestOfHall : kNewest) : (hall ? kListOfHall : kListAll);
  return session.Run(statement, hall.value_or(""), StatesOf(filter), after.time, after.id, filter.limit);
}

}  // namespace

void Insert(pg::Session& session, const Case& created, absl::string_view key) {
  session.Queue(kInsert, created.id, created.display_code, created.hall, names::Of(created.state), created.owner,
                created.title, created.service_item, NextActionTime(created), created.create_time, created.update_time,
                created.close_time, created.version, case_doc::Write(created), pg::Param::Bytes(key));
}

absl::StatusOr<Case> Load(pg::Session& session, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, Find(session, kLoad, id));
  return ReadCase(rows[0]);
}

absl::StatusOr<Case> LoadForUpdate(pg::Session& session, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, Find(session, kLoadForUpdate, id));
  XXT_ASSIGN_OR_RETURN(Case found, ReadCase(rows[0]));
  found.key = rows[0].Bytes(13);
  return found;
}

void Save(pg::Session& session, Case& changed) {
  ++changed.version;
  session.Queue(kUpdate, changed.id, names::Of(changed.state), changed.owner, NextActionTime(changed),
                changed.update_time, changed.close_time, changed.version, case_doc::Write(changed));
}

absl::StatusOr<std::vector<Case>> List(pg::Session& session, const Filter& filter) {
  std::vector<Case> cases;
  if (filter.halls.none()) return cases;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, RunList(session, filter));
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Case found, ReadCase(rows[i]));
    cases.push_back(std::move(found));
  }
  return cases;
}

Key KeyOf(const Filter& filter, const Case& found) {
  return {filter.newest_first ? found.create_time : NextActionTime(found), found.id};
}

}  // namespace xxt::intake::case_store
