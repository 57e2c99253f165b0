#include "services/referral/mail/letter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/edge/sentinels.h"
#include "services/referral/chase/basis_rules.h"

namespace xxt::referral::mail {
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

absl::string_view AskWords(v1::Referral::Ask ask) {
  switch (ask) {
    case v1::Referral::ASK_LOCATE:
      return "请协助查找下述材料是否由贵单位保存，并告知保存科室和编号。";
    case v1::Referral::ASK_ISSUE:
      return "请协助出具下述材料，或告知办理方法。";
    case v1::Referral::ASK_PROCEDURE:
      return "请告知下述服务的办理程序。";
    case v1::Referral::ASK_TAKE_OVER:
      return "下述业务属贵单位职责，请接办，并告知承办科室和联系人。";
    case v1::Referral::ASK_BOOK:
      return "请为下述业务安排预约，并告知时间、地点和须带的材料。";
    case v1::Referral::ASK_APPRAISE:
      return "请办理下述鉴定，并告知程序和所需时间。";
    case v1::Referral::ASK_EXPEDITE:
      return "下述业务已在贵单位办理，因情况紧急，请予加急，并告知何时可以办结。";
    case v1::Referral::ASK_UNSPECIFIED:
    case XXT_SENTINELS(v1::Referral_Ask_Referral_Ask):
      break;
  }
  return "";  // of a newer version: the question says it
}

std::string Opening(const v1::Referral& referral, MailPurpose purpose, int ordinal) {
  switch (purpose) {
    case MailPurpose::kRequest:
      return absl::StrCat("您好！", AskWords(referral.ask()), "\n\n", referral.question(), "\n");
    case MailPurpose::kReminder:
      return absl::StrCat("您好！我们此前发去的协查函尚未收到答复，现作第", ordinal,
                          "次提醒。办理有困难的，也请回信说明。\n\n", referral.question(), "\n");
    case MailPurpose::kWithdrawal:
      return "您好！我们此前发去的协查函现予撤回，不必再办理。给您添麻烦了。\n";
  }
  return "";
}

// Removes what could begin a header of its own.
std::string OneLine(absl::string_view text) { return absl::StrReplaceAll(text, {{"\r", " "}, {"\n", " "}}); }

}  // namespace

Letter WriteLetter(const v1::Referral& referral, const v1::Body& body, const v1::Unit& unit, MailPurpose purpose,
                   int ordinal, const Signature& signature) {
  Letter letter;
  letter.subject = absl::StrCat(SubjectWords(purpose), " [", referral.answer_code(), "]");
  letter.text = absl::StrCat(body.title(), " ", unit.title(), "：\n\n", Opening(referral, purpose, ordinal));
  if (purpose == MailPurpose::kRequest && referral.disclosed_size() > 0) {
    absl::StrAppend(&letter.text, "\n以下信息仅供办理此事使用，请勿转作他用：\n");
    for (const v1::DisclosedField& field : referral.disclosed()) {
      const absl::string_view name = LetterNameOf(static_cast<DataKind>(field.kind()));
      if (!name.empty()) absl::StrAppend(&letter.text, "  ", name, "：", OneLine(field.value()), "\n");
    }
  }
  if (purpose != MailPurpose::kWithdrawal) {
    absl::StrAppend(&letter.text, "\n请直接回复本邮件，并在主题中保留编号 [", referral.answer_code(), "]。\n");
  }
  absl::StrAppend(&letter.text, "\n", signature.title, "\n");
  if (!signature.phone.empty()) absl::StrAppend(&letter.text, "电话：", signature.phone, "\n");
  return letter;
}

}  // namespace xxt::referral::mail
