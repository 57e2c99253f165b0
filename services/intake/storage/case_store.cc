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
                          {"doc", "jsonb"}});

constexpr pg::Statement kLoad{"case.load", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc
    FROM intake.cases
   WHERE id = $1)sql"};

constexpr pg::Statement kLoadForUpdate{"case.load_for_update", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc
    FROM intake.cases
   WHERE id = $1
     FOR UPDATE)sql"};

constexpr pg::Statement kUpdate{"case.update", R"sql(
  UPDATE intake.cases
     SET state = $2, owner = $3, next_action_time = $4, update_time = $5, close_time = $6, version = $7, doc = $8
   WHERE id = $1)sql"};

// The work list of a hall: open cases, in the order of the partial index.
constexpr pg::Statement kListOpenOfHall{"case.list_open_of_hall", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc - '{parties,summary,corrections}'::text[]
    FROM intake.cases
   WHERE hall = $1 AND state <> 'CLOSED' AND (next_action_time, id) > ($2, $3::uuid)
     AND ($4 = '' OR owner = $4)
   ORDER BY next_action_time, id
   LIMIT $5)sql"};

constexpr pg::Statement kListOpen{"case.list_open", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc - '{parties,summary,corrections}'::text[]
    FROM intake.cases
   WHERE state <> 'CLOSED' AND (next_action_time, id) > ($1, $2::uuid)
     AND ($3 = '' OR owner = $3)
   ORDER BY next_action_time, id
   LIMIT $4)sql"};

constexpr pg::Statement kListByNextAction{"case.list_by_next_action", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc - '{parties,summary,corrections}'::text[]
    FROM intake.cases
   WHERE ($1 = '' OR hall = $1) AND state = ANY ($2) AND (next_action_time, id) > ($3, $4::uuid)
     AND ($5 = '' OR owner = $5)
   ORDER BY next_action_time, id
   LIMIT $6)sql"};

constexpr pg::Statement kListNewest{"case.list_newest", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc - '{parties,summary,corrections}'::text[]
    FROM intake.cases
   WHERE ($1 = '' OR hall = $1) AND state = ANY ($2) AND (create_time, id) < ($3, $4::uuid)
     AND ($5 = '' OR owner = $5)
   ORDER BY create_time DESC, id DESC
   LIMIT $6)sql"};

// At most one: display codes are unique.
constexpr pg::Statement kListByCode{"case.list_by_code", R"sql(
  SELECT id, display_code, hall, state, owner, title, service_item, next_action_time,
         create_time, update_time, close_time, version, doc - '{parties,summary,corrections}'::text[]
    FROM intake.cases
   WHERE display_code = $1 AND ($2 = '' OR hall = $2) AND state = ANY ($3) AND ($4 = '' OR owner = $4))sql"};

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

absl::StatusOr<Case> LoadWith(pg::Session& session, const pg::Statement& statement, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(statement, id));
  if (rows.empty())
    return errors::NotFound("intake.xixinting/Case", std::string("cases/").append(id.data(), id.size()));
  return ReadCase(rows[0]);
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
  if (!filter.display_code.empty()) {
    return session.Run(kListByCode, filter.display_code, filter.hall, StatesOf(filter), filter.owner);
  }
  if (filter.newest_first) {
    const Key after = filter.after.value_or(Key{absl::InfiniteFuture(), kLastId});
    return session.Run(kListNewest, filter.hall, StatesOf(filter), after.time, after.id, filter.owner, filter.limit);
  }
  const Key after = filter.after.value_or(Key{absl::InfinitePast(), kFirstId});
  if (!filter.states.empty()) {
    return session.Run(kListByNextAction, filter.hall, StatesOf(filter), after.time, after.id, filter.owner,
                       filter.limit);
  }
  if (filter.hall.empty()) return session.Run(kListOpen, after.time, after.id, filter.owner, filter.limit);
  return session.Run(kListOpenOfHall, filter.hall, after.time, after.id, filter.owner, filter.limit);
}

}  // namespace

void Insert(pg::Session& session, const Case& created) {
  session.Queue(kInsert, created.id, created.display_code, created.hall, names::Of(created.state), created.owner,
                created.title, created.service_item, NextActionTime(created), created.create_time, created.update_time,
                created.close_time, created.version, case_doc::Write(created));
}

absl::StatusOr<Case> Load(pg::Session& session, absl::string_view id) { return LoadWith(session, kLoad, id); }

absl::StatusOr<Case> LoadForUpdate(pg::Session& session, absl::string_view id) {
  return LoadWith(session, kLoadForUpdate, id);
}

void Save(pg::Session& session, Case& changed) {
  ++changed.version;
  session.Queue(kUpdate, changed.id, names::Of(changed.state), changed.owner, NextActionTime(changed),
                changed.update_time, changed.close_time, changed.version, case_doc::Write(changed));
}

absl::StatusOr<std::vector<Case>> List(pg::Session& session, const Filter& filter) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, RunList(session, filter));
  std::vector<Case> cases;
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
