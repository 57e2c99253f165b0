#include "tools/xxt/commands.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_replace.h"
#include "tools/xxt/api_command.h"
#include "tools/xxt/clock_command.h"
#include "tools/xxt/completion.h"
#include "tools/xxt/doctor.h"
#include "tools/xxt/noun_command.h"
#include "tools/xxt/route_sheet_command.h"
#include "tools/xxt/scenario_command.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/task_command.h"
#include "tools/xxt/token_command.h"

namespace xxt::cli {
namespace {

// The commands made by hand, in one language.
class ByHand {
 public:
  explicit ByHand(Language language) : chinese_(language == Language::kChinese) {}

  std::vector<Command> Commands() const {
    return {RouteSheetPrint(), ApiLs(),     ApiDescribe(), ApiCall(),      ScenarioRun(),
            Doctor(),          TokenKeys(), TokenMint(),   ClockAdvance(), Completion()};
  }

  std::vector<Group> Groups() const {
    return {{"api", Text("直接调用接口的任一方法", "any method")},
            {"scenario", Text("故事", "stories")},
            {"token", Text("凭证", "tokens and keys")},
            {"clock", Text("业务时间", "business time")}};
  }

 private:
  std::string Text(const char* zh, const char* en) const { return chinese_ ? zh : en; }

  Flag Needed(const char* name, const char* zh, const char* en) const {
    return {.name = name, .help = Text(zh, en), .required = true};
  }
  Flag Optional(const char* name, const char* zh, const char* en) const { return {.name = name, .help = Text(zh, en)}; }
  Flag Switch(const char* name, const char* zh, const char* en) const {
    return {.name = name, .help = Text(zh, en), .kind = Flag::Kind::kSwitch};
  }

  Command RouteSheetPrint() const {
    return {
        .path = "route-sheet print",
        .help = Text("打印最新的办理路线，大字", "print the latest route sheet, in large print"),
        .flags = {Needed("REFERRAL", "协查的编号", "the referral"),
                  Switch("--html", "打印网页，供浏览器打印", "print it as a page for a browser")},
        .examples = {"xxt route-sheet print 0193… --as staff/wang", "xxt route-sheet print 0193… --html > route.html"},
        .handler = RouteSheetPrintCommand};
  }
  Command ApiLs() const {
    return {.path = "api ls", .help = Text("列出全部方法", "list every method"), .handler = ApiListCommand};
  }
  Command ApiDescribe() const {
    return {.path = "api describe",
            .help = Text("看一个方法的请求与应答", "show a method's request and response"),
            .flags = {Needed("METHOD", "方法", "the method")},
            .examples = {"xxt api describe CaseService/GetCase"},
            .handler = ApiDescribeCommand};
  }
  Command ApiCall() const {
    Flag service = Optional("--service", "哪个服务", "which service");
    service.choices = AllServices();
    return {.path = "api call",
            .help = Text("调用一个方法", "call any method"),
            .flags = {Needed("METHOD", "方法", "the method"),
                      Optional("-d,--data", "请求：JSON、YAML 或 @文件", "the request: JSON, YAML or @file"), service},
            .examples = {"xxt api call CaseService/ListCases -d '{\"page_size\": 5}' --as staff/wang"},
            .handler = ApiCallCommand};
  }
  Command ScenarioRun() const {
    Flag files = Needed("FILE", "故事文件", "story files");
    files.kind = Flag::Kind::kList;
    return {.path = "scenario run",
            .help = Text("演一遍故事，逐步核对", "play stories and check every step"),
            .flags = {files, Switch("--narrate", "边演边讲", "tell the story as it happens"),
                      Optional("--junit", "写 JUnit XML 报告", "write a JUnit XML report")},
            .examples = {"xxt scenario run tests/stories/shen.yaml --narrate"},
            .handler = ScenarioRunCommand};
  }
  Command Doctor() const {
    return {.path = "doctor",
            .help = Text("检查各服务是否正常", "check every service, and say what to do"),
            .flags = {Optional("--wait", "最多等多久", "how long to wait for them"),
                      Switch("--serving", "只看能否服务", "only whether they serve")},
            .examples = {"xxt doctor", "xxt doctor --serving --wait 20s"},
            .handler = DoctorCommand};
  }
  Command TokenKeys() const {
    return {.path = "token keys",
            .help = Text("生成开发用密钥", "make the keys of a development instance"),
            .flags = {Needed("--out", "放在哪个目录", "the folder")},
            .examples = {"xxt token keys --out build/run/dev/keys"},
            .handler = TokenKeysCommand};
  }
  Command TokenMint() const {
    return {.path = "token mint",
            .help = Text("签发十分钟的凭证", "make a token for ten minutes"),
            .examples = {"xxt token mint --as staff/wang"},
            .handler = TokenMintCommand};
  }
  Command ClockAdvance() const {
    return {.path = "clock advance",
            .help = Text("拨快业务时间（仅测试）", "move business time forward (test builds)"),
            .flags = {Optional("DURATION", "拨快多少：2d", "how far: 2d"),
                      Optional("--to", "拨到何时：09:00 或 2026-03-02T09:00", "to when: 09:00 or 2026-03-02T09:00")},
            .examples = {"xxt clock advance 2d", "xxt clock advance --to 09:00"},
            .handler = ClockAdvanceCommand};
  }
  Command Completion() const {
    Flag shell = Needed("SHELL", "bash 或 zsh", "bash or zsh");
    shell.choices = {"bash", "zsh"};
    return {.path = "completion",
            .help = Text("打印命令补全脚本", "print a completion script"),
            .flags = {shell},
            .examples = {"source <(xxt completion bash)"},
            .handler = CompletionCommand};
  }

  const bool chinese_;
};

Command* Find(std::vector<Command>& commands, const std::string& path) {
  const auto found =
      std::find_if(commands.begin(), commands.end(), [&path](const Command& command) { return command.path == path; });
  return found == commands.end() ? nullptr : &*found;
}

void Rename(Command* command, const std::string& path) {
  if (command == nullptr) return;
  for (std::string& example : command->examples) example = absl::StrReplaceAll(example, {{command->path, path}});
  command->path = path;
}

// A task is taken for whoever has not taken it.
void TakeFirst(Command* command, Language language) {
  if (command == nullptr) return;
  command->prepare = TakeTask;
  for (Flag& flag : command->flags) {
    if (flag.field != "lease_token") continue;
    flag.required = false;
    flag.help += language == Language::kChinese ? "；默认重新领取" : "; the task is taken anew by default";
  }
  for (std::string& example : command->examples) example = absl::StrReplaceAll(example, {{" --lease-token …", ""}});
}

// What a basis is recorded in is needed but for one kind of it, which protos say in words only.
void ShowTheRecord(Command* command) {
  if (command == nullptr) return;
  for (std::string& example : command->examples) {
    example = absl::StrReplaceAll(
        example, {{" --lawful-basis-purpose …",
                   " --lawful-basis-purpose … --lawful-basis-recorded-in cases/0193…/contacts/0193…"}});
  }
}

}  // namespace

std::vector<Command> Commands(Language language) {
  std::vector<Command> all = NounCommands(language);
  // A counter types this all day.
  Rename(Find(all, "case hand-off-from-counter"), "case hand-off");
  TakeFirst(Find(all, "task complete"), language);
  if (Command* complete = Find(all, "task complete"); complete != nullptr) complete->restore = GiveTaskBack;
  TakeFirst(Find(all, "task release"), language);
  ShowTheRecord(Find(all, "referral create"));
  for (Command& command : ByHand(language).Commands()) {
    if (Command* derived = Find(all, command.path); derived != nullptr) {
      *derived = std::move(command);
    } else {
      all.push_back(std::move(command));
    }
  }
  return all;
}

std::vector<Group> CommandGroups(Language language) {
  std::vector<Group> groups = NounGroups(language);
  for (Group& group : ByHand(language).Groups()) groups.push_back(std::move(group));
  return groups;
}

}  // namespace xxt::cli
