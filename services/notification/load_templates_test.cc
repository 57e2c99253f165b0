#include "services/notification/load_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/calendar/shanghai_time.h"
#include "services/notification/domain/sms.h"

namespace xxt::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCode[] = "0102-26-000042-1";

TEST(CompiledTemplates, PassEveryCheck) {
  const absl::StatusOr<Catalogue> catalogue = LoadCatalogue();
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_THAT(catalogue->ids(), ElementsAre("case-closed", "case-received", "checklist-issued", "cut-off-near",
                                            "referral-answered", "route-sheet-plain", "route-sheet-ready"));
}

TEST(CompiledTemplates, OnlyTheCutOffIsUrgent) {
  const Catalogue catalogue = *LoadCatalogue();
  for (const std::string& id : catalogue.ids()) EXPECT_EQ(catalogue.Find(id)->urgent(), id == "cut-off-near") << id;
}

TEST(CompiledTemplates, TellTheLastSafeDayInPlainChinese) {
  const Catalogue catalogue = *LoadCatalogue();
  const Parameters parameters = {
      {"code", kCode}, {"body", "八宝山殡仪馆"}, {"last_day", absl::CivilDay(2026, 12, 18)}, {"days", std::int64_t{7}}};
  const absl::StatusOr<Rendered> rendered = catalogue.Find("cut-off-near")->Render(parameters, "zh-CN", "申女士");
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_THAT(rendered->sms_text, StartsWith("【西城悉心听】提醒您：八宝山殡仪馆的事最晚2026年12月18日要办，还有7天"));
  EXPECT_THAT(rendered->sms_text, Not(HasSubstr("申女士"))) << "no names in text messages";
  EXPECT_THAT(rendered->call_text, StartsWith("申女士您好"));
  EXPECT_EQ(rendered->headline, "最后期限快到了（案件 0102-26-000042-1）");
}

TEST(CompiledTemplates, TellTheMomentInBeijingTime) {
  const Catalogue catalogue = *LoadCatalogue();
  const Parameters parameters = {{"code", kCode},
                                 {"officer", "王建国"},
                                 {"hall", "陶然亭街道政务服务中心"},
                                 {"phone", "010-6000 1234"},
                                 {"by", calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 24), 17, 0)}};
  const absl::StatusOr<Rendered> rendered = catalogue.Find("case-received")->Render(parameters, "zh-CN", "申女士");
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_THAT(rendered->sms_text, HasSubstr("最晚11月24日 17:00给您回音"));
}

TEST(CompiledTemplates, SpeakEnglishToo) {
  const Catalogue catalogue = *LoadCatalogue();
  const Parameters parameters = {{"code", kCode}, {"count", std::int64_t{1}}};
  EXPECT_THAT(catalogue.Find("checklist-issued")->Render(parameters, "en", "Ms Shen")->sms_text,
              HasSubstr(": 1 item."));
}

TEST(ReadTemplate, NamesTheFileAndTheKeyAtFault) {
  const absl::StatusOr<TemplateSource> read = ReadTemplate("hello", "version: 1\nurgent: no\nheadline: x\nwords: {}\n");
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(read.status().message(), "templates/hello.yaml: the file.parameters is missing");
}

TEST(ReadTemplate, RefusesUnknownKeysAndBrokenYaml) {
  EXPECT_THAT(std::string(ReadTemplate("hello", "colour: red\n").status().message()), HasSubstr("has no key colour"));
  EXPECT_FALSE(ReadTemplate("hello", "a: [").ok());
  EXPECT_FALSE(ReadTemplate("hello", "just words").ok());
}

}  // namespace
}  // namespace xxt::notification
