#include "tools/xxt/commands.h"

namespace xxt::cli {
namespace {

const FlagSpec kCase = {"CASE", "name", {"受理号或诉求编号", "the case: display code or id"}, true, "cases/"};
const FlagSpec kCaseParent = {"CASE", "parent", {"受理号或诉求编号", "the case: display code or id"}, true, "cases/"};
const FlagSpec kPaper = {"PAPER", "name", {"材料：cases/…/papers/…", "the paper"}, true, "cases/"};
const FlagSpec kEtag = {"--etag", "etag", {"只在未被他人改动时办理", "refuse if it has changed since"}};

std::string Intake(const std::string& method) { return "xixinting.intake.v1." + method; }
std::string Case(const std::string& method) { return Intake("CaseService/" + method); }
std::string Contact(const std::string& method) { return Intake("ContactService/" + method); }
std::string Paper(const std::string& method) { return Intake("PaperService/" + method); }
std::string Hall(const std::string& method) { return Intake("HallService/" + method); }
std::string Shift(const std::string& method) { return Intake("ShiftService/" + method); }

FlagSpec PageSize() { return {"--page-size", "page_size", {"最多几条", "at most this many"}}; }
FlagSpec PageToken() { return {"--page-token", "page_token", {"从哪一页起", "page to go on from"}}; }

std::vector<CommandSpec> TakingIn() {
  return {
      {.path = "case hand-off",
       .help = {"柜台转办：建立诉求并交给值班员", "lead a person over from a counter"},
       .method = Case("HandOffFromCounter"),
       .flags = {},
       .file_field = ".",
       .file_required = true,
       .examples = {"xxt case hand-off --as staff/chen -f hand-off.yaml"}},
      {.path = "case create",
       .help = {"直接建立诉求", "open a case that no counter handed over"},
       .method = Case("CreateCase"),
       .flags = {},
       .file_field = "case",
       .file_required = true,
       .examples = {"xxt case create --as staff/wang -f case.yaml"}},
      {.path = "case get",
       .help = {"查看一件诉求", "read one case"},
       .method = Case("GetCase"),
       .flags = {kCase, {"--view", "view", {"basic 不含个人信息", "basic leaves personal data out"}}},
       .examples = {"xxt case get 0102-26-000042-1 --as staff/wang", "xxt case get 0193… -o json"}},
      {.path = "case list",
       .help = {"列出诉求，最急的在前", "list cases, the most urgent first"},
       .method = Case("ListCases"),
       .flags = {{"--hall", "hall", {"哪个大厅", "of this hall"}, false, "halls/"},
                 {"--state", "states", {"哪些状态", "in these states"}},
                 {"--owner", "owner", {"谁负责", "of this owner"}, false, "staff/"},
                 {"--code", "display_code", {"受理号", "with this display code"}},
                 {"--order", "order", {"create-time-desc 为新的在前", "create-time-desc: newest first"}},
                 PageSize(),
                 PageToken()},
       .list = "cases",
       .columns = {"display_code", "state", "title", "owner", "next_action.due_time", "next_action.summary", "name"},
       .examples = {"xxt case list --as staff/wang", "xxt case list --state closed -o name"}},
  };
}

std::vector<CommandSpec> WritingDown() {
  return {
      {.path = "case contacts",
       .help = {"联系记录，从早到晚", "the contacts of a case, oldest first"},
       .method = Contact("ListContacts"),
       .flags = {kCaseParent, PageSize(), PageToken()},
       .list = "contacts",
       .columns = {"occur_time", "channel", "counterpart", "direction", "result", "author", "summary"},
       .examples = {"xxt case contacts 0193… --as staff/wang"}},
      {.path = "case log",
       .help = {"记一次联系", "write down a call, a meeting, a message"},
       .method = Contact("LogContact"),
       .flags = {kCaseParent,
                 {"SUMMARY", "contact.summary", {"说了什么", "what was said"}},
                 {"--channel", "contact.channel", {"渠道", "how"}},
                 {"--with", "contact.counterpart", {"对方是谁", "who was at the other end"}},
                 {"--direction", "contact.direction", {"谁先联系", "who began it"}},
                 {"--result", "contact.result", {"是否接通", "whether anybody was reached"}},
                 {"--at", "contact.occur_time", {"何时；默认现在", "when; now by default"}}},
       .file_field = "contact",
       .examples = {"xxt case log 0193… 已回电说明进度 --channel phone --with applicant --direction outbound "
                    "--result reached"}},
      {.path = "case gap",
       .help = {"记一份缺的材料", "record a missing paper"},
       .method = Paper("RecordGap"),
       .flags = {kCaseParent,
                 {"TITLE", "paper.title", {"材料名称", "the paper"}},
                 {"--source", "paper.source", {"哪份清单要求的", "which published list asks for it"}},
                 {"--form", "paper.form", {"原件或复印件", "original or copy"}},
                 {"--provider", "paper.provider", {"由谁提供", "who provides it"}}},
       .file_field = "paper",
       .examples = {"xxt case gap 0193… 火化证明 --source 丧葬费申领办事指南第3项 --provider body"}},
      {.path = "case checklist",
       .help = {"一次性告知全部材料", "tell every paper at once"},
       .method = Paper("IssueChecklist"),
       .flags = {kCaseParent,
                 {"--reason", "amendment_reason", {"再次告知的原因", "why an earlier version was incomplete"}},
                 kEtag},
       .file_field = ".",
       .file_required = true,
       .list = "papers",
       .columns = {"title", "form", "copies", "provider", "state", "since_version", "name"},
       .examples = {"xxt case checklist 0193… -f papers.yaml"}},
      {.path = "case next",
       .help = {"定下一步做什么、何时做", "say what is done next, and when"},
       .method = Case("SetNextAction"),
       .flags = {kCase,
                 {"SUMMARY", "next_action.summary", {"做什么", "what"}, true},
                 {"--due", "next_action.due_time", {"何时：2026-03-02T09:00 或 +2d", "when"}, true},
                 kEtag},
       .examples = {"xxt case next 0193… 再致电档案室 --due +1d"}},
  };
}

std::vector<CommandSpec> PaperCommands() {
  return {
      {.path = "paper list",
       .help = {"列出一件诉求的材料", "the papers of a case"},
       .method = Paper("ListPapers"),
       .flags = {kCaseParent, PageSize(), PageToken()},
       .list = "papers",
       .columns = {"title", "state", "form", "copies", "provider", "source", "name"},
       .examples = {"xxt paper list 0102-26-000042-1 --as staff/wang"}},
      {.path = "paper get",
       .help = {"查看一份材料", "read one paper"},
       .method = Paper("GetPaper"),
       .flags = {kPaper},
       .examples = {"xxt paper get cases/0193…/papers/0193… --as staff/wang"}},
      {.path = "paper receive",
       .help = {"记一份材料已收到", "record that the hall has seen a paper"},
       .method = Paper("ReceivePaper"),
       .flags = {kPaper, kEtag},
       .examples = {"xxt paper receive cases/0193…/papers/0193… --as staff/wang"}},
  };
}

std::vector<CommandSpec> Closing() {
  return {
      {.path = "case correct",
       .help = {"更正当事人的电话等信息", "correct what was taken down wrongly of a party"},
       .method = Intake("PartyService/CorrectParty"),
       .flags = {{"PARTY", "name", {"当事人：cases/…/parties/…", "the party"}, true, "cases/"},
                 {"--phone", "phone_number", {"电话", "the telephone"}},
                 {"--name", "display_name", {"姓名", "the name"}},
                 {"--reason", "reason", {"为什么", "why"}, true},
                 kEtag},
       .examples = {"xxt case correct cases/0193…/parties/0193… --phone 13800138010 --reason 登记时按错一位"}},
      {.path = "case outcome",
       .help = {"记当事人确认的结果", "record the outcome in the person's word"},
       .method = Intake("ClosingService/ConfirmOutcome"),
       .flags = {kCase,
                 {"TEXT", "outcome.text", {"结果", "what came of it"}, true},
                 {"--contact", "outcome.contact", {"在哪次联系中确认", "contact in which they said so"}, true},
                 kEtag},
       .examples = {"xxt case outcome 0193… 丧葬费已到账 --contact cases/0193…/contacts/0193…"}},
      {.path = "case close",
       .help = {"提出办结", "propose how the case ends"},
       .method = Intake("ClosingService/ProposeClosure"),
       .flags = {kCase,
                 {"--resolution", "closure.resolution", {"怎样办结", "how it ends"}},
                 {"--explanation", "closure.explanation", {"对当事人的说明", "what is told to the person"}},
                 {"--told-in", "closure.told_in", {"在哪次联系中告知", "contact in which they were told"}},
                 {"--basis", "closure.basis", {"办不了的依据", "rule that a no rests on"}},
                 {"--next-route", "closure.next_route", {"还可以去哪里", "where the person may still turn"}},
                 {"--accepted-by", "closure.accepted_by", {"由哪个单位接收", "office that accepted it"}},
                 kEtag},
       .file_field = "closure",
       .examples = {"xxt case close 0193… --resolution resolved --explanation 已领取 --told-in cases/…/contacts/…"}},
      {.path = "case review",
       .help = {"复核办结", "review a proposed closure"},
       .method = Intake("ClosingService/ReviewClosure"),
       .flags = {kCase,
                 {"DECISION", "decision", {"approve 通过，return 退回", "approve or return"}, true},
                 {"--comment", "comment", {"意见；退回时必填", "what else to try; needed to return"}},
                 kEtag},
       .examples = {"xxt case review 0193… approve --as staff/li-min"}},
      {.path = "case watch",
       .help = {"关注变化，直到 Ctrl-C", "watch changes until Ctrl-C"},
       .method = Case("WatchCases"),
       .flags = {{"CASE", "name", {"诉求编号；默认全部", "only this case"}, false, "cases/"},
                 {"--resume", "resume_token", {"从何处起；0 为最早", "from where; 0 is the oldest"}}},
       .list = "events",
       .columns = {"event_time", "actor", "type", "summary"},
       .examples = {"xxt case watch --as staff/wang", "xxt case watch 0193… --resume 0 -o json"}},
  };
}

std::vector<CommandSpec> DutyCommands() {
  return {
      {.path = "duty now",
       .help = {"现在谁在窗口", "who takes the next person"},
       .method = Shift("LookupDutyOfficer"),
       .flags = {{"HALL", "hall", {"大厅", "the hall"}, true, "halls/"},
                 {"--at", "at_time", {"何时；默认现在", "when; now by default"}}},
       .examples = {"xxt duty now 110102016", "xxt duty now 110102016 --at 2026-03-02T09:00"}},
      {.path = "duty rota",
       .help = {"排一天的班", "replace the rota of one day"},
       .method = Shift("ReplaceRota"),
       .flags = {},
       .file_field = "rota",
       .file_required = true,
       .examples = {"xxt duty rota --as staff/li-min -f rota.yaml"}},
      {.path = "duty halls",
       .help = {"列出大厅", "list the halls"},
       .method = Hall("ListHalls"),
       .flags = {PageSize(), PageToken()},
       .list = "halls",
       .columns = {"name", "title", "opening_hours", "phone_number"},
       .examples = {"xxt duty halls"}},
  };
}

}  // namespace

std::vector<CommandSpec> CaseCommands() {
  std::vector<CommandSpec> all;
  for (const auto& group : {TakingIn(), WritingDown(), Closing(), PaperCommands(), DutyCommands()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace xxt::cli
