#include "services/referral/storage/referral_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/events.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/storage/docs.h"

namespace xxt::referral::referral_store {
namespace {

constexpr pg::Statement kInsert{"referral.insert", R"sql(
  INSERT INTO referral.referrals (id, case_id, hall, body, state, owner, next_action_time, answer_code, version,
                                  create_time, update_time, doc, key)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))sql"};

constexpr pg::Statement kGet{"referral.get", R"sql(
  SELECT id, case_id, hall, body, state, owner, next_action_time, answer_code, version, create_time, update_time, doc,
         key
    FROM referral.referrals
   WHERE id = $1)sql"};

constexpr pg::Statement kGetForChange{"referral.get_for_change", R"sql(
  SELECT id, case_id, hall, body, state, owner, next_action_time, answer_code, version, create_time, update_time, doc,
         key
    FROM referral.referrals
   WHERE id = $1
     FOR UPDATE)sql"};

constexpr pg::Statement kFindByAnswerCode{"referral.find_by_answer_code", R"sql(
  SELECT id FROM referral.referrals WHERE answer_code = $1)sql"};

constexpr pg::Statement kUpdate{"referral.update", R"sql(
  UPDATE referral.referrals
     SET state = $2, next_action_time = $3, version = $4, update_time = $5, doc = $6
   WHERE id = $1)sql"};

// Lists: $1 of a case, a hall or all, $2 with those that have ended, after
// ($3, $4), at most $5. Those that have ended come last.
#define XXT_LIST_REFERRALS(scope)                                                                                      \
  "SELECT id, case_id, hall, body, state, owner, next_action_time, answer_code, version, create_time, update_time, "   \
  "doc - '{question,disclosed}'::text[], NULL::bytea FROM referral.referrals WHERE " scope                             \
  " AND (coalesce(next_action_time, 'infinity'), id) > ($3::timestamptz, $4::uuid) "                                   \
  "AND (coalesce(next_action_time, 'infinity'), id) < "                                                                \
  "('infinity', CASE WHEN $2 THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' ELSE '00000000-0000-0000-0000-000000000000' " \
  "END::uuid) ORDER BY coalesce(next_action_time, 'infinity'), id LIMIT $5"

constexpr pg::Statement kListOfHall{"referral.list_of_hall", XXT_LIST_REFERRALS("hall = $1")};
constexpr pg::Statement kListAll{"referral.list_all", XXT_LIST_REFERRALS("hall <> '' AND $1 = ''")};
// A case has few referrals.
constexpr pg::Statement kListOfCase{"referral.list_of_case",
                                    XXT_LIST_REFERRALS("case_id = $1::uuid AND coalesce($6 = hall, true)")};
#undef XXT_LIST_REFERRALS

absl::StatusOr<Referral> ReadReferral(const pg::Row& row) {
  Referral referral;
  referral.id = row.Text(0);
  referral.case_id = row.Text(1);
  referral.hall = row.Text(2);
  referral.body_id = row.Text(3);
  const std::optional<ChaseState> state = FromName<ChaseState>(row.View(4));
  if (!state.has_value()) return errors::Internal("referral.state");
  referral.chase.state = *state;
  referral.owner = row.Text(5);
  referral.chase.next_action_time = row.MaybeTime(6);
  referral.answer_code = row.Text(7);
  referral.version = row.Int(8);
  referral.create_time = row.Time(9);
  referral.update_time = row.Time(10);
  XXT_RETURN_IF_ERROR(ReadDoc(row.View(11), &referral));
  referral.key = row.Bytes(12);
  return referral;
}

absl::StatusOr<Referral> GetWith(pg::Session& session, const pg::Statement& statement, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(statement, id));
  if (rows.empty()) return errors::NotFound("referral.xixinting/Referral", absl::StrCat("referrals/", id));
  return ReadReferral(rows[0]);
}

}  // namespace

void Insert(pg::Session& session, const Referral& referral) {
  session.Queue(kInsert, referral.id, referral.case_id, referral.hall, referral.body_id, NameOf(referral.chase.state),
                referral.owner, referral.chase.next_action_time, referral.answer_code, referral.version,
                referral.create_time, referral.update_time, WriteDoc(referral), pg::Param::Bytes(referral.key));
}

absl::StatusOr<Referral> Get(pg::Session& session, absl::string_view id) { return GetWith(session, kGet, id); }

absl::StatusOr<Referral> GetForChange(pg::Session& session, absl::string_view id) {
  events::QueueTurn(session, absl::StrCat("referrals/", id));
  return GetWith(session, kGetForChange, id);
}

absl::StatusOr<std::optional<std::string>> FindByAnswerCode(pg::Session& session, absl::string_view code) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFindByAnswerCode, code));
  if (rows.empty()) return std::nullopt;
  return rows[0].Text(0);
}

void Update(pg::Session& session, Referral* referral) {
  ++referral->version;
  session.Queue(kUpdate, referral->id, NameOf(referral->chase.state), referral->chase.next_action_time,
                referral->version, referral->update_time, WriteDoc(*referral));
}

absl::StatusOr<std::vector<Referral>> List(pg::Session& session, const Filter& filter) {
  std::vector<Referral> listed;
  if (filter.halls.none()) return listed;
  const std::optional<std::string> hall = filter.halls.sql();
  const std::string id = filter.after_id.empty() ? "00000000-0000-0000-0000-000000000000" : filter.after_id;
  absl::StatusOr<pg::Result> found;
  if (!filter.case_id.empty()) {
    found = session.Run(kListOfCase, filter.case_id, filter.include_ended, filter.after_time, id, filter.limit, hall);
  } else {
    found = session.Run(hall ? kListOfHall : kListAll, hall.value_or(""), filter.include_ended, filter.after_time, id,
                        filter.limit);
  }
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, std::move(found));
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Referral referral, ReadReferral(rows[i]));
    listed.push_back(std::move(referral));
  }
  return listed;
}

absl::Time PlaceOf(const Referral& referral) {
  return referral.chase.next_action_time.value_or(absl::InfiniteFuture());
}

}  // namespace xxt::referral::referral_store
