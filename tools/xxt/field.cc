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
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;
using Field = pb::FieldDescriptor;

// CASE_VIEW_ for CaseView: what all values of an enum begin with.
std::string PrefixOf(const pb::EnumDescriptor& type) {
  const std::string& zero = type.value(0)->name();
  const std::string suffix = "UNSPECIFIED";
  return zero.size() > suffix.size() ? zero.substr(0, zero.size() - suffix.size()) : "";
}

absl::Status ParseMessage(const std::string& called, const std::string& text, absl::Time now, pb::Message* message) {
  if (message->GetDescriptor() == pb::Timestamp::descriptor()) {
    const absl::StatusOr<absl::Time> time = ParseMoment(text, now);
    if (!time.ok()) {
      return errors::FieldInvalid(called, "须为 2026-03-02T09:00 或 +2d 这样的时间",
                                  "must be a time like 2026-03-02T09:00 or +2d");
    }
    pb::Timestamp stamp;
    stamp.set_seconds(absl::ToUnixSeconds(*time));
    message->CopyFrom(stamp);
    return absl::OkStatus();
  }
  if (message->GetDescriptor() == pb::Duration::descriptor()) {
    const absl::StatusOr<CalendarStep> step = ParseStep(text);
    if (!step.ok()) return errors::FieldInvalid(called, "须为 2d 这样的时长", "must be a step like 2d");
    pb::Duration duration;
    duration.set_seconds(absl::ToInt64Seconds(absl::Hours(24) * step->days + step->rest));
    message->CopyFrom(duration);
    return absl::OkStatus();
  }
  if (message->GetDescriptor() == google::type::Date::descriptor()) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day)) {
      return errors::FieldInvalid(called, "须为 2026-03-02 这样的日期", "must be a day like 2026-03-02");
    }
    google::type::Date date;
    date.set_year(static_cast<int>(day.year()));
    date.set_month(day.month());
    date.set_day(day.day());
    message->CopyFrom(date);
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(called, " cannot be typed"));
}

absl::Status SetNumber(pb::Message* message, const Field& field, const std::string& called, const std::string& text) {
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return errors::FieldInvalid(called, "须为整数", "must be a whole number");
  const pb::Reflection& reflection = *message->GetReflection();
  if (field.cpp_type() == Field::CPPTYPE_INT32) {
    if (value != static_cast<std::int32_t>(value)) return errors::FieldInvalid(called, "数字太大", "is too large");
    reflection.SetInt32(message, &field, static_cast<std::int32_t>(value));
  } else {
    reflection.SetInt64(message, &field, value);
  }
  return absl::OkStatus();
}

absl::Status SetOne(pb::Message* message, const Field& field, const std::string& called, const std::string& text,
                    absl::Time now) {
  const pb::Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      field.is_repeated() ? reflection.AddString(message, &field, text) : reflection.SetString(message, &field, text);
      return absl::OkStatus();
    case Field::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return errors::FieldInvalid(called, "须为 true 或 false", "must be true or false");
      }
      reflection.SetBool(message, &field, text == "true");
      return absl::OkStatus();
    case Field::CPPTYPE_ENUM: {
      const pb::EnumValueDescriptor* value = FindValue(*field.enum_type(), text);
      if (value == nullptr || value->number() == 0) return NoSuchValue(*field.enum_type(), called);
      field.is_repeated() ? reflection.AddEnum(message, &field, value) : reflection.SetEnum(message, &field, value);
      return absl::OkStatus();
    }
    case Field::CPPTYPE_MESSAGE:
      return ParseMessage(called, text, now, reflection.MutableMessage(message, &field));
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64:
      return SetNumber(message, field, called, text);
    default:
      return absl::InternalError(absl::StrCat(called, " cannot be typed"));
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
                      absl::Time now, const std::string& called) {
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
  if (!field->is_repeated() && texts.size() != 1) return errors::FieldInvalid(called, "只能填一个", "takes one value");
  for (const std::string& text : texts) XXT_RETURN_IF_ERROR(SetOne(at, *field, called, text, now));
  return absl::OkStatus();
}

const pb::EnumValueDescriptor* FindValue(const pb::EnumDescriptor& type, const std::string& text) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  const pb::EnumValueDescriptor* value = type.FindValueByName(name);
  return value == nullptr ? type.FindValueByName(PrefixOf(type) + name) : value;
}

absl::Status NoSuchValue(const pb::EnumDescriptor& type, const std::string& called) {
  const std::vector<std::string> choices = ChoicesOf(type);
  return errors::FieldInvalid(called, absl::StrCat("须为其中之一：", absl::StrJoin(choices, "、")),
                              absl::StrCat("must be one of ", absl::StrJoin(choices, ", ")));
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
