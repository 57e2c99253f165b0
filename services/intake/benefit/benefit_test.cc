#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/benefit.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class BenefitTest : public IntakeTest {
 protected:
  static std::string District() { return test::Token("staff/qu", "", {"district"}); }
  // With one rule, which says `more`.
  static std::string Request(absl::string_view id, absl::string_view more = "", absl::string_view etag = "") {
    return absl::StrCat("name: 'benefits/", id, "' etag: '", etag, "' request_id: '$id' benefit: {title: '", id,
                        "' rules: {valid_from: {year: 2020 month: 1 day: 1} source: '条例' ",
                        "tests: {kind: KIND_EMPLOYED finding: FINDING_HOLDS} ", more, "}}");
  }
  static std::string Excluding(absl::string_view name) { return absl::StrCat("excludes: 'benefits/", name, "'"); }
  static std::string Paying(absl::string_view base, int rate_bp, absl::string_view more = "") {
    return absl::StrCat("layer: {base: BASE_", base, " rate_bp: ", rate_bp, " source: '通知' ", more, "}");
  }
  v1::Benefit Put(absl::string_view id, absl::string_view more = "", absl::string_view etag = "") {
    return Must<v1::Benefit>("PutBenefit", Request(id, more, etag), District());
  }
  std::string FaultOf(absl::string_view id, absl::string_view more) {
    return Call<v1::Benefit>("PutBenefit", Request(id, more), District()).status().ToString();
  }
  std::string FaultOfPreview(const std::string& request) {
    return Call<v1::Coverage>("PreviewCoverage", request).status().ToString();
  }
};

TEST_F(BenefitTest, IsWrittenByTheDistrictAloneAndReplacedWhole) {
  EXPECT_EQ(ReasonFor("PutBenefit", Request("t-whole"), Leader()), "ROLE_MISSING");
  EXPECT_THAT(Put("t-whole", Paying("TOTAL", 8000)), Partially("name: 'benefits/t-whole' etag: '1'"));
  EXPECT_EQ(ReasonFor("PutBenefit", Request("t-whole", "", "7"), District()), "ETAG_MISMATCH");
  EXPECT_THAT(Put("t-whole", "", "1"), Partially("etag: '2'"));
  const auto read = Must<v1::Benefit>("GetBenefit", "name: 'benefits/t-whole'", Stranger());
  ASSERT_EQ(read.rules_size(), 1);
  EXPECT_FALSE(read.rules(0).has_layer());
  EXPECT_EQ(ReasonFor("GetBenefit", "name: 'benefits/t-none'"), "RESOURCE_NOT_FOUND");
}

TEST_F(BenefitTest, NamesEveryFieldThatIsWrong) {
  EXPECT_THAT(FaultOf("t-bad", Paying("TOTAL", 10'001)), HasSubstr("benefit.rules[0].layer.rate_bp"));
  EXPECT_THAT(FaultOf("t-bad", Paying("TOTAL", -1)), HasSubstr("benefit.rules[0].layer.rate_bp"));
  EXPECT_THAT(FaultOf("t-bad", Paying("TOTAL", 1, "floor_fen: -1")), HasSubstr("benefit.rules[0].layer.floor_fen"));
  EXPECT_THAT(FaultOf("t-bad", Paying("TOTAL", 1, "cap_fen: 9223372036854775807")),
              HasSubstr("benefit.rules[0].layer.cap_fen"));
  EXPECT_THAT(FaultOf("t-bad", "tests: {kind: KIND_EMPLOYED finding: FINDING_DOES_NOT_HOLD}"),
              HasSubstr("benefit.rules[0].tests[1].kind"));
  EXPECT_THAT(FaultOf("t-bad", "valid_to: {year: 2019 month: 12 day: 31}"), HasSubstr("benefit.rules[0].valid_to"));
  EXPECT_THAT(FaultOf("t-bad", Excluding("t-bad")), HasSubstr("benefit.rules[0].excludes[0]"));
  EXPECT_EQ(ReasonFor("PutBenefit", Request("t-bad", Excluding("t-none")), District()), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("GetBenefit", "name: 'benefits/t-bad'"), "RESOURCE_NOT_FOUND");
}

TEST_F(BenefitTest, RulesNeverReferToEachOther) {
  Put("t-one");
  Put("t-two", Excluding("t-one"));
  // In a circle of two, of three, and by a chain that could become one.
  EXPECT_THAT(FaultOf("t-one", Excluding("t-two")), HasSubstr("benefit.rules[0].excludes[0]"));
  EXPECT_THAT(FaultOf("t-three", Excluding("t-two")), HasSubstr("benefit.rules[0].excludes[0]"));
  Put("t-four");
  EXPECT_THAT(FaultOf("t-one", Excluding("t-four")), HasSubstr("benefit.rules[0].excludes[0]"));
  Put("t-two");
  Put("t-one", Excluding("t-two"));
}

// Neither has seen what the other writes: whoever comes second must.
TEST_F(BenefitTest, RulesNeverReferToEachOtherThoughBothAreWrittenAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string one = absl::StrCat("t-at-once-", round, "a");
    const std::string other = absl::StrCat("t-at-once-", round, "b");
    Put(one);
    Put(other);
    std::string reasons[2];
    std::thread first([&] { reasons[0] = ReasonFor("PutBenefit", Request(one, Excluding(other)), District()); });
    std::thread second([&] { reasons[1] = ReasonFor("PutBenefit", Request(other, Excluding(one)), District()); });
    first.join();
    second.join();
    EXPECT_THAT(reasons, UnorderedElementsAre("OK", "FIELD_INVALID"));
  }
}

TEST_F(BenefitTest, EightyOfAllAndNinetyFiveOfTheRestAreEstimatedAtNinetyNine) {
  Put("t-insurance", Paying("TOTAL", 8000));
  Put("t-aid", Paying("REMAINDER", 9500));
  const auto coverage = Must<v1::Coverage>(
      "PreviewCoverage", "cost_fen: 1234567 held: 'benefits/t-insurance' added: 'benefits/t-aid'", Stranger());
  EXPECT_EQ(coverage.standing(), v1::Coverage::STANDING_ESTIMATE);
  EXPECT_EQ(coverage.rounding(), v1::Coverage::ROUNDING_DOWN_TO_FEN);
  EXPECT_THAT(coverage.before(),
              Partially("shares: {benefit: 'benefits/t-insurance' base_fen: 1234567 paid_fen: 987653 left_fen: 246914 "
                        "source: '通知'} paid_fen: 987653 own_fen: 246914"));
  EXPECT_EQ(coverage.after().shares(1).paid_fen(), 234'568);
  EXPECT_EQ(coverage.after().paid_fen() + coverage.after().own_fen(), 1'234'567);
  const auto round =
      Must<v1::Coverage>("PreviewCoverage", "cost_fen: 1000000 held: 'benefits/t-insurance' added: 'benefits/t-aid'");
  EXPECT_EQ(round.before().rate_bp(), 8000);
  EXPECT_EQ(round.after().rate_bp(), 9900);
}

TEST_F(BenefitTest, RefusesAmountsThatNoCostHasAndBenefitsThatCannotStandTogether) {
  Put("t-pays", Paying("TOTAL", 8000));
  Put("t-alone", absl::StrCat(Excluding("t-pays"), " ", Paying("TOTAL", 5000)));
  Put("t-free");
  for (const char* cost : {"-1", "0", "100000000000001", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_THAT(FaultOfPreview(absl::StrCat("cost_fen: ", cost, " held: 'benefits/t-pays'")), HasSubstr("cost_fen"));
  }
  EXPECT_THAT(Must<v1::Coverage>("PreviewCoverage", "cost_fen: 100000000000000 held: 'benefits/t-pays'"),
              Partially("before: {paid_fen: 80000000000000 own_fen: 20000000000000 rate_bp: 8000}"));
  EXPECT_THAT(FaultOfPreview("cost_fen: 1 held: 'benefits/t-free'"), HasSubstr("held[0]"));
  EXPECT_THAT(FaultOfPreview("cost_fen: 1 held: 'benefits/t-pays' as_of_date: {year: 2019 month: 12 day: 31}"),
              HasSubstr("held[0]"));
  EXPECT_THAT(FaultOfPreview("cost_fen: 1 held: 'benefits/t-pays' added: 'benefits/t-pays'"), HasSubstr("added[0]"));
  EXPECT_THAT(FaultOfPreview("cost_fen: 1 held: 'benefits/t-pays' added: 'benefits/t-alone'"), HasSubstr("held[0]"));
  EXPECT_EQ(ReasonFor("PreviewCoverage", "cost_fen: 1 held: 'benefits/t-none'"), "RESOURCE_NOT_FOUND");
}

// The catalogue as development has it: every rule of it is one that the service takes.
TEST_F(BenefitTest, TheSeedIsACatalogue) {
  std::ifstream seed(XXT_SOURCE_DIR "/services/intake/seed/benefits.json");
  const nlohmann::json scenario = nlohmann::json::parse(seed);
  for (const nlohmann::json& step : scenario.at("steps")) {
    v1::PutBenefitRequest request;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(step.at("request").dump(), &request).ok());
    Must<v1::Benefit>("PutBenefit", absl::StrCat(request.DebugString(), " request_id: '$id'"), District());
  }
  EXPECT_EQ(scenario.at("steps").size(), 7U);
  EXPECT_THAT(Must<v1::Coverage>("PreviewCoverage",
                                 "cost_fen: 3000000 held: 'benefits/medical-insurance' "
                                 "added: 'benefits/drug-cost-reimbursement'"),
              Partially("before: {own_fen: 600000 rate_bp: 8000} after: {own_fen: 30000 rate_bp: 9900}"));
}

}  // namespace
}  // namespace xxt::intake
