#include "tools/xxt/route_sheet_command.h"

#include "absl/strings/str_cat.h"
#include "tools/xxt/run_rpc.h"

namespace xxt::cli {

absl::StatusOr<ExitCode> RouteSheetCommand(Session& session, const Arguments& arguments) {
  const std::string referral = WithPrefix("referrals/", arguments.Get("REFERRAL"));
  CommandSpec command;
  Arguments as_rpc = arguments;
  command.text_field = "text";
  if (arguments.Has("-f")) {
    command.method = "xixinting.referral.v1.RouteSheetService/IssueRouteSheet";
    command.file_field = "route_sheet";
    command.flags = {{"REFERRAL", "parent", {}, true}};
    as_rpc.values["REFERRAL"] = {referral};
  } else {
    command.method = "xixinting.referral.v1.RouteSheetService/GetRouteSheet";
    command.flags = {{"REFERRAL", "name", {}, true}};
    as_rpc.values["REFERRAL"] = {absl::StrCat(referral, "/routeSheets/latest")};
  }
  return RunRpcCommand(session, command, as_rpc);
}

}  // namespace xxt::cli
