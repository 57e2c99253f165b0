#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/testing/tokens.h"
#include "services/intake/progress/progress_rules.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/kin_scope.pb.h"
#include "xixinting/intake/v1/mandate.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/plan.pb.h"
#include "xixinting/intake/v1/progress.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::AllOf;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::Not;

double MedianOf(std::vector<absl::Duration> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return absl::ToDoubleSeconds(times[times.size() / 2]);
}

class ProgressTest : public IntakeTest {
 protected:
  // What the district's website calls as.
  static std::string Portal() { return test::Token("staff/portal", "", {"portal"}); }
  // A new code of the applicant, whose number ends as `phone_`.
  std::string Issued() {
    const auto issued = Must<v1::IssueProgressCodeResponse>("IssueProgressCode", kIssue);
    EXPECT_EQ(issued.code().size(), 9U);
    EXPECT_THAT(issued.ShortDebugString(), Not(HasSubstr("key_hash")));
    return issued.code();
  }
  v1::Progress Asked(const std::string& code, const std::string& proof, const char* more = "") {
    return Must<v1::Progress>("LookupProgress", absl::StrCat("code: '", code, "' proof: '", proof, "' ", more),
                              Portal());
  }
  static constexpr char kIssue[] = "parent: '$case' request_id: '$id' party: '$party'";
  const std::string phone_ = "8000";
};

TEST_F(ProgressTest, IsSaidInPlainWordsByCodeAndProof) {
  const std::string code = Issued();
  Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '银行卡' source: '办事指南'}");
  EXPECT_THAT(Asked(code, phone_), Partially("finding: FINDING_FOUND items: {kind: KIND_DONE text: '您的事已受理'} "
                                             "items: {kind: KIND_WE_ARE_DOING text: '窗口正在办理您的事'} "
                                             "items: {kind: KIND_PLEASE_DO text: '请您准备：银行卡'} "
                                             "items: {kind: KIND_COMING text: '我们的下一步，不晚于'}"));
  const v1::Progress english = Asked(absl::StrCat(" ", absl::AsciiStrToLower(code)), phone_, "language_code: 'en'");
  ASSERT_EQ(english.items_size(), 4);
  EXPECT_EQ(english.items(0).text(), "We have taken in your matter");
}

TEST_F(ProgressTest, AsksForTheStepsOfThePlanThatAreTheirs) {
  const std::string code = Issued();
  Must<v1::Plan>("CreatePlan",
                 "parent: '$case' request_id: '$id' plan: {goal: '低收入认定' steps: {key: 'archive' title: '调档' "
                 "workdays: 1} steps: {key: 'bank' title: '打印银行流水' workdays: 1 party: '$party' coaching: "
                 "'带身份证到柜台'}}");
  EXPECT_THAT(Asked(code, phone_), Partially("items: {kind: KIND_DONE} items: {kind: KIND_WE_ARE_DOING} items: {kind: "
                                             "KIND_PLEASE_DO text: '请您或家人办理：打印银行流水'} items: {kind: "
                                             "KIND_COMING}"));
}

TEST_F(ProgressTest, KinFollowItAsFarAndAsLongAsThePersonAgrees) {
  const auto found = Must<v1::Case>(
      "AddParty",
      "parent: '$case' request_id: '$id' party: {role: ROLE_KIN display_name: '女儿' phone_number: '13800138099'}");
  const std::string kin = found.parties(found.parties_size() - 1).name();
  const std::string issue = absl::StrCat("parent: '$case' request_id: '$id' party: '", kin, "'");
  EXPECT_EQ(ReasonFor("IssueProgressCode", issue), "STATE_FORBIDS");
  const auto said = Must<v1::Contact>(
      "LogContact",
      "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_APPLICANT "
      "direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '可以告诉女儿'}");
  const auto scope =
      Must<v1::KinScope>("AgreeKinScope", absl::StrCat("parent: '$case' request_id: '$id' kin_scope: {kin: '", kin,
                                                       "' topics: TOPIC_PROGRESS agreed_in: '", said.name(), "'}"));
  const auto issued = Must<v1::IssueProgressCodeResponse>("IssueProgressCode", issue);
  const std::string told = Sql("SELECT count(*) FROM backbone.event WHERE type = 'case.progress_looked_up.v1'");
  EXPECT_THAT(Asked(issued.code(), "8099"), Partially("finding: FINDING_FOUND"));
  EXPECT_EQ(Sql("SELECT count(*) FROM backbone.event WHERE type = 'case.progress_looked_up.v1'"), told)
      << "that kin looked is no word to the person";
  Must<v1::KinScope>("WithdrawKinScope",
                     absl::StrCat("name: '", scope.name(), "' request_id: '$id' reason: '不想说了'"));
  EXPECT_EQ(Asked(issued.code(), "8099").ShortDebugString(), Asked("000000000", "8099").ShortDebugString());
}

TEST_F(ProgressTest, AnAgentFollowsItWhileAMandateIsInForce) {
  const auto found = Must<v1::Case>(
      "AddParty",
      "parent: '$case' request_id: '$id' party: {role: ROLE_PROXY display_name: '邻居' phone_number: '13800138098'}");
  const std::string agent = found.parties(found.parties_size() - 1).name();
  const std::string issue = absl::StrCat("parent: '$case' request_id: '$id' party: '", agent, "'");
  EXPECT_EQ(ReasonFor("IssueProgressCode", issue), "STATE_FORBIDS") << "nobody has sent them";
  const auto paper =
      Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '委托书' source: '办事指南'}");
  Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper.name(), "' request_id: '$id'"));
  const auto mandate = Must<v1::Mandate>(
      "CreateMandate",
      absl::StrCat("parent: '$case' request_id: '$id' mandate: {agent: '", agent,
                   "' matter: '异地医疗备案' scope: ", "'提交材料' signature: SIGNATURE_HANDWRITTEN evidence: '",
                   paper.name(), "' valid_to: {year: 2099 month: 12 day: 31}}"));
  const auto issued = Must<v1::IssueProgressCodeResponse>("IssueProgressCode", issue);
  EXPECT_THAT(Asked(issued.code(), "8098"), Partially("finding: FINDING_FOUND"));
  Must<v1::Mandate>("RevokeMandate",
                    absl::StrCat("name: '", mandate.name(), "' request_id: '$id' reason: '本人改主意'"));
  EXPECT_THAT(Asked(issued.code(), "8098"), Partially("finding: FINDING_NO_MATCH"));
}

TEST_F(ProgressTest, DoesNotTellAWrongCodeFromAWrongProof) {
  const std::string code = Issued();
  const std::string wrong_proof = Asked(code, "0000").ShortDebugString();
  EXPECT_EQ(wrong_proof, Asked("000000000", phone_).ShortDebugString());
  EXPECT_EQ(wrong_proof, Asked("没有这个码", phone_).ShortDebugString());
  EXPECT_THAT(Asked(code, "0000"), Partially("finding: FINDING_NO_MATCH"));
}

// Asked in turn, so that whatever else this machine does slows both alike.
TEST_F(ProgressTest, TakesAsLongForAWrongCodeAsForAWrongProof) {
  const std::string code = Issued();
  const auto took = [this](const std::string& tried, const char* proof) {
    const absl::Time begin = absl::Now();
    EXPECT_EQ(Asked(tried, proof).finding(), v1::Progress::FINDING_NO_MATCH);
    return absl::Now() - begin;
  };
  std::vector<absl::Duration> wrong_code;
  std::vector<absl::Duration> wrong_proof;
  for (int round = 0; round < 50; ++round) {
    Sql("UPDATE intake.progress_tries SET tries = 0");
    for (int i = 0; i < kMostTries / 2; ++i) {
      wrong_code.push_back(took(absl::StrCat("7", 10'000'000 + 100 * round + i), phone_.c_str()));
      wrong_proof.push_back(took(code, "0000"));
    }
  }
  const double ratio = MedianOf(wrong_code) / MedianOf(wrong_proof);
  RecordProperty("wrong_code_to_wrong_proof", absl::StrCat(ratio));
  EXPECT_THAT(ratio, AllOf(Gt(2.0 / 3), Lt(1.5)));
}

TEST_F(ProgressTest, AnswersNothingAfterTooManyTriesUntilTheHourIsOver) {
  const std::string code = Issued();
  for (int i = 0; i < 3 * kMostTries; ++i) Asked(code, phone_);  // what is right does not count
  for (int i = 0; i < kMostTries; ++i) EXPECT_THAT(Asked(code, "0000"), Partially("finding: FINDING_NO_MATCH"));
  EXPECT_THAT(Asked(code, phone_), Partially("finding: FINDING_TOO_MANY_TRIES"));
  EXPECT_EQ(Asked(code, phone_).items_size(), 0);
  Advance(kTriesWithin + absl::Seconds(1));
  EXPECT_THAT(Asked(code, phone_), Partially("finding: FINDING_FOUND"));
}

// Each tries other proofs, and one of them would be right: there are but 10,000.
TEST_F(ProgressTest, CountsAThousandWhoGuessAtOnceOneByOneAndShowsThemNothing) {
  constexpr int kGuessers = 50;
  constexpr int kEach = 20;
  const std::string code = Issued();
  for (int i = 0; i < kMostTries; ++i) Asked(code, "0000");
  std::atomic<int> refused = 0;
  std::vector<std::thread> guessers;
  for (int i = 0; i < kGuessers; ++i) {
    guessers.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        const v1::Progress seen = Asked(code, absl::StrCat(7500 + i * kEach + j));
        if (seen.finding() == v1::Progress::FINDING_TOO_MANY_TRIES && seen.items_size() == 0) ++refused;
      }
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(refused, kGuessers * kEach);
}

TEST_F(ProgressTest, CountsThoseWhoGuessAtOnceOneByOne) {
  const std::string code = Issued();
  std::atomic<int> answered = 0;
  std::vector<std::thread> guessers;
  for (int i = 0; i < 2 * kMostTries; ++i) {
    guessers.emplace_back([&] {
      if (Asked(code, "0000").finding() == v1::Progress::FINDING_NO_MATCH) ++answered;
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(answered, kMostTries);
}

TEST_F(ProgressTest, GoesByTheNewestCodeOfAPartyAlone) {
  const std::string first = Issued();
  const std::string second = Issued();
  EXPECT_THAT(Asked(first, phone_), Partially("finding: FINDING_NO_MATCH"));
  EXPECT_THAT(Asked(second, phone_), Partially("finding: FINDING_FOUND"));
  EXPECT_THAT(Must<v1::ListProgressCodesResponse>("ListProgressCodes", "parent: '$case'"),
              Partially("progress_codes: {state: STATE_VALID author: 'staff/wang'} "
                        "progress_codes: {state: STATE_REPLACED}"));
}

TEST_F(ProgressTest, IsAWordToThePersonOnceADay) {
  const std::string code = Issued();
  const auto about = [this] { return Must<v1::Case>("GetCase", "name: '$case'"); };
  Asked(code, "0000");
  EXPECT_FALSE(about().has_told_time());
  Asked(code, phone_);
  const v1::Case told = about();
  EXPECT_TRUE(told.has_told_time());
  EXPECT_FALSE(told.has_respond_time());
  Asked(code, phone_);
  EXPECT_EQ(about().etag(), told.etag());
  Advance(absl::Hours(24));
  Asked(code, phone_);
  EXPECT_GT(about().told_time().seconds(), told.told_time().seconds());
}

TEST_F(ProgressTest, IsForAPartyOfTheCaseWithATelephone) {
  EXPECT_EQ(ReasonFor("IssueProgressCode", "parent: '$case' request_id: '$id' party: '$case/parties/$id'"),
            "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("IssueProgressCode", kIssue, Stranger()), "OTHER_HALL");
  Must<v1::Case>("CorrectParty", "name: '$party' request_id: '$id' phone_number: '' reason: '已停机'");
  EXPECT_EQ(ReasonFor("IssueProgressCode", kIssue), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("LookupProgress", "code: 'x' proof: '12'", Portal()), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("LookupProgress", "code: 'x' proof: '1234'"), "ROLE_MISSING");
}

}  // namespace
}  // namespace xxt::intake
