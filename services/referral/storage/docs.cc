#include "services/referral/storage/docs.h"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "common/json/number.h"
#include "common/status/errors.h"
#include "nlohmann/json.hpp"

namespace xxt::referral {
namespace {

using Json = nlohmann::json;

constexpr std::array<absl::string_view, 7> kEntryKinds = {"attempt", "hop",  "claim", "verdict",
                                                          "finding", "mail", "reply"};

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

Json ToJson(const Attempt& attempt) {
  return {{"channel", Name(attempt.channel)},
          {"result", Name(attempt.result)},
          {"unit", attempt.unit},
          {"person", attempt.person},
          {"summary", attempt.summary}};
}

Json ToJson(const Hop& hop) {
  return {{"from_unit", hop.from_unit},
          {"to_unit", hop.to_unit},
          {"person", hop.person},
          {"extension", hop.extension},
          {"outcome", hop.outcome}};
}

Json ToJson(const Claim& claim) {
  return {{"said_by", claim.said_by}, {"said_to", claim.said_to}, {"text", claim.text}};
}

Json ToJson(const ClaimVerdict& verdict) {
  return {{"claim", verdict.claim},
          {"kind", Name(verdict.kind)},
          {"basis", verdict.basis},
          {"rule_note", verdict.rule_note}};
}

Json ToJson(const Finding& finding) {
  return {{"reference_number", finding.reference_number}, {"holder_unit", finding.holder_unit}, {"text", finding.text}};
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

Json ToJson(const Mail& mail) {
  Json json = {{"direction", Name(mail.direction)}, {"state", Name(mail.state)}, {"message_id", mail.message_id},
               {"subject", mail.subject},           {"text", mail.text},         {"address", mail.address}};
  if (!mail.attachments.empty()) json["attachments"] = ToJson(mail.attachments);
  if (!mail.bounced_mail.empty()) json["bounced_mail"] = mail.bounced_mail;
  if (!mail.bounce_status.empty()) json["bounce_status"] = mail.bounce_status;
  return json;
}

Json ToJson(const Reply& reply) {
  Json json = {
      {"kind", Name(reply.kind)}, {"channel", Name(reply.channel)}, {"reason", reply.reason}, {"mail", reply.mail}};
  if (reply.hop.has_value()) json["hop"] = ToJson(*reply.hop);
  if (reply.finding.has_value()) json["finding"] = ToJson(*reply.finding);
  return json;
}

void Read(const Json& json, Attempt* attempt) {
  *attempt = {EnumAt<Channel>(json, "channel"), EnumAt<Attempt::Result>(json, "result"), Text(json, "unit"),
              Text(json, "person"), Text(json, "summary")};
}

void Read(const Json& json, Hop* hop) {
  *hop = {Text(json, "from_unit"), Text(json, "to_unit"), Text(json, "person"), Text(json, "extension"),
          Text(json, "outcome")};
}

void Read(const Json& json, Claim* claim) {
  *claim = {Text(json, "said_by"), Text(json, "said_to"), Text(json, "text")};
}

void Read(const Json& json, ClaimVerdict* verdict) {
  *verdict = {Text(json, "claim"), EnumAt<ClaimVerdict::Kind>(json, "kind"), Text(json, "basis"),
              Text(json, "rule_note")};
}

void Read(const Json& json, Finding* finding) {
  *finding = {Text(json, "reference_number"), Text(json, "holder_unit"), Text(json, "text")};
}

void Read(const Json& json, Mail* mail) {
  *mail = {EnumAt<Mail::Direction>(json, "direction"),
           EnumAt<Mail::State>(json, "state"),
           Text(json, "message_id"),
           Text(json, "subject"),
           Text(json, "text"),
           Text(json, "address"),
           ReadAttachments(json.value("attachments", Json::array())),
           Text(json, "bounced_mail"),
           Text(json, "bounce_status")};
}

void Read(const Json& json, Reply* reply) {
  reply->kind = EnumAt<Reply::Kind>(json, "kind");
  reply->channel = EnumAt<Channel>(json, "channel");
  reply->reason = Text(json, "reason");
  reply->mail = Text(json, "mail");
  if (json.contains("hop")) Read(json.at("hop"), &reply->hop.emplace());
  if (json.contains("finding")) Read(json.at("finding"), &reply->finding.emplace());
}

template <std::size_t kIndex = 0>
void ReadContent(const Json& json, absl::string_view kind, EntryContent* content) {
  if constexpr (kIndex < kEntryKinds.size()) {
    if (kEntryKinds[kIndex] == kind) {
      Read(json, &content->emplace<kIndex>());
    } else {
      ReadContent<kIndex + 1>(json, kind, content);
    }
  } else {
    throw std::invalid_argument("kind");
  }
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

absl::string_view KindOf(const EntryContent& content) { return kEntryKinds[content.index()]; }

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

std::string WriteDoc(const EntryContent& content) {
  return Dump(std::visit([](const auto& alternative) { return ToJson(alternative); }, content));
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

absl::Status ReadDoc(absl::string_view doc, absl::string_view kind, EntryContent* content) {
  return Reading(doc, "entry.doc", [&](const Json& json) { ReadContent(json, kind, content); });
}

absl::Status ReadDoc(absl::string_view doc, std::vector<Attachment>* attachments) {
  return Reading(doc, "attachments.doc", [&](const Json& json) { *attachments = ReadAttachments(json); });
}

}  // namespace xxt::referral
