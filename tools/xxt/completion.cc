#include "tools/xxt/completion.h"

#include <iostream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/xxt/field.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"

namespace xxt::cli {
namespace {

constexpr char kGlobalFlags[] = "--context --as -o --lang --timeout --request-id --no-color --help --version";

void AddFlags(const CommandSpec& command, std::set<std::string>* words) {
  for (const FlagSpec& flag : command.flags) {
    for (const std::string& name : std::vector<std::string>(absl::StrSplit(flag.name, ','))) {
      if (absl::StartsWith(name, "-")) words->insert(name);
    }
    // Positionals of an enum type are completed by their values.
    if (absl::StartsWith(flag.name, "-") || flag.field.empty() || command.method.empty()) continue;
    const auto method = FindMethod(command.method);
    if (!method.ok()) continue;
    const auto field = FieldAt(*(*method)->input_type(), flag.field);
    if (field.ok() && (*field)->enum_type() != nullptr) {
      for (const std::string& choice : ChoicesOf(*(*field)->enum_type())) words->insert(choice);
    }
  }
  if (!command.file_field.empty()) words->insert("-f");
}

// What may follow each command path: "case" → "get list …".
std::map<std::string, std::set<std::string>> WordsByPath() {
  std::map<std::string, std::set<std::string>> words;
  for (const CommandSpec& command : Commands()) {
    const std::vector<std::string> parts = absl::StrSplit(command.path, ' ');
    words[""].insert(parts[0]);
    if (parts.size() > 1) words[parts[0]].insert(parts[1]);
    AddFlags(command, &words[command.path]);
  }
  words["api describe"].insert("$(xxt api ls 2>/dev/null)");
  words["api call"].insert("$(xxt api ls 2>/dev/null)");
  words["completion"].insert({"bash", "zsh"});
  return words;
}

}  // namespace

std::string BashCompletion() {
  std::string cases;
  for (const auto& [path, words] : WordsByPath()) {
    absl::StrAppend(&cases, "    \"", path, "\") words=\"", absl::StrJoin(words, " "), "\" ;;\n");
  }
  return absl::StrCat(R"sh(_xxt() {
  local word path='' words='' current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  case $previous in
    -f|--file|--context|--junit) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o) COMPREPLY=($(compgen -W 'table json yaml name' -- "$current")); return ;;
    --lang) COMPREPLY=($(compgen -W 'zh en' -- "$current")); return ;;
    --service) COMPREPLY=($(compgen -W 'intake referral notification' -- "$current")); return ;;
  esac
  local parts=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || parts+=("$word")
  done
  path="${parts[*]:0:2}"
  case $path in
    completion*|doctor*) path=${parts[0]} ;;
  esac
  case $path in
)sh",
                      cases, "  esac\n  COMPREPLY=($(compgen -W \"$words ", kGlobalFlags,
                      "\" -- \"$current\"))\n}\ncomplete -o default -F _xxt xxt\n");
}

absl::StatusOr<ExitCode> CompletionCommand(Session&, const Arguments& arguments) {
  const std::string shell = arguments.Get("SHELL");
  if (shell != "bash" && shell != "zsh") return absl::InvalidArgumentError("completion: bash or zsh");
  if (shell == "zsh") std::cout << "autoload -U +X bashcompinit && bashcompinit\n";
  std::cout << BashCompletion();
  return kOk;
}

}  // namespace xxt::cli
