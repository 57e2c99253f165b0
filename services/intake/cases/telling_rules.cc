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
bool NamesAnOldDay(const TellingFacts& facts, const MessageFacts& message) {
  return message.last_day.has_value() && facts.knows_referral && message.last_day != facts.last_day;
}

}  // namespace

Telling DecideTelling(const TellingFacts& facts, const MessageFacts& message) {
  if (IsOldChecklist(facts, message.event) || NamesAnOldDay(facts, message)) return Telling::kLeave;
  // Its owner speaks with the person.
  if (facts.taken_back) return Telling::kLeave;
  // It was opened again before its closing was told.
  if (message.template_id == "case-closed" || message.template_id == "kin-closed") {
    return facts.closed ? Telling::kTell : Telling::kLeave;
  }
  // Of a policy people are told however long their case is closed.
  if (!facts.closed || message.template_id == "policy-fits") return Telling::kTell;
  const bool is_news = message.template_id == "referral-answered" || message.template_id == "route-sheet-ready" ||
                       message.template_id == "route-sheet-plain";
  return is_news ? Telling::kAskPerson : Telling::kLeave;
}

}  // namespace xxt::intake
