#include "services/referral/storage/docs.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "common/json/number.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"

namespace xxt::referral {
namespace {

using Json = nlohmann::json;

template <typename Enum>
std::string Name(Enum value) {
  return std::string(NameOf(value));
}

std::string Text(const Json& json, const char* key) { return json.value(key, std::string()); }

std::vector<std::string> Texts(const Json& json, const char* key) {
  return json.value(key, std::vector<std::string>());
}

template <typename Enum>
Enum EnumAt(const Json& json, const char* key) {
  const std::optional<Enum> value = FromName<Enum>(Text(json, key));
  if (!value.has_value()) throw std::invalid_argument(key);
  return *value;
}

absl::CivilDay DayAt(const Json& json, const char* key) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(Text(json, key), &day)) throw std::invalid_argument(key);
  return day;
}

// Whole nanoseconds do not matter: business time is told in microseconds.
std::optional<absl::Time> TimeAt(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return absl::FromUnixMicros(json::Whole<std::int64_t>(json.at(key)));
}

// The library throws on a document of another shape; that ends here.
absl::Status Reading(absl::string_view doc, const char* what, absl::FunctionRef<void(const Json&)> read) {
  try {
    read(Json::parse(doc.begin(), doc.end()));
    return absl::OkStatus();
  } catch (const std::exception&) {
    return errors::Internal(what);
  }
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json ToJson(const CutOff& cut_off) {
  return {{"last_day", absl::FormatCivilTime(cut_off.last_day)},
          {"last_safe_day", absl::FormatCivilTime(cut_off.last_safe_day)},
          {"provisional", cut_off.provisional}};
}

Json ToJson(const RecordedCutOff& recorded) {
  Json json = ToJson(recorded.cut_off);
  json["rule_note"] = recorded.rule_note;
  json["anchor_day"] = absl::FormatCivilTime(recorded.anchor_day);
  json["irrevocable"] = recorded.irrevocable;
  return json;
}

RecordedCutOff ReadCutOff(const Json& json) {
  RecordedCutOff recorded;
  recorded.rule_note = Text(json, "rule_note");
  recorded.anchor_day = DayAt(json, "anchor_day");
  recorded.cut_off.last_day = DayAt(json, "last_day");
  recorded.cut_off.last_safe_day = DayAt(json, "last_safe_day");
  recorded.cut_off.provisional = json.value("provisional", false);
  recorded.irrevocable = json.value("irrevocable", false);
  return recorded;
}

Json ToJson(const std::vector<Attachment>& attachments) {
  Json json = Json::array();
  for (const Attachment& one : attachments) {
    json.push_back({{"file_name", one.file_name},
                    {"media_type", one.media_type},
                    {"size", one.size},
                    {"sha256", one.sha256},
                    {"state", Name(one.state)}});
  }
  return json;
}

std::vector<Attachment> ReadAttachments(const Json& json) {
  std::vector<Attachment> attachments;
  for (const Json& one : json) {
    attachments.push_back({Text(one, "file_name"), Text(one, "media_type"), json::Whole(one, "size", std::int64_t{0}),
                           Text(one, "sha256"), EnumAt<Attachment::State>(one, "state")});
  }
  return attachments;
}

Json ToJson(const LawfulBasis& basis) {
  Json kinds = Json::array();
  for (const DataKind kind : basis.data_kinds) kinds.push_back(Name(kind));
  return {{"kind", Name(basis.kind)}, {"purpose", basis.purpose}, {"evidence", basis.evidence}, {"data_kinds", kinds}};
}

LawfulBasis ReadBasis(const Json& json) {
  LawfulBasis basis;
  basis.kind = EnumAt<LawfulBasis::Kind>(json, "kind");
  basis.purpose = Text(json, "purpose");
  basis.evidence = Text(json, "evidence");
  for (const std::string& name : Texts(json, "data_kinds")) {
    if (const std::optional<DataKind> kind = FromName<DataKind>(name)) basis.data_kinds.push_back(*kind);
  }
  return basis;
}

Json ToJson(const Chase& chase) {
  Json json = {
      {"reminders_sent", chase.reminders_sent}, {"person_asked", chase.person_asked}, {"reason", chase.reason}};
  if (chase.sent_time.has_value()) json["sent_time"] = absl::ToUnixMicros(*chase.sent_time);
  if (chase.may_have_it) json["may_have_it"] = true;
  return json;
}

// State and next_action_time are columns.
void ReadChase(const Json& json, Chase* chase) {
  chase->reminders_sent = json::Whole(json, "reminders_sent", 0);
  chase->person_asked = json.value("person_asked", false);
  chase->reason = Text(json, "reason");
  chase->sent_time = TimeAt(json, "sent_time");
  chase->may_have_it = json.value("may_have_it", false);
}

}  // namespace

std::string WriteDoc(const Referral& referral) {
  Json disclosed = Json::array();
  for (const DisclosedField& field : referral.disclosed) {
    disclosed.push_back({{"kind", Name(field.kind)}, {"value", field.value}});
  }
  Json json = {{"unit", referral.unit},
               {"ask", Name(referral.ask)},
               {"question", referral.question},
               {"lawful_basis", ToJson(referral.lawful_basis)},
               {"disclosed", disclosed},
               {"paper_title", referral.paper_title},
               {"connector", Name(referral.connector)},
               {"chase", ToJson(referral.chase)},
               {"thread_message_id", referral.thread_message_id},
               {"mail_due", referral.mail_due},
               {"report_count", referral.report_count}};
  if (referral.cut_off.has_value()) json["cut_off"] = ToJson(*referral.cut_off);
  return Dump(json);
}

std::string WriteDoc(const std::vector<Attachment>& attachments) { return Dump(ToJson(attachments)); }

absl::Status ReadDoc(absl::string_view doc, Referral* referral) {
  return Reading(doc, "referral.doc", [&](const Json& json) {
    referral->unit = Text(json, "unit");
    referral->ask = EnumAt<Ask>(json, "ask");
    referral->question = Text(json, "question");
    referral->lawful_basis = ReadBasis(json.at("lawful_basis"));
    for (const Json& field : json.value("disclosed", Json::array())) {
      referral->disclosed.push_back({EnumAt<DataKind>(field, "kind"), Text(field, "value")});
    }
    referral->paper_title = Text(json, "paper_title");
    referral->connector = EnumAt<Connector>(json, "connector");
    ReadChase(json.at("chase"), &referral->chase);
    referral->thread_message_id = Text(json, "thread_message_id");
    referral->mail_due = Text(json, "mail_due");
    referral->report_count = json::Whole(json, "report_count", std::int64_t{0});
    if (json.contains("cut_off")) referral->cut_off = ReadCutOff(json.at("cut_off"));
  });
}

absl::Status ReadDoc(absl::string_view doc, std::vector<Attachment>* attachments) {
  return Reading(doc, "attachments.doc", [&](const Json& json) { *attachments = ReadAttachments(json); });
}

}  // namespace xxt::referral
