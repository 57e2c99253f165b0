#include "services/referral/storage/bounced_store.h"

#include "common/status/macros.h"

namespace xxt::referral::bounced_store {
namespace {

constexpr pg::Statement kNote{"bounced.note", R"sql(
  INSERT INTO referral.bounced_contacts (body, unit, address, bounce_time) VALUES ($1, $2, lower($3), $4)
      ON CONFLICT (body, unit, address) DO UPDATE SET bounce_time = excluded.bounce_time)sql"};

constexpr pg::Statement kHas{"bounced.has", R"sql(
  SELECT FROM referral.bounced_contacts WHERE body = $1 AND unit = $2 AND address = lower($3))sql"};

constexpr pg::Statement kForget{"bounced.forget", R"sql(
  DELETE FROM referral.bounced_contacts WHERE body = $1 AND unit = $2 AND address = lower($3))sql"};

}  // namespace

void Note(pg::Session& session, absl::string_view body_id, absl::string_view unit, absl::string_view address,
          absl::Time now) {
  session.Queue(kNote, body_id, unit, address, now);
}

absl::StatusOr<bool> Has(pg::Session& session, absl::string_view body_id, absl::string_view unit,
                         absl::string_view address) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kHas, body_id, unit, address));
  return !rows.empty();
}

void Forget(pg::Session& session, absl::string_view body_id, absl::string_view unit, absl::string_view address) {
  session.Queue(kForget, body_id, unit, address);
}

}  // namespace xxt::referral::bounced_store
