#include "services/referral/route_sheet/render.h"

#include <utf8proc.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral::route_sheet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kLastDay[] = "最晚办理日：2026年12月31日\n过期不再补办！";

v1::Body Crematorium() {
  return test::Text<v1::Body>(
      "name: 'bodies/babaoshan' title: '八宝山殡仪馆' address: '石景山路9号' transport: '地铁1号线八宝山站' "
      "units { id: 'archive' title: '档案室' opening_hours: 'Mon-Fri 08:30-11:30,13:30-16:00' "
      "contact_points { channel: CHANNEL_PHONE address: '010-6000 1234 转 8' person: '赵师傅' } }");
}

// Of 10:00 on 23 November 2026 in Shanghai.
v1::RouteSheet Sheet() {
  return test::Text<v1::RouteSheet>(
      "name: 'referrals/01940000-0000-7000-8000-000000000001/routeSheets/3' issue_time { seconds: 1795399200 } "
      "steps { title: '到档案室补办火化证明' unit: 'archive' take_away: '火化证明' bring: '经办人身份证' "
      "bring: '与逝者的亲属关系证明（户口本、结婚证、出生证明之一均可，原件和复印件各一份）' }");
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
  v1::RouteSheet sheet = Sheet();
  sheet.mutable_steps(0)->set_person("钱师傅");
  sheet.add_steps()->set_title("回窗口");
  FillFromDirectory(Crematorium(), &sheet);
  EXPECT_THAT(sheet.steps(0),
              test::Partially("person: '钱师傅' office: '八宝山殡仪馆 档案室' address: '石景山路9号' "
                              "phone_number: '010-6000 1234 转 8' hours: '周一至周五 08:30-11:30、13:30-16:00' "
                              "transport: '地铁1号线八宝山站'"));
  EXPECT_EQ(sheet.steps(1).office(), "");
}

TEST(FillFromDirectory, NamesTheOfficesNumberAndAPersonsOwnWhereThereIsNoOther) {
  v1::Body body = Crematorium();
  v1::Unit& unit = *body.mutable_units(0);
  unit = test::Text<v1::Unit>(
      "id: 'archive' title: '档案室' "
      "contact_points { channel: CHANNEL_PHONE person: '孟师傅' direct_number: '+8613800138000' } "
      "contact_points { channel: CHANNEL_PHONE address: '010-6000 1234' person: '赵师傅' }");
  v1::RouteSheet sheet = Sheet();
  FillFromDirectory(body, &sheet);
  EXPECT_THAT(sheet.steps(0), test::Partially("phone_number: '010-6000 1234' person: '赵师傅'"));
  unit.mutable_contact_points()->RemoveLast();
  sheet = Sheet();
  FillFromDirectory(body, &sheet);
  EXPECT_THAT(sheet.steps(0), test::Partially("phone_number: '+8613800138000' person: '孟师傅'"));
}

TEST(RenderText, KeepsEveryLineWithinTheWidthOfLargePrint) {
  v1::RouteSheet sheet = Sheet();
  FillFromDirectory(Crematorium(), &sheet);
  sheet.set_remark(std::string(300, 'x') + "，" + sheet.steps(0).bring(1));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(RenderText(sheet, kLastDay), '\n'))) {
    EXPECT_LE(ColumnsOf(line), kColumns) << line;
  }
}

TEST(RenderText, ShowsWhenWhereAndWithWhat) {
  v1::RouteSheet sheet = Sheet();
  FillFromDirectory(Crematorium(), &sheet);
  const std::string text = RenderText(sheet, kLastDay);
  EXPECT_THAT(text, HasSubstr("★ 最晚办理日：2026年12月31日\n  过期不再补办！\n"));
  EXPECT_THAT(text, HasSubstr("第1步  到档案室补办火化证明"));
  EXPECT_THAT(text, HasSubstr("[ ] 经办人身份证"));
  EXPECT_THAT(text, HasSubstr("→ 火化证明"));
  EXPECT_THAT(text, HasSubstr("08:30-11:30、\n        13:30-16:00\n"));
  EXPECT_THAT(text, HasSubstr("怎么去：地铁1号线八宝山站"));
  EXPECT_THAT(text, HasSubstr("开具日期：2026年11月23日  第3版"));
  EXPECT_THAT(RenderText(sheet, ""), Not(HasSubstr("★")));
}

TEST(RenderHtml, EscapesEveryTextAndNeedsNothingElse) {
  v1::RouteSheet sheet = Sheet();
  sheet.mutable_steps(0)->set_title("<script>alert(1)</script>");
  sheet.mutable_steps(0)->set_bring(0, "\"引号\" & 'x'");
  const std::string html = RenderHtml(sheet, "<i>最晚</i>");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("&quot;引号&quot; &amp; &#39;x&#39;"));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;最晚&lt;/i&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
}

}  // namespace
}  // namespace xxt::referral::route_sheet
