#include "services/notification/template/load_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "services/notification/message/words.h"
#include "services/notification/template/templates_data.h"

namespace xxt::notification {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCode[] = "0102-26-000042-1";

TEST(CompiledTemplates, PassEveryCheck) {
  const absl::StatusOr<Catalogue> catalogue = LoadCatalogue();
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_THAT(catalogue->ids(), ElementsAre("case-closed", "case-merged", "case-no-news", "case-received",
                                            "case-reopened", "checklist-issued", "cut-off-near",

                                            "kin-closed", "kin-progress", "last-day-corrected", "policy-fits",
                                            "referral-answered", "route-sheet-plain", "route-sheet-ready"));
}

TEST(CompiledTemplates, OnlyTheLastDayIsUrgent) {
  const Catalogue catalogue = *LoadCatalogue();
  for (const std::string& id : catalogue.ids()) {
    EXPECT_EQ(catalogue.Find(id)->urgent(), id == "cut-off-near" || id == "last-day-corrected") << id;
  }
}

TEST(CompiledTemplates, TellTheLastSafeDayInPlainChinese) {
  const Catalogue catalogue = *LoadCatalogue();
  const Parameters parameters = {{"code", kCode}, {"body", "八宝山殡仪馆"}, {"last_day", absl::CivilDay(2026, 12, 18)}};
  const absl::StatusOr<Rendered> rendered = catalogue.Find("cut-off-near")->Render(parameters, "zh-CN", "申女士");
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_THAT(rendered->sms_text, StartsWith("【西城悉心听】提醒您：八宝山殡仪馆的事最晚2026年12月18日星期五要办"));
  EXPECT_THAT(rendered->sms_text, Not(HasSubstr("申女士"))) << "no names in text messages";
  EXPECT_THAT(rendered->call_text, StartsWith("申女士您好"));
  EXPECT_EQ(rendered->headline, "最晚办理日提醒（诉求 0102-26-000042-1）");
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

// --- Whenever it is told ---------------------------------------------------------

const absl::CivilDay kLastDay(2026, 12, 18);

// Every template with values for its parameters.
struct Sample {
  std::string id;
  Parameters parameters;
};

std::vector<Sample> Samples() {
  const Parameters values = {{"code", kCode},
                             {"other", "0102-26-000057-8"},
                             {"officer", "王建国"},
                             {"hall", "陶然亭街道政务服务中心"},
                             {"phone", "010-6000 1234"},
                             {"body", "八宝山殡仪馆"},
                             {"count", std::int64_t{7}},
                             {"waiting", std::int64_t{2}},
                             {"as_of", absl::CivilDay(2026, 11, 24)},
                             {"last_day", kLastDay},
                             {"by", calendar::AtTimeOfDay(kLastDay, 17, 0)}};
  std::vector<Sample> samples;
  for (const TemplateFile& file : TemplateFiles()) {
    Sample sample{file.id, {}};
    const TemplateSource source = *ReadTemplate(file.id, file.text);
    for (const auto& [name, unused] : source.parameters) sample.parameters[name] = values.at(name);
    samples.push_back(std::move(sample));
  }
  return samples;
}

// What is said on the telephone at `now`.
std::string ToldAt(const Template& words, const Rendered& rendered, const Parameters& parameters, absl::Time now) {
  v1::Message message;
  message.mutable_words()->set_call(rendered.call_text);
  message.mutable_words()->set_late(rendered.late_text);
  const absl::Time until = words.TrueUntil(parameters);
  if (until != absl::InfiniteFuture()) rpc::ToProto(until, message.mutable_true_until());
  return message::WordsBy(message, common::CHANNEL_PHONE, now);
}

TEST(CompiledTemplates, NeverNameADayByItsDistanceWhichChangesOnTheWay) {
  const Catalogue catalogue = *LoadCatalogue();
  for (const auto& [id, parameters] : Samples()) {
    for (const bool easy : {false, true}) {
      for (const char* language : {"zh-CN", "en"}) {
        const Rendered rendered = *catalogue.Find(id)->Render(parameters, language, "申女士", easy);
        for (const std::string& text : {rendered.sms_text, rendered.call_text, rendered.late_text, rendered.headline}) {
          for (const char* relative : {"今天", "明天", "后天", "昨天", "还有7", "还剩", "天后", "天内", "快到",
                                       "马上到", "today", "tomorrow", "yesterday", "days from now", "days left"}) {
            EXPECT_THAT(text, Not(HasSubstr(relative))) << id;
          }
        }
      }
    }
  }
}

TEST(CompiledTemplates, SayInEasyReadingTheSameInShorterSentences) {
  const Catalogue catalogue = *LoadCatalogue();
  const auto longest = [](const std::string& text) {
    std::size_t most = 0;
    const std::string with_stops = absl::StrReplaceAll(text, {{"。", "\n"}, {"：", "\n"}, {"，", "\n"}});
    for (const absl::string_view sentence : absl::StrSplit(with_stops, '\n')) most = std::max(most, sentence.size());
    return most;
  };
  int count = 0;
  for (const auto& [id, parameters] : Samples()) {
    const Rendered usual = *catalogue.Find(id)->Render(parameters, "zh-CN", "申女士");
    const Rendered easy = *catalogue.Find(id)->Render(parameters, "zh-CN", "申女士", true);
    if (easy.sms_text == usual.sms_text) continue;  // it has none
    ++count;
    EXPECT_LT(easy.sms_text.size(), usual.sms_text.size()) << id;
    EXPECT_LE(longest(easy.sms_text), longest(usual.sms_text)) << id;
    EXPECT_THAT(easy.call_text, StartsWith("申女士您好，")) << id;
    EXPECT_EQ(easy.late_text, usual.late_text) << id;
  }
  EXPECT_GE(count, 8);
}

TEST(CompiledTemplates, ThatNameADayAreNotTrueAfterIt) {
  const Catalogue catalogue = *LoadCatalogue();
  for (const auto& [id, parameters] : Samples()) {
    const absl::Time until = catalogue.Find(id)->TrueUntil(parameters);
    const bool names_a_day = parameters.count("last_day") + parameters.count("by") > 0;
    EXPECT_EQ(until != absl::InfiniteFuture(), names_a_day) << id;
  }
}

TEST(CompiledTemplates, SayAtEveryMomentWhatIsTrueThen) {
  const Catalogue catalogue = *LoadCatalogue();
  for (const auto& [id, parameters] : Samples()) {
    const Template& words = *catalogue.Find(id);
    const Rendered rendered = *words.Render(parameters, "zh-CN", "申女士");
    const absl::Time until = std::min(words.TrueUntil(parameters), calendar::EndOfDay(kLastDay));
    const bool lapses = words.TrueUntil(parameters) != absl::InfiniteFuture();
    for (const absl::Duration before : {absl::Hours(24 * 30), absl::Hours(24), absl::Minutes(1)}) {
      EXPECT_EQ(ToldAt(words, rendered, parameters, until - before), rendered.call_text) << id;
    }
    for (const absl::Duration after : {absl::ZeroDuration(), absl::Hours(24), absl::Hours(24 * 30)}) {
      const std::string told = ToldAt(words, rendered, parameters, until + after);
      EXPECT_EQ(told, lapses ? rendered.late_text : rendered.call_text) << id;
      if (lapses) {
        EXPECT_THAT(told, AnyOf(HasSubstr("已经过了"), HasSubstr("晚了"))) << id;
      }
    }
  }
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
