#include "common/config/config.h"

#include <yaml-cpp/yaml.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/files/read.h"
#include "common/status/macros.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it undeclared

namespace xxt::config {
namespace {

absl::Status Wrong(const std::string& why) { return absl::InvalidArgumentError(why); }

// Scalars of a YAML tree as dotted paths.
void Flatten(const YAML::Node& node, const std::string& prefix, std::map<std::string, std::string>* values,
             std::vector<std::string>* problems) {
  if (node.IsMap()) {
    for (const auto& item : node) {
      const std::string key = item.first.as<std::string>();
      Flatten(item.second, prefix.empty() ? key : absl::StrCat(prefix, ".", key), values, problems);
    }
  } else if (node.IsScalar()) {
    (*values)[prefix] = node.as<std::string>();
  } else if (node.IsSequence()) {
    problems->push_back(absl::StrCat(prefix, ": a list is not allowed here"));
  }
}

absl::StatusOr<std::vector<Given>> Gather(absl::string_view service, const std::string& file,
                                          std::vector<std::string>* problems) {
  std::map<std::string, std::string> in_file;
  XXT_ASSIGN_OR_RETURN(const std::string read, files::Read(file));
  try {
    Flatten(YAML::Load(read), "", &in_file, problems);
  } catch (const YAML::Exception& e) {
    return Wrong(absl::StrCat(file, ": ", e.what()));
  }
  std::vector<Given> values;
  for (const auto& [path, text] : in_file) values.push_back({path, text, file});
  const std::string prefix = absl::StrCat("XXT_", absl::AsciiStrToUpper(service), "__");
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text(*variable);
    const auto equals = text.find('=');
    if (!absl::StartsWith(text, prefix) || equals == std::string::npos) continue;
    const std::string name = text.substr(0, equals);
    const std::string path = absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(prefix.size())), {{"__", "."}});
    values.push_back({path, text.substr(equals + 1), name});
  }
  return values;
}

}  // namespace

void Binder::Add(std::string path, std::string doc, std::function<absl::Status(const std::string&)> set,
                 std::function<std::string()> get) {
  entries_[std::move(path)] = Entry{std::move(doc), std::move(set), std::move(get)};
}

void Binder::Field(std::string path, std::string* value, std::string doc) {
  Add(
      std::move(path), std::move(doc),
      [value](const std::string& text) {
        *value = text;
        return absl::OkStatus();
      },
      [value] {
        return absl::StrCat("\"", absl::StrReplaceAll(*value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
      });
}

void Binder::Field(std::string path, int* value, std::string doc) {
  Add(
      std::move(path), std::move(doc),
      [value](const std::string& text) {
        return absl::SimpleAtoi(text, value) ? absl::OkStatus() : Wrong("wants a whole number");
      },
      [value] { return std::to_string(*value); });
}

void Binder::Field(std::string path, bool* value, std::string doc) {
  Add(
      std::move(path), std::move(doc),
      [value](const std::string& text) {
        if (text != "true" && text != "false") return Wrong("wants true or false");
        *value = text == "true";
        return absl::OkStatus();
      },
      [value] { return std::string(*value ? "true" : "false"); });
}

void Binder::Field(std::string path, absl::Duration* value, std::string doc) {
  Add(
      std::move(path), std::move(doc),
      [value](const std::string& text) {
        return absl::ParseDuration(text, value) ? absl::OkStatus() : Wrong("wants a duration like 10s or 1h30m");
      },
      [value] { return absl::FormatDuration(*value); });
}

void Binder::Secret(std::string path, files::Secret* value, std::string doc) {
  const std::string key = path;
  Add(
      std::move(path), std::move(doc),
      [value, key](const std::string& file) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(*value, files::Secret::In(key, file));
        return absl::OkStatus();
      },
      [value] { return std::string(value->empty() ? "\"\"  # not set" : "\"********\""); });
}

struct Loader {
  static absl::Status Run(absl::string_view service, const std::string& file, Binder& binder) {
    std::vector<std::string> problems;
    XXT_ASSIGN_OR_RETURN(const std::vector<Given> values, Gather(service, file, &problems));
    for (const Given& one : values) Set(binder, one.path, one.text, one.source, &problems);
    if (problems.empty()) return absl::OkStatus();
    return Wrong(absl::StrJoin(problems, "\n"));
  }

  static void Set(Binder& binder, const std::string& path, const std::string& text, const std::string& source,
                  std::vector<std::string>* problems) {
    const auto entry = binder.entries_.find(path);
    if (entry == binder.entries_.end()) {
      problems->push_back(absl::StrCat(path, " (from ", source, "): unknown key"));
      return;
    }
    if (const absl::Status status = entry->second.set(text); !status.ok()) {
      problems->push_back(
          absl::StrCat(path, " (from ", source, "): ", std::string(status.message()), ". ", entry->second.doc));
    }
    entry->second.source = source;
  }

  static std::string Show(const Binder& binder) {
    std::string text;
    for (const auto& [path, entry] : binder.entries_) {
      absl::StrAppend(&text, "# ", entry.doc, " [", entry.source, "]\n", path, ": ", entry.get(), "\n");
    }
    return text;
  }
};

absl::StatusOr<std::vector<Given>> Read(absl::string_view service, const std::string& file) {
  std::vector<std::string> problems;
  XXT_ASSIGN_OR_RETURN(std::vector<Given> values, Gather(service, file, &problems));
  if (!problems.empty()) return Wrong(absl::StrJoin(problems, "\n"));
  return values;
}

absl::Status Load(absl::string_view service, const std::string& file, const std::function<void(Binder&)>& bind) {
  Binder binder;
  bind(binder);
  return Loader::Run(service, file, binder);
}

std::string Print(absl::string_view service, const std::string& file, const std::function<void(Binder&)>& bind) {
  Binder binder;
  bind(binder);
  const absl::Status status = Loader::Run(service, file, binder);
  std::string text = Loader::Show(binder);
  if (!status.ok())
    absl::StrAppend(&text, "# problems:\n# ", absl::StrReplaceAll(status.message(), {{"\n", "\n# "}}), "\n");
  return text;
}

}  // namespace xxt::config
