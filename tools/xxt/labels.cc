#include "tools/xxt/labels.h"

#include <google/protobuf/descriptor.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/xxt/field.h"
#include "xixinting/common/v1/noun.pb.h"

namespace xxt::cli {
namespace {

using Labels = std::map<std::string, std::string>;

// By enum, without the package, and value, without the prefix.
const Labels& Values() {
  static const auto* const kValues = new Labels{
      {"Case.State IN_PROGRESS", "办理中"},
      {"Case.State CLOSURE_PROPOSED", "待复核"},
      {"Case.State CLOSED", "已办结"},
      {"Case.Difficulty PAPER_MISSING", "材料缺失"},
      {"Case.Difficulty RECORD_NOT_LOCATED", "档案下落不明"},
      {"Case.Difficulty NOT_OURS", "非本厅职责"},
      {"Case.Difficulty ENTITLEMENT_UNKNOWN", "不知可享政策"},
      {"Case.Difficulty MOBILITY", "行动不便"},
      {"Case.Difficulty COMPREHENSION", "需反复讲解"},
      {"Case.Difficulty RULES_CONFLICT", "规定冲突"},
      {"Party.Role APPLICANT", "申请人"},
      {"Party.Role SUBJECT", "当事人"},
      {"Party.Role BENEFICIARY", "受益人"},
      {"Party.Role KIN", "亲属"},
      {"Party.Role PROXY", "代办人"},
      {"Closure.Resolution RESOLVED", "已解决"},
      {"Closure.Resolution GUIDED", "已指路"},
      {"Closure.Resolution HANDED_OVER", "已移交"},
      {"Closure.Resolution WITHDRAWN", "本人撤回"},
      {"Closure.Resolution NOT_POSSIBLE", "办不了"},
      {"Channel WINDOW", "窗口"},
      {"Channel PHONE", "电话"},
      {"Channel WEB", "网上"},
      {"Channel WECHAT", "微信"},
      {"Channel SMS", "短信"},
      {"Channel EMAIL", "邮件"},
      {"Channel POST", "邮寄"},
      {"Channel VISIT", "上门"},
      {"Referral.State QUEUED", "待送出"},
      {"Referral.State SENT", "已送出"},
      {"Referral.State ACCEPTED", "对方办理中"},
      {"Referral.State NEEDS_INPUT", "待补充"},
      {"Referral.State ANSWERED", "已答复"},
      {"Referral.State NOT_HELD", "不在该处"},
      {"Referral.State REDIRECTED", "转往别处"},
      {"Referral.State DECLINED", "不予办理"},
      {"Referral.State NO_ANSWER", "无答复"},
      {"Referral.State CANCELLED", "已撤回"},
      {"Referral.Ask LOCATE", "查找档案"},
      {"Referral.Ask ISSUE", "开具证明"},
      {"Referral.Ask PROCEDURE", "了解办法"},
      {"Referral.Connector STAFF", "人工"},
      {"Referral.Connector EMAIL", "邮件"},
      {"Attempt.Result REACHED", "接通"},
      {"Attempt.Result NO_ANSWER", "无人接听"},
      {"Attempt.Result BUSY", "占线"},
      {"Attempt.Result WRONG_NUMBER", "号码不对"},
      {"Verdict.Kind CONFIRMED", "属实"},
      {"Verdict.Kind REFUTED", "不属实"},
      {"Verdict.Kind CONDITIONAL", "有条件成立"},
      {"Mail.State ACCEPTED", "已送达"},
      {"Mail.State REFUSED", "被退回"},
      {"Mail.State IN_DOUBT", "结果不明"},
      {"Mail.Direction OUT", "去信"},
      {"Mail.Direction REMINDER", "催办信"},
      {"Mail.Direction IN", "来信"},
      {"Reply.Kind ACKNOWLEDGED", "已收到"},
      {"Reply.Kind PASSED_ON", "已转内部"},
      {"Reply.Kind NEEDS_INPUT", "要求补充"},
      {"Reply.Kind ANSWERED", "已答复"},
      {"Reply.Kind NOT_HELD", "不在该处"},
      {"Reply.Kind REDIRECTED", "转往别处"},
      {"Reply.Kind DECLINED", "不予办理"},
      {"Message.State SENDING", "发送中"},
      {"Message.State DELIVERED", "已送达"},
      {"Message.State HANDED_TO_STAFF", "转人工"},
      {"Message.State IN_DOUBT", "结果不明"},
      {"Message.State NOT_REACHED", "未联系上"},
      {"Message.State SUPPRESSED", "未发送"},
      {"Task.State PENDING", "待办"},
      {"Task.State RUNNING", "办理中"},
      {"Task.State RETRY", "将重试"},
      {"Task.State DEAD", "失败"},
  };
  return *kValues;
}

const Labels& Fields() {
  static const auto* const kFields = new Labels{
      {"name", "编号"},
      {"display_code", "受理号"},
      {"title", "标题"},
      {"summary", "内容"},
      {"hall", "大厅"},
      {"channel", "渠道"},
      {"service_item", "事项"},
      {"difficulties", "堵点"},
      {"parties", "相关人"},
      {"hand_off", "转办"},
      {"state", "状态"},
      {"owner", "首接负责"},
      {"next_action", "下一步"},
      {"outcome", "结果"},
      {"closure", "办结"},
      {"effort", "工作量"},
      {"open_referrals", "未结协查"},
      {"create_time", "建立"},
      {"update_time", "更新"},
      {"close_time", "办结时间"},
      {"etag", "版本"},
      {"role", "身份"},
      {"display_name", "姓名"},
      {"counter", "柜台"},
      {"clerk", "柜员"},
      {"reason", "原因"},
      {"due_time", "时限"},
      {"papers_seen", "已看材料"},
      {"source", "来源"},
      {"phone_number", "电话"},
      {"relationship", "关系"},
      {"deceased", "已故"},
      {"ticket", "受理凭条"},
      {"hall_title", "大厅名称"},
      {"attend_time", "到岗"},
      {"owner_display_name", "首接负责人"},
      {"case", "诉求"},
      {"case_name", "诉求编号"},
      {"body", "单位"},
      {"unit", "科室"},
      {"ask", "请求"},
      {"question", "函询内容"},
      {"cut_off", "截止"},
      {"last_day", "最后一日"},
      {"last_safe_day", "最后可靠日"},
      {"anchor_day", "起算日"},
      {"answer_code", "答复码"},
      {"reminder_count", "催办次数"},
      {"next_action_time", "下次跟进"},
      {"kind", "种类"},
      {"subject", "关于"},
      {"assignee", "承办人"},
      {"attempt_count", "次数"},
      {"holder", "经手人"},
      {"outcomes", "可选结果"},
      {"text", "正文"},
      {"address", "地址"},
      {"person", "联系人"},
      {"checklist_version", "告知单版本"},
      {"remark", "备注"},
      {"lease_token", "领取凭据"},
      {"explanation", "说明"},
      {"proposer", "提出人"},
      {"reviewer", "复核人"},
      {"review_comment", "复核意见"},
      {"hand_off_time", "转办时间"},
      {"staff", "值班员"},
      {"connector", "方式"},
      {"attempt", "联系"},
      {"hop", "转手"},
      {"claim", "说法"},
      {"verdict", "判断"},
      {"finding", "查明"},
      {"mail", "邮件"},
      {"reply", "答复"},
      {"occur_time", "时间"},
      {"event_time", "时间"},
      {"author", "谁记的"},
      {"actor", "谁"},
      {"type", "变化"},
      {"direction", "来去"},
      {"result", "接通"},
      {"paper_title", "材料"},
      {"opening_hours", "开放时间"},
      {"documents_held", "保存档案"},
      {"expected_workdays", "工作日"},
      {"period", "期限"},
      {"verifier", "查实人"},
      {"verify_time", "查实时间"},
      {"from_address", "来信人"},
      {"receive_time", "收到"},
      {"template", "模板"},
      {"contact", "联系"},
      {"confirm_time", "确认时间"},
      {"language_code", "语言"},
  };
  return *kFields;
}

}  // namespace

std::string LabelOfValue(const std::string& enum_type, const std::string& value, Language language) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(enum_type);
  const auto* found = type == nullptr ? nullptr : type->FindValueByName(value);
  if (found == nullptr) return value;
  const std::string short_name = ShortName(*found);
  if (language == Language::kEnglish) return short_name;
  const std::string& said = found->options().GetExtension(xixinting::common::v1::value_zh);
  if (!said.empty()) return said;
  const std::string without_package =
      enum_type.substr(enum_type.find(".v1.") == std::string::npos ? 0 : enum_type.find(".v1.") + 4);
  const auto label = Values().find(absl::StrCat(without_package, " ", short_name));
  return label == Values().end() ? short_name : label->second;
}

std::string LabelOfField(const std::string& field, Language language) {
  if (language == Language::kEnglish) return absl::StrReplaceAll(field, {{"_", " "}});
  const auto found = Fields().find(field);
  return found == Fields().end() ? field : found->second;
}

std::string LabelOf(const google::protobuf::FieldDescriptor& field, Language language) {
  const std::string& said = field.options().GetExtension(xixinting::common::v1::zh);
  return language == Language::kEnglish || said.empty() ? LabelOfField(field.name(), language) : said;
}

}  // namespace xxt::cli
