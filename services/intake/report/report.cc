#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/hall/hall.h"
#include "services/intake/report/report_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/closing.pb.h"
#include "xixinting/intake/v1/follow_up.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.grpc.pb.h"

namespace xxt::intake {
namespace report {
namespace {

// What the statements say in numbers.
static_assert(v1::Case::STATE_CLOSED == 3 && v1::Case::State_MAX == 3);
static_assert(v1::Closure::RESOLUTION_RESOLVED == 1 && v1::Closure::RESOLUTION_MERGED == 6);
static_assert(v1::FollowUp::STATE_DONE == 2 && v1::FollowUp::RATING_FAIR == 3 && v1::FollowUp::Rating_MAX == 5);
static_assert(v1::Promise::STATE_OPEN == 1 && v1::Promise::STATE_BROKEN == 3 && v1::Promise::STATE_KEPT_LATE == 4 &&
              v1::Promise::State_MAX == 4);

// Of the halls in $1, from $2 on and before $3, at $4. One statement, so that its figures are of one moment. All are
// counted by columns that the tables derive from their messages; NULL in rows from before there was one.
constexpr pg::Statement kFigures{"report.figures", R"sql(
  SELECT opened.cases, opened.in_time, opened.due, closed.resolved, closed.cases, rated.good, rated.calls,
         promised.broken, promised.promises, closed.trips, closed.answers, closed.spared_papers, closed.amendments,
         closed.median_hops
    FROM (SELECT count(*) AS cases,
                 count(*) FILTER (WHERE respond_time < respond_due_time) AS in_time,
                 count(*) FILTER (WHERE respond_due_time <= $4
                                     OR (respond_due_time IS NOT NULL AND respond_time IS NOT NULL)) AS due
            FROM intake.cases
           WHERE hall = ANY ($1) AND state IN (1, 2, 3) AND create_time >= $2 AND create_time < $3) AS opened,
         (SELECT count(*) AS cases,
                 count(*) FILTER (WHERE resolution = 1) AS resolved,
                 coalesce(sum(trips), 0)::bigint AS trips,
                 coalesce(sum(answers), 0)::bigint AS answers,
                 coalesce(sum(spared_papers), 0)::bigint AS spared_papers,
                 coalesce(sum(amendments), 0)::bigint AS amendments,
                 percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(hops, 0))
                   FILTER (WHERE referrals > 0) AS median_hops
            FROM intake.cases
           WHERE hall = ANY ($1) AND state = 3 AND close_time >= $2 AND close_time < $3
             AND coalesce(resolution, 0) <> 6) AS closed,
         (SELECT count(*) AS calls, count(*) FILTER (WHERE rating BETWEEN 1 AND 3) AS good
            FROM intake.follow_ups
           WHERE hall = ANY ($1) AND state = 2 AND end_time >= $2 AND end_time < $3) AS rated,
         (SELECT count(*) AS promises, count(*) FILTER (WHERE state IN (3, 4)) AS broken
            FROM intake.promises
           WHERE hall = ANY ($1) AND state > 1 AND due_time >= $2 AND due_time < $3) AS promised)sql"};

// With each group how many there are in all groups. No more than the answer has.
constexpr pg::Statement kCauses{"report.causes", R"sql(
  SELECT service_item, difficulty, count(*), (sum(count(*)) OVER ())::bigint
    FROM intake.case_difficulties
   WHERE hall = ANY ($1) AND open_day >= $2 AND open_day < $3
   GROUP BY service_item, difficulty
   ORDER BY count(*) DESC, service_item, difficulty
   LIMIT 20)sql"};

// What the answer has of a row of kFigures, in the order of its columns.
void AddRate(const pg::Row& row, int at, v1::Report::Measure measure, v1::Report& report) {
  v1::Report::Rate& rate = *report.add_rates();
  rate.set_measure(measure);
  rate.set_numerator(static_cast<int>(row.Int(at)));
  rate.set_denominator(static_cast<int>(row.Int(at + 1)));
  if (const std::optional<int> bp = RateOf(rate.numerator(), rate.denominator()); bp.has_value()) {
    rate.set_rate_bp(*bp);
  }
}

void ReadFigures(const pg::Row& row, v1::Report& report) {
  report.set_opened_count(static_cast<int>(row.Int(0)));
  AddRate(row, 1, v1::Report::MEASURE_RESPONSE, report);
  AddRate(row, 3, v1::Report::MEASURE_RESOLUTION, report);
  report.set_closed_count(static_cast<int>(row.Int(4)));
  AddRate(row, 5, v1::Report::MEASURE_SATISFACTION, report);
  AddRate(row, 7, v1::Report::MEASURE_PROMISES_BROKEN, report);
  report.set_trips(static_cast<int>(row.Int(9)));
  report.set_trips_spared_by_answers(static_cast<int>(row.Int(10)));
  report.set_trips_spared_by_papers(static_cast<int>(row.Int(11)));
  report.set_amendments(static_cast<int>(row.Int(12)));
  if (!row.IsNull(13)) report.set_median_hops(static_cast<int>(row.Int(13)));
}

void ReadCauses(const pg::Result& rows, v1::Report& report) {
  std::vector<Cause> causes;
  for (int i = 0; i < rows.size(); ++i) {
    causes.push_back({rows[i].Text(0), static_cast<int>(rows[i].Int(1)), rows[i].Int(2)});
  }
  const std::int64_t others = Fold(rows.empty() ? 0 : rows[0].Int(3), causes);
  for (const Cause& one : causes) {
    v1::Report::Cause& cause = *report.add_causes();
    cause.set_service_item(one.service_item);
    cause.set_difficulty(static_cast<v1::Case::Difficulty>(one.difficulty));
    cause.set_case_count(static_cast<int>(one.cases));
  }
  report.set_other_causes(static_cast<int>(others));
}

absl::Status Look(Tx& tx, const v1::LookupReportRequest& request, v1::Report& report) {
  const absl::CivilDay first = rpc::FromProto(request.first_day());
  const absl::CivilDay end = rpc::FromProto(request.end_day());
  if (std::optional<errors::Violation> fault = FindPeriodFault(first, end); fault.has_value()) {
    return errors::FieldInvalid(std::move(fault->field), std::move(fault->zh), std::move(fault->en));
  }
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> halls, hall::NamesFor(tx, request.hall()));
  report.set_definition(v1::Report::DEFINITION_2026);
  report.set_hall(request.hall().empty() ? tx.caller.halls.sql().value_or("") : request.hall());
  *report.mutable_first_day() = request.first_day();
  *report.mutable_end_day() = request.end_day();
  rpc::ToProto(tx.now, report.mutable_as_of_time());
  XXT_ASSIGN_OR_RETURN(const pg::Result figures,
                       tx.session.Run(kFigures, halls, calendar::StartOfDay(first), calendar::StartOfDay(end), tx.now));
  ReadFigures(figures[0], report);
  XXT_ASSIGN_OR_RETURN(const pg::Result causes, tx.session.Run(kCauses, halls, first, end));
  ReadCauses(causes, report);
  return absl::OkStatus();
}

}  // namespace
}  // namespace report

namespace {

class Service final : public edge::Serves<v1::ReportService> {
 public:
  using Serves::Serves;
  XXT_READ(LookupReport, Report, report::Look)
};

}  // namespace

edge::Slice ReportSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
