#include "common/tasks/backlog.h"

namespace xxt::tasks {
namespace {

// Nothing is read that lies before a lane's first open task, nor is any lane of a
// known kind looked for: what was settled while somebody held an old snapshot is
// still in the index, and a walk through it would be repeated every few seconds.
// No kind comes after 'zzzz'.
constexpr pg::Statement kBacklog{"task.backlog", R"sql(
  WITH RECURSIVE known AS (SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS k(kind, lane, begins)),
  gap AS (
    SELECT above, lead(above, 1, 'zzzz') OVER (ORDER BY above) AS below
      FROM (SELECT '' AS above UNION SELECT kind FROM known) AS kinds),
  other AS (
    SELECT found.*, gap.below FROM gap CROSS JOIN LATERAL (
      SELECT kind, lane FROM backbone.machine_task
       WHERE kind > gap.above AND kind < gap.below AND lane <> '' ORDER BY kind, lane LIMIT 1) AS found
    UNION ALL
    SELECT next.*, other.below FROM other CROSS JOIN LATERAL (
      SELECT kind, lane FROM backbone.machine_task
       WHERE (kind, lane) > (other.kind, other.lane) AND kind < other.below AND lane <> ''
       ORDER BY kind, lane LIMIT 1) AS next),
  lanes AS (SELECT * FROM known UNION ALL SELECT kind, lane, '-infinity' FROM other)
  SELECT kind, state, count(*),
         (greatest(extract(epoch FROM max(statement_timestamp() - ready)
                                      FILTER (WHERE state IN ('pending', 'retry') AND due <= $1)), 0)
          * 1000)::bigint
    FROM (SELECT task.* FROM lanes CROSS JOIN LATERAL (
            (SELECT kind, state, greatest(due, not_before) AS ready, due FROM backbone.machine_task AS open
              WHERE open.kind = lanes.kind AND open.lane = lanes.lane AND lane <> ''
                AND greatest(due, not_before) >= lanes.begins AND greatest(due, not_before) < 'infinity'
              ORDER BY greatest(due, not_before), id LIMIT 10000)
            UNION ALL
            (SELECT kind, state, greatest(due, not_before), due FROM backbone.machine_task AS dead
              WHERE dead.kind = lanes.kind AND dead.lane = lanes.lane AND lane <> ''
                AND greatest(due, not_before) = 'infinity'
              ORDER BY id LIMIT 10000)) AS task
          UNION ALL
          (SELECT kind, state, due, due FROM backbone.desk_task WHERE due <= $1 AND kind <> '' ORDER BY due, id LIMIT 10000)
         ) AS counted
   GROUP BY kind, state)sql"};

}  // namespace

absl::StatusOr<std::vector<Backlog>> ReadBacklog(pg::Pool& pool, absl::Time business_now,
                                                 const std::vector<OpenLane>& lanes, SteadyTime deadline) {
  std::vector<std::string> kinds;
  std::vector<std::string> names;
  std::vector<pg::Param> begins;
  std::vector<const pg::Param*> pointers;
  for (const OpenLane& lane : lanes) {
    kinds.push_back(lane.kind);
    names.push_back(lane.lane);
    begins.emplace_back(lane.begins);
  }
  for (const pg::Param& begin : begins) pointers.push_back(&begin);
  std::vector<Backlog> backlog;
  const absl::Status status = pg::Read(pool, deadline, [&](pg::Session& session) {
    const absl::StatusOr<pg::Result> rows =
        session.Run(kBacklog, business_now, kinds, names, pg::Param::Array(pointers));
    if (!rows.ok()) return rows.status();
    backlog.clear();
    for (int i = 0; i < rows->size(); ++i) {
      const pg::Row row = (*rows)[i];
      backlog.push_back({row.Text(0), row.Text(1), row.Int(2), absl::Milliseconds(row.Int(3))});
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return backlog;
}

}  // namespace xxt::tasks
