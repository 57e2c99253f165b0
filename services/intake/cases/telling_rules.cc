#include "services/intake/cases/telling_rules.h"

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace xxt::intake {
namespace {

// True if `event` is the issue of a checklist that has been amended since.
bool IsOldChecklist(const TellingFacts& facts, const std::string& event) {
  absl::string_view rest = event;
  int version = 0;
  return absl::ConsumePrefix(&rest, "checklist.") && absl::SimpleAtoi(rest, &version) &&
         version < facts.checklist_version;
}

// True if the last day that it names is another one now.
bool NamesAnOldDay(const TellingFacts& facts, const Message& message) {
  const auto named = message.parameters.find("last_day");
  return named != message.parameters.end() && facts.knows_referral &&
         named->second != MessageValue(facts.last_day.value_or(absl::CivilDay()));
}

}  // namespace

Telling DecideTelling(const TellingFacts& facts, const Message& message) {
  if (IsOldChecklist(facts, message.event) || NamesAnOldDay(facts, message)) return Telling::kLeave;
  if (!facts.closed || message.template_id == "case-closed") return Telling::kTell;
  const bool is_news = message.template_id == "referral-answered" || message.template_id == "route-sheet-ready" ||
                       message.template_id == "route-sheet-plain";
  return is_news ? Telling::kAskPerson : Telling::kLeave;
}

}  // namespace xxt::intake
