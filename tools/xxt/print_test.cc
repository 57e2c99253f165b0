#include "tools/xxt/print.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "tools/xxt/words.h"
#include "xixinting/common/v1/common.pb.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/hall.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.pb.h"
#include "xixinting/notification/v1/message.pb.h"
#include "xixinting/referral/v1/entry.pb.h"
#include "xixinting/referral/v1/route_sheet.pb.h"
#include "xixinting/referral/v1/rule_note.pb.h"

namespace xxt::cli {
namespace {

namespace intake = ::xixinting::intake::v1;
namespace referral = ::xixinting::referral::v1;
using testing::HasSubstr;
using testing::Not;

template <typename Message>
Message Parsed(const char* text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

Style In(Language language) {
  Style style;
  style.language = language;
  style.now = absl::FromUnixSeconds(1'795'420'800);  // 2026-11-23T16:00+08:00
  return style;
}

intake::Case SomeCase() {
  return Parsed<intake::Case>(R"pb(
    name: "cases/01940000-0000-7000-8000-000000000001"
    display_code: "0102-26-000042-1"
    title: "火化证明遗失"
    state: STATE_IN_PROGRESS
    owner: "staff/wang"
    next_action {
      summary: "致电档案室"
      due_time { seconds: 1795507200 }
    }
    parties {
      name: "cases/01940000-0000-7000-8000-000000000001/parties/01940000-0000-7000-8000-000000000002"
      role: ROLE_APPLICANT
      display_name: "沈玉兰"
      no_sms: true
    }
  )pb");
}

TEST(RenderList, HasTheColumnsThatTheNounNames) {
  const intake::Case one = SomeCase();
  EXPECT_EQ(RenderList({&one}, *intake::Case::descriptor(), Format::kTable, In(Language::kChinese)),
            "受理号            状态    标题          首接负责    时限         内容        编号\n"
            "0102-26-000042-1  办理中  火化证明遗失  staff/wang  11-24 16:00  致电档案室  "
            "cases/01940000-0000-7000-8000-000000000001\n");
  EXPECT_THAT(RenderList({&one}, *intake::Case::descriptor(), Format::kTable, In(Language::kEnglish)),
              HasSubstr("display code      state        title"));
}

TEST(RenderList, NeverCutsCodesAndNames) {
  const intake::Case one = SomeCase();
  Style narrow = In(Language::kChinese);
  narrow.width = 60;
  const std::string text = RenderList({&one}, *intake::Case::descriptor(), Format::kTable, narrow);
  EXPECT_THAT(text, HasSubstr("0102-26-000042-1"));
  EXPECT_THAT(text, HasSubstr("\n  cases/01940000-0000-7000-8000-000000000001\n"));
}

TEST(RenderList, CutsWordsThatLookLikeCodesRatherThanWhatIsSaid) {
  const auto event = Parsed<xixinting::common::v1::Event>(R"pb(
    actor: "services/notification"
    type: "case.message_reported.v1"
    summary: "八宝山殡仪馆最晚办理日临近"
  )pb");
  Style narrow = In(Language::kEnglish);
  narrow.width = 70;
  const std::string text = RenderList({&event}, *event.GetDescriptor(), Format::kTable, narrow);
  EXPECT_THAT(text, HasSubstr("services/notification  case.message"));
  EXPECT_THAT(text, HasSubstr("…  八宝山殡仪馆"));
}

TEST(RenderMessage, ShowsBasisPointsAsPercentAndNothingWhereThereIsNone) {
  const auto report = Parsed<intake::Report>(R"pb(
    rates { measure: MEASURE_RESPONSE rate_bp: 9523 numerator: 20 denominator: 21 }
    rates { measure: MEASURE_RESOLUTION rate_bp: 0 numerator: 0 denominator: 3 }
    rates { measure: MEASURE_SATISFACTION numerator: 0 denominator: 0 }
    trips: 0
  )pb");
  EXPECT_EQ(RenderMessage(report, Format::kTable, In(Language::kChinese)),
            "三率和承诺：\n"
            "  指标      比率  其中  总数\n"
            "  响应率  95.23%    20    21\n"
            "  解决率      0%     0     3\n"
            "  满意率             0     0\n"
            "群众跑窗口（趟）：0\n");
  EXPECT_THAT(RenderMessage(report, Format::kTable, In(Language::kEnglish)),
              HasSubstr("rates: \n  measure         rate  numerator  denominator\n"
                        "  RESPONSE      95.23%         20           21\n"));
}

xixinting::common::v1::Event SomeEvent(const char* actor) {
  xixinting::common::v1::Event event;
  event.set_actor(actor);
  event.set_type("case.closed.v1");
  event.set_summary("已办结");
  return event;
}

TEST(RenderList, NamesTheSystemThatDidWhatNobodyDid) {
  const xixinting::common::v1::Event event = SomeEvent("services/referral");
  const auto shown = [&event](Language language) {
    return RenderList({&event}, *event.GetDescriptor(), Format::kTable, In(language));
  };
  EXPECT_THAT(shown(Language::kChinese), HasSubstr("协查系统  case.closed.v1  已办结\n"));
  EXPECT_THAT(shown(Language::kEnglish), HasSubstr("services/referral  case.closed.v1"));
}

TEST(RenderList, TellsListenersNoIdentifiers) {
  const xixinting::common::v1::Event event = SomeEvent("staff/wang");
  const intake::Case one = SomeCase();
  Style told = In(Language::kChinese);
  told.told = true;
  told.name_of = [](const std::string& name) { return name == "staff/wang" ? "王建国" : ""; };
  EXPECT_EQ(RenderList({&event}, *event.GetDescriptor(), Format::kTable, told),
            "时间  谁      内容\n      王建国  已办结\n");
  EXPECT_EQ(RenderList({&one}, *intake::Case::descriptor(), Format::kTable, told),
            "受理号            状态    标题          首接负责  时限         内容\n"
            "0102-26-000042-1  办理中  火化证明遗失  王建国    11-24 16:00  致电档案室\n");
}

TEST(RenderList, SaysThatThereIsNothing) {
  EXPECT_THAT(RenderList({}, *intake::Case::descriptor(), Format::kTable, In(Language::kChinese)),
              testing::EndsWith("\n（没有）\n"));
  EXPECT_THAT(RenderList({}, *intake::Case::descriptor(), Format::kTable, In(Language::kEnglish)),
              testing::EndsWith("\n(none)\n"));
  EXPECT_EQ(RenderList({}, *intake::Case::descriptor(), Format::kName, In(Language::kChinese)), "");
}

TEST(RenderList, SpellsHoursAndPeriodsAsPeopleDo) {
  const auto hall =
      Parsed<intake::Hall>(R"pb(name: "halls/110102016" opening_hours: "Mon-Fri 09:00-12:00,13:30-17:30")pb");
  EXPECT_THAT(RenderList({&hall}, *intake::Hall::descriptor(), Format::kTable, In(Language::kChinese)),
              HasSubstr("周一至周五 09:00-12:00、13:30-17:30"));
  const auto note = Parsed<referral::RuleNote>(R"pb(service_item: "补办火化证明" period: "P10Y6M")pb");
  EXPECT_THAT(RenderMessage(note, Format::kTable, In(Language::kChinese)), HasSubstr("期限：10年6个月\n"));
  EXPECT_THAT(RenderMessage(note, Format::kTable, In(Language::kEnglish)), HasSubstr("period: P10Y6M\n"));
}

TEST(RenderMessage, ShowsSeveralOfANounAsATable) {
  const std::string text = RenderMessage(SomeCase(), Format::kTable, In(Language::kChinese));
  EXPECT_THAT(text, HasSubstr("状态：办理中\n"));
  EXPECT_THAT(text, HasSubstr("下一步：\n  内容：致电档案室\n  时限：11-24 16:00\n"));
  EXPECT_THAT(text, HasSubstr("相关人：\n  身份    姓名"));
  EXPECT_THAT(text, HasSubstr("  申请人  沈玉兰"));
}

TEST(RenderMessage, LeavesOutWhatIsForMachines) {
  const auto sheet = Parsed<referral::RouteSheet>(R"pb(text: "一、取号\n" html: "<!DOCTYPE html>")pb");
  EXPECT_EQ(RenderMessage(sheet, Format::kTable, In(Language::kChinese)), "正文：\n一、取号\n\n");
  EXPECT_THAT(RenderMessage(sheet, Format::kJson, In(Language::kChinese)), HasSubstr("<!DOCTYPE html>"));
}

TEST(RenderMessage, ShowsWhatGoesIntoTheWordsByItsName) {
  const auto message = Parsed<xixinting::notification::v1::Message>(R"pb(
    parameters { name: "code" text: "0102-26-000042-1" }
    parameters {
      name: "last_day"
      date { year: 2027 month: 2 day: 15 }
    }
  )pb");
  const std::string text = RenderMessage(message, Format::kTable, In(Language::kChinese));
  EXPECT_THAT(text, HasSubstr("填入的值：\n  名称      值\n"));
  EXPECT_THAT(text, HasSubstr("  code      正文：0102-26-000042-1\n"));
  EXPECT_THAT(text, HasSubstr("  last_day  日期：2027-02-15\n"));
}

TEST(CellOf, SaysWhichMemberOfAChoiceIsSet) {
  const auto entry = Parsed<referral::Entry>(R"pb(
    verdict {
      claim: "referrals/01940000-0000-7000-8000-000000000001/entries/01940000-0000-7000-8000-000000000002"
      kind: KIND_REFUTED
      basis: "十年内可补办"
    }
  )pb");
  const Json item = ToJson(entry, Names::kProto);
  EXPECT_EQ(CellOf(item, *referral::Entry::descriptor(), "content", In(Language::kChinese)),
            "判断：不属实，十年内可补办");
  EXPECT_EQ(CellOf(item, *referral::Entry::descriptor(), "content", In(Language::kEnglish)),
            "verdict: REFUTED, 十年内可补办");
}

TEST(CellOf, LabelsWhatIsOnlyANumber) {
  const auto entry = Parsed<referral::Entry>(R"pb(hop { to_unit: "档案室" person: "赵师傅" extension: "8" })pb");
  const Json item = ToJson(entry, Names::kProto);
  EXPECT_EQ(CellOf(item, *referral::Entry::descriptor(), "content", In(Language::kChinese)),
            "转手：档案室，赵师傅，分机：8");
  EXPECT_EQ(CellOf(item, *referral::Entry::descriptor(), "content", In(Language::kEnglish)),
            "hop: 档案室, 赵师傅, extension: 8");
}

TEST(RenderMessage, SaysThatAPromisedDayIsARestDay) {
  // A Saturday, 2026-11-28T10:00+08:00, and the Friday before.
  const auto saturday = Parsed<intake::Promise>("due_time { seconds: 1795831200 } create_time { seconds: 1795831200 }");
  EXPECT_EQ(RenderMessage(saturday, Format::kTable, In(Language::kChinese)),
            "最晚：11-28 10:00（休息日）\n建立：11-28 10:00\n");
  EXPECT_THAT(RenderMessage(saturday, Format::kTable, In(Language::kEnglish)), HasSubstr("11-28 10:00 (a rest day)"));
  const auto friday = Parsed<intake::Promise>("due_time { seconds: 1795744800 }");
  EXPECT_EQ(RenderMessage(friday, Format::kTable, In(Language::kChinese)), "最晚：11-27 10:00\n");
  Style later = In(Language::kChinese);
  later.now += absl::Hours(24 * 7);
  EXPECT_THAT(RenderMessage(saturday, Format::kTable, later), Not(HasSubstr("休息日"))) << "it is past";
}

TEST(RenderMessage, ShowsValuesThatItDoesNotKnowAsTheyAre) {
  const auto promise = Parsed<intake::Promise>("state: 77");
  EXPECT_EQ(RenderMessage(promise, Format::kTable, In(Language::kChinese)), "状态：77\n");
}

TEST(Labels, AreWhatTheProtoSays) {
  const auto* broken = intake::Promise::State_descriptor()->FindValueByName("STATE_BROKEN");
  EXPECT_EQ(LabelOf(*broken, Language::kChinese), "逾期未兑现");
  EXPECT_EQ(LabelOf(*broken, Language::kEnglish), "BROKEN");
  const auto* due_time = intake::Promise::descriptor()->FindFieldByName("due_time");
  EXPECT_EQ(LabelOf(*due_time, Language::kChinese), "最晚");
  EXPECT_EQ(LabelOf(*due_time, Language::kEnglish), "due time");
}

}  // namespace
}  // namespace xxt::cli
