#include "tools/xxt/nouns.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edge/methods.h"
#include "google/api/resource.pb.h"
#include "tools/xxt/words.h"
#include "xixinting/common/v1/noun.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;
namespace pb = ::google::protobuf;

bool IsNoun(const pb::Descriptor& type) {
  return type.options().HasExtension(google::api::resource) || !type.options().GetExtension(v1::noun).zh().empty();
}

// "Bodies" for "Body".
std::string Plural(const std::string& word) {
  if (absl::EndsWith(word, "y")) return absl::StrCat(word.substr(0, word.size() - 1), "ies");
  for (const char* hiss : {"s", "x", "ch", "sh"}) {
    if (absl::EndsWith(word, hiss)) return absl::StrCat(word, "es");
  }
  return absl::StrCat(word, "s");
}

// What stands in one package under a word, in the singular or plural.
using Key = std::pair<std::string, std::string>;

struct Nouns {
  std::map<Key, const pb::Descriptor*> by_word;
  std::map<std::string, const pb::Descriptor*> by_type;
  std::map<std::string, const pb::Descriptor*> by_pattern;
};

const Nouns& AllNouns() {
  static const Nouns* const kNouns = [] {
    auto* nouns = new Nouns();
    for (const pb::FileDescriptor* file : edge::AllFiles()) {
      for (int i = 0; i < file->message_type_count(); ++i) {
        const pb::Descriptor* type = file->message_type(i);
        if (!IsNoun(*type)) continue;
        nouns->by_word[{file->package(), type->name()}] = type;
        nouns->by_word[{file->package(), Plural(type->name())}] = type;
        nouns->by_type[type->options().GetExtension(google::api::resource).type()] = type;
        nouns->by_pattern[PatternOf(*type)] = type;
      }
    }
    return nouns;
  }();
  return *kNouns;
}

const pb::Descriptor* Find(const std::map<std::string, const pb::Descriptor*>& nouns, const std::string& key) {
  const auto found = nouns.find(key);
  return key.empty() || found == nouns.end() ? nullptr : found->second;
}

// {"Set", "Next", "Action"}.
std::vector<std::string> WordsIn(const std::string& name) {
  std::vector<std::string> words;
  for (const char c : name) {
    if (words.empty() || absl::ascii_isupper(static_cast<unsigned char>(c))) words.emplace_back();
    words.back() += c;
  }
  return words;
}

// "set-next-action".
std::string InKebab(const std::string& name) { return absl::AsciiStrToLower(absl::StrJoin(WordsIn(name), "-")); }

std::string NameOfService(const pb::MethodDescriptor& method) {
  const std::string& name = method.service()->name();
  return absl::EndsWith(name, "Service") ? name.substr(0, name.size() - std::string("Service").size()) : name;
}

// By the end of its name; without a group if that is no noun.
Deed ByItsName(const pb::MethodDescriptor& method) {
  const std::vector<std::string> words = WordsIn(method.name());
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string verb = absl::StrJoin(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), "");
    const std::string rest = method.name().substr(verb.size());
    const auto found = AllNouns().by_word.find({method.file()->package(), rest});
    if (found != AllNouns().by_word.end()) return {InKebab(found->second->name()), InKebab(verb), found->second};
    if (rest == NameOfService(method)) return {InKebab(rest), InKebab(verb), nullptr};
  }
  return {"", InKebab(method.name()), nullptr};
}

// What its `name` or `parent` is; null if it has none, or that refers to nothing.
const pb::Descriptor* ByItsReference(const pb::MethodDescriptor& method) {
  for (const char* name : {"name", "parent"}) {
    const pb::FieldDescriptor* field = method.input_type()->FindFieldByName(name);
    if (field == nullptr) continue;
    const auto& reference = field->options().GetExtension(google::api::resource_reference);
    return Find(AllNouns().by_type, reference.child_type().empty() ? reference.type() : reference.child_type());
  }
  return nullptr;
}

}  // namespace

Deed DeedOf(const pb::MethodDescriptor& method) {
  Deed deed = ByItsName(method);
  if (!deed.group.empty()) return deed;
  deed.noun = ByItsReference(method);
  for (int i = 0; deed.noun == nullptr && i < method.service()->method_count(); ++i) {
    deed.noun = ByItsName(*method.service()->method(i)).noun;
  }
  deed.group = InKebab(deed.noun == nullptr ? NameOfService(method) : deed.noun->name());
  return deed;
}

const pb::Descriptor* NamedBy(const pb::FieldDescriptor& field) {
  const auto& reference = field.options().GetExtension(google::api::resource_reference);
  if (reference.child_type().empty()) return Find(AllNouns().by_type, reference.type());
  const pb::Descriptor* child = Find(AllNouns().by_type, reference.child_type());
  if (child == nullptr) return nullptr;
  std::vector<std::string> parts = absl::StrSplit(PatternOf(*child), '/');
  parts.resize(parts.size() < 2 ? 0 : parts.size() - 2);
  return Find(AllNouns().by_pattern, absl::StrJoin(parts, "/"));
}

std::string PatternOf(const pb::Descriptor& resource) {
  const auto& said = resource.options().GetExtension(google::api::resource);
  return said.pattern_size() == 0 ? "" : said.pattern(0);
}

const pb::FieldDescriptor* ListIn(const pb::MethodDescriptor& method) {
  const pb::Descriptor& response = *method.output_type();
  if (!method.server_streaming() && response.FindFieldByName("next_page_token") == nullptr) return nullptr;
  for (int i = 0; i < response.field_count(); ++i) {
    if (response.field(i)->is_repeated() && response.field(i)->message_type() != nullptr) return response.field(i);
  }
  return nullptr;
}

bool HasColumns(const pb::Descriptor& type) { return !type.options().GetExtension(v1::noun).columns().empty(); }

std::vector<std::string> ColumnsOf(const pb::Descriptor& type) {
  if (HasColumns(type)) {
    return absl::StrSplit(type.options().GetExtension(v1::noun).columns(), ' ', absl::SkipEmpty());
  }
  std::vector<std::string> columns;
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const bool several = field.is_repeated() || field.message_type() != nullptr;
    if (!several && IsForPeople(field) && field.name() != "name" && field.name() != "etag") {
      columns.push_back(field.name());
    }
  }
  if (type.FindFieldByName("name") != nullptr) columns.push_back("name");
  return columns;
}

}  // namespace xxt::cli
