#ifndef XXT_SERVICES_REFERRAL_DOMAIN_ROUTE_SHEET_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_ROUTE_SHEET_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/domain/body.h"
#include "services/referral/domain/referral.h"

namespace xxt::referral {

// Where to go, when, with what (办理路线). Made for people who do not use a
// smart phone: large print, on paper.
struct RouteSheet {
  // One station of the way.
  struct Step {
    std::string title;
    std::string unit;    // Unit.id of the referral's body
    std::string office;  // where it is not the referral's body
    std::string address;
    std::string phone_number;
    std::string person;
    std::string hours;
    std::vector<std::string> bring;
    std::vector<std::string> take_away;
    std::string transport;
  };
  std::string referral_id;
  int version = 0;  // counted from 1
  std::vector<Step> steps;
  std::string remark;
  std::optional<RecordedCutOff> cut_off;
  std::string text;
  std::string html;
  absl::Time issue_time;
  std::string issuer;

  std::string name() const { return "referrals/" + referral_id + "/routeSheets/" + std::to_string(version); }
};

// Columns of the text form; a Chinese character takes two.
inline constexpr int kRouteSheetColumns = 40;

// Fills what a step leaves empty from the directory, where the step names a
// unit of `body` that has it. Hours are put into words.
void FillFromDirectory(const Body& body, RouteSheet* sheet);

// The sheet as text of kRouteSheetColumns columns.
std::string RenderText(const RouteSheet& sheet);

// The sheet as one HTML page that needs nothing else: style inside, no script,
// every text escaped.
std::string RenderHtml(const RouteSheet& sheet);

// "Mon-Fri 08:30-16:00; Sat 09:00-12:00" in words: "周一至周五 08:30-16:00；周六
// 09:00-12:00". Other texts stay as they are.
std::string HoursInWords(absl::string_view hours);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_ROUTE_SHEET_H_
