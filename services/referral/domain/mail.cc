#include "services/referral/domain/mail.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/identifiers/uuid.h"

namespace xxt::referral {
namespace {

absl::string_view SubjectWords(MailPurpose purpose) {
  switch (purpose) {
    case MailPurpose::kRequest:
      return "协查函";
    case MailPurpose::kReminder:
      return "催办：协查函";
    case MailPurpose::kWithdrawal:
      return "撤回：协查函";
  }
  return "协查函";
}

absl::string_view AskWords(Ask ask) {
  switch (ask) {
    case Ask::kLocate:
      return "请协助查找下述材料是否由贵单位保存，并告知保存科室和编号。";
    case Ask::kIssue:
      return "请协助出具下述材料，或告知办理方法。";
    case Ask::kProcedure:
      return "请告知下述事项的办理程序。";
  }
  return "";
}

std::string Opening(const Referral& referral, MailPurpose purpose, int ordinal) {
  switch (purpose) {
    case MailPurpose::kRequest:
      return absl::StrCat("您好！", AskWords(referral.ask), "\n\n", referral.question, "\n");
    case MailPurpose::kReminder:
      return absl::StrCat("您好！我们此前发来的协查函尚未收到答复，特此第", ordinal,
                          "次提醒。办理有困难的，也请回信说明。\n\n", referral.question, "\n");
    case MailPurpose::kWithdrawal:
      return "您好！我们此前发来的协查函现予撤回，不必再办理。给您添麻烦了。\n";
  }
  return "";
}

// Removes what could begin a header of its own.
std::string OneLine(absl::string_view text) { return absl::StrReplaceAll(text, {{"\r", " "}, {"\n", " "}}); }

}  // namespace

ComposedMail ComposeMail(const Referral& referral, const Body& body, const Unit& unit, MailPurpose purpose, int ordinal,
                         const MailSignature& signature) {
  ComposedMail mail;
  mail.subject = absl::StrCat(SubjectWords(purpose), " [", referral.answer_code, "]");
  mail.text = absl::StrCat(body.title, " ", unit.title, "：\n\n", Opening(referral, purpose, ordinal));
  if (purpose == MailPurpose::kRequest && !referral.disclosed.empty()) {
    absl::StrAppend(&mail.text, "\n以下信息仅供办理此事使用，请勿转作他用：\n");
    for (const DisclosedField& field : referral.disclosed) {
      absl::StrAppend(&mail.text, "  ", LetterNameOf(field.kind), "：", OneLine(field.value), "\n");
    }
  }
  if (purpose != MailPurpose::kWithdrawal) {
    absl::StrAppend(&mail.text, "\n请直接回复本邮件，并在主题中保留编号 [", referral.answer_code, "]。\n");
  }
  absl::StrAppend(&mail.text, "\n", signature.title, "\n");
  if (!signature.phone.empty()) absl::StrAppend(&mail.text, "电话：", signature.phone, "\n");
  return mail;
}

InboundMail Unreadable(const InboundMail& mail) {
  InboundMail kept;
  kept.mailbox = mail.mailbox;
  kept.uid_validity = mail.uid_validity;
  kept.uid = mail.uid;
  kept.subject = "（无法读取的来信）";
  kept.text = absl::StrCat("这封来信无法读取，请到信箱 ", mail.mailbox, " 中查看（UID ", mail.uid, "）。");
  return kept;
}

std::vector<std::string> EntryIdsIn(const std::vector<std::string>& thread) {
  constexpr std::size_t kUuidLength = 36;
  std::vector<std::string> ids;
  for (const std::string& message_id : thread) {
    if (message_id.size() <= kUuidLength || message_id[kUuidLength] != '@') continue;
    std::string id = message_id.substr(0, kUuidLength);
    if (identifiers::IsUuid(id)) ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace xxt::referral
