#ifndef XXT_SERVICES_INTAKE_FEED_REFERRAL_NEWS_H_
#define XXT_SERVICES_INTAKE_FEED_REFERRAL_NEWS_H_

#include <cstdint>
#include <string>

#include "services/intake/cases/cases.h"
#include "services/intake/paper/paper.h"
#include "xixinting/intake/v1/feed.pb.h"

// What reports say of a case's referrals and messages, whichever order they come
// in: what has ended stays ended, and the newest counts. Computes only.
namespace xxt::intake::feed {

// Whether this is the first that is heard of a referral which is not over.
bool Opens(const v1::ReportReferralRequest& report, const v1::Case& found);

// Whether a newer report of the same matter came before this one: of the same
// kind; of a cut-off, also that it is over, or of another day.
bool IsOvertaken(const v1::ReportReferralRequest& report, const v1::Case& found);

// Whether a newer one that says what to do next came before it.
bool IsLateForAction(const v1::ReportReferralRequest& report, const v1::Case& found);

// Lets a report change the referrals and the route sheet of a case, and the one
// of its papers that has the report's title. Returns that paper if it changed,
// else null.
v1::Paper* Apply(const v1::ReportReferralRequest& report, v1::Case& found, paper::Papers& papers);

// How often the last day of the report's referral was named otherwise.
std::int64_t DaysNamed(const v1::ReportReferralRequest& report, const v1::Case& found);

// Notes that a report of a message came. False if a later one came before it:
// then it is history, and moves nothing. Reports without a number are always
// news.
bool IsNews(const v1::ReportMessageRequest& report, v1::Case& found);

}  // namespace xxt::intake::feed

#endif  // XXT_SERVICES_INTAKE_FEED_REFERRAL_NEWS_H_
