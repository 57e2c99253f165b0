#include "tools/xxt/print.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/type/date.pb.h>

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/identifiers/uuid.h"
#include "tools/xxt/nouns.h"
#include "tools/xxt/table.h"
#include "tools/xxt/text_time.h"
#include "tools/xxt/words.h"

namespace xxt::cli {
namespace {

namespace pb = ::google::protobuf;

std::string TextOf(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string DayText(const Json& day) {
  return absl::StrFormat("%04d-%02d-%02d", day.value("year", 0), day.value("month", 0), day.value("day", 0));
}

// 9523 basis points are "95.23%".
std::string PercentText(int bp) {
  if (bp % 100 == 0) return absl::StrCat(bp / 100, "%");
  return absl::StrFormat("%d.%02d%%", bp / 100, bp % 100);
}

std::string ValueText(const Json& value, const pb::FieldDescriptor* field, const Style& style);

// A name that goes through two ids says nothing on a line about something else.
bool IsNameOfAChild(const Json& value) {
  if (!value.is_string()) return false;
  const std::vector<std::string> parts = absl::StrSplit(value.get_ref<const std::string&>(), '/');
  return parts.size() > 3 && identifiers::IsUuid(parts.back());
}

std::string Colon(const Style& style) { return style.language == Language::kChinese ? "：" : ": "; }

bool IsBare(const std::string& text) { return absl::c_all_of(text, absl::ascii_isdigit); }

// One of several values on a line: a number or a yes says nothing without its label.
std::string Part(const Json& value, const pb::FieldDescriptor* field, const Style& style) {
  const std::string text = ValueText(value, field, style);
  if (text.empty() || field == nullptr) return text;
  const std::string label = LabelOf(*field, style.language);
  if (value.is_boolean() && value.get<bool>()) return label;
  return value.is_boolean() || IsBare(text) ? absl::StrCat(label, Colon(style), text) : text;
}

// All that is set in a message, on one line.
std::string Inline(const Json& value, const pb::Descriptor& type, const Style& style) {
  std::vector<std::string> parts;
  for (const auto& [key, item] : value.items()) {
    const pb::FieldDescriptor* field = type.FindFieldByName(key);
    if (IsNameOfAChild(item) || (field != nullptr && !IsForPeople(*field))) continue;
    const std::string text = Part(item, field, style);
    if (!text.empty()) parts.push_back(text);
  }
  return absl::StrJoin(parts, style.language == Language::kChinese ? "，" : ", ");
}

// What somebody was told will be done by then may be for a day on which halls are closed: nobody should find that out
// on it.
std::string TimeText(absl::Time time, const pb::FieldDescriptor& field, const Style& style) {
  std::string text = ToShort(time, style.now);
  const bool promised = field.name() == "due_time" && time > style.now;
  if (promised && !calendar::WorkingDays::China().IsWorkday(calendar::ToCivilDay(time))) {
    absl::StrAppend(&text, style.language == Language::kChinese ? "（休息日）" : " (a rest day)");
  }
  return text;
}

std::string ValueText(const Json& value, const pb::FieldDescriptor* field, const Style& style) {
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Json& item : value) parts.push_back(ValueText(item, field, style));
    return absl::StrJoin(parts, style.language == Language::kChinese ? "；" : "; ");
  }
  if (field == nullptr) return TextOf(value);
  if (field->enum_type() != nullptr && value.is_string()) {
    const pb::EnumValueDescriptor* known = field->enum_type()->FindValueByName(value.get<std::string>());
    return known == nullptr ? TextOf(value) : LabelOf(*known, style.language);
  }
  if (value.is_boolean() && style.language == Language::kChinese) return value.get<bool>() ? "是" : "否";
  if (value.is_number_integer() && absl::EndsWith(field->name(), "_bp")) return PercentText(value.get<int>());
  if (value.is_string() && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
    const std::string text = InWords(*field, TextOf(value), style.language);
    const std::string name = style.name_of == nullptr ? "" : style.name_of(text);
    return name.empty() ? text : name;
  }
  if (field->message_type() == nullptr || value.is_null()) return TextOf(value);
  if (field->message_type() == pb::Timestamp::descriptor()) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(absl::RFC3339_full, TextOf(value), &time, &error)) return TimeText(time, *field, style);
  }
  if (!value.is_object()) return TextOf(value);
  if (field->message_type() == google::type::Date::descriptor()) return DayText(value);
  return Inline(value, *field->message_type(), style);
}

// Which member is set, and what it says.
std::string OneofText(const Json& item, const pb::OneofDescriptor& choice, const Style& style) {
  for (int i = 0; i < choice.field_count(); ++i) {
    const pb::FieldDescriptor* field = choice.field(i);
    if (!item.contains(field->name())) continue;
    return absl::StrCat(LabelOf(*field, style.language), Colon(style), ValueText(item[field->name()], field, style));
  }
  return "";
}

const pb::FieldDescriptor* LeafOf(const pb::Descriptor& type, const std::string& path) {
  const pb::Descriptor* at = &type;
  const pb::FieldDescriptor* field = nullptr;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    field = at == nullptr ? nullptr : at->FindFieldByName(part.substr(0, part.find('[')));
    at = field == nullptr ? nullptr : field->message_type();
  }
  return field;
}

bool IsNumber(const pb::FieldDescriptor* field) {
  return field != nullptr && (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT32 ||
                              field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64);
}

// Names, "staff/wang", and codes, "0102-26-000042-1", are of no use when they are
// cut; nor are times.
bool IsNameOrCode(const std::string& text) {
  if (text.empty()) return true;
  if (!absl::c_all_of(text, [](unsigned char c) { return absl::ascii_isgraph(c); })) return false;
  if (text.find('/') != std::string::npos) return true;
  return absl::c_any_of(text, [](unsigned char c) { return absl::ascii_isdigit(c); }) &&
         absl::c_none_of(text, [](unsigned char c) { return absl::ascii_islower(c); });
}

std::string HeadOf(const pb::Descriptor& type, const std::string& path, Language language) {
  if (const pb::OneofDescriptor* choice = type.FindOneofByName(path); choice != nullptr) {
    return LabelOf(*choice, language);
  }
  const pb::FieldDescriptor* field = LeafOf(type, path);
  return field == nullptr ? path : LabelOf(*field, language);
}

bool OnlyIdentifies(const std::string& column) { return column == "name" || column == "type"; }

std::string RenderTable(const Json& items, const pb::Descriptor& type, std::size_t width, const Style& style) {
  std::vector<std::string> columns = ColumnsOf(type);
  if (style.told) columns.erase(std::remove_if(columns.begin(), columns.end(), OnlyIdentifies), columns.end());
  std::vector<TableColumn> heads;
  for (const std::string& column : columns) {
    const pb::FieldDescriptor* field = LeafOf(type, column);
    const bool is_time = field != nullptr && field->message_type() == pb::Timestamp::descriptor();
    const auto never_cut = [&](const Json& item) { return IsNameOrCode(CellOf(item, type, column, style)); };
    const bool whole = is_time || (!IsNumber(field) && absl::c_all_of(items, never_cut));
    heads.push_back({HeadOf(type, column, style.language), IsNumber(field), whole});
  }
  Table table(std::move(heads));
  for (const Json& item : items) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(CellOf(item, type, column, style));
    table.AddRow(std::move(cells));
  }
  return table.Render(width, style.color);
}

void AppendRecord(const Json& value, const pb::Descriptor& type, const Style& style, std::size_t indent,
                  std::string* out);

// Several of one thing: as a table if it says its columns, else one on a line.
void AppendItems(const Json& items, const pb::Descriptor& type, const Style& style, std::size_t indent,
                 std::string* out) {
  const std::string lead(indent + 2, ' ');
  if (!HasColumns(type)) {
    for (const Json& item : items) absl::StrAppend(out, lead, "- ", Inline(item, type, style), "\n");
    return;
  }
  const std::size_t width = style.width > lead.size() ? style.width - lead.size() : style.width;
  const std::string table = RenderTable(items, type, width, style);
  for (const absl::string_view line : absl::StrSplit(table, '\n', absl::SkipEmpty())) {
    absl::StrAppend(out, lead, line, "\n");
  }
}

bool HoldsFields(const pb::FieldDescriptor* field) {
  return field != nullptr && field->message_type() != nullptr && field->message_type() != pb::Timestamp::descriptor() &&
         field->message_type() != google::type::Date::descriptor();
}

void AppendField(const std::string& key, const Json& item, const pb::FieldDescriptor* field, const Style& style,
                 std::size_t indent, std::string* out) {
  const std::string label = field == nullptr ? key : LabelOf(*field, style.language);
  absl::StrAppend(out, std::string(indent, ' '), label, Colon(style));
  if (!HoldsFields(field)) {
    const std::string text = ValueText(item, field, style);
    absl::StrAppend(out, text.find('\n') == std::string::npos ? "" : "\n", text, "\n");
    return;
  }
  absl::StrAppend(out, "\n");
  if (item.is_array()) {
    AppendItems(item, *field->message_type(), style, indent, out);
  } else {
    AppendRecord(item, *field->message_type(), style, indent + 2, out);
  }
}

void AppendRecord(const Json& value, const pb::Descriptor& type, const Style& style, std::size_t indent,
                  std::string* out) {
  for (const auto& [key, item] : value.items()) {
    const pb::FieldDescriptor* field = type.FindFieldByName(key);
    if (field == nullptr || IsForPeople(*field)) AppendField(key, item, field, style, indent, out);
  }
}

// "name" of the message, or of the last of its parts that has one.
std::string NameIn(const Json& value) {
  if (value.contains("name")) return TextOf(value["name"]);
  std::string name;
  for (const auto& [key, item] : value.items()) {
    if (item.is_object() && item.contains("name")) name = TextOf(item["name"]);
  }
  return name;
}

}  // namespace

std::string CellOf(const Json& item, const pb::Descriptor& type, const std::string& path, const Style& style) {
  if (const pb::OneofDescriptor* choice = type.FindOneofByName(path); choice != nullptr) {
    return OneofText(item, *choice, style);
  }
  return ValueText(ValueAt(item, path), LeafOf(type, path), style);
}

std::string RenderList(const std::vector<const pb::Message*>& items, const pb::Descriptor& type, Format format,
                       const Style& style) {
  Json list = Json::array();
  for (const pb::Message* item : items) {
    list.push_back(ToJson(*item, format == Format::kJson || format == Format::kYaml ? Names::kJson : Names::kProto));
  }
  if (format == Format::kJson) return list.dump(2) + "\n";
  if (format == Format::kYaml) return ToYaml(list);
  std::string text;
  if (format == Format::kName) {
    for (const Json& item : list) absl::StrAppend(&text, NameIn(item), "\n");
    return text;
  }
  text = RenderTable(list, type, style.width, style);
  if (items.empty()) absl::StrAppend(&text, style.language == Language::kChinese ? "（没有）\n" : "(none)\n");
  return text;
}

std::string RenderMessage(const pb::Message& message, Format format, const Style& style) {
  switch (format) {
    case Format::kJson:
      return ToJson(message, Names::kJson).dump(2) + "\n";
    case Format::kYaml:
      return ToYaml(ToJson(message, Names::kJson));
    case Format::kName:
      return NameIn(ToJson(message, Names::kProto)) + "\n";
    case Format::kTable:
      break;
  }
  std::string out;
  AppendRecord(ToJson(message, Names::kProto), *message.GetDescriptor(), style, 0, &out);
  return out;
}

std::vector<const pb::Message*> ItemsOf(const pb::Message& message, const std::string& path) {
  std::vector<const pb::Message*> items;
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path);
  if (field == nullptr || !field->is_repeated()) return items;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    items.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
  }
  return items;
}

}  // namespace xxt::cli
