#include "services/intake/domain/telling.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace xxt::intake {
namespace {

// True if `event` is the issue of a checklist that has been amended since.
bool IsOldChecklist(const Case& about, const std::string& event) {
  absl::string_view rest = event;
  int version = 0;
  return absl::ConsumePrefix(&rest, "checklist.") && absl::SimpleAtoi(rest, &version) &&
         version < about.checklist_version;
}

// True if the last day that it names is another one now.
bool NamesAnOldDay(const Case& about, const Message& message) {
  const auto named = message.parameters.find("last_day");
  const auto referral = about.referrals.find(message.referral);
  return named != message.parameters.end() && referral != about.referrals.end() &&
         named->second != MessageValue(referral->second.last_day.value_or(absl::CivilDay()));
}

}  // namespace

Telling DecideTelling(const Case& about, const Message& message) {
  if (IsOldChecklist(about, message.event) || NamesAnOldDay(about, message)) return Telling::kLeave;
  if (about.state != CaseState::kClosed || message.template_id == "case-closed") return Telling::kTell;
  const bool is_news = message.template_id == "referral-answered" || message.template_id == "route-sheet-ready" ||
                       message.template_id == "route-sheet-plain";
  return is_news ? Telling::kAskPerson : Telling::kLeave;
}

}  // namespace xxt::intake
