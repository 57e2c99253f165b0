#ifndef XXT_SERVICES_REFERRAL_ROUTE_SHEET_RENDER_H_
#define XXT_SERVICES_REFERRAL_ROUTE_SHEET_RENDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/route_sheet.pb.h"

// The route sheet as paper. Pure.
namespace xxt::referral::route_sheet {

namespace v1 = ::xixinting::referral::v1;

// Columns of the text form; a Chinese character takes two.
inline constexpr int kColumns = 40;

// Fills what a step leaves empty from the directory, where the step names a
// unit of `body` that has it. Hours are put into words.
void FillFromDirectory(const v1::Body& body, v1::RouteSheet* sheet);

// The sheet as text of kColumns columns, with `last_day` in its frame unless
// that is empty; of the sheet all is read but text and html.
std::string RenderText(const v1::RouteSheet& sheet, absl::string_view last_day);

// The same as one HTML page that needs nothing else: style inside, no script,
// every text escaped.
std::string RenderHtml(const v1::RouteSheet& sheet, absl::string_view last_day);

}  // namespace xxt::referral::route_sheet

#endif  // XXT_SERVICES_REFERRAL_ROUTE_SHEET_RENDER_H_
