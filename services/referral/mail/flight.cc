#include "services/referral/mail/flight.h"

#include "common/status/macros.h"

namespace xxt::referral::flight {
namespace {

constexpr pg::Statement kBegin{"flight.begin", R"sql(
  WITH mine AS (
    INSERT INTO referral.mails_in_flight (task, fence) VALUES ($1, $2) ON CONFLICT (task) DO NOTHING RETURNING fence)
  SELECT fence FROM mine
   UNION ALL
  SELECT fence FROM referral.mails_in_flight WHERE task = $1)sql"};

constexpr pg::Statement kGet{"flight.get", "SELECT fence FROM referral.mails_in_flight WHERE task = $1"};

constexpr pg::Statement kTakeBack{"flight.take_back",
                                  "DELETE FROM referral.mails_in_flight WHERE task = $1 AND fence = $2"};

constexpr pg::Statement kEnd{"flight.end", "DELETE FROM referral.mails_in_flight WHERE task = $1"};

}  // namespace

absl::StatusOr<std::int64_t> Begin(pg::Session& session, absl::string_view task, std::int64_t fence) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kBegin, task, fence));
  // None: another's note was made or ended this very moment.
  return rows.empty() ? 0 : rows[0].Int(0);
}

absl::StatusOr<std::int64_t> Get(pg::Session& session, absl::string_view task) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, task));
  return rows.empty() ? 0 : rows[0].Int(0);
}

void TakeBack(pg::Session& session, absl::string_view task, std::int64_t fence) {
  session.Queue(kTakeBack, task, fence);
}

void End(pg::Session& session, absl::string_view task) { session.Queue(kEnd, task); }

}  // namespace xxt::referral::flight
