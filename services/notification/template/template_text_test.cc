#include "services/notification/template/template_text.h"

#include <cstdlib>
#include <string>

#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TemplateText Text(absl::string_view pattern, absl::string_view language = "zh-CN") {
  absl::StatusOr<TemplateText> parsed = TemplateText::Parse(pattern, language);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.value();
}

std::string Rendered(absl::string_view pattern, const Parameters& parameters, absl::string_view language = "zh-CN") {
  const absl::StatusOr<std::string> rendered = Text(pattern, language).Render(parameters);
  EXPECT_TRUE(rendered.ok()) << rendered.status();
  return rendered.value_or("");
}

std::string Refusal(absl::string_view pattern, const Parameters& parameters) {
  const absl::StatusOr<std::string> rendered = Text(pattern).Render(parameters);
  EXPECT_EQ(rendered.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(rendered.status().message());
}

const absl::Time kEvening = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 2), 23, 30);

TEST(TemplateText, PutsInTextsAndIntegers) {
  EXPECT_EQ(
      Rendered("{name}，您的诉求 {code} 有 {n, number} 份材料", {{"name", "沈女士"}, {"code", "016"}, {"n", 1200}}),
      "沈女士，您的诉求 016 有 1,200 份材料");
  EXPECT_EQ(Rendered("没有参数", {}), "没有参数");
}

TEST(TemplateText, WritesDatesInTheLanguageOfTheReader) {
  const Parameters day = {{"day", absl::CivilDay(2026, 3, 2)}};
  EXPECT_EQ(Rendered("{day, date, long}前办理", day), "2026年3月2日前办理");
  EXPECT_EQ(Rendered("before {day, date, long}", day, "en"), "before March 2, 2026");
  EXPECT_EQ(Rendered("{day, date, ::MMMd}", day), "3月2日");
}

TEST(TemplateText, WritesTimesInShanghaiWhateverTheMachinesZone) {
  // main() has set New York, where this is the morning.
  const Parameters at = {{"at", kEvening}};
  EXPECT_EQ(Rendered("{at, date,yyyy-MM-dd} {at, time,HH:mm}", at), "2026-03-02 23:30");
  EXPECT_EQ(Rendered("{n, plural, other {{at, time,HH:mm}}}", {{"at", kEvening}, {"n", 1}}), "23:30");
  EXPECT_EQ(Rendered("{at, time, ::Hm}", at), "23:30");
  EXPECT_THAT(Rendered("{at, time, short}", at, "en"), HasSubstr("11:30"));
}

TEST(TemplateText, ChoosesByNumberAndByWord) {
  const std::string pattern = "{n, plural, one {# paper} other {# papers}} {who, select, kin {for kin} other {}}";
  EXPECT_EQ(Rendered(pattern, {{"n", 1}, {"who", "kin"}}, "en"), "1 paper for kin");
  EXPECT_EQ(Rendered(pattern, {{"n", 3}, {"who", "x"}}, "en"), "3 papers ");
}

TEST(TemplateText, ListsItsArgumentsOnceWithTheirKinds) {
  EXPECT_THAT(Text("{b} {a, date, short} {b} {n, plural, other {# {inner, time}}} {s, select, other {{deep, number}}}")
                  .arguments(),
              ElementsAre(Argument{"a", ArgumentKind::kDate}, Argument{"b", ArgumentKind::kText},
                          Argument{"deep", ArgumentKind::kNumber}, Argument{"inner", ArgumentKind::kTime},
                          Argument{"n", ArgumentKind::kNumber}, Argument{"s", ArgumentKind::kChoice}));
  EXPECT_THAT(Text("{at, date} {at, time}").arguments(), ElementsAre(Argument{"at", ArgumentKind::kTime}));
  EXPECT_THAT(Text("无").arguments(), IsEmpty());
  EXPECT_THAT(Text("'{'literal'}'").arguments(), IsEmpty());
}

TEST(TemplateText, NamesTheMissingAndTheExtraParameter) {
  EXPECT_THAT(Refusal("{name} {day, date}", {{"name", "沈"}}), AllOf(HasSubstr("\"day\""), HasSubstr("missing")));
  EXPECT_THAT(Refusal("{name}", {{"name", "沈"}, {"extra", "x"}}),
              AllOf(HasSubstr("\"extra\""), HasSubstr("not in the template")));
  EXPECT_THAT(Refusal("{n, plural, one {x} other {{hidden}}}", {{"n", 1}}), HasSubstr("\"hidden\""));
}

TEST(TemplateText, NamesTheParameterOfTheWrongType) {
  EXPECT_THAT(Refusal("{day, date}", {{"day", "明天"}}), AllOf(HasSubstr("\"day\""), HasSubstr("text")));
  EXPECT_THAT(Refusal("{day, date}", {{"day", 7}}), HasSubstr("integer"));
  EXPECT_THAT(Refusal("{at, time}", {{"at", absl::CivilDay(2026, 3, 2)}}), HasSubstr("day"));
  EXPECT_THAT(Refusal("{n, number}", {{"n", "七"}}), HasSubstr("\"n\""));
  EXPECT_THAT(Refusal("{name}", {{"name", kEvening}}), HasSubstr("moment"));
  EXPECT_THAT(Refusal("{who, select, other {}}", {{"who", 1}}), HasSubstr("integer"));
}

TEST(TemplateText, RefusesControlCharactersWithoutRepeatingTheValue) {
  for (const std::string& value :
       {std::string("a\nb"), std::string("a\r\nBcc: x"), std::string("a\tb"), std::string("a\0b", 3),
        std::string("\x7F"), std::string("\xC2\x85"), std::string("\u2028"), std::string("\u202E"),
        std::string("\u2066"), std::string("\u200F")}) {
    EXPECT_THAT(Refusal("{name}", {{"name", value}}),
                AllOf(HasSubstr("\"name\""), HasSubstr("control character"), Not(HasSubstr("Bcc"))));
  }
  EXPECT_THAT(Refusal("{name}", {{"name", "\xFF"}}), HasSubstr("not UTF-8"));
}

TEST(TemplateText, TakesAParameterLiterally) {
  EXPECT_EQ(Rendered("{name}", {{"name", "{day} '{{x}}' # 𠮷 👍"}}), "{day} '{{x}}' # 𠮷 👍");
}

TEST(ParseTemplateText, TellsWhereThePatternIsWrong) {
  const auto message = [](absl::string_view pattern, absl::string_view language = "zh-CN") {
    const auto parsed = TemplateText::Parse(pattern, language);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << pattern;
    return std::string(parsed.status().message());
  };
  EXPECT_THAT(message("您好 {na me}"), HasSubstr("character 4"));
  EXPECT_THAT(message("您好 {name"), HasSubstr("character"));
  EXPECT_THAT(message("{name, plural, one {x}}"), HasSubstr("pattern"));  // no "other"
  EXPECT_THAT(message("{0}"), HasSubstr("named"));
  EXPECT_THAT(message("{n, spellout}"), HasSubstr("\"n\""));
  EXPECT_THAT(message("{n, choice, 0#x}"), HasSubstr("\"n\""));
  EXPECT_THAT(message("{x, date} {x, number}"), HasSubstr("two forms"));
  EXPECT_THAT(message("{x, date} {x}"), HasSubstr("two forms"));
  EXPECT_THAT(message("\xFF"), HasSubstr("UTF-8"));
  EXPECT_THAT(message("您好", "fr"), HasSubstr("language_code"));
  EXPECT_THAT(message("{n, number, ::bogus/skeleton}"), HasSubstr("malformed"));
}

}  // namespace
}  // namespace xxt::notification

// Sets a zone far from Shanghai before ICU reads its default.
int main(int argc, char** argv) {
  setenv("TZ", "America/New_York", 1);
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
