#include "services/intake/domain/case.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/working_days.h"

namespace xxt::intake {
namespace {

// The referral that went on where `ended` gave nothing: one for the same paper
// that has not ended in vain. Empty if there is none.
std::string SuccessorOf(const Case& found, const std::string& ended) {
  const std::string& title = found.referrals.at(ended).paper_title;
  for (const auto& [name, status] : found.referrals) {
    if (name != ended && status.state != ReferralStatus::State::kEnded && status.paper_title == title) return name;
  }
  return "";
}

absl::string_view WordOf(ReferralReport::Kind kind) {
  constexpr std::array<absl::string_view, 7> kWords = {"OPENED",      "PROGRESS",     "ANSWERED",      "ENDED",
                                                       "ROUTE_SHEET", "CUT_OFF_NEAR", "CUT_OFF_PASSED"};
  return kWords[static_cast<std::size_t>(kind)];
}

bool IsOlderThanOneOf(const ReferralReport& report, const Case& found,
                      std::initializer_list<ReferralReport::Kind> kinds) {
  const auto status = found.referrals.find(report.referral);
  if (report.version == 0 || status == found.referrals.end()) return false;
  return std::any_of(kinds.begin(), kinds.end(), [&](ReferralReport::Kind kind) {
    const auto newest = status->second.newest.find(std::string(WordOf(kind)));
    return newest != status->second.newest.end() && newest->second > report.version;
  });
}

// What the paper's referral has come to, on the paper.
void UpdatePaper(const ReferralReport& report, CasePaper& paper) {
  if (paper.state == CasePaper::State::kReceived) return;
  switch (report.kind) {
    case ReferralReport::Kind::kOpened:
      // A second body may be asked while the first has already found it.
      if (paper.state == CasePaper::State::kLocated) return;
      paper.state = CasePaper::State::kSourcing;
      paper.referral = report.referral;
      return;
    case ReferralReport::Kind::kAnswered:
    case ReferralReport::Kind::kRouteSheet:
      paper.state = CasePaper::State::kLocated;
      paper.referral = report.referral;
      return;
    case ReferralReport::Kind::kEnded:
      if (paper.referral != report.referral) return;
      paper.state = CasePaper::State::kNeeded;
      paper.referral.clear();
      return;
    case ReferralReport::Kind::kProgress:
    case ReferralReport::Kind::kCutOffNear:
    case ReferralReport::Kind::kCutOffPassed:
      return;
  }
}

bool IsOlder(const ReferralReport& report, std::int64_t version) {
  return report.version != 0 && report.version < version;
}

// Whether a newer report named another last day.
bool NamesAnOldDay(const ReferralReport& report, const Case& found) {
  const auto known = found.referrals.find(report.referral);
  return known != found.referrals.end() && report.last_safe_day.has_value() &&
         report.last_safe_day != known->second.last_day && IsOlder(report, known->second.last_day_version);
}

void NoteLastDay(const ReferralReport& report, ReferralStatus& status) {
  if (!report.last_safe_day.has_value() || IsOlder(report, status.last_day_version)) return;
  if (status.last_day != report.last_safe_day) ++status.last_day_revision;
  status.last_day = report.last_safe_day;
  status.last_day_version = report.version;
}

}  // namespace

absl::CivilDay LastDayToAct(const Case& open, const Policy& policy, absl::CivilDay today) {
  const bool waits = std::any_of(open.referrals.begin(), open.referrals.end(), [](const auto& referral) {
    return referral.second.state == ReferralStatus::State::kOpen;
  });
  return calendar::WorkingDays::China()
      .AddWorkdays(today, waits ? policy.waiting_workdays : policy.next_action_workdays)
      .day;
}

const Party* ApplicantOf(const Case& found) {
  const auto applicant = std::find_if(found.parties.begin(), found.parties.end(),
                                      [](const Party& party) { return party.role == Party::Role::kApplicant; });
  return applicant == found.parties.end() ? nullptr : &*applicant;
}

std::vector<std::string> Correct(Party& party, const PartyFields& right) {
  std::vector<std::string> fields;
  const auto set = [&fields](const auto& value, auto& member, const char* name) {
    if (!value.has_value()) return;
    member = *value;
    fields.emplace_back(name);
  };
  set(right.display_name, party.display_name, "display_name");
  set(right.resident_id, party.resident_id, "resident_id");
  if (right.resident_id.has_value()) party.masked_resident_id = right.masked_resident_id;
  set(right.phone_number, party.phone_number, "phone_number");
  if (right.phone_number.has_value()) party.phone_extension = right.phone_extension;
  set(right.no_sms, party.no_sms, "no_sms");
  set(right.relationship, party.relationship, "relationship");
  set(right.language_code, party.language_code, "language_code");
  return fields;
}

bool Opens(const ReferralReport& report, const Case& found) {
  const bool over = report.kind == ReferralReport::Kind::kAnswered || report.kind == ReferralReport::Kind::kEnded;
  return !over && found.referrals.count(report.referral) == 0;
}

bool IsOvertaken(const ReferralReport& report, const Case& found) {
  if (report.kind == ReferralReport::Kind::kCutOffNear && NamesAnOldDay(report, found)) return true;
  return IsOlderThanOneOf(
      report, found,
      {report.kind,
       report.kind == ReferralReport::Kind::kCutOffNear ? ReferralReport::Kind::kCutOffPassed : report.kind});
}

bool IsLateForAction(const ReferralReport& report, const Case& found) {
  using Kind = ReferralReport::Kind;
  return IsOlderThanOneOf(report, found,
                          {Kind::kAnswered, Kind::kEnded, Kind::kRouteSheet, Kind::kCutOffNear, Kind::kCutOffPassed});
}

void Apply(const ReferralReport& report, Case& found) {
  const auto [entry, is_new] = found.referrals.try_emplace(report.referral);
  ReferralStatus& status = entry->second;
  std::int64_t& newest = status.newest[std::string(WordOf(report.kind))];
  newest = std::max(newest, report.version);
  NoteLastDay(report, status);
  if (is_new || status.paper_title.empty()) status.paper_title = report.paper_title;
  const bool over = !is_new && status.state != ReferralStatus::State::kOpen;
  if (report.kind == ReferralReport::Kind::kRouteSheet) found.holds_route_sheet = true;
  if (report.kind == ReferralReport::Kind::kAnswered && !over) status.state = ReferralStatus::State::kAnswered;
  if (report.kind == ReferralReport::Kind::kEnded && !over) status.state = ReferralStatus::State::kEnded;
  // Late news of a referral that is over changes no paper, but for what it led to.
  if (over && report.kind != ReferralReport::Kind::kRouteSheet) return;
  if (report.paper_title.empty()) return;
  if (CasePaper* paper = FindPaper(found, report.paper_title)) UpdatePaper(report, *paper);
}

bool IsNews(const std::string& message, std::int64_t version, Case& found) {
  if (version == 0) return true;
  MessageStatus& status = found.messages[message];
  if (version < status.version) return false;
  status.version = version;
  return true;
}

CasePaper* FindPaper(Case& found, absl::string_view title) {
  const std::string key = TitleKey(title);
  const auto paper = std::find_if(found.papers.begin(), found.papers.end(),
                                  [&key](const CasePaper& one) { return TitleKey(one.title) == key; });
  return paper == found.papers.end() ? nullptr : &*paper;
}

CasePaper& AddPaper(Case& found, CasePaper paper) {
  paper.id = absl::StrCat("p", ++found.paper_count);
  for (const auto& [name, status] : found.referrals) {
    if (status.state == ReferralStatus::State::kOpen && TitleKey(status.paper_title) == TitleKey(paper.title)) {
      paper.state = CasePaper::State::kSourcing;
      paper.referral = name;
    }
  }
  found.papers.push_back(std::move(paper));
  return found.papers.back();
}

CaseFacts FactsOf(const Case& found, std::vector<ContactFact> contacts) {
  CaseFacts facts;
  facts.state = found.state;
  facts.owner = found.owner;
  facts.opened_time = found.create_time;
  facts.outcome_confirmed = found.outcome.has_value();
  facts.holds_route_sheet = found.holds_route_sheet;
  facts.contacts = std::move(contacts);
  for (const auto& [name, status] : found.referrals) {
    ReferralFact fact;
    fact.name = name;
    fact.open = status.state == ReferralStatus::State::kOpen;
    fact.negative = status.state == ReferralStatus::State::kEnded;
    // The person's own word that the matter is done is what followed, too.
    if (fact.negative) fact.successor = found.outcome.has_value() ? found.outcome->contact : SuccessorOf(found, name);
    facts.referrals.push_back(fact);
  }
  return facts;
}

}  // namespace xxt::intake
