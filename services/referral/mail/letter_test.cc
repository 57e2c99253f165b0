#include "services/referral/mail/letter.h"

#include <set>
#include <string>

#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral::mail {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// A referral whose every text says where it comes from.
v1::Referral Marked() {
  return test::Text<v1::Referral>(R"pb(
    name: "ID"
    case_name: "CASE"
    hall: "HALL"
    ask: ASK_LOCATE
    question: "QUESTION"
    lawful_basis { purpose: "PURPOSE" article: "ARTICLE" }
    disclosed { kind: DATA_KIND_SUBJECT_NAME value: "NAME" }
    disclosed { kind: DATA_KIND_EVENT_DATE value: "DATE" }
    paper_title: "PAPER"
    owner: "OWNER"
    state_reason: "REASON"
    answer_code: "XXT-ABCD1234K"
  )pb");
}

Letter Write(const v1::Referral& referral, MailPurpose purpose) {
  const auto body = test::Text<v1::Body>("title: '八宝山殡仪馆' units { id: 'office' title: '营业室' }");
  return WriteLetter(referral, body, body.units(0), purpose, 1, {"悉心听窗口", "010-6000 0000"});
}

TEST(Letter, SaysOfEachAskWhatTheBodyIsToDo) {
  std::set<std::string> openings;
  for (int ask = v1::Referral::ASK_LOCATE; ask <= v1::Referral::Ask_MAX; ++ask) {
    v1::Referral referral = Marked();
    referral.set_ask(static_cast<v1::Referral::Ask>(ask));
    const std::string text = Write(referral, MailPurpose::kRequest).text;
    EXPECT_THAT(text, HasSubstr("请")) << ask;
    openings.insert(text);
  }
  EXPECT_EQ(openings.size(), 7U);
}

TEST(Letter, OfTheRequestHoldsQuestionAndDisclosedFieldsAndNothingElse) {
  const Letter letter = Write(Marked(), MailPurpose::kRequest);
  EXPECT_EQ(letter.subject, "协查函 [XXT-ABCD1234K]");
  EXPECT_EQ(letter.text,
            "八宝山殡仪馆 营业室：\n\n"
            "您好！请协助查找下述材料是否由贵单位保存，并告知保存科室和编号。\n\n"
            "QUESTION\n\n"
            "以下信息仅供办理此事使用，请勿转作他用：\n"
            "  当事人姓名：NAME\n"
            "  事件日期：DATE\n\n"
            "请直接回复本邮件，并在主题中保留编号 [XXT-ABCD1234K]。\n\n"
            "悉心听窗口\n电话：010-6000 0000\n");
}

TEST(Letter, DisclosesDataInTheRequestAlone) {
  for (const MailPurpose purpose : {MailPurpose::kReminder, MailPurpose::kWithdrawal}) {
    const Letter letter = Write(Marked(), purpose);
    EXPECT_THAT(letter.subject, EndsWith("[XXT-ABCD1234K]"));
    for (const char* kept : {"NAME", "DATE", "PURPOSE", "ARTICLE", "PAPER", "OWNER", "REASON", "CASE", "HALL"}) {
      EXPECT_THAT(letter.text, Not(HasSubstr(kept)));
    }
  }
  EXPECT_THAT(Write(Marked(), MailPurpose::kReminder).text, HasSubstr("第1次提醒"));
}

TEST(Letter, LetsNoDatumForgeALine) {
  v1::Referral referral = Marked();
  referral.mutable_disclosed(0)->set_value("A\r\n电话：000");
  EXPECT_THAT(Write(referral, MailPurpose::kRequest).text, HasSubstr("当事人姓名：A  电话：000\n"));
}

TEST(Letter, LeavesOutADatumOfAKindThatItCannotName) {
  v1::Referral referral = Marked();
  referral.mutable_disclosed(0)->set_kind(static_cast<v1::DataKind>(99));
  EXPECT_THAT(Write(referral, MailPurpose::kRequest).text, Not(HasSubstr("NAME")));
}

}  // namespace
}  // namespace xxt::referral::mail
