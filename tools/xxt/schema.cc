#include "tools/xxt/schema.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/rpc/error_details.pb.h"
#include "xixinting/common/v1/clock_service.pb.h"
#include "xixinting/common/v1/error_reason.pb.h"
#include "xixinting/common/v1/task_service.pb.h"
#include "xixinting/intake/v1/case_service.pb.h"
#include "xixinting/intake/v1/closing.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/hall.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/party.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/shift.pb.h"
#include "xixinting/notification/v1/message_service.pb.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/referral_service.pb.h"
#include "xixinting/referral/v1/route_sheet.pb.h"
#include "xixinting/referral/v1/rule_note.pb.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

// Naming a message of each file keeps the linker from dropping it.
std::vector<const pb::FileDescriptor*> Files() {
  return {
      xixinting::intake::v1::GetCaseRequest::descriptor()->file(),
      xixinting::intake::v1::ReviewClosureRequest::descriptor()->file(),
      xixinting::intake::v1::GetContactRequest::descriptor()->file(),
      xixinting::intake::v1::ReportMessageRequest::descriptor()->file(),
      xixinting::intake::v1::RecordGapRequest::descriptor()->file(),
      xixinting::intake::v1::CorrectPartyRequest::descriptor()->file(),
      xixinting::intake::v1::ListHallsRequest::descriptor()->file(),
      xixinting::intake::v1::GetPromiseRequest::descriptor()->file(),
      xixinting::intake::v1::GetRotaRequest::descriptor()->file(),
      xixinting::referral::v1::GetReferralRequest::descriptor()->file(),
      xixinting::referral::v1::GetBodyRequest::descriptor()->file(),
      xixinting::referral::v1::GetRouteSheetRequest::descriptor()->file(),
      xixinting::referral::v1::GetRuleNoteRequest::descriptor()->file(),
      xixinting::notification::v1::GetMessageRequest::descriptor()->file(),
      xixinting::common::v1::ListTasksRequest::descriptor()->file(),
      xixinting::common::v1::AdvanceClockRequest::descriptor()->file(),
  };
}

// True if `name` is an end of `full` from a dot or slash on.
bool EndsInPart(const std::string& full, const std::string& name) {
  if (full == name) return true;
  return absl::EndsWith(full, absl::StrCat(".", name)) || absl::EndsWith(full, absl::StrCat("/", name));
}

}  // namespace

std::vector<const pb::MethodDescriptor*> AllMethods() {
  std::vector<const pb::MethodDescriptor*> methods;
  for (const pb::FileDescriptor* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

absl::StatusOr<const pb::MethodDescriptor*> FindMethod(const std::string& name) {
  std::vector<const pb::MethodDescriptor*> found;
  std::vector<std::string> names;
  for (const pb::MethodDescriptor* method : AllMethods()) {
    if (EndsInPart(NameOf(*method), name) || EndsInPart(method->full_name(), name)) {
      found.push_back(method);
      names.push_back(NameOf(*method));
    }
  }
  if (found.empty())
    return absl::NotFoundError(
        absl::StrCat("没有方法 ", name, "，可用 xxt api ls 查看 / no method ", name, "; see `xxt api ls`"));
  if (found.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(name, " may be any of ", absl::StrJoin(names, ", ")));
  }
  return found.front();
}

std::string NameOf(const pb::MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

std::string ServiceOf(const pb::MethodDescriptor& method) {
  const std::vector<std::string> parts = absl::StrSplit(method.service()->full_name(), '.');
  return parts[1] == "common" ? "" : parts[1];
}

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor& type) {
  return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

}  // namespace xxt::cli
