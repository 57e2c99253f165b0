#include "tools/xxt/print.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/type/date.pb.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/xxt/labels.h"
#include "tools/xxt/table.h"
#include "tools/xxt/text_time.h"

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

std::string ValueText(const Json& value, const pb::FieldDescriptor* field, const Style& style);

// Identifies something to machines only; a line for people leaves it out.
bool IsForMachines(const std::string& key, const Json& value) {
  if (key == "message_id" || key == "address" || key == "html") return true;
  const std::string text = TextOf(value);
  return absl::StrContains(text, "/entries/") || absl::StrContains(text, "/ruleNotes/");
}

// All that is set in a message, on one line.
std::string Inline(const Json& value, const pb::Descriptor& type, const Style& style) {
  std::vector<std::string> parts;
  for (const auto& [key, item] : value.items()) {
    const std::string text = IsForMachines(key, item) ? "" : ValueText(item, type.FindFieldByName(key), style);
    if (!text.empty()) parts.push_back(text);
  }
  return absl::StrJoin(parts, style.language == Language::kChinese ? "，" : ", ");
}

std::string ValueText(const Json& value, const pb::FieldDescriptor* field, const Style& style) {
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Json& item : value) parts.push_back(ValueText(item, field, style));
    return absl::StrJoin(parts, style.language == Language::kChinese ? "；" : "; ");
  }
  if (field == nullptr) return TextOf(value);
  if (field->enum_type() != nullptr && value.is_string()) {
    return LabelOfValue(field->enum_type()->full_name(), value.get<std::string>(), style.language);
  }
  if (value.is_boolean() && style.language == Language::kChinese) return value.get<bool>() ? "是" : "否";
  if (field->message_type() == nullptr || value.is_null()) return TextOf(value);
  if (field->message_type() == pb::Timestamp::descriptor()) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(absl::RFC3339_full, TextOf(value), &time, &error)) return ToShort(time, style.now);
  }
  if (!value.is_object()) return TextOf(value);
  if (field->message_type() == google::type::Date::descriptor()) return DayText(value);
  return Inline(value, *field->message_type(), style);
}

// "{content}": which member is set, and what it says.
std::string OneofText(const Json& item, const pb::Descriptor& type, const std::string& oneof, const Style& style) {
  const pb::OneofDescriptor* choice = type.FindOneofByName(oneof);
  for (int i = 0; choice != nullptr && i < choice->field_count(); ++i) {
    const pb::FieldDescriptor* field = choice->field(i);
    if (!item.contains(field->name())) continue;
    return absl::StrCat(LabelOf(*field, style.language), style.language == Language::kChinese ? "：" : ": ",
                        ValueText(item[field->name()], field, style));
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

bool IsWhole(const pb::FieldDescriptor* field, const std::string& path) {
  static constexpr const char* kIds[] = {"name",  "display_code", "case_name", "answer_code",
                                         "owner", "body",         "subject"};
  if (field != nullptr && field->message_type() == pb::Timestamp::descriptor()) return true;
  return std::find(std::begin(kIds), std::end(kIds), path) != std::end(kIds);
}

TableColumn ColumnFor(const pb::Descriptor& type, const std::string& path, const Style& style) {
  const std::string last = path.substr(path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
  const std::string field_name = last.front() == '{' ? last.substr(1, last.size() - 2) : last;
  const pb::FieldDescriptor* field = LeafOf(type, path);
  const std::string head = field == nullptr
                               ? LabelOfField(field_name == "content" ? "summary" : field_name, style.language)
                               : LabelOf(*field, style.language);
  return {head, IsNumber(field), IsWhole(field, path)};
}

void AppendRecord(const Json& value, const pb::Descriptor& type, const Style& style, std::size_t indent,
                  std::string* out);

void AppendField(const std::string& key, const Json& item, const pb::FieldDescriptor* field, const Style& style,
                 std::size_t indent, std::string* out) {
  const std::string lead(indent, ' ');
  const std::string label = field == nullptr ? LabelOfField(key, style.language) : LabelOf(*field, style.language);
  const std::string colon = style.language == Language::kChinese ? "：" : ": ";
  const bool nested = field != nullptr && field->message_type() != nullptr && !field->is_map() &&
                      field->message_type() != pb::Timestamp::descriptor() &&
                      field->message_type() != google::type::Date::descriptor();
  if (nested && item.is_array()) {
    absl::StrAppend(out, lead, label, colon, "\n");
    for (const Json& element : item)
      absl::StrAppend(out, lead, "  - ", Inline(element, *field->message_type(), style), "\n");
  } else if (nested) {
    absl::StrAppend(out, lead, label, colon, "\n");
    AppendRecord(item, *field->message_type(), style, indent + 2, out);
  } else {
    const std::string text = ValueText(item, field, style);
    if (text.find('\n') == std::string::npos) {
      absl::StrAppend(out, lead, label, colon, text, "\n");
    } else {
      absl::StrAppend(out, lead, label, colon, "\n", text, "\n");
    }
  }
}

void AppendRecord(const Json& value, const pb::Descriptor& type, const Style& style, std::size_t indent,
                  std::string* out) {
  for (const auto& [key, item] : value.items()) {
    if (key != "html") AppendField(key, item, type.FindFieldByName(key), style, indent, out);
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
  if (path.front() == '{') return OneofText(item, type, path.substr(1, path.size() - 2), style);
  return ValueText(ValueAt(item, path), LeafOf(type, path), style);
}

std::string RenderList(const std::vector<const pb::Message*>& items, const pb::Descriptor& type,
                       const std::vector<std::string>& columns, Format format, const Style& style) {
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
  std::vector<TableColumn> heads;
  for (const std::string& column : columns) heads.push_back(ColumnFor(type, column, style));
  Table table(std::move(heads));
  for (const Json& item : list) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(CellOf(item, type, column, style));
    table.AddRow(std::move(cells));
  }
  return table.Render(style.width, style.color);
}

std::string RenderMessage(const pb::Message& message, const std::string& text_field, Format format,
                          const Style& style) {
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
  const Json value = ToJson(message, Names::kProto);
  if (!text_field.empty() && ValueAt(value, text_field).is_string()) {
    const std::string text = ValueAt(value, text_field).get<std::string>();
    return absl::EndsWith(text, "\n") ? text : text + "\n";
  }
  std::string out;
  AppendRecord(value, *message.GetDescriptor(), style, 0, &out);
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
