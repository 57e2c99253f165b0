#include "tools/xxt/convert.h"

#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edge/fields.h"
#include "common/files/read.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/text/unicode.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/field.h"

namespace xxt::cli {
namespace {

Json ScalarToJson(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // was quoted
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  std::int64_t whole = 0;
  // Numbers that start with 0 or + are telephones and codes, not numbers.
  const bool plain = text[0] != '+' && !(text.size() > 1 && text[0] == '0' && text[1] != '.');
  if (plain && absl::SimpleAtoi(text, &whole)) return whole;
  double real = 0;
  if (plain && text.find_first_not_of("-.0123456789") == std::string::npos && absl::SimpleAtod(text, &real)) {
    return real;
  }
  return text;
}

Json NodeToJson(const YAML::Node& node) {
  if (node.IsScalar()) return ScalarToJson(node);
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& item : node) list.push_back(NodeToJson(item));
    return list;
  }
  if (node.IsMap()) {
    Json object = Json::object();
    // "<<: *anchor" takes over the keys of another map; own keys win.
    if (const YAML::Node base = node["<<"]; base.IsDefined() && base.IsMap()) object = NodeToJson(base);
    for (const auto& pair : node) {
      if (pair.first.Scalar() != "<<") object[pair.first.Scalar()] = NodeToJson(pair.second);
    }
    return object;
  }
  return nullptr;
}

void Emit(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, item] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(out, item);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << (value.empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (const Json& item : value) Emit(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    const std::size_t line_end = text.find('\n');
    // A block ends in one line break; and what would read back as another
    // type is quoted.
    const bool block =
        line_end != std::string::npos && text.size() > 1 && text.back() == '\n' && text[text.size() - 2] != '\n';
    if (block) {
      out << YAML::Literal;
    } else if (line_end != std::string::npos || !ScalarToJson(YAML::Node(text)).is_string()) {
      out << YAML::DoubleQuoted;
    }
    out << text;
  } else {
    out << value.dump();
  }
}

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field == nullptr ? type.FindFieldByCamelcaseName(name) : field;
}

absl::Status NoSuchField(const Descriptor& type, const std::string& path) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    if (edge::SaidByCallers(*type.field(i))) names.push_back(type.field(i)->name());
  }
  return errors::FieldInvalid(path, absl::StrCat("没有这一项；可以有：", absl::StrJoin(names, "、")),
                              absl::StrCat("is no field; there are ", absl::StrJoin(names, ", ")));
}

absl::Status SpellOut(const Descriptor& type, const std::string& path, Json* value);

absl::Status SpellOutField(const FieldDescriptor& field, const std::string& path, Json* value) {
  if (value->is_array()) {
    for (std::size_t i = 0; i < value->size(); ++i) {
      XXT_RETURN_IF_ERROR(SpellOutField(field, absl::StrCat(path, "[", i, "]"), &(*value)[i]));
    }
    return absl::OkStatus();
  }
  if (field.enum_type() != nullptr && value->is_string()) {
    const auto* known = FindValue(*field.enum_type(), value->get<std::string>());
    if (known == nullptr) return NoSuchValue(*field.enum_type(), path);
    *value = known->name();
  }
  return field.message_type() == nullptr || field.is_map() ? absl::OkStatus()
                                                           : SpellOut(*field.message_type(), path, value);
}

// Puts values of enums as flags take them into the spelling of JSON, and finds names that `type` has not. `path` is
// where it is, empty for the whole. Messages of Google's have a JSON of their own.
absl::Status SpellOut(const Descriptor& type, const std::string& path, Json* value) {
  if (!value->is_object() || absl::StartsWith(type.full_name(), "google.protobuf.")) return absl::OkStatus();
  for (auto item = value->begin(); item != value->end(); ++item) {
    const std::string at = absl::StrCat(path, path.empty() ? "" : ".", item.key());
    const FieldDescriptor* field = FindField(type, item.key());
    if (field == nullptr) return NoSuchField(type, at);
    XXT_RETURN_IF_ERROR(SpellOutField(*field, at, &item.value()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Json> ParseYaml(const std::string& text) {
  try {
    return NodeToJson(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    const int line = error.mark.line + 1;
    const int column = error.mark.column + 1;
    return errors::InBothLanguages(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("第 ", line, " 行第 ", column, " 列不是正确的 YAML 或 JSON（", error.msg, "）"),
        absl::StrCat("line ", line, ", column ", column, ": ", error.msg));
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  absl::StatusOr<std::string> read = std::string();
  if (path == "-") {
    read->assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    read = files::Read(path);
  }
  if (!read.ok()) {
    return errors::InBothLanguages(absl::StatusCode::kNotFound, absl::StrCat("读不了文件 ", path),
                                   absl::StrCat("cannot read ", path));
  }
  if (!text::DecodeUtf8(*read).ok()) {
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, absl::StrCat(path, " 不是 UTF-8 文本"),
                                   absl::StrCat(path, " is not UTF-8"));
  }
  return read;
}

std::string ToYaml(const Json& value) {
  YAML::Emitter out;
  Emit(out, value);
  return absl::StrCat(out.c_str(), "\n");
}

absl::Status MergeJson(const Json& value, google::protobuf::Message* message) {
  Json spelled = value;
  XXT_RETURN_IF_ERROR(SpellOut(*message->GetDescriptor(), "", &spelled));
  const std::unique_ptr<google::protobuf::Message> parsed(message->New());
  const auto status = google::protobuf::util::JsonStringToMessage(spelled.dump(), parsed.get());
  if (!status.ok()) {
    const std::string text(status.message().data(), status.message().size());
    return About(message->GetDescriptor()->name(),
                 errors::InBothLanguages(absl::StatusCode::kInvalidArgument,
                                         absl::StrCat("有的值写法不对（", text, "）"), text));
  }
  message->MergeFrom(*parsed);
  return absl::OkStatus();
}

Json ToJson(const google::protobuf::Message& message, Names names) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = names == Names::kProto;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? Json::parse(text) : Json{{"unprintable", message.GetDescriptor()->full_name()}};
}

Json ValueAt(const Json& value, const std::string& path) {
  const Json* at = &value;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(path, '.', absl::SkipEmpty()))) {
    const std::vector<std::string> pieces = absl::StrSplit(part, '[');
    if (!pieces[0].empty()) {
      if (!at->is_object() || !at->contains(pieces[0])) return nullptr;
      at = &at->at(pieces[0]);
    }
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      std::int64_t index = 0;
      if (!at->is_array() || !absl::SimpleAtoi(pieces[i].substr(0, pieces[i].find(']')), &index)) return nullptr;
      if (index < 0) index += static_cast<std::int64_t>(at->size());
      if (index < 0 || index >= static_cast<std::int64_t>(at->size())) return nullptr;
      at = &at->at(static_cast<std::size_t>(index));
    }
  }
  return *at;
}

}  // namespace xxt::cli
