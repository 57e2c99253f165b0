#include "services/notification/template/load_templates.h"

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/notification/template/templates_data.h"

namespace xxt::notification {
namespace {

absl::Status Unfit(absl::string_view id, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("templates/", id, ".yaml: ", why));
}

// Refuses keys that are in neither list, so that a slip of the pen is found,
// and misses none of the first.
absl::Status CheckKeys(absl::string_view id, absl::string_view where, const YAML::Node& node,
                       std::initializer_list<absl::string_view> known,
                       std::initializer_list<absl::string_view> optional = {}) {
  if (!node.IsMap()) return Unfit(id, absl::StrCat(where, " must be a map"));
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>();
    bool found = false;
    for (const auto& keys : {known, optional}) {
      for (const absl::string_view one : keys) found = found || one == key;
    }
    if (!found) return Unfit(id, absl::StrCat(where, " has no key ", key));
  }
  for (const absl::string_view key : known) {
    if (!node[std::string(key)]) return Unfit(id, absl::StrCat(where, ".", key, " is missing"));
  }
  return absl::OkStatus();
}

std::string TextOf(const YAML::Node& node) {
  std::string text = node.as<std::string>();
  absl::StripAsciiWhitespace(&text);
  return text;
}

// May throw YAML::Exception.
absl::StatusOr<TemplateSource> Read(const std::string& id, const YAML::Node& root) {
  if (const absl::Status keys =
          CheckKeys(id, "the file", root, {"version", "urgent", "headline", "parameters", "words"}, {"true_until"});
      !keys.ok()) {
    return keys;
  }
  TemplateSource source;
  source.id = id;
  source.version = root["version"].as<int>();
  source.urgent = root["urgent"].as<bool>();
  source.headline = TextOf(root["headline"]);
  if (root["true_until"]) source.true_until = TextOf(root["true_until"]);
  for (const auto& entry : root["parameters"]) {
    const std::string name = entry.first.as<std::string>();
    if (const absl::Status keys = CheckKeys(id, name, entry.second, {"type", "sample"}); !keys.ok()) return keys;
    source.parameters[name] = {TextOf(entry.second["type"]), TextOf(entry.second["sample"])};
  }
  for (const auto& entry : root["words"]) {
    const std::string language = entry.first.as<std::string>();
    if (const absl::Status keys = CheckKeys(id, language, entry.second, {"sms", "call"}, {"late", "easy"}); !keys.ok())
      return keys;
    source.words[language] = {TextOf(entry.second["sms"]), TextOf(entry.second["call"]), ""};
    if (entry.second["late"]) source.words[language].late = TextOf(entry.second["late"]);
    if (entry.second["easy"]) source.words[language].easy = TextOf(entry.second["easy"]);
  }
  return source;
}

}  // namespace

absl::StatusOr<TemplateSource> ReadTemplate(const std::string& id, const std::string& yaml) {
  try {
    return Read(id, YAML::Load(yaml));
  } catch (const YAML::Exception& e) {
    return Unfit(id, e.what());
  }
}

absl::StatusOr<Catalogue> LoadCatalogue() {
  std::vector<TemplateSource> sources;
  for (const TemplateFile& file : TemplateFiles()) {
    absl::StatusOr<TemplateSource> source = ReadTemplate(file.id, file.text);
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
  }
  return Catalogue::Make(sources);
}

}  // namespace xxt::notification
