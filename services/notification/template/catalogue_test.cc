#include "services/notification/template/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/calendar/shanghai_time.h"

namespace xxt::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A template without a fault.
TemplateSource Source() {
  TemplateSource source;
  source.id = "papers-ready";
  source.version = 3;
  source.headline = "材料已备好";
  source.parameters = {{"code", {"text", "0102-26-000042-1"}},
                       {"count", {"number", "2"}},
                       {"last_day", {"date", "2026-12-18"}},
                       {"by", {"time", "2026-11-24T17:00"}}};
  const std::string zh = "{code} {count, number} {last_day, date, long} {by, time, short}";
  source.words = {{"zh-CN", {zh, "{name}，" + zh, ""}}, {"en", {zh, zh, ""}}};
  return source;
}

Parameters Values() {
  return {{"code", "0102-26-000042-1"},
          {"count", std::int64_t{2}},
          {"last_day", absl::CivilDay(2026, 12, 18)},
          {"by", absl::UnixEpoch()}};
}

// What is said of the template after `spoil`.
std::string FaultOf(const std::function<void(TemplateSource&)>& spoil) {
  TemplateSource source = Source();
  spoil(source);
  const absl::StatusOr<Template> made = Template::Make(source);
  return made.ok() ? "" : std::string(made.status().message());
}

TEST(Template, IsMadeOfAFaultlessSource) {
  EXPECT_EQ(FaultOf([](TemplateSource&) {}), "");
}

TEST(Template, MustHaveBothLanguages) {
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words.erase("en"); }),
              HasSubstr("papers-ready en: is missing"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["fr"] = source.words["en"]; }),
              HasSubstr("language_code"));
}

TEST(Template, MustUseExactlyItsParameters) {
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["en"].sms += "{hall}"; }),
              HasSubstr("papers-ready en sms: {hall} is not declared"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["zh-CN"].call = "{code}"; }),
              HasSubstr("does not use {by}"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["zh-CN"].sms += "{name}"; }),
              HasSubstr("{name} is not declared"))
      << "names never go into a text message";
}

TEST(Template, MustUseParametersAsWhatTheyAre) {
  EXPECT_THAT(FaultOf([](TemplateSource& source) {
                source.parameters["count"] = {"text", "two"};
              }),
              HasSubstr("{count} is used as another type than text"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.parameters["count"].type = "money"; }),
              HasSubstr("type must be text, number, date or time"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.parameters["last_day"].sample = "soon"; }),
              HasSubstr("the sample is no date"));
}

TEST(Template, MustHaveLateWordsExactlyIfItsWordsCeaseToBeTrue) {
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.true_until = "last_day"; }),
              HasSubstr("late words go with true_until"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["en"].late = source.words["en"].call; }),
              HasSubstr("late words go with true_until"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.true_until = "count"; }),
              HasSubstr("must name a date or time parameter"));
}

TEST(Template, IsTrueToTheEndOfItsDayOrToItsMoment) {
  TemplateSource source = Source();
  EXPECT_EQ(Template::Make(source)->TrueUntil(Values()), absl::InfiniteFuture());
  for (auto& [language, words] : source.words) words.late = words.call;
  source.true_until = "by";
  EXPECT_EQ(Template::Make(source)->TrueUntil(Values()), absl::UnixEpoch());
  source.true_until = "last_day";
  EXPECT_EQ(Template::Make(source)->TrueUntil(Values()), calendar::AtTimeOfDay(absl::CivilDay(2026, 12, 19), 0, 0));
}

TEST(Template, MustNotTakeMoreThanThreePartsInChinese) {
  const auto lengthen = [](TemplateSource& source) {
    for (int i = 0; i < 30; ++i) source.words["zh-CN"].sms += "请您放心我们";
  };
  EXPECT_THAT(FaultOf(lengthen), HasSubstr("papers-ready zh-CN sms: takes 4 parts"));
}

TEST(Template, MustBeAPattern) {
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["en"].call += "{"; }), HasSubstr("en call"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) { source.words["en"].easy = "Come."; }), HasSubstr("en easy"));
  EXPECT_THAT(FaultOf([](TemplateSource& source) {
                source.parameters["name"] = {"text", "x"};
              }),
              HasSubstr("reserved"));
}

TEST(TemplateParameters, PassWhenTheyAreAllThere) { EXPECT_THAT(Template::Make(Source())->Check(Values()), IsEmpty()); }

TEST(TemplateParameters, AreNamedWhenMissingUnknownOrOfAnotherType) {
  const Template made = *Template::Make(Source());
  Parameters values = Values();
  values.erase("code");
  values["count"] = "two";
  values["colour"] = "red";
  const std::vector<ParameterFault> faults = made.Check(values);
  ASSERT_THAT(faults, SizeIs(3));
  EXPECT_EQ(faults[0].parameter, "code");
  EXPECT_EQ(faults[1].parameter, "count");
  EXPECT_EQ(faults[2].parameter, "colour");
}

TEST(TemplateParameters, MustNotBeEmptyOrCarryIdentityData) {
  const Template made = *Template::Make(Source());
  for (const char* text : {"", " ", "11010519491231002X", "两行\n字"}) {
    Parameters values = Values();
    values["code"] = text;
    EXPECT_THAT(made.Check(values), SizeIs(1)) << text;
  }
}

TEST(TemplateParameters, AreNeverReadAsPatterns) {
  Parameters values = Values();
  values["code"] = "{count, plural, other {'#'}}";
  const absl::StatusOr<Rendered> rendered = Template::Make(Source())->Render(values, "zh-CN", "{name}");
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_THAT(rendered->sms_text, HasSubstr("{count, plural, other {'#'}}"));
  EXPECT_THAT(rendered->call_text, HasSubstr("{name}，"));
}

TEST(Headline, ShowsTheCodeOnlyIfItIsOne) {
  Parameters values = Values();
  values["code"] = "申女士";
  EXPECT_EQ(Template::Make(Source())->Render(values, "zh-CN", "x")->headline, "材料已备好");
}

TEST(Catalogue, FindsTemplatesAndRefusesTwins) {
  const absl::StatusOr<Catalogue> catalogue = Catalogue::Make({Source()});
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_EQ(catalogue->Find("papers-ready")->version(), 3);
  EXPECT_EQ(catalogue->Find("other"), nullptr);
  EXPECT_FALSE(Catalogue::Make({Source(), Source()}).ok());
}

}  // namespace
}  // namespace xxt::notification
