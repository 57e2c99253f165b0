#include "tools/xxt/noun_command.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/type/date.pb.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/edge/callers.h"
#include "common/edge/fields.h"
#include "common/edge/methods.h"
#include "google/api/resource.pb.h"
#include "tools/xxt/context.h"
#include "tools/xxt/field.h"
#include "tools/xxt/nouns.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/words.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;
namespace pb = ::google::protobuf;
using Field = pb::FieldDescriptor;

constexpr char kCases[] = "cases/{case}";
constexpr char kSomeCase[] = "0102-26-000042-1";
// How deep in its body a request still has flags.
constexpr int kDepth = 1;

std::string InKebab(const std::string& name) { return absl::StrReplaceAll(name, {{"_", "-"}}); }

bool IsTime(const Field& field) { return field.message_type() == pb::Timestamp::descriptor(); }
bool IsDay(const Field& field) { return field.message_type() == google::type::Date::descriptor(); }
bool IsStep(const Field& field) { return field.message_type() == pb::Duration::descriptor(); }

// What SetField (field.h) can set from texts.
bool FitsAFlag(const Field& field) {
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return field.type() != Field::TYPE_BYTES;
    case Field::CPPTYPE_ENUM:
      return true;
    case Field::CPPTYPE_BOOL:
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64:
      return !field.is_repeated();
    case Field::CPPTYPE_MESSAGE:
      return !field.is_repeated() && (IsTime(field) || IsDay(field) || IsStep(field));
    default:
      return false;
  }
}

// The pattern of the names that the field takes, as FieldRule.pattern has it.
std::string NamesIn(const Field& field) {
  const std::string& said = field.options().GetExtension(v1::rule).pattern();
  const bool names_a_resource = field.options().HasExtension(google::api::resource_reference);
  return said.empty() && names_a_resource ? edge::NamePatternOf(field) : said;
}

// "cases/" of "cases/{uuid}"; empty for what may begin otherwise.
std::string PrefixIn(const std::string& pattern) {
  const std::size_t slash = pattern.find('/');
  if (slash == std::string::npos) return "";
  const std::string first = pattern.substr(0, slash + 1);
  return std::all_of(first.begin(), first.end() - 1, [](unsigned char c) { return absl::ascii_isalpha(c); }) ? first
                                                                                                             : "";
}

std::vector<std::string> ChoicesIn(const Field& field) {
  if (field.enum_type() != nullptr) return ChoicesOf(*field.enum_type());
  if (field.cpp_type() == Field::CPPTYPE_BOOL && field.has_optional_keyword()) return {"true", "false"};
  if (field.cpp_type() != Field::CPPTYPE_STRING) return {};
  const std::string& pattern = field.options().GetExtension(v1::rule).pattern();
  const bool words =
      absl::c_all_of(pattern, [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '|'; });
  if (!words || pattern.find('|') == std::string::npos) return {};
  return absl::StrSplit(pattern, '|');
}

std::string SomeIdIn(const std::string& collection) {
  static const auto* const kIds = new std::map<std::string, std::string>{
      {"halls", "110102016"}, {"staff", "wang"}, {"bodies", "babaoshan"}, {"channels", "sms"}};
  const auto found = kIds->find(collection);
  return found == kIds->end() ? "0193…" : found->second;
}

// What one may type for a name of the pattern "cases/{case}/promises/{promise}".
std::string SomeName(const std::string& pattern) {
  if (pattern == kCases) return kSomeCase;
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  for (std::size_t i = 1; i < parts.size(); i += 2) parts[i] = SomeIdIn(parts[i - 1]);
  return parts.size() == 2 ? parts[1] : absl::StrJoin(parts, "/");
}

std::string SomeValue(const Flag& flag, const Field& field) {
  if (flag.is_case) return kSomeCase;
  if (!flag.choices.empty()) return flag.choices.front();
  if (!flag.prefix.empty()) return SomeName(NamesIn(field));
  if (IsTime(field)) return "+1d";
  if (IsDay(field)) return "2026-03-02";
  if (IsStep(field)) return "2d";
  const auto format = field.options().GetExtension(v1::format);
  if (format == v1::FORMAT_PHONE) return "13800138010";
  if (format == v1::FORMAT_RESIDENT_ID) return "110102194803150822";
  return field.cpp_type() == Field::CPPTYPE_STRING ? "…" : "1";
}

// "promise" of "cases/{case}/promises/{promise}".
std::string LastVariable(const std::string& pattern) {
  const std::size_t begin = pattern.rfind('{');
  return begin == std::string::npos ? "" : pattern.substr(begin + 1, pattern.rfind('}') - begin - 1);
}

// "cases/…/promises/…".
std::string WithoutIds(const std::string& pattern) {
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  for (std::size_t i = 1; i < parts.size(); i += 2) parts[i] = "…";
  return absl::StrJoin(parts, "/");
}

// What every service serves comes behind what one does.
std::vector<const pb::MethodDescriptor*> MethodsForPeople() {
  std::vector<const pb::MethodDescriptor*> methods = edge::AllMethods();
  const auto for_services = [](const pb::MethodDescriptor* method) {
    return absl::c_all_of(edge::RolesOf(*method), [](const std::string& role) { return role == "service"; });
  };
  methods.erase(std::remove_if(methods.begin(), methods.end(), for_services), methods.end());
  std::stable_partition(methods.begin(), methods.end(),
                        [](const pb::MethodDescriptor* method) { return !ServiceOf(*method).empty(); });
  return methods;
}

// Where fields of a request are, and what is put before the names of their flags.
struct Place {
  std::string flag;  // "lawful-basis-"
  std::string path;  // "referral.lawful_basis."
  std::string lead;  // "提供依据："
  bool in_file = false;
  bool needed = false;  // there must be such a message
};

class Builder {
 public:
  Builder(const pb::MethodDescriptor& method, Language language)
      : method_(method), chinese_(language == Language::kChinese), language_(language), deed_(DeedOf(method)) {}

  Command Build() {
    command_.path = absl::StrCat(deed_.group, " ", deed_.verb);
    command_.help = HelpOf(method_, language_);
    command_.method = &method_;
    command_.callers = edge::RolesOf(method_);
    const std::vector<const Field*> parts = Parts();
    const bool has_body = parts.size() == 1 && !parts.front()->is_repeated();
    if (!parts.empty()) command_.file_field = has_body ? parts.front()->name() : ".";
    AddFieldsOfRequest();
    for (const Field* part : parts) AddPart(*part, has_body);
    PutLast({"etag", "page_size", "page_token"});
    SayWhatAFileSpares();
    if (ServiceOf(method_).empty()) AddService();
    AddExamples();
    return std::move(command_);
  }

 private:
  std::string Text(const std::string& zh, const std::string& en) const { return chinese_ ? zh : en; }

  // The fields that hold messages.
  std::vector<const Field*> Parts() const {
    std::vector<const Field*> parts;
    const pb::Descriptor& request = *method_.input_type();
    for (int i = 0; i < request.field_count(); ++i) {
      const Field& field = *request.field(i);
      if (field.message_type() != nullptr && !FitsAFlag(field) && edge::SaidByCallers(field)) parts.push_back(&field);
    }
    return parts;
  }

  void AddFieldsOfRequest() {
    const pb::Descriptor& request = *method_.input_type();
    Place place;
    place.in_file = command_.file_field == ".";
    place.needed = true;
    for (int i = 0; i < request.field_count(); ++i) {
      const Field& field = *request.field(i);
      if (field.name() == "name" || field.name() == "parent") {
        AddPositional(field);
      } else if (field.name() != "request_id" && FitsAFlag(field) && edge::SaidByCallers(field)) {
        AddFlag(field, place);
      }
    }
  }

  void AddPart(const Field& part, bool is_body) {
    if (part.is_repeated()) {
      command_.file_required = command_.file_required || edge::Required(part);
      return;
    }
    Place place;
    place.path = absl::StrCat(part.name(), ".");
    place.in_file = true;
    place.needed = edge::Required(part);
    if (!is_body) LeadWith(part, &place);
    AddFieldsOf(*part.message_type(), place, kDepth);
  }

  void LeadWith(const Field& part, Place* place) const {
    absl::StrAppend(&place->flag, InKebab(part.name()), "-");
    absl::StrAppend(&place->lead, LabelOf(part, language_), Text("：", ": "));
  }

  void AddFieldsOf(const pb::Descriptor& type, const Place& place, int depth) {
    for (int i = 0; i < type.field_count(); ++i) {
      const Field& field = *type.field(i);
      if (!edge::SaidByCallers(field)) continue;
      if (FitsAFlag(field)) {
        AddFlag(field, place);
      } else if (field.message_type() != nullptr && !field.is_repeated() && depth > 0) {
        Place inside = place;
        absl::StrAppend(&inside.path, field.name(), ".");
        inside.needed = place.needed && edge::Required(field);
        LeadWith(field, &inside);
        AddFieldsOf(*field.message_type(), inside, depth - 1);
      } else if (place.needed && edge::Required(field)) {
        command_.file_required = true;
      }
    }
  }

  void AddPositional(const Field& field) {
    const pb::Descriptor* named = NamedBy(field);
    const std::string pattern = named == nullptr ? "" : PatternOf(*named);
    const std::string last = LastVariable(pattern);
    const std::string what = last.empty() ? absl::StrReplaceAll(deed_.group, {{"-", "_"}}) : last;
    if (named == nullptr) named = deed_.noun;
    Flag flag;
    flag.name = absl::AsciiStrToUpper(what);
    flag.field = field.name();
    flag.required = edge::Required(field);
    flag.prefix = PrefixIn(pattern.empty() ? NamesIn(field) : pattern);
    flag.is_case = pattern == kCases;
    const std::string zh = named == nullptr ? "" : HelpOf(*named, Language::kChinese);
    const std::string en = absl::StrCat("the ", absl::StrReplaceAll(what, {{"_", " "}}));
    if (flag.is_case) {
      flag.help = Text("受理号或诉求编号", "the case: display code or id");
    } else if (absl::c_count(pattern, '/') > 1) {
      flag.help = Text(absl::StrCat(zh, "：", WithoutIds(pattern)), absl::StrCat(en, ": ", WithoutIds(pattern)));
    } else {
      flag.help = Text(absl::StrCat(zh, "的编号"), en);
    }
    if (flag.required) absl::StrAppend(&example_, " ", pattern.empty() ? "…" : SomeName(pattern));
    command_.flags.push_back(std::move(flag));
  }

  void AddFlag(const Field& field, const Place& place) {
    Flag flag;
    flag.field = absl::StrCat(place.path, field.name());
    flag.name = absl::StrCat("--", place.flag, InKebab(field.name()));
    if (!names_.insert(flag.name).second) {
      flag.name = absl::StrCat("--", absl::StrReplaceAll(flag.field, {{"_", "-"}, {".", "-"}}));
      if (!names_.insert(flag.name).second) return;  // a file can still say it
    }
    flag.in_file = place.in_file;
    flag.required = place.needed && edge::Required(field);
    if (field.is_repeated()) {
      flag.kind = Flag::Kind::kList;
    } else if (field.cpp_type() == Field::CPPTYPE_BOOL && !field.has_optional_keyword()) {
      flag.kind = Flag::Kind::kSwitch;
    }
    flag.choices = ChoicesIn(field);
    const std::string names = field.cpp_type() == Field::CPPTYPE_STRING ? NamesIn(field) : "";
    flag.prefix = PrefixIn(names);
    flag.is_case = names == "cases/{uuid}";
    flag.help = absl::StrCat(place.lead, HelpOf(field, language_), Hint(field, flag));
    // Of a choice one is needed: no request has one that may be left out.
    const pb::OneofDescriptor* choice = place.path.empty() ? field.real_containing_oneof() : nullptr;
    const bool chosen = choice != nullptr && choice->field(0) == &field;
    if (flag.required || chosen) absl::StrAppend(&needed_, " ", flag.name, " ", SomeValue(flag, field));
    if (flag.required && !flag.in_file) absl::StrAppend(&beside_file_, " ", flag.name, " ", SomeValue(flag, field));
    command_.flags.push_back(std::move(flag));
  }

  std::string Hint(const Field& field, const Flag& flag) const {
    std::string hint;
    if (IsTime(field)) hint = Text("（如 2026-03-02T09:00 或 +2d）", " (2026-03-02T09:00 or +2d)");
    if (IsDay(field)) hint = Text("（如 2026-03-02）", " (2026-03-02)");
    if (IsStep(field)) hint = Text("（如 2d）", " (2d)");
    if (flag.kind == Flag::Kind::kList) hint = Text("（可多个，用逗号分开）", " (may be several, with commas)");
    return hint;
  }

  // Where the file may be left away, what is needed then.
  void SayWhatAFileSpares() {
    for (Flag& flag : command_.flags) {
      const bool spared = flag.required && flag.in_file && !command_.file_required;
      if (spared) absl::StrAppend(&flag.help, Text("；没有 -f 时必填", "; needed without -f"));
    }
  }

  // What every noun has comes behind what this one has.
  void PutLast(const std::set<std::string>& fields) {
    std::stable_partition(command_.flags.begin(), command_.flags.end(),
                          [&fields](const Flag& flag) { return fields.count(flag.field) == 0; });
  }

  // Each service serves it, for what it has itself.
  void AddService() {
    Flag flag;
    flag.name = "--service";
    flag.help = Text("哪个服务；默认都问", "which service; all by default");
    flag.choices = AllServices();
    command_.flags.push_back(std::move(flag));
  }

  void AddExamples() {
    std::string as;
    for (const Person& person : SeededPeople()) {
      const bool may = absl::c_any_of(
          person.roles, [this](const std::string& role) { return absl::c_linear_search(command_.callers, role); });
      if (may && as.empty()) as = absl::StrCat(" --as ", person.name);
    }
    const std::string begin = absl::StrCat("xxt ", command_.path, example_);
    const bool whole = command_.file_field == ".";
    const std::string file = absl::StrCat(" -f ", whole ? deed_.verb : InKebab(command_.file_field), ".yaml");
    if (!command_.file_required && (!needed_.empty() || command_.file_field.empty())) {
      command_.examples.push_back(absl::StrCat(begin, needed_, as));
    }
    if (!command_.file_field.empty()) command_.examples.push_back(absl::StrCat(begin, beside_file_, file, as));
  }

  const pb::MethodDescriptor& method_;
  const bool chinese_;
  const Language language_;
  const Deed deed_;
  Command command_;
  std::string example_;      // positionals
  std::string beside_file_;  // flags that no file says
  std::string needed_;       // flags
  // Flags that every command has are not taken by fields.
  std::set<std::string> names_ = {"--context",    "--as",       "--output",  "--lang", "--timeout", "--repeat-for",
                                  "--request-id", "--no-color", "--version", "--help", "--file",    "--service"};
};

}  // namespace

std::vector<Command> NounCommands(Language language) {
  std::vector<Command> commands;
  for (const pb::MethodDescriptor* method : MethodsForPeople()) commands.push_back(Builder(*method, language).Build());
  return commands;
}

std::vector<Group> NounGroups(Language language) {
  std::vector<Group> groups;
  for (const pb::MethodDescriptor* method : MethodsForPeople()) {
    const Deed deed = DeedOf(*method);
    if (deed.noun != nullptr) groups.push_back({deed.group, HelpOf(*deed.noun, language)});
  }
  return groups;
}

}  // namespace xxt::cli
