#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/fact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class FactTest : public IntakeTest {
 protected:
  static std::string Request(absl::string_view day, absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' fact: {kind: KIND_LOW_INCOME finding: FINDING_HOLDS ",
                        "source: '本人自述' detail: '每月两千元' as_of_date: {", day, "} ", more, "}");
  }
  v1::Fact Recorded(absl::string_view day) { return Must<v1::Fact>("RecordFact", Request(day)); }
};

TEST_F(FactTest, StandsWithItsSourceAndDayTheNewestFirst) {
  const v1::Fact first = Recorded("year: 2026 month: 1 day: 15");
  const v1::Fact second = Recorded("year: 2025 month: 7 day: 31");
  EXPECT_THAT(Must<v1::ListFactsResponse>("ListFacts", "parent: '$case'"),
              Partially(absl::StrCat("facts: {name: '", second.name(), "' author: 'staff/wang' detail: '每月两千元'} ",
                                     "facts: {name: '", first.name(), "' state: STATE_CURRENT}")));
}

TEST_F(FactTest, IsOfADayThatHasComeAndOfAPartyOfTheCase) {
  EXPECT_THAT(Call<v1::Fact>("RecordFact", Request("year: 2099 month: 1 day: 1")).status().ToString(),
              HasSubstr("fact.as_of_date"));
  EXPECT_EQ(ReasonFor("RecordFact", Request("year: 2026 month: 1 day: 1", "party: '$case/parties/$id'")),
            "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Must<v1::Fact>("RecordFact", Request("year: 2026 month: 1 day: 1", "party: '$party'")),
              Partially("finding: FINDING_HOLDS"));
}

TEST_F(FactTest, IsRetractedOnceAndKeptWithTheReason) {
  const v1::Fact wrong = Recorded("year: 2026 month: 1 day: 1");
  const std::string request = absl::StrCat("name: '", wrong.name(), "' request_id: '$id' reason: '记错了人'");
  EXPECT_THAT(Must<v1::Fact>("RetractFact", request),
              Partially("state: STATE_RETRACTED retract_reason: '记错了人' source: '本人自述'"));
  EXPECT_EQ(ReasonFor("RetractFact", request), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::ListFactsResponse>("ListFacts", "parent: '$case'").facts_size(), 1);
}

TEST_F(FactTest, IsOneOfTwoHundredAtMost) {
  for (int i = 0; i < 200; ++i) Recorded("year: 2026 month: 1 day: 1");
  EXPECT_EQ(ReasonFor("RecordFact", Request("year: 2026 month: 1 day: 1")), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::intake
