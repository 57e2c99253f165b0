#include "services/notification/message/audience.h"

#include "absl/time/time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::notification::message::audience {
namespace {

constexpr pg::Statement kLock{"audience.lock", "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 1))"};

// A correction that comes late lowers nothing.
constexpr pg::Statement kNote{"audience.note", R"sql(
  INSERT INTO notification.audiences AS a (name, revision) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET revision = excluded.revision WHERE a.revision < excluded.revision)sql"};

constexpr pg::Statement kRevision{"audience.revision", "SELECT revision FROM notification.audiences WHERE name = $1"};

}  // namespace

void Correct(Tx& tx, const std::string& name, std::int64_t revision) {
  tx.session.Queue(kLock, name);
  tx.session.Queue(kNote, name, revision);
}

absl::Status CheckSeen(Tx& tx, const std::string& name, std::int64_t seen) {
  tx.session.Queue(kLock, name);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kRevision, name));
  if (rows.empty() || rows[0].Int(0) <= seen) return absl::OkStatus();
  return errors::StoreConflict(kRevision.name, absl::Seconds(1));
}

}  // namespace xxt::notification::message::audience
