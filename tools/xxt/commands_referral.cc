#include "tools/xxt/commands.h"
#include "tools/xxt/route_sheet_command.h"

namespace xxt::cli {
namespace {

const FlagSpec kReferral = {"REFERRAL", "name", {"协查编号", "the referral"}, true, "referrals/"};
const FlagSpec kReferralParent = {"REFERRAL", "parent", {"协查编号", "the referral"}, true, "referrals/"};
const FlagSpec kEtag = {"--etag", "etag", {"只在未被他人改动时办理", "refuse if it has changed since"}};

std::string Referral(const std::string& method) { return "xixinting.referral.v1.ReferralService/" + method; }
std::string Body(const std::string& method) { return "xixinting.referral.v1.BodyService/" + method; }
std::string RuleNote(const std::string& method) { return "xixinting.referral.v1.RuleNoteService/" + method; }

FlagSpec PageSize() { return {"--page-size", "page_size", {"最多几条", "at most this many"}}; }
FlagSpec PageToken() { return {"--page-token", "page_token", {"从哪一页起", "page to go on from"}}; }

std::vector<CommandSpec> Asking() {
  return {
      {.path = "referral create",
       .help = {"向外单位发起协查", "ask an outside body"},
       .method = Referral("CreateReferral"),
       .flags = {},
       .file_field = "referral",
       .file_required = true,
       .examples = {"xxt referral create --as staff/wang -f referral.yaml"}},
      {.path = "referral get",
       .help = {"查看一件协查", "read one referral"},
       .method = Referral("GetReferral"),
       .flags = {kReferral},
       .examples = {"xxt referral get 0193… --as staff/wang"}},
      {.path = "referral list",
       .help = {"列出协查，最先要跟进的在前", "list referrals, the next to act on first"},
       .method = Referral("ListReferrals"),
       .flags = {{"--case", "case_name", {"哪件诉求", "of this case"}, false, "cases/"},
                 {"--ended", "include_ended", {"也列出已结束的", "also those that have ended"}},
                 PageSize(),
                 PageToken()},
       .list = "referrals",
       .columns = {"body", "paper_title", "state", "next_action_time", "reminder_count", "cut_off.last_safe_day",
                   "answer_code", "name"},
       .examples = {"xxt referral list --as staff/wang", "xxt referral list --case 0193… --ended"}},
      {.path = "referral cut-off",
       .help = {"按规则设截止日", "set the cut-off that bounds the matter"},
       .method = Referral("SetCutOff"),
       .flags = {kReferral,
                 {"--rule", "rule_note", {"依据哪条规则", "rule note it rests on"}, true},
                 {"--anchor", "anchor_day", {"起算日，2016-02-11", "day the period counts from"}, true},
                 kEtag},
       .examples = {"xxt referral cut-off 0193… --rule bodies/babaoshan/ruleNotes/0193… --anchor 2016-02-11"}},
      {.path = "referral cancel",
       .help = {"撤回协查", "withdraw the request"},
       .method = Referral("CancelReferral"),
       .flags = {kReferral, {"--reason", "reason", {"为什么", "why"}, true}, kEtag},
       .examples = {"xxt referral cancel 0193… --reason 家属已自行找到"}},
      {.path = "referral watch",
       .help = {"关注变化，直到 Ctrl-C", "watch changes until Ctrl-C"},
       .method = Referral("WatchReferrals"),
       .flags = {{"REFERRAL", "name", {"协查编号；默认全部", "only this referral"}, false, "referrals/"},
                 {"--resume", "resume_token", {"从何处起；0 为最早", "from where; 0 is the oldest"}}},
       .list = "events",
       .columns = {"event_time", "actor", "type", "summary"},
       .examples = {"xxt referral watch --as staff/wang"}},
  };
}

std::vector<CommandSpec> Chasing() {
  return {
      {.path = "referral entries",
       .help = {"协查过程，从早到晚", "the ledger of the chase, oldest first"},
       .method = Referral("ListEntries"),
       .flags = {kReferralParent, PageSize(), PageToken()},
       .list = "entries",
       .columns = {"occur_time", "author", "{content}"},
       .examples = {"xxt referral entries 0193… --as staff/wang"}},
      {.path = "referral add",
       .help = {"记一次尝试、转接、说法、判断或发现", "write an attempt, hop, claim, verdict or finding"},
       .method = Referral("CreateEntry"),
       .flags = {kReferralParent,
                 {"--channel", "entry.attempt.channel", {"尝试：渠道", "attempt: how"}},
                 {"--result", "entry.attempt.result", {"尝试：结果", "attempt: whether reached"}},
                 {"--unit", "entry.attempt.unit", {"尝试：科室", "attempt: unit tried"}},
                 {"--person", "entry.attempt.person", {"尝试：与谁通话", "attempt: who was spoken to"}},
                 {"--said", "entry.attempt.summary", {"尝试：说了什么", "attempt: what was said"}},
                 {"--at", "entry.occur_time", {"何时；默认现在", "when; now by default"}}},
       .file_field = "entry",
       .examples = {"xxt referral add 0193… --channel phone --result no-answer --unit office",
                    "xxt referral add 0193… -f claim.yaml"}},
      {.path = "referral reply",
       .help = {"记外单位的答复", "record what the body said"},
       .method = Referral("RecordReply"),
       .flags = {kReferral,
                 {"--kind", "reply.kind", {"哪种答复", "what kind of reply"}},
                 {"--channel", "reply.channel", {"渠道", "how"}},
                 {"--reason", "reply.reason", {"说了什么；否定答复必填", "what was said; needed for a no"}},
                 {"--mail", "reply.mail", {"哪封来信", "the mail that says so"}},
                 kEtag},
       .file_field = "reply",
       .examples = {"xxt referral reply 0193… --kind not-held --channel phone --reason 档案不在本馆"}},
      {.path = "referral route-sheet",
       .help = {"看最新的办理路线；有 -f 则开具一份", "show the latest route sheet; with -f, issue one"},
       .method = "",
       .flags = {{"REFERRAL", "", {"协查编号", "the referral"}, true, "referrals/", FlagSpec::Kind::kText}},
       .file_field = "route_sheet",
       .examples = {"xxt referral route-sheet 0193…", "xxt referral route-sheet 0193… -f route.yaml"},
       .handler = RouteSheetCommand},
  };
}

std::vector<CommandSpec> BodiesAndMails() {
  return {
      {.path = "body list",
       .help = {"外单位名录", "list outside bodies"},
       .method = Body("ListBodies"),
       .flags = {{"QUERY", "query", {"名称或档案种类的一部分", "part of the title or of a document held"}},
                 {"--kind", "kind", {"哪一类", "only this kind"}},
                 PageSize(),
                 PageToken()},
       .list = "bodies",
       .columns = {"name", "title", "kind", "documents_held", "expected_workdays"},
       .examples = {"xxt body list 火化"}},
      {.path = "body get",
       .help = {"查看一个单位", "read one body"},
       .method = Body("GetBody"),
       .flags = {{"BODY", "name", {"单位", "the body"}, true, "bodies/"}},
       .examples = {"xxt body get babaoshan"}},
      {.path = "body put",
       .help = {"登记或更正一个单位（整个替换）", "write a body as a whole, new or in place of what is there"},
       .method = Body("PutBody"),
       .flags = {{"BODY", "name", {"单位", "the body"}, true, "bodies/"}, kEtag},
       .file_field = "body",
       .file_required = true,
       .examples = {"xxt body put babaoshan -f body.yaml --as staff/district"}},
      {.path = "body rules",
       .help = {"已知的规则，打电话前先看", "rules known of a body; read before ringing"},
       .method = RuleNote("ListRuleNotes"),
       .flags = {{"BODY", "parent", {"单位", "the body"}, true, "bodies/"}, PageSize(), PageToken()},
       .list = "rule_notes",
       .columns = {"service_item", "text", "period", "source", "verifier", "verify_time", "name"},
       .examples = {"xxt body rules babaoshan"}},
      {.path = "body add-rule",
       .help = {"记一条查实的规则", "write down a rule that was checked"},
       .method = RuleNote("CreateRuleNote"),
       .flags = {{"BODY", "parent", {"单位", "the body"}, true, "bodies/"},
                 {"--item", "rule_note.service_item", {"事项", "business it is about"}},
                 {"--text", "rule_note.text", {"规则", "the rule"}},
                 {"--source", "rule_note.source", {"来源", "where it comes from"}},
                 {"--period", "rule_note.period", {"期限，P10Y", "how long the body still acts"}},
                 {"--anchor", "rule_note.anchor", {"从何时起算", "what the period counts from"}},
                 {"--irrevocable", "rule_note.irrevocable", {"过期永不再办", "nothing can be done after it"}}},
       .file_field = "rule_note",
       .examples = {"xxt body add-rule babaoshan --item 补办火化证明 --text 十年内可补办 --source 档案室 --period P10Y "
                    "--anchor 火化之日 --irrevocable"}},
      {.path = "mail list",
       .help = {"对不上号的来信", "mails that match no referral"},
       .method = Referral("ListUnmatchedMails"),
       .flags = {PageSize(), PageToken()},
       .list = "unmatched_mails",
       .columns = {"receive_time", "from_address", "subject", "name"},
       .examples = {"xxt mail list --as staff/wang"}},
      {.path = "mail attachment",
       .help = {"读来信的附件（分段，base64）", "read a file that came with a mail, in parts, base64"},
       .method = Referral("GetAttachment"),
       .flags = {{"ATTACHMENT", "name", {"附件", "the file"}, true},
                 {"--offset", "read_offset", {"从第几字节起", "where to begin"}},
                 {"--limit", "read_limit", {"最多几字节", "at most this many bytes"}}},
       .examples = {"xxt mail attachment referrals/0193…/entries/0193…/attachments/1 --as staff/wang"}},
      {.path = "mail file",
       .help = {"把来信归到协查，或搁置", "file a mail with its referral, or set it aside"},
       .method = Referral("FileUnmatchedMail"),
       .flags = {{"MAIL", "name", {"来信", "the mail"}, true, "unmatchedMails/"},
                 {"--referral", "referral", {"归到哪件协查", "the referral it belongs to"}, false, "referrals/"},
                 {"--set-aside", "set_aside_reason", {"搁置的原因", "why it belongs to none"}}},
       .examples = {"xxt mail file 0193… --referral 0193…", "xxt mail file 0193… --set-aside 广告"}},
  };
}

}  // namespace

std::vector<CommandSpec> ReferralCommands() {
  std::vector<CommandSpec> all;
  for (const auto& group : {Asking(), Chasing(), BodiesAndMails()}) all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace xxt::cli
