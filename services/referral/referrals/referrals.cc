#include "services/referral/referrals/referrals.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "services/referral/referrals/horizon_rules.h"
#include "xixinting/common/v1/noun.pb.h"

namespace xxt::referral::referrals {
namespace {

// Lists: $1 of a case, a hall or all, $2 with those that have ended, $3 in which
// hall (NULL: any), after ($4, $5), at most $6. Those that have ended come last:
// no condition on a column says that they are to be left out, but the end of the
// walk does.
#define XXT_LIST_REFERRALS(scope)                                                                                      \
  "SELECT id, message, next_action_time, id FROM referral.referrals WHERE " scope                                      \
  " AND coalesce($3 = hall, true) AND (next_action_time, id) > ($4, $5::uuid) AND (next_action_time, id) < "           \
  "('infinity', CASE WHEN $2 THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' ELSE '00000000-0000-0000-0000-000000000000' " \
  "END::uuid) ORDER BY next_action_time, id LIMIT $6"

constexpr pg::Statement kListOfHall{"referral.list_of_hall", XXT_LIST_REFERRALS("hall = $1")};
// That of one hall does not say `hall <> ''`: a plan that was made when the table
// was empty, and is kept, cannot take the wrong index.
constexpr pg::Statement kListAll{"referral.list_all", XXT_LIST_REFERRALS("hall <> '' AND $1 = ''")};
// A case has few referrals.
constexpr pg::Statement kListOfCase{"referral.list_of_case", XXT_LIST_REFERRALS("case_name = $1")};
#undef XXT_LIST_REFERRALS

constexpr pg::Statement kFindByAnswerCode{"referral.find_by_answer_code", R"sql(
  SELECT id FROM referral.referrals WHERE answer_code = $1)sql"};

Tx::OwnList ListFor(const v1::ListReferralsRequest& request, const std::optional<std::string>& hall) {
  const std::vector<std::string> key = {"timestamptz", "uuid"};
  if (!request.case_name().empty()) return {kListOfCase, {request.case_name(), request.include_ended(), hall}, key};
  return {hall.has_value() ? kListOfHall : kListAll, {hall.value_or(""), request.include_ended(), hall}, key};
}

}  // namespace

const store::Table<v1::Referral> kReferrals("referral.referrals",
                                            {.columns = {"case_name",
                                                         "hall",
                                                         "state",
                                                         {"next_action_time", "next_action_time", "infinity"},
                                                         "answer_code",
                                                         "mail_due",
                                                         "person_asked"}});

absl::StatusOr<v1::Referral> Lock(Tx& tx, absl::string_view name, absl::string_view etag) {
  v1::Referral found;
  XXT_RETURN_IF_ERROR(tx.Load(kReferrals, store::RootNameOf(name), etag, &found));
  if (found.state() == v1::Referral::STATE_UNSPECIFIED) return errors::Internal("referrals.state");
  return found;
}

absl::StatusOr<v1::Referral> LockOpen(Tx& tx, absl::string_view name, absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(v1::Referral found, Lock(tx, name, etag));
  XXT_RETURN_IF_ERROR(CheckOpen(found));
  return found;
}

absl::Status CheckOpen(const v1::Referral& referral) {
  if (!HasEnded(referral)) return absl::OkStatus();
  return errors::StateForbids(referral.name(), absl::StrCat("转介已结束（", WordFor(referral.state()), "）"),
                              absl::StrCat("referral has ended as ", v1::Referral::State_Name(referral.state())));
}

absl::Status List(Tx& tx, const v1::ListReferralsRequest& request, v1::ListReferralsResponse& response) {
  // The position comes first: what changes while the list is read is told again by the watch.
  XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(tx.session));
  response.set_resume_token(place.ToToken());
  if (tx.caller.halls.none()) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(tx.List(kReferrals, ListFor(request, tx.caller.halls.sql()), request, &response));
  // What kinds of data are told of somebody is theirs, too.
  for (v1::Referral& found : *response.mutable_referrals()) found.clear_disclosed();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> FindByAnswerCode(pg::Session& session, absl::string_view code) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFindByAnswerCode, code));
  if (rows.empty()) return std::nullopt;
  return absl::StrCat("referrals/", rows[0].View(0));
}

absl::Status CheckPlanned(absl::Time time, absl::Time now, const char* field) {
  if (time <= now) return errors::FieldInvalid(field, "须晚于现在", "must be after now");
  if (time - now <= kFarthestAhead) return absl::OkStatus();
  return errors::FieldInvalid(field, "太远，最多提前一年", "must be within a year from now");
}

bool HasEnded(const v1::Referral& referral) { return referral.state() >= v1::Referral::STATE_ANSWERED; }

absl::string_view WordFor(v1::Referral::State state) {
  const auto* value = v1::Referral::State_descriptor()->FindValueByNumber(state);
  if (value == nullptr) return "";
  return value->options().GetExtension(::xixinting::common::v1::value_zh);
}

std::string IdOf(absl::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

}  // namespace xxt::referral::referrals
