#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/difficulty.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::EqualsProto;
using test::Partially;

class DifficultyTest : public IntakeTest {
 protected:
  static std::string District() { return test::Token("staff/district", "", {"district"}); }
  // An officer of a hall of which nothing but these cases is counted.
  static std::string Officer() { return test::Token("staff/officer-110102007", kHall, {"officer"}); }

  void SetUp() override { Sql("DELETE FROM intake.case_difficulties"); }

  v1::Case Opened(const std::string& service_item, const std::string& difficulties) {
    return Must<v1::Case>(
        "CreateCase",
        absl::StrCat("request_id: '$id' case: {title: '缺材料' hall: '", kHall, "' service_item: '", service_item,
                     "' difficulties: [", difficulties, "] parties: {role: ROLE_APPLICANT display_name: '某人'}}"),
        Officer());
  }
  std::string Days(int from, int to) const {
    const absl::CivilDay today = calendar::ToCivilDay(now());
    const auto day = [](absl::CivilDay on) {
      return absl::StrCat("{year: ", on.year(), " month: ", on.month(), " day: ", on.day(), "}");
    };
    return absl::StrCat("first_day: ", day(today + from), " last_day: ", day(today + to));
  }
  v1::LookupDifficultyCountsResponse Counted(const std::string& more = "", const std::string& token = Officer()) {
    return Must<v1::LookupDifficultyCountsResponse>("LookupDifficultyCounts", absl::StrCat(Days(0, 0), " ", more),
                                                    token);
  }
  static constexpr char kHall[] = "halls/110102007";
};

TEST_F(DifficultyTest, AreCountedByCauseAndServiceItemTheMostFrequentFirst) {
  Opened("丧葬费申领", "DIFFICULTY_PAPER_MISSING, DIFFICULTY_RECORD_NOT_LOCATED");
  Opened("丧葬费申领", "DIFFICULTY_PAPER_MISSING, DIFFICULTY_PAPER_MISSING");  // said twice, counted once
  Opened("病退", "DIFFICULTY_PAPER_MISSING");
  Opened("病退", "");
  EXPECT_THAT(Counted(), EqualsProto(R"pb(
                counts {
                  difficulty: DIFFICULTY_PAPER_MISSING
                  case_count: 3
                  items { service_item: '丧葬费申领' case_count: 2 }
                  items { service_item: '病退' case_count: 1 }
                }
                counts {
                  difficulty: DIFFICULTY_RECORD_NOT_LOCATED
                  case_count: 1
                  items { service_item: '丧葬费申领' case_count: 1 }
                }
              )pb"));
}

TEST_F(DifficultyTest, CountAsTheyAreClassedLast) {
  const v1::Case opened = Opened("病退", "DIFFICULTY_NOT_OURS");
  const auto classed = Must<v1::Case>("ClassDifficulties",
                                      absl::StrCat("name: '", opened.name(),
                                                   "' request_id: '$id' difficulties: [DIFFICULTY_MOBILITY, "
                                                   "DIFFICULTY_COMPREHENSION, DIFFICULTY_MOBILITY]"),
                                      Officer());
  EXPECT_THAT(classed, Partially("difficulties: DIFFICULTY_MOBILITY difficulties: DIFFICULTY_COMPREHENSION"));
  EXPECT_EQ(classed.difficulties_size(), 2);
  EXPECT_THAT(Counted(), Partially("counts {difficulty: DIFFICULTY_MOBILITY case_count: 1} "
                                   "counts {difficulty: DIFFICULTY_COMPREHENSION case_count: 1}"));
  EXPECT_EQ(Counted().counts_size(), 2);
  Must<v1::Case>("ClassDifficulties", absl::StrCat("name: '", opened.name(), "' request_id: '$id'"), Officer());
  EXPECT_EQ(Counted().counts_size(), 0);
}

TEST_F(DifficultyTest, AreOfTheCallersHallOrOfAllForTheDistrict) {
  Opened("病退", "DIFFICULTY_NOT_OURS");
  Must<v1::Case>("CreateCase",
                 "request_id: '$id' case: {title: '缺材料' hall: 'halls/110102016' service_item: '病退' difficulties: "
                 "DIFFICULTY_NOT_OURS parties: {role: ROLE_APPLICANT display_name: '某人'}}");
  EXPECT_EQ(Counted().counts(0).case_count(), 1);
  EXPECT_EQ(Counted("", District()).counts(0).case_count(), 2);
  EXPECT_EQ(Counted(absl::StrCat("hall: '", kHall, "'"), District()).counts(0).case_count(), 1);
  EXPECT_EQ(ReasonFor("LookupDifficultyCounts", Days(0, 0) + " hall: 'halls/110102016'", Officer()), "OTHER_HALL");
}

TEST_F(DifficultyTest, AreCountedOverAQuarterOfAYearAtTheMost) {
  Opened("病退", "DIFFICULTY_NOT_OURS");
  EXPECT_EQ(ReasonFor("LookupDifficultyCounts", Days(-91, 0), Officer()), "OK");
  EXPECT_EQ(ReasonFor("LookupDifficultyCounts", Days(-92, 0), Officer()), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("LookupDifficultyCounts", Days(1, 0), Officer()), "FIELD_INVALID");
  EXPECT_EQ(Must<v1::LookupDifficultyCountsResponse>("LookupDifficultyCounts", Days(-30, -1), Officer()).counts_size(),
            0);
}

}  // namespace
}  // namespace xxt::intake
