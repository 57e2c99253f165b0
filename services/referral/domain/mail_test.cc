#include "services/referral/domain/mail.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A referral whose every text says where it comes from.
Referral Marked() {
  Referral referral;
  referral.id = "ID";
  referral.case_id = "CASE";
  referral.hall = "HALL";
  referral.question = "QUESTION";
  referral.lawful_basis.purpose = "PURPOSE";
  referral.lawful_basis.evidence = "EVIDENCE";
  referral.disclosed = {{DataKind::kSubjectName, "NAME"}, {DataKind::kEventDate, "DATE"}};
  referral.paper_title = "PAPER";
  referral.owner = "OWNER";
  referral.chase.reason = "REASON";
  referral.answer_code = "XXT-ABCD1234K";
  return referral;
}

Body Crematorium() {
  Body body;
  body.title = "八宝山殡仪馆";
  body.units = {{"office", "营业室", "", {}}};
  return body;
}

ComposedMail Compose(const Referral& referral, MailPurpose purpose) {
  const Body body = Crematorium();
  return ComposeMail(referral, body, body.units[0], purpose, 1, {"悉心听窗口", "010-6000 0000"});
}

TEST(ComposeMail, RequestHoldsQuestionAndDisclosedFieldsAndNothingElse) {
  const ComposedMail mail = Compose(Marked(), MailPurpose::kRequest);
  EXPECT_EQ(mail.subject, "协查函 [XXT-ABCD1234K]");
  EXPECT_EQ(mail.text,
            "八宝山殡仪馆 营业室：\n\n"
            "您好！请协助查找下述材料是否由贵单位保存，并告知保存科室和编号。\n\n"
            "QUESTION\n\n"
            "以下信息仅供办理此事使用，请勿转作他用：\n"
            "  当事人姓名：NAME\n"
            "  事件日期：DATE\n\n"
            "请直接回复本邮件，并在主题中保留编号 [XXT-ABCD1234K]。\n\n"
            "悉心听窗口\n电话：010-6000 0000\n");
}

TEST(ComposeMail, OnlyTheRequestDisclosesData) {
  for (const MailPurpose purpose : {MailPurpose::kReminder, MailPurpose::kWithdrawal}) {
    const ComposedMail mail = Compose(Marked(), purpose);
    EXPECT_THAT(mail.subject, EndsWith("[XXT-ABCD1234K]"));
    for (const char* kept : {"NAME", "DATE", "PURPOSE", "EVIDENCE", "PAPER", "OWNER", "REASON", "CASE", "HALL"}) {
      EXPECT_THAT(mail.text, Not(HasSubstr(kept)));
    }
  }
  EXPECT_THAT(Compose(Marked(), MailPurpose::kReminder).text, HasSubstr("第1次提醒"));
}

TEST(ComposeMail, ADatumCannotForgeALine) {
  Referral referral = Marked();
  referral.disclosed[0].value = "A\r\n电话：000";
  EXPECT_THAT(Compose(referral, MailPurpose::kRequest).text, HasSubstr("当事人姓名：A  电话：000\n"));
}

TEST(EntryIdsIn, FindsOurMessageIdsAmongOthers) {
  const std::string ours = "01940000-0000-7000-8000-000000000001";
  EXPECT_THAT(EntryIdsIn({"abc@mail.example", ours + "@xixinting.example", ours, "@", ""}), ElementsAre(ours));
  EXPECT_THAT(EntryIdsIn({}), IsEmpty());
}

}  // namespace
}  // namespace xxt::referral
