#include "tools/xxt/identifiers.h"

#include <map>

namespace xxt::cli {
namespace {

using Meanings = std::map<std::string, std::string>;

std::string MeaningOf(const Meanings& meanings, const std::string& text) {
  const auto found = meanings.find(text);
  return found == meanings.end() ? text : found->second;
}

}  // namespace

std::string TaskKindInWords(const std::string& kind) {
  // clang-format off
  static const auto* const kKinds = new Meanings{
      {"case.act", "该办下一步"},
      {"case.review_closure", "复核办结"},
      {"shift.handover_offered", "接班"},
      {"case.handover_offered", "接手诉求"},
      {"mandate.expired", "委托到期"},
      {"life_event.successor_sought", "找承接人"},
      {"escalation.silent", "上级未答复"},
      {"aftercare.touch", "跟踪联系"},
      {"follow_up.call", "办结回访"},
      {"follow_up.unhappy", "跟进不满意"},
      {"dispute.decide", "处理异议"},
      {"dispute.retell", "再次告知单位"},
      {"dispute.overdue", "重办逾期"},
      {"promise.broken", "承诺逾期"},
      {"term.near", "时限将到"},
      {"term.resume", "恢复计时"},
      {"term.broken", "时限已过"},
      {"case.silent", "久未告知"},
      {"plan.late", "计划逾期"},
      {"plan.coach", "教当事人办"},
      {"policy.judge", "判断政策是否合适"},
      {"policy.search_stopped", "政策比对停了"},
      {"intake.dead_task", "系统没办成"},
      {"referral.carry", "致电外单位"},
      {"referral.read_mail", "阅读来信"},
      {"referral.decide_silence", "决定还等不等"},
      {"referral.cut_off_warning", "最晚办理日"},
      {"referral.unmatched_mail", "来信对不上"},
      {"referral.mail_trouble", "邮件没发成"},
      {"referral.verify_contact", "核实联系方式"},
      {"referral.stale_contact", "联系方式久未核实"},
      {"referral.search_returned", "查找交回"},
      {"referral.basis_withdrawn", "同意已撤回"},
      {"referral.search_two_hold", "两家都说有"},
      {"referral.parcel_due", "查询递送"},
      {"referral.appointment", "预约待办"},
      {"referral.visit", "陪同待办"},
      {"referral.visit_affected", "陪同须另行安排"},
      {"referral.visit_incident", "途中情况"},
      {"referral.dead_task", "系统没办成"},
      {"message.call", "电话告知"},
      {"message.letter", "寄信告知"},
      {"message.in_doubt", "核实是否送到"},
      {"channel.still_paused", "渠道仍在暂停"},
      {"notification.dead_task", "系统没办成"}};
  // clang-format on
  return MeaningOf(*kKinds, kind);
}

std::string TemplateInWords(const std::string& id) {
  // clang-format off
  static const auto* const kTemplates = new Meanings{
      {"case-closed", "事情已办结"},
      {"case-merged", "两件合为一件"},
      {"case-no-news", "还在办，暂无新消息"},
      {"case-received", "事情已收下，有人负责"},
      {"case-reopened", "事情重新办理"},
      {"checklist-issued", "材料清单已一次列清"},
      {"cut-off-near", "最晚办理日提醒"},
      {"kin-closed", "亲属：已办结"},
      {"kin-progress", "亲属：有新进展"},
      {"last-day-corrected", "最晚办理日有更正"},
      {"policy-fits", "一项政策可能适合"},
      {"referral-answered", "外部单位已答复"},
      {"route-sheet-plain", "办理路线已备好"},
      {"route-sheet-ready", "办理路线已备好"}};
  // clang-format on
  return MeaningOf(*kTemplates, id);
}

}  // namespace xxt::cli
