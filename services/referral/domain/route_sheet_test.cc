#include "services/referral/domain/route_sheet.h"

#include <utf8proc.h>

#include <string>

#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Body Crematorium() {
  Body body;
  body.id = "babaoshan";
  body.title = "八宝山殡仪馆";
  body.address = "石景山路9号";
  body.transport = "地铁1号线八宝山站";
  body.units = {
      {"archive", "档案室", "Mon-Fri 08:30-11:30,13:30-16:00", {{Channel::kPhone, "010-6000 1234 转 8", "赵师傅"}}}};
  return body;
}

RouteSheet Sheet() {
  RouteSheet sheet;
  sheet.version = 1;
  sheet.issue_time = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);
  RouteSheet::Step step;
  step.title = "到档案室补办火化证明";
  step.unit = "archive";
  step.bring = {"经办人身份证", "与逝者的亲属关系证明（户口本、结婚证、出生证明之一均可，原件和复印件各一份）"};
  step.take_away = {"火化证明"};
  sheet.steps = {step};
  RecordedCutOff cut_off;
  cut_off.cut_off.last_day = absl::CivilDay(2026, 12, 31);
  cut_off.cut_off.last_safe_day = absl::CivilDay(2026, 12, 31);
  cut_off.irrevocable = true;
  sheet.cut_off = cut_off;
  return sheet;
}

int ColumnsOf(const std::string& line) {
  int columns = 0;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(line.data());
  utf8proc_ssize_t left = static_cast<utf8proc_ssize_t>(line.size());
  while (left > 0) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t bytes = utf8proc_iterate(at, left, &codepoint);
    columns += utf8proc_charwidth(codepoint);
    at += bytes;
    left -= bytes;
  }
  return columns;
}

TEST(FillFromDirectory, FillsOnlyWhatIsEmpty) {
  RouteSheet sheet = Sheet();
  sheet.steps[0].person = "钱师傅";
  FillFromDirectory(Crematorium(), &sheet);
  EXPECT_EQ(sheet.steps[0].person, "钱师傅");
  EXPECT_EQ(sheet.steps[0].office, "八宝山殡仪馆 档案室");
  EXPECT_EQ(sheet.steps[0].address, "石景山路9号");
  EXPECT_EQ(sheet.steps[0].phone_number, "010-6000 1234 转 8");
  EXPECT_EQ(sheet.steps[0].hours, "周一至周五 08:30-11:30、13:30-16:00");
  EXPECT_EQ(sheet.steps[0].transport, "地铁1号线八宝山站");
}

TEST(RenderText, KeepsEveryLineWithinTheWidthOfLargePrint) {
  RouteSheet sheet = Sheet();
  FillFromDirectory(Crematorium(), &sheet);
  sheet.remark = std::string(300, 'x') + "，" + sheet.steps[0].bring[1];
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(RenderText(sheet), '\n'))) {
    EXPECT_LE(ColumnsOf(line), kRouteSheetColumns) << line;
  }
}

TEST(RenderText, ShowsWhenWhereAndWithWhat) {
  RouteSheet sheet = Sheet();
  FillFromDirectory(Crematorium(), &sheet);
  const std::string text = RenderText(sheet);
  EXPECT_THAT(text, HasSubstr("★ 最晚办理日：2026年12月31日\n  过期不再补办！\n"));
  EXPECT_THAT(text, HasSubstr("第1步  到档案室补办火化证明"));
  EXPECT_THAT(text, HasSubstr("[ ] 经办人身份证"));
  EXPECT_THAT(text, HasSubstr("→ 火化证明"));
  EXPECT_THAT(text, HasSubstr("08:30-11:30、\n        13:30-16:00\n"));
  EXPECT_THAT(text, HasSubstr("怎么去：地铁1号线八宝山站"));
}

TEST(RenderHtml, EscapesEveryTextAndNeedsNothingElse) {
  RouteSheet sheet = Sheet();
  sheet.steps[0].title = "<script>alert(1)</script>";
  sheet.steps[0].bring = {"\"引号\" & 'x'"};
  const std::string html = RenderHtml(sheet);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("&quot;引号&quot; &amp; &#39;x&#39;"));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
}

TEST(HoursInWords, AreReadByPeople) {
  EXPECT_EQ(HoursInWords("Mon-Fri 08:30-16:00; Sat 09:00-12:00"), "周一至周五 08:30-16:00；周六 09:00-12:00");
  EXPECT_EQ(HoursInWords("Tue,Thu 09:00-11:30"), "周二、周四 09:00-11:30");
  EXPECT_EQ(HoursInWords("24/7"), "全天（节假日不休）");
}

}  // namespace
}  // namespace xxt::referral
