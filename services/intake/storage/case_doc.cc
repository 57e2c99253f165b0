#include "services/intake/storage/case_doc.h"

#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "common/json/number.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"
#include "services/intake/storage/names.h"

namespace xxt::intake::case_doc {
namespace {

using Json = nlohmann::json;

std::string Word(absl::string_view word) { return std::string(word); }

// Times are whole microseconds since 1970, as PostgreSQL keeps them.
Json WriteTime(absl::Time time) { return absl::ToUnixMicros(time); }
absl::Time ReadTime(const Json& json) { return absl::FromUnixMicros(json::Whole<std::int64_t>(json)); }

// Throws, as the library does, where a document has another shape: Read ends that.
template <typename Enum>
Enum WordOf(const Json& word) {
  const std::optional<Enum> value = names::Parse<Enum>(word.get_ref<const std::string&>());
  if (!value.has_value()) throw std::invalid_argument("unknown word");
  return *value;
}

template <typename Enum>
Enum ReadWord(const Json& json, const char* key) {
  return WordOf<Enum>(json.at(key));
}

absl::CivilDay ReadDay(const Json& json) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(json.get_ref<const std::string&>(), &day)) throw std::invalid_argument("day");
  return day;
}

std::string ReadText(const Json& json, const char* key) { return json.value(key, std::string()); }

std::vector<std::string> ReadTexts(const Json& json, const char* key) {
  return json.value(key, std::vector<std::string>());
}

Json WriteParty(const Party& party) {
  return {{"id", party.id},
          {"role", Word(names::Of(party.role))},
          {"display_name", party.display_name},
          {"resident_id", party.resident_id},
          {"masked_resident_id", party.masked_resident_id},
          {"credit_code", party.credit_code},
          {"phone_number", party.phone_number},
          {"phone_extension", party.phone_extension},
          {"no_sms", party.no_sms},
          {"deceased", party.deceased},
          {"relationship", party.relationship},
          {"language_code", party.language_code}};
}

Party ReadParty(const Json& json) {
  Party party;
  party.id = ReadText(json, "id");
  party.role = ReadWord<Party::Role>(json, "role");
  party.display_name = ReadText(json, "display_name");
  party.resident_id = ReadText(json, "resident_id");
  party.masked_resident_id = ReadText(json, "masked_resident_id");
  party.credit_code = ReadText(json, "credit_code");
  party.phone_number = ReadText(json, "phone_number");
  party.phone_extension = ReadText(json, "phone_extension");
  party.no_sms = json.value("no_sms", false);
  party.deceased = json.value("deceased", false);
  party.relationship = ReadText(json, "relationship");
  party.language_code = ReadText(json, "language_code");
  return party;
}

Json WriteHandOff(const HandOff& hand_off) {
  return {{"counter", hand_off.counter},
          {"clerk", hand_off.clerk},
          {"reason", hand_off.reason},
          {"papers_seen", hand_off.papers_seen},
          {"hand_off_time", WriteTime(hand_off.hand_off_time)}};
}

HandOff ReadHandOff(const Json& json) {
  return {ReadText(json, "counter"), ReadText(json, "clerk"), ReadText(json, "reason"), ReadTexts(json, "papers_seen"),
          ReadTime(json.at("hand_off_time"))};
}

Json WritePaper(const CasePaper& paper) {
  Json json = {{"id", paper.id},
               {"title", paper.title},
               {"form", Word(names::Of(paper.form))},
               {"copies", paper.copies},
               {"provider", Word(names::Of(paper.provider))},
               {"alternatives", paper.alternatives},
               {"source", paper.source},
               {"state", Word(names::Of(paper.state))},
               {"since_version", paper.since_version},
               {"referral", paper.referral}};
  if (paper.found_missing_time.has_value()) json["found_missing_time"] = WriteTime(*paper.found_missing_time);
  return json;
}

CasePaper ReadPaper(const Json& json) {
  CasePaper paper;
  paper.id = ReadText(json, "id");
  paper.title = ReadText(json, "title");
  paper.form = ReadWord<PaperForm>(json, "form");
  paper.copies = json::Whole(json, "copies", 1);
  paper.provider = ReadWord<PaperProvider>(json, "provider");
  paper.alternatives = ReadTexts(json, "alternatives");
  paper.source = ReadText(json, "source");
  paper.state = ReadWord<CasePaper::State>(json, "state");
  paper.since_version = json::Whole(json, "since_version", 0);
  paper.referral = ReadText(json, "referral");
  if (json.contains("found_missing_time")) paper.found_missing_time = ReadTime(json.at("found_missing_time"));
  return paper;
}

Json WriteAmendment(const Amendment& amendment) {
  return {{"version", amendment.version}, {"reason", amendment.reason},
          {"actor", amendment.actor},     {"amend_time", WriteTime(amendment.amend_time)},
          {"added", amendment.added},     {"removed", amendment.removed}};
}

Amendment ReadAmendment(const Json& json) {
  return {json::Whole(json, "version", 0), ReadText(json, "reason"), ReadText(json, "actor"),
          ReadTime(json.at("amend_time")), ReadTexts(json, "added"), ReadTexts(json, "removed")};
}

Json WriteClosure(const RecordedClosure& recorded) {
  const Closure& closure = recorded.closure;
  Json alternatives = Json::array();
  for (const Alternative& alternative : closure.alternatives) {
    alternatives.push_back({{"summary", alternative.summary}, {"outcome", alternative.outcome}});
  }
  return {{"resolution", Word(names::Of(closure.resolution))},
          {"explanation", closure.explanation},
          {"told_in", closure.told_in},
          {"basis", closure.basis},
          {"alternatives", std::move(alternatives)},
          {"next_route", closure.next_route},
          {"accepted_by", closure.accepted_by},
          {"proposer", recorded.proposer},
          {"propose_time", WriteTime(recorded.propose_time)},
          {"reviewer", recorded.reviewer},
          {"review_comment", recorded.review_comment}};
}

RecordedClosure ReadClosure(const Json& json) {
  RecordedClosure recorded;
  Closure& closure = recorded.closure;
  closure.resolution = ReadWord<Resolution>(json, "resolution");
  closure.explanation = ReadText(json, "explanation");
  closure.told_in = ReadText(json, "told_in");
  closure.basis = ReadText(json, "basis");
  for (const Json& alternative : json.at("alternatives")) {
    closure.alternatives.push_back({ReadText(alternative, "summary"), ReadText(alternative, "outcome")});
  }
  closure.next_route = ReadText(json, "next_route");
  closure.accepted_by = ReadText(json, "accepted_by");
  recorded.proposer = ReadText(json, "proposer");
  recorded.propose_time = ReadTime(json.at("propose_time"));
  recorded.reviewer = ReadText(json, "reviewer");
  recorded.review_comment = ReadText(json, "review_comment");
  return recorded;
}

Json WriteCorrection(const Correction& correction) {
  return {{"party", correction.party},
          {"fields", correction.fields},
          {"reason", correction.reason},
          {"author", correction.author},
          {"time", WriteTime(correction.time)}};
}

Correction ReadCorrection(const Json& json) {
  return {ReadText(json, "party"), ReadTexts(json, "fields"), ReadText(json, "reason"), ReadText(json, "author"),
          ReadTime(json.at("time"))};
}

void ReadMembers(const Json& json, Case& found) {
  found.summary = ReadText(json, "summary");
  found.channel = ReadWord<Channel>(json, "channel");
  for (const Json& difficulty : json.at("difficulties")) {
    found.difficulties.push_back(WordOf<Difficulty>(difficulty));
  }
  // Absent where the reader asked for no personal data.
  if (json.contains("parties")) {
    for (const Json& party : json.at("parties")) found.parties.push_back(ReadParty(party));
  }
  if (json.contains("hand_off")) found.hand_off = ReadHandOff(json.at("hand_off"));
  if (json.contains("next_action"))
    found.next_action = NextAction{ReadText(json, "next_action"), absl::InfiniteFuture()};
  for (const Json& paper : json.at("papers")) found.papers.push_back(ReadPaper(paper));
  found.checklist_version = json::Whole(json, "checklist_version", 0);
  found.paper_count = json::Whole(json, "paper_count", 0);
  for (const Json& amendment : json.at("checklist_amendments")) {
    found.checklist_amendments.push_back(ReadAmendment(amendment));
  }
  if (json.contains("outcome")) {
    const Json& outcome = json.at("outcome");
    found.outcome = Outcome{ReadText(outcome, "text"), ReadText(outcome, "contact"), ReadTime(outcome.at("time"))};
  }
  if (json.contains("closure")) found.closure = ReadClosure(json.at("closure"));
  if (json.contains("returned_closures")) {
    for (const Json& closure : json.at("returned_closures")) found.returned_closures.push_back(ReadClosure(closure));
  }
  const Json& effort = json.at("effort");
  found.effort = {json::Whole(effort, "calls", 0), json::Whole(effort, "meetings", 0),
                  json::Whole(effort, "messages", 0)};
  for (const auto& [name, status] : json.at("referrals").items()) {
    ReferralStatus& referral = found.referrals[name];
    referral.state = ReadWord<ReferralStatus::State>(status, "state");
    referral.paper_title = ReadText(status, "paper_title");
    if (status.contains("last_day")) referral.last_day = ReadDay(status.at("last_day"));
    referral.last_day_version = json::Whole(status, "last_day_version", std::int64_t{0});
    referral.last_day_revision = json::Whole(status, "last_day_revision", std::int64_t{0});
    const Json newest = status.value("newest", Json::object());
    for (const auto& [kind, version] : newest.items()) {
      referral.newest[kind] = json::Whole<std::int64_t>(version);
    }
  }
  for (const auto& [name, status] : json.at("messages").items()) {
    found.messages[name] = {json::Whole(status, "version", std::int64_t{0}), status.value("in_doubt", false)};
  }
  found.holds_route_sheet = json.value("holds_route_sheet", false);
  // Absent while there are none, and where the reader asked for no personal data.
  for (const Json& correction : json.value("corrections", Json::array())) {
    found.corrections.push_back(ReadCorrection(correction));
  }
}

}  // namespace

std::string Write(const Case& found) {
  Json json = {
      {"summary", found.summary},
      {"channel", Word(names::Of(found.channel))},
      {"checklist_version", found.checklist_version},
      {"paper_count", found.paper_count},
      {"holds_route_sheet", found.holds_route_sheet},
      {"effort",
       {{"calls", found.effort.calls}, {"meetings", found.effort.meetings}, {"messages", found.effort.messages}}}};
  Json& difficulties = json["difficulties"] = Json::array();
  for (const Difficulty difficulty : found.difficulties) difficulties.push_back(Word(names::Of(difficulty)));
  Json& parties = json["parties"] = Json::array();
  for (const Party& party : found.parties) parties.push_back(WriteParty(party));
  Json& papers = json["papers"] = Json::array();
  for (const CasePaper& paper : found.papers) papers.push_back(WritePaper(paper));
  Json& amendments = json["checklist_amendments"] = Json::array();
  for (const Amendment& amendment : found.checklist_amendments) amendments.push_back(WriteAmendment(amendment));
  Json& referrals = json["referrals"] = Json::object();
  for (const auto& [name, status] : found.referrals) {
    Json& one = referrals[name] = {
        {"state", Word(names::Of(status.state))}, {"paper_title", status.paper_title}, {"newest", status.newest}};
    if (!status.last_day.has_value()) continue;
    one["last_day"] = absl::FormatCivilTime(*status.last_day);
    one["last_day_version"] = status.last_day_version;
    one["last_day_revision"] = status.last_day_revision;
  }
  Json& messages = json["messages"] = Json::object();
  for (const auto& [name, status] : found.messages) {
    messages[name] = {{"version", status.version}, {"in_doubt", status.in_doubt}};
  }
  if (found.hand_off.has_value()) json["hand_off"] = WriteHandOff(*found.hand_off);
  if (found.next_action.has_value()) json["next_action"] = found.next_action->summary;
  if (found.outcome.has_value()) {
    json["outcome"] = {{"text", found.outcome->text},
                       {"contact", found.outcome->contact},
                       {"time", WriteTime(found.outcome->confirm_time)}};
  }
  if (found.closure.has_value()) json["closure"] = WriteClosure(*found.closure);
  for (const RecordedClosure& returned : found.returned_closures) {
    json["returned_closures"].push_back(WriteClosure(returned));
  }
  for (const Correction& correction : found.corrections) json["corrections"].push_back(WriteCorrection(correction));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status Read(absl::string_view doc, Case& found) {
  try {
    ReadMembers(Json::parse(doc.begin(), doc.end()), found);
    return absl::OkStatus();
  } catch (const std::exception&) {  // its text may hold what was stored
    return errors::Internal("case.doc");
  }
}

}  // namespace xxt::intake::case_doc
