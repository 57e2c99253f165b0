#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/edge/noun.h"
#include "services/referral/body/body.h"
#include "services/referral/cut_off/cut_off.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/referrals/report.h"
#include "services/referral/route_sheet/render.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/route_sheet.grpc.pb.h"

namespace xxt::referral {
namespace {

constexpr char kCollection[] = "/routeSheets/";
constexpr char kLatest[] = "/routeSheets/latest";

// By hand, for the number is the id; a referral has few sheets.
constexpr pg::Statement kNewest{"route_sheet.newest", R"sql(
  SELECT r.hall, (SELECT coalesce(max(s.id::int), 0) FROM referral.route_sheets AS s WHERE s.referral_id = r.id)
    FROM referral.referrals AS r
   WHERE r.id = $1)sql"};

const store::Table<v1::RouteSheet> kRouteSheets("referral.route_sheets", &referrals::kReferrals, {.append_only = true});

// The number of the newest sheet; 0 if there is none.
absl::StatusOr<int> Newest(Tx& tx, absl::string_view referral) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kNewest, absl::StripPrefix(referral, "referrals/")));
  if (rows.empty()) return errors::NotFound("referral.xixinting/Referral", referral);
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, rows[0].View(0), referral));
  return static_cast<int>(rows[0].Int(1));
}

// Whether each step that names a unit names one of the body.
absl::Status CheckUnits(const v1::Body& body, const v1::RouteSheet& sheet) {
  for (int i = 0; i < sheet.steps_size(); ++i) {
    const std::string& unit = sheet.steps(i).unit();
    if (unit.empty() || body::FindUnit(body, unit) != nullptr) continue;
    return errors::FieldInvalid(absl::StrCat("route_sheet.steps[", i, "].unit"), "该单位没有这个科室",
                                "the body has no such unit");
  }
  return absl::OkStatus();
}

absl::Status Issue(Tx& tx, const v1::IssueRouteSheetRequest& request, v1::RouteSheet& made) {
  XXT_ASSIGN_OR_RETURN(v1::Referral about, referrals::Lock(tx, request.parent()));
  v1::Body asked;
  XXT_RETURN_IF_ERROR(tx.Get(body::kBodies, about.body(), &asked));
  XXT_RETURN_IF_ERROR(CheckUnits(asked, request.route_sheet()));
  XXT_ASSIGN_OR_RETURN(const int newest, Newest(tx, about.name()));

  made = request.route_sheet();
  made.set_name(absl::StrCat(about.name(), kCollection, newest + 1));
  made.set_issuer(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_issue_time());
  std::string last_day;
  if (about.has_cut_off()) {
    *made.mutable_cut_off() = about.cut_off();
    last_day = LastDayOnSheet(cut_off::RecordedOf(about.cut_off()), tx.now);
  }
  route_sheet::FillFromDirectory(asked, &made);
  made.set_text(route_sheet::RenderText(made, last_day));
  made.set_html(route_sheet::RenderHtml(made, last_day));
  tx.Insert(kRouteSheets, made);

  tx.Tell(about, "referral.route_sheet_issued.v1", "开具了办理路线");
  referrals::Report report;
  report.set_kind(referrals::Report::KIND_ROUTE_SHEET);
  report.set_summary(absl::StrCat("已开具去", asked.title(), "的办理路线"));
  if (about.has_cut_off()) *report.mutable_last_safe_day() = about.cut_off().last_safe_day();
  report.set_route_sheet_version(newest + 1);
  referrals::TellCase(tx, about, std::move(report));
  tx.Save(referrals::kReferrals, about);
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetRouteSheetRequest& request, v1::RouteSheet& found) {
  absl::string_view referral = request.name();
  if (!absl::ConsumeSuffix(&referral, kLatest)) return tx.Get(kRouteSheets, request.name(), &found);
  XXT_ASSIGN_OR_RETURN(const int newest, Newest(tx, referral));
  if (newest == 0) return errors::NotFound("referral.xixinting/RouteSheet", request.name());
  return tx.Get(kRouteSheets, absl::StrCat(referral, kCollection, newest), &found);
}

class Service final : public edge::Serves<v1::RouteSheetService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(IssueRouteSheet, RouteSheet, Issue)
  XXT_READ(GetRouteSheet, RouteSheet, Get)
};

}  // namespace

edge::Slice RouteSheetSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::referral
