#ifndef XXT_SERVICES_REFERRAL_REFERRALS_REPORT_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_REPORT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/intake/v1/feed.pb.h"

namespace xxt::referral::referrals {

// What the case is told of a referral: as the intake service is told it.
using Report = ::xixinting::intake::v1::ReportReferralRequest;

// The machine's kind that tells the case.
inline constexpr char kReportCaseKind[] = "referral.report_case";

// Queues its task, which keeps `report`: kind, summary, last_safe_day,
// route_sheet_version, open_visits and how many originals are out. Counts it in
// `about`, which the use case inserts or saves afterwards. What cannot wait for
// others is urgent.
void TellCase(Tx& tx, v1::Referral& about, Report report, tasks::Lane lane = tasks::Lane::kNormal);
// The same, of a kind and in words that say all.
void TellCase(Tx& tx, v1::Referral& about, Report::Kind kind, absl::string_view summary);

// What such a task keeps; nullopt if it is none of ours.
std::optional<Report> ReadReport(absl::string_view payload);

}  // namespace xxt::referral::referrals

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_REPORT_H_
