#include "tools/xxt/words.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/calendar/in_words.h"
#include "tools/xxt/comments.h"
#include "tools/xxt/field.h"
#include "tools/xxt/identifiers.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;
namespace pb = ::google::protobuf;

// Fields that mean the same in every noun.
const std::map<std::string, std::string>& CommonNames() {
  // clang-format off
  static const auto* const kNames = new std::map<std::string, std::string>{
      {"author", "谁记的"}, {"case_name", "诉求编号"}, {"channel", "渠道"}, {"create_time", "建立"},
      {"display_name", "姓名"}, {"etag", "版本"}, {"hall", "大厅"}, {"language_code", "语言"}, {"name", "编号"},
      {"no_sms", "不收短信"}, {"phone_number", "电话"}, {"reason", "原因"}, {"relationship", "关系"},
      {"resident_id", "身份证号"}, {"service_item", "服务事项"}, {"source", "来源"}, {"state", "状态"},
      {"summary", "内容"}, {"text", "正文"}, {"title", "标题"}, {"update_time", "更新"}};
  // clang-format on
  return *kNames;
}

struct Words {
  std::string zh;
  std::string en;
};

// Flags of requests whose protos leave it to the name what they do.
const Words* CommonFlag(const std::string& name) {
  static const auto* const kFlags = new std::map<std::string, Words>{
      {"etag", {"只在未被他人改动时办理", "refuse if it has changed since"}},
      {"page_size", {"最多几条", "at most this many"}},
      {"page_token", {"从哪一页起", "page to go on from"}},
      {"resume_token", {"从何处起；0 为最早", "from where; 0 is the oldest"}},
  };
  const auto found = kFlags->find(name);
  return found == kFlags->end() ? nullptr : &found->second;
}

// Who did what no person did.
const std::map<std::string, std::string>& Services() {
  static const auto* const kServices = new std::map<std::string, std::string>{
      {"services/intake", "受理系统"}, {"services/referral", "协查系统"}, {"services/notification", "告知系统"}};
  return *kServices;
}

const std::map<std::string, std::string>& Roles() {
  // clang-format off
  static const auto* const kRoles = new std::map<std::string, std::string>{
      {"body", "外单位"}, {"counter", "综合窗口"}, {"district", "区级人员"}, {"leader", "窗口负责人"},
      {"officer", "窗口人员"}, {"operator", "运维"}, {"portal", "区级系统"}, {"service", "内部服务"}};
  // clang-format on
  return *kRoles;
}

// "10年" for P10Y, "1年6个月" for P1Y6M.
std::string PeriodInWords(const std::string& period) {
  return absl::StrReplaceAll(absl::StripPrefix(period, "P"), {{"Y", "年"}, {"M", "个月"}, {"D", "天"}});
}

std::string InBlanks(const std::string& name) { return absl::StrReplaceAll(name, {{"_", " "}}); }

}  // namespace

std::string HelpOf(const pb::MethodDescriptor& method, Language language) {
  const std::string& said = method.options().GetExtension(v1::rpc).zh();
  if (language == Language::kChinese && !said.empty()) return said;
  return FirstSentence(CommentOn(method));
}

std::string HelpOf(const pb::Descriptor& noun, Language language) {
  const std::string& said = noun.options().GetExtension(v1::noun).zh();
  if (language == Language::kChinese && !said.empty()) return said;
  const std::string comment = CommentOn(noun);
  return FirstSentence(comment.empty() ? CommentOn(*noun.file()) : comment);
}

std::string HelpOf(const pb::FieldDescriptor& field, Language language) {
  if (const Words* words = CommonFlag(field.name()); words != nullptr) {
    return language == Language::kChinese ? words->zh : words->en;
  }
  if (language == Language::kChinese) return LabelOf(field, language);
  const std::string comment = FirstSentence(CommentOn(field));
  return comment.empty() ? InBlanks(field.name()) : comment;
}

std::string LabelOf(const pb::FieldDescriptor& field, Language language) {
  // Of basis points, which are shown as percent.
  if (language == Language::kEnglish) return InBlanks(std::string(absl::StripSuffix(field.name(), "_bp")));
  if (const std::string& said = field.options().GetExtension(v1::zh); !said.empty()) return said;
  const auto found = CommonNames().find(field.name());
  if (found != CommonNames().end()) return found->second;
  // A request is said to hold "联系记录" where its field is just the noun's.
  const std::string noun =
      field.message_type() == nullptr ? "" : field.message_type()->options().GetExtension(v1::noun).zh();
  return noun.empty() ? field.name() : noun;
}

std::string LabelOf(const pb::OneofDescriptor& choice, Language language) {
  const std::string& said = choice.options().GetExtension(v1::oneof_zh);
  return language == Language::kEnglish || said.empty() ? InBlanks(choice.name()) : said;
}

std::string LabelOf(const pb::EnumValueDescriptor& value, Language language) {
  const std::string& said = value.options().GetExtension(v1::value_zh);
  return language == Language::kEnglish || said.empty() ? ShortName(value) : said;
}

std::string InWords(const pb::FieldDescriptor& field, const std::string& text, Language language) {
  if (language == Language::kEnglish) return text;
  if (const auto service = Services().find(text); service != Services().end()) return service->second;
  if (field.full_name() == "xixinting.common.v1.Task.kind") return TaskKindInWords(text);
  if (field.full_name() == "xixinting.notification.v1.Message.template") return TemplateInWords(text);
  if (field.name() == "opening_hours") return calendar::HoursInWords(text);
  const bool period = absl::StartsWith(field.options().GetExtension(v1::rule).pattern(), "P(");
  return period ? PeriodInWords(text) : text;
}

std::string RoleInWords(const std::string& role, Language language) {
  const auto found = Roles().find(role);
  return language == Language::kEnglish || found == Roles().end() ? role : found->second;
}

bool IsForPeople(const pb::FieldDescriptor& field) {
  if (field.options().GetExtension(v1::internal)) return false;
  return !field.options().GetExtension(v1::zh).empty() || CommonNames().count(field.name()) > 0;
}

}  // namespace xxt::cli
