#include "services/notification/storage/report_store.h"

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/storage/names.h"

namespace xxt::notification::report_store {
namespace {

constexpr pg::Statement kInsert{"report.insert", R"sql(
  INSERT INTO notification.reports (id, message_id, version, state, channel, time)
  VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::Statement kSelect{"report.select", R"sql(
  SELECT id, message_id, version, state, channel, time FROM notification.reports WHERE id = $1)sql"};

}  // namespace

void Insert(pg::Session& session, const Report& report) {
  session.Queue(kInsert, report.id, report.message_id, report.version, NameOf(report.state), StoredName(report.channel),
                report.time);
}

absl::StatusOr<Report> Load(pg::Session& session, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kSelect, id));
  if (rows.empty()) return errors::NotFound("notification.xixinting/Report", id);
  const pg::Row row = rows[0];
  return Report{
      row.Text(0), row.Text(1), static_cast<int>(row.Int(2)), MessageStateFrom(row.View(3)), ChannelFrom(row.View(4)),
      row.Time(5)};
}

}  // namespace xxt::notification::report_store
