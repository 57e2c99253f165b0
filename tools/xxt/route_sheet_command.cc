#include "tools/xxt/route_sheet_command.h"

#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"

namespace xxt::cli {

absl::StatusOr<ExitCode> RouteSheetPrintCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod("GetRouteSheet"));
  const std::string referral = WithPrefix("referrals/", arguments.Get("REFERRAL"));
  const auto request = NewMessage(*method->input_type());
  XXT_RETURN_IF_ERROR(MergeJson(Json{{"name", absl::StrCat(referral, "/routeSheets/latest")}}, request.get()));
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const auto response, rpc->Unary(*method, *request, session.OptionsFor(ServiceOf(*method))));
  const Settings& settings = session.settings();
  if (settings.format != Format::kTable) {
    std::cout << RenderMessage(*response, settings.format, settings.style);
    return kOk;
  }
  const Json sheet = ToJson(*response, Names::kProto);
  const std::string text = sheet.value(arguments.Has("--html") ? "html" : "text", "");
  std::cout << text << (absl::EndsWith(text, "\n") ? "" : "\n");
  return kOk;
}

}  // namespace xxt::cli
