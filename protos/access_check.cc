// Fails the build when an RPC does not say who may call it, or when a mutating
// RPC takes no request_id. Linked with every service's descriptors.

#include <cstdio>
#include <set>
#include <string>

#include "common/edge/callers.h"
#include "xixinting/common/v1/clock_service.pb.h"
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

namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// Verbs that only read, and verbs that are safe to repeat by their nature.
bool NeedsRequestId(const std::string& method) {
  for (const char* prefix : {"Get", "List", "Watch", "Lookup", "Preview"}) {
    if (method.rfind(prefix, 0) == 0) return false;
  }
  const std::set<std::string> repeatable = {"LeaseTask", "ReleaseTask", "RequeueTask", "AdvanceClock"};
  return repeatable.count(method) == 0;
}

int Check(const MethodDescriptor* method) {
  int problems = 0;
  if (xxt::edge::RolesOf(*method).empty()) {
    std::fprintf(stderr, "%s: says no callers: nobody may call it\n", method->full_name().c_str());
    ++problems;
  }
  if (NeedsRequestId(method->name()) && method->input_type()->FindFieldByName("request_id") == nullptr) {
    std::fprintf(stderr, "%s: changes something and takes no request_id\n", method->full_name().c_str());
    ++problems;
  }
  return problems;
}

}  // namespace

int main() {
  using namespace xixinting;  // NOLINT(google-build-using-namespace): a list of files
  int problems = 0;
  for (const FileDescriptor* file :
       {common::v1::ListTasksRequest::descriptor()->file(), common::v1::AdvanceClockRequest::descriptor()->file(),
        intake::v1::GetCaseRequest::descriptor()->file(), intake::v1::ProposeClosureRequest::descriptor()->file(),
        intake::v1::GetContactRequest::descriptor()->file(), intake::v1::ReportReferralRequest::descriptor()->file(),
        intake::v1::ListHallsRequest::descriptor()->file(), intake::v1::RecordGapRequest::descriptor()->file(),
        intake::v1::CorrectPartyRequest::descriptor()->file(), intake::v1::GetPromiseRequest::descriptor()->file(),
        intake::v1::GetRotaRequest::descriptor()->file(), referral::v1::GetBodyRequest::descriptor()->file(),
        referral::v1::GetReferralRequest::descriptor()->file(), referral::v1::GetRuleNoteRequest::descriptor()->file(),
        referral::v1::GetRouteSheetRequest::descriptor()->file(),
        notification::v1::GetMessageRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) problems += Check(file->service(i)->method(j));
    }
  }
  return problems == 0 ? 0 : 1;
}
