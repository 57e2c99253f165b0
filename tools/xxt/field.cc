#include "tools/xxt/field.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/type/date.pb.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;
using Field = pb::FieldDescriptor;

absl::Status Wrong(const std::string& path, const std::string& wanted) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", wanted));
}

// CASE_VIEW_ for CaseView: what all values of an enum begin with.
std::string PrefixOf(const pb::EnumDescriptor& type) {
  const std::string& zero = type.value(0)->name();
  const std::string suffix = "UNSPECIFIED";
  return zero.size() > suffix.size() ? zero.substr(0, zero.size() - suffix.size()) : "";
}

absl::StatusOr<const pb::EnumValueDescriptor*> ParseEnum(const pb::EnumDescriptor& type, const std::string& path,
                                                         const std::string& text) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  const pb::EnumValueDescriptor* value = type.FindValueByName(name);
  if (value == nullptr) value = type.FindValueByName(PrefixOf(type) + name);
  if (value == nullptr || value->number() == 0) {
    return Wrong(path, absl::StrCat("one of ", absl::StrJoin(ChoicesOf(type), ", ")));
  }
  return value;
}

absl::Status ParseMessage(const std::string& path, const std::string& text, absl::Time now, pb::Message* message) {
  if (message->GetDescriptor() == pb::Timestamp::descriptor()) {
    XXT_ASSIGN_OR_RETURN(const absl::Time time, ParseMoment(text, now));
    pb::Timestamp stamp;
    stamp.set_seconds(absl::ToUnixSeconds(time));
    message->CopyFrom(stamp);
    return absl::OkStatus();
  }
  if (message->GetDescriptor() == pb::Duration::descriptor()) {
    XXT_ASSIGN_OR_RETURN(const CalendarStep step, ParseStep(text));
    pb::Duration duration;
    duration.set_seconds(absl::ToInt64Seconds(absl::Hours(24) * step.days + step.rest));
    message->CopyFrom(duration);
    return absl::OkStatus();
  }
  if (message->GetDescriptor() == google::type::Date::descriptor()) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day)) return Wrong(path, "a day like 2026-03-02");
    google::type::Date date;
    date.set_year(static_cast<int>(day.year()));
    date.set_month(day.month());
    date.set_day(day.day());
    message->CopyFrom(date);
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(path, " cannot be typed"));
}

absl::Status SetNumber(pb::Message* message, const Field& field, const std::string& path, const std::string& text) {
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return Wrong(path, "a whole number");
  const pb::Reflection& reflection = *message->GetReflection();
  if (field.cpp_type() == Field::CPPTYPE_INT32) {
    if (value != static_cast<std::int32_t>(value)) return Wrong(path, "a smaller number");
    reflection.SetInt32(message, &field, static_cast<std::int32_t>(value));
  } else {
    reflection.SetInt64(message, &field, value);
  }
  return absl::OkStatus();
}

absl::Status SetOne(pb::Message* message, const Field& field, const std::string& path, const std::string& text,
                    absl::Time now) {
  const pb::Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      field.is_repeated() ? reflection.AddString(message, &field, text) : reflection.SetString(message, &field, text);
      return absl::OkStatus();
    case Field::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return Wrong(path, "true or false");
      reflection.SetBool(message, &field, text == "true");
      return absl::OkStatus();
    case Field::CPPTYPE_ENUM: {
      XXT_ASSIGN_OR_RETURN(const pb::EnumValueDescriptor* value, ParseEnum(*field.enum_type(), path, text));
      field.is_repeated() ? reflection.AddEnum(message, &field, value) : reflection.SetEnum(message, &field, value);
      return absl::OkStatus();
    }
    case Field::CPPTYPE_MESSAGE:
      return ParseMessage(path, text, now, reflection.MutableMessage(message, &field));
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64:
      return SetNumber(message, field, path, text);
    default:
      return absl::InternalError(absl::StrCat(path, " cannot be typed"));
  }
}

}  // namespace

absl::StatusOr<const Field*> FieldAt(const pb::Descriptor& type, const std::string& path) {
  const pb::Descriptor* at = &type;
  const Field* field = nullptr;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    field = at == nullptr ? nullptr : at->FindFieldByName(part);
    if (field == nullptr) return absl::InternalError(absl::StrCat(type.name(), " has no field ", path));
    at = field->message_type();
  }
  return field;
}

absl::Status SetField(pb::Message* message, const std::string& path, const std::vector<std::string>& texts,
                      absl::Time now) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  pb::Message* at = message;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const Field* field = at->GetDescriptor()->FindFieldByName(parts[i]);
    if (field == nullptr || field->message_type() == nullptr || field->is_repeated()) {
      return absl::InternalError(absl::StrCat(message->GetDescriptor()->name(), " has no field ", path));
    }
    at = at->GetReflection()->MutableMessage(at, field);
  }
  XXT_ASSIGN_OR_RETURN(const Field* field, FieldAt(*at->GetDescriptor(), parts.back()));
  if (!field->is_repeated() && texts.size() != 1) return Wrong(path, "takes one value");
  for (const std::string& text : texts) XXT_RETURN_IF_ERROR(SetOne(at, *field, path, text, now));
  return absl::OkStatus();
}

std::vector<std::string> ChoicesOf(const pb::EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 1; i < type.value_count(); ++i) {
    choices.push_back(absl::StrReplaceAll(absl::AsciiStrToLower(ShortName(*type.value(i))), {{"_", "-"}}));
  }
  return choices;
}

std::string ShortName(const pb::EnumValueDescriptor& value) {
  return value.name().substr(PrefixOf(*value.type()).size());
}

}  // namespace xxt::cli
