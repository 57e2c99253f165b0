#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/log/log.h"

namespace xxt::rpc {
namespace {

void Take(gpr_log_func_args* report) {
  absl::string_view file = report->file;
  const bool of_handshake = absl::StrContains(file, "/security/") || absl::StrContains(file, "/tsi/");
  file.remove_prefix(file.rfind('/') + 1);
  const std::string place = absl::StrCat(file, ":", report->line);
  log::SeldomWarning(
      "grpc.reported", place,
      {{"place", place}, {"what", of_handshake ? absl::string_view(report->message) : absl::string_view()}});
}

}  // namespace

void TakeGrpcReports() { gpr_set_log_function(Take); }

}  // namespace xxt::rpc
