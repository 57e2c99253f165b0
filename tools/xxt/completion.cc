#include "tools/xxt/completion.h"

#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "tools/xxt/session.h"

namespace xxt::cli {
namespace {

constexpr char kGlobalFlags[] =
    "--context --as -o --output --lang --timeout --repeat-for --request-id --no-color --help --version";
// "CaseService/GetCase": as much of a method's name as says which.
constexpr char kMethods[] = "$(xxt api ls 2>/dev/null | sed 's/.*[.]//')";

using Words = std::map<std::string, std::set<std::string>>;

struct Completions {
  Words by_path;  // what may follow "case": "get list …"
  Words by_flag;  // the values of "case list --states"
};

void AddFlags(const Command& command, Completions* all) {
  std::set<std::string>& words = all->by_path[command.path];
  for (const Flag& flag : command.flags) {
    for (const std::string& name : std::vector<std::string>(absl::StrSplit(flag.name, ','))) {
      if (!absl::StartsWith(name, "-")) {
        words.insert(flag.choices.begin(), flag.choices.end());
        continue;
      }
      words.insert(name);
      if (flag.choices.empty()) continue;
      all->by_flag[absl::StrCat(command.path, " ", name)].insert(flag.choices.begin(), flag.choices.end());
    }
  }
  if (!command.file_field.empty()) words.insert("-f");
}

Completions AllCompletions() {
  Completions all;
  for (const Command& command : Commands(Language::kChinese)) {
    const std::vector<std::string> parts = absl::StrSplit(command.path, ' ');
    all.by_path[""].insert(parts[0]);
    if (parts.size() > 1) all.by_path[parts[0]].insert(parts[1]);
    AddFlags(command, &all);
  }
  all.by_path["api describe"].insert(kMethods);
  all.by_path["api call"].insert(kMethods);
  return all;
}

std::string CasesOf(const Words& words, const char* variable) {
  std::string cases;
  for (const auto& [path, list] : words) {
    absl::StrAppend(&cases, "    \"", path, "\") ", variable, "=\"", absl::StrJoin(list, " "), "\" ;;\n");
  }
  return cases;
}

}  // namespace

std::string BashCompletion() {
  const Completions all = AllCompletions();
  return absl::StrCat(R"sh(_xxt() {
  local path='' words='' values='' word='' skip='' current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  case $previous in
    -f|--file|--context|--junit|--out) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W 'table json yaml name' -- "$current")); return ;;
    --lang) COMPREPLY=($(compgen -W 'zh en' -- "$current")); return ;;
    --as|--timeout|--repeat-for|--request-id) return ;;
  esac
  local parts=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $skip ]]; then skip=''; continue; fi
    case $word in
      --context|--as|-o|--output|--lang|--timeout|--repeat-for|--request-id) skip=yes ;;
      -*) ;;
      *) parts+=("$word") ;;
    esac
  done
  path="${parts[*]:0:2}"
  case $path in
    completion*|doctor*) path=${parts[0]} ;;
  esac
  case "$path $previous" in
)sh",
                      CasesOf(all.by_flag, "values"), R"sh(  esac
  if [[ $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$current")); return; fi
  case $path in
)sh",
                      CasesOf(all.by_path, "words"), "  esac\n  COMPREPLY=($(compgen -W \"$words ", kGlobalFlags,
                      "\" -- \"$current\"))\n}\ncomplete -o default -F _xxt xxt\n");
}

absl::StatusOr<ExitCode> CompletionCommand(Session&, const Arguments& arguments) {
  const std::string shell = arguments.Get("SHELL");
  if (shell != "bash" && shell != "zsh")
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "只有 bash 和 zsh 的补全",
                                   "completion: bash or zsh");
  if (shell == "zsh") std::cout << "autoload -U +X bashcompinit && bashcompinit\n";
  std::cout << BashCompletion();
  return kOk;
}

}  // namespace xxt::cli
