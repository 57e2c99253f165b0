#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/benefit.pb.h"
#include "xixinting/intake/v1/entitlement.pb.h"
#include "xixinting/intake/v1/fact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// The service has one catalogue: each test looks at its own benefits in it.
class EntitlementTest : public IntakeTest {
 protected:
  void Put(absl::string_view id, absl::string_view rules) {
    Must<v1::Benefit>("PutBenefit",
                      absl::StrCat("name: 'benefits/", id, "' request_id: '$id' benefit: {title: '待遇' ", rules, "}"),
                      test::Token("staff/qu", "", {"district"}));
  }
  static std::string Rule(absl::string_view from, absl::string_view more) {
    return absl::StrCat("rules: {source: '条例' valid_from: {", from, "} ", more, "} ");
  }
  static std::string Wants(absl::string_view kind, int fresh_days = 0) {
    return absl::StrCat("tests: {kind: KIND_", kind, " finding: FINDING_HOLDS fresh_days: ", fresh_days, "} ");
  }
  std::string Record(absl::string_view kind, absl::string_view finding, absl::string_view day,
                     absl::string_view more = "") {
    return Must<v1::Fact>("RecordFact", absl::StrCat("parent: '$case' request_id: '$id' fact: {kind: KIND_", kind,
                                                     " finding: FINDING_", finding, " source: '证明' as_of_date: {",
                                                     day, "} ", more, "}"))
        .name();
  }
  v1::Entitlement Lookup(absl::string_view more = "") {
    return Must<v1::Entitlement>("LookupEntitlement",
                                 absl::StrCat("name: '$case' as_of_date: {year: 2026 month: 1 day: 20} ", more));
  }
  // An empty one if there is none.
  static v1::Entitlement::Finding Of(const v1::Entitlement& all, absl::string_view id) {
    const auto found = std::find_if(all.findings().begin(), all.findings().end(),
                                    [id](const auto& one) { return one.benefit() == absl::StrCat("benefits/", id); });
    return found == all.findings().end() ? v1::Entitlement::Finding() : *found;
  }
};

constexpr char kLongAgo[] = "year: 2010 month: 1 day: 1";
constexpr char kYesterday[] = "year: 2026 month: 1 day: 19";

TEST_F(EntitlementTest, SaysWhyAndWhatToAskNext) {
  Put("t-both", Rule(kLongAgo, Wants("REGISTERED_UNEMPLOYED") + Wants("UNEMPLOYMENT_INSURED_ONE_YEAR")));
  const std::string fact = Record("REGISTERED_UNEMPLOYED", "HOLDS", kYesterday);
  const v1::Entitlement open = Lookup();
  EXPECT_EQ(Of(open, "t-both").verdict(), v1::Entitlement::VERDICT_NEED_FACT);
  ASSERT_EQ(Of(open, "t-both").reasons_size(), 2);
  EXPECT_EQ(Of(open, "t-both").reasons(0).standing(), v1::Entitlement::STANDING_MET);
  EXPECT_THAT(Of(open, "t-both").reasons(0).facts(), ElementsAre(fact));
  EXPECT_EQ(Of(open, "t-both").reasons(1).standing(), v1::Entitlement::STANDING_UNKNOWN);
  const auto asked = std::find_if(open.questions().begin(), open.questions().end(), [](const auto& question) {
    return question.kind() == v1::Fact::KIND_UNEMPLOYMENT_INSURED_ONE_YEAR;
  });
  ASSERT_NE(asked, open.questions().end());
  EXPECT_EQ(asked->settles(), asked->benefits_size());
  Record("UNEMPLOYMENT_INSURED_ONE_YEAR", "HOLDS", kYesterday);
  EXPECT_EQ(Of(Lookup(), "t-both").verdict(), v1::Entitlement::VERDICT_ELIGIBLE);
}

TEST_F(EntitlementTest, FactsOfOneDayThatContradictAreBothNamedUntilOneIsRetracted) {
  Put("t-doubt", Rule(kLongAgo, Wants("MEDICALLY_INSURED")));
  const std::string yes = Record("MEDICALLY_INSURED", "HOLDS", kYesterday);
  const std::string no = Record("MEDICALLY_INSURED", "DOES_NOT_HOLD", kYesterday);
  const v1::Entitlement::Finding doubt = Of(Lookup(), "t-doubt");
  EXPECT_EQ(doubt.verdict(), v1::Entitlement::VERDICT_NEED_FACT);
  EXPECT_EQ(doubt.reasons(0).standing(), v1::Entitlement::STANDING_CONTRADICTED);
  EXPECT_THAT(doubt.reasons(0).facts(), UnorderedElementsAre(yes, no));
  Must<v1::Fact>("RetractFact", absl::StrCat("name: '", no, "' request_id: '$id' reason: '记错了'"));
  EXPECT_EQ(Of(Lookup(), "t-doubt").verdict(), v1::Entitlement::VERDICT_ELIGIBLE);
}

TEST_F(EntitlementTest, IsOfADayByTheRuleThatHeldThen) {
  Put("t-rules",
      Rule(kLongAgo, Wants("PENSION_INSURED") + Wants("REGISTERED_HERE") + "valid_to: {year: 2024 month: 12 day: 31}") +
          Rule("year: 2025 month: 1 day: 1", Wants("PENSION_INSURED", 30)));
  Record("PENSION_INSURED", "HOLDS", "year: 2024 month: 6 day: 1");
  const auto on = [this](absl::string_view day) {
    return Of(Must<v1::Entitlement>("LookupEntitlement", absl::StrCat("name: '$case' as_of_date: {", day, "}")),
              "t-rules");
  };
  EXPECT_EQ(on("year: 2009 month: 12 day: 31").benefit(), "");
  EXPECT_EQ(on("year: 2024 month: 12 day: 31").verdict(), v1::Entitlement::VERDICT_NEED_FACT);
  EXPECT_EQ(on("year: 2024 month: 5 day: 31").reasons(0).standing(), v1::Entitlement::STANDING_UNKNOWN);
  EXPECT_EQ(on("year: 2025 month: 6 day: 1").verdict(), v1::Entitlement::VERDICT_LIKELY);
}

TEST_F(EntitlementTest, WhatIsHadExcludesAnother) {
  Put("t-taken", Rule(kLongAgo, Wants("LIVES_OUT_OF_TOWN")));
  Put("t-taker", Rule(kLongAgo, Wants("CERTIFIED_UNABLE_TO_WORK") + "excludes: 'benefits/t-taken'"));
  Record("LIVES_OUT_OF_TOWN", "HOLDS", kYesterday);
  EXPECT_EQ(Of(Lookup(), "t-taken").verdict(), v1::Entitlement::VERDICT_LIKELY);
  Record("CERTIFIED_UNABLE_TO_WORK", "HOLDS", kYesterday);
  EXPECT_EQ(Of(Lookup(), "t-taken").verdict(), v1::Entitlement::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Of(Lookup(), "t-taken").excluded_by(), "benefits/t-taker");
}

TEST_F(EntitlementTest, IsOfAPartyOfTheCaseWhoseFactsGoFirst) {
  Put("t-party", Rule(kLongAgo, Wants("EMPLOYED")));
  Record("EMPLOYED", "HOLDS", kYesterday);
  Record("EMPLOYED", "DOES_NOT_HOLD", kYesterday, "party: '$party'");
  EXPECT_EQ(Of(Lookup(), "t-party").verdict(), v1::Entitlement::VERDICT_ELIGIBLE);
  EXPECT_EQ(Of(Lookup("party: '$party'"), "t-party").verdict(), v1::Entitlement::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(ReasonFor("LookupEntitlement", "name: '$case' party: '$case/parties/$id'"), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("LookupEntitlement", "name: '$case'", Stranger()), "OTHER_HALL");
}

TEST_F(EntitlementTest, ReadsAsManyFactsAsACaseMayHave) {
  Put("t-many", Rule(kLongAgo, Wants("PROPERTY_WITHIN_LIMIT")));
  Record("PROPERTY_WITHIN_LIMIT", "HOLDS", kYesterday);
  for (int i = 0; i < 199; ++i) Record("OVER_70", "HOLDS", kYesterday);
  EXPECT_EQ(Of(Lookup(), "t-many").verdict(), v1::Entitlement::VERDICT_ELIGIBLE);
}

}  // namespace
}  // namespace xxt::intake
