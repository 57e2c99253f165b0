#include "tools/xxt/commands.h"

#include "tools/xxt/api_command.h"
#include "tools/xxt/clock_command.h"
#include "tools/xxt/completion.h"
#include "tools/xxt/doctor.h"
#include "tools/xxt/scenario_command.h"
#include "tools/xxt/task_command.h"
#include "tools/xxt/token_command.h"

namespace xxt::cli {
namespace {

using Kind = FlagSpec::Kind;

std::string Message(const std::string& method) { return "xixinting.notification.v1.MessageService/" + method; }

const FlagSpec kMessage = {"MESSAGE", "name", {"消息编号", "the message"}, true, "messages/"};
const FlagSpec kTask = {"TASK", "", {"任务编号", "the task"}, true, "tasks/", Kind::kText};
const FlagSpec kService = {
    "--service", "", {"intake、referral 或 notification；默认都问", "intake, referral or notification; all by default"},
    false,       "", Kind::kText};
const FlagSpec kLease = {"--lease", "", {"领取凭据；默认重新领取", "from `take`; taken anew by default"},
                         false,     "", Kind::kText};

std::vector<CommandSpec> MessageCommands() {
  return {
      {.path = "message get",
       .help = {"查看一条消息", "read one message"},
       .method = Message("GetMessage"),
       .flags = {kMessage},
       .examples = {"xxt message get 0193… --as staff/wang"}},
      {.path = "message list",
       .help = {"列出消息，新的在前", "list messages, newest first"},
       .method = Message("ListMessages"),
       .flags = {{"--case", "case_name", {"哪件诉求", "of this case"}, false, "cases/"},
                 {"--state", "state", {"哪种状态", "in this state"}},
                 {"--page-size", "page_size", {"最多几条", "at most this many"}},
                 {"--page-token", "page_token", {"从哪一页起", "page to go on from"}}},
       .list = "messages",
       .columns = {"create_time", "template", "state", "state_reason", "name"},
       .examples = {"xxt message list --case 0193… --as staff/wang"}},
      {.path = "message preview",
       .help = {"看将要发出的原文", "the exact words; sends nothing"},
       .method = Message("PreviewMessage"),
       .flags = {},
       .file_field = "message",
       .file_required = true,
       .examples = {"xxt message preview -f message.yaml"}},
      {.path = "message resolve",
       .help = {"说明一条结果不明的消息", "say what became of a message in doubt"},
       .method = Message("ResolveInDoubt"),
       .flags = {kMessage,
                 {"RESOLUTION", "resolution", {"received、send-again 或 call", "received, send-again or call"}, true},
                 {"--note", "note", {"为什么", "why"}}},
       .examples = {"xxt message resolve 0193… received --as staff/wang"}},
  };
}

std::vector<CommandSpec> TaskCommands() {
  return {
      {.path = "task list",
       .help = {"待办，最急的在前", "what is to be done, the most urgent first"},
       .method = "",
       .flags =
           {kService,
            {"--subject", "", {"关于哪一件", "about this resource"}, false, "", Kind::kText},
            {"--lane", "", {"desk、urgent、normal 或 bulk", "desk, urgent, normal or bulk"}, false, "", Kind::kText},
            {"--future", "", {"也列出未到时间的", "also those whose time has not come"}, false, "", Kind::kSwitch},
            {"--page-size",
             "",
             {"每个服务最多几条；默认 50", "at most this many of each service; 50"},
             false,
             "",
             Kind::kText},
            {"--page-token",
             "",
             {"从哪一页起，连同 --service", "page to go on from, with --service"},
             false,
             "",
             Kind::kText}},
       .list = "tasks",
       .columns = {"next_action_time", "kind", "state", "assignee", "summary", "outcomes", "name"},
       .examples = {"xxt task list --as staff/wang", "xxt task list --as staff/wang --service referral --page-size 20"},
       .handler = ListTasksCommand},
      {.path = "task get",
       .help = {"查看一项待办", "read one task"},
       .method = "",
       .flags = {kTask, kService},
       .examples = {"xxt task get 0193… --as staff/wang"},
       .handler = GetTaskCommand},
      {.path = "task take",
       .help = {"领取一项，一小时", "take a task, for an hour"},
       .method = "",
       .flags = {kTask, kService},
       .examples = {"xxt task take 0193… --as staff/wang"},
       .handler = TakeTaskCommand},
      {.path = "task release",
       .help = {"退回一项", "give a task back undone"},
       .method = "",
       .flags = {kTask, kService, kLease},
       .examples = {"xxt task release 0193… --as staff/wang"},
       .handler = ReleaseTaskCommand},
      {.path = "task done",
       .help = {"办完一项，写明结果", "settle a task with what came of it"},
       .method = "",
       .flags = {kTask,
                 {"OUTCOME", "", {"结果，如 reached", "what came of it, such as reached"}, true, "", Kind::kText},
                 {"--note", "", {"说了什么、查到什么", "what was said or found"}, false, "", Kind::kText},
                 {"--next", "", {"何时再办：+2d", "when to act next: +2d"}, false, "", Kind::kText},
                 kService,
                 kLease},
       .examples = {"xxt task done 0193… reached --note 已告知 --as staff/wang"},
       .handler = CompleteTaskCommand},
      {.path = "task requeue",
       .help = {"让失败的任务再试", "try a dead task again"},
       .method = "",
       .flags = {kTask, kService},
       .examples = {"xxt task requeue 0193… --as staff/ops"},
       .handler = RequeueTaskCommand},
  };
}

std::vector<CommandSpec> DeveloperCommands() {
  return {
      {.path = "api ls",
       .help = {"列出全部方法", "list every method"},
       .method = "",
       .flags = {},
       .handler = ApiListCommand},
      {.path = "api describe",
       .help = {"看一个方法的请求与应答", "show a method's request and response"},
       .method = "",
       .flags = {{"METHOD", "", {"方法", "the method"}, true, "", Kind::kText}},
       .examples = {"xxt api describe CaseService/GetCase"},
       .handler = ApiDescribeCommand},
      {.path = "api call",
       .help = {"调用任一方法", "call any method"},
       .method = "",
       .flags = {{"METHOD", "", {"方法", "the method"}, true, "", Kind::kText},
                 {"-d,--data",
                  "",
                  {"请求：JSON、YAML 或 @文件", "the request: JSON, YAML or @file"},
                  false,
                  "",
                  Kind::kText},
                 kService},
       .examples = {"xxt api call CaseService/ListCases -d '{\"page_size\": 5}' --as staff/wang"},
       .handler = ApiCallCommand},
      {.path = "scenario run",
       .help = {"演一遍故事，逐步核对", "play stories and check every step"},
       .method = "",
       .flags = {{"FILE", "", {"故事文件", "story files"}, true, "", Kind::kList},
                 {"--narrate", "", {"边演边讲", "tell the story as it happens"}, false, "", Kind::kSwitch},
                 {"--junit", "", {"写 JUnit XML 报告", "write a JUnit XML report"}, false, "", Kind::kText}},
       .examples = {"xxt scenario run tests/stories/shen.yaml --narrate"},
       .handler = ScenarioRunCommand},
      {.path = "doctor",
       .help = {"检查各服务是否正常", "check every service, and say what to do"},
       .method = "",
       .flags = {{"--wait", "", {"最多等多久", "how long to wait for them"}, false, "", Kind::kText},
                 {"--serving", "", {"只看能否服务", "only whether they serve"}, false, "", Kind::kSwitch}},
       .examples = {"xxt doctor", "xxt doctor --serving --wait 20s"},
       .handler = DoctorCommand},
      {.path = "token keys",
       .help = {"生成开发用密钥", "make the keys of a development instance"},
       .method = "",
       .flags = {{"--out", "", {"放在哪个目录", "the folder"}, true, "", Kind::kText}},
       .examples = {"xxt token keys --out build/run/dev/keys"},
       .handler = TokenKeysCommand},
      {.path = "token mint",
       .help = {"签发十分钟的凭证", "make a token for ten minutes"},
       .method = "",
       .flags = {},
       .examples = {"xxt token mint --as staff/wang"},
       .handler = TokenMintCommand},
      {.path = "clock advance",
       .help = {"拨快业务时间（仅测试）", "move business time forward (test builds)"},
       .method = "",
       .flags = {{"DURATION", "", {"拨快多少：2d", "how far: 2d"}, false, "", Kind::kText},
                 {"--to", "", {"拨到何时：09:00 或 2026-03-02T09:00", "to when"}, false, "", Kind::kText}},
       .examples = {"xxt clock advance 2d", "xxt clock advance --to 09:00"},
       .handler = ClockAdvanceCommand},
      {.path = "completion",
       .help = {"打印命令补全脚本", "print a completion script"},
       .method = "",
       .flags = {{"SHELL", "", {"bash 或 zsh", "bash or zsh"}, true, "", Kind::kText}},
       .examples = {"source <(xxt completion bash)"},
       .handler = CompletionCommand},
  };
}

}  // namespace

std::vector<CommandSpec> OtherCommands() {
  std::vector<CommandSpec> all;
  for (const auto& group : {MessageCommands(), TaskCommands(), DeveloperCommands()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

const std::vector<CommandSpec>& Commands() {
  static const auto* const kCommands = [] {
    auto* all = new std::vector<CommandSpec>();
    for (const auto& group : {CaseCommands(), ReferralCommands(), OtherCommands()}) {
      all->insert(all->end(), group.begin(), group.end());
    }
    return all;
  }();
  return *kCommands;
}

const std::vector<std::pair<std::string, Help>>& CommandGroups() {
  static const auto* const kGroups = new std::vector<std::pair<std::string, Help>>{
      {"case", {"诉求", "cases"}},
      {"paper", {"材料", "papers that a case needs"}},
      {"duty", {"轮值", "who sits at the window"}},
      {"referral", {"协查", "asking outside bodies"}},
      {"body", {"外单位", "outside bodies and their rules"}},
      {"mail", {"对不上号的来信", "mails that match no referral"}},
      {"message", {"给当事人的消息", "messages to people"}},
      {"task", {"待办", "what is to be done"}},
      {"api", {"任意方法", "any method"}},
      {"scenario", {"故事", "stories"}},
      {"token", {"凭证", "tokens and keys"}},
      {"clock", {"业务时间", "business time"}},
  };
  return *kGroups;
}

}  // namespace xxt::cli
