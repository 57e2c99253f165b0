#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/search.pb.h"
#include "xixinting/referral/v1/withdrawal.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Each test has a case of its own, and a consent that is recorded in it.
class WithdrawalTest : public ReferralTest {
 protected:
  std::string Asking(const std::string& basis) const {
    return absl::StrCat(
        "request_id: '$id' referral { case_name: '", case_, "' hall: 'halls/110102016' body: ",
        "'bodies/babaoshan' ask: ASK_LOCATE question: '请协助查找火化档案。' connector: CONNECTOR_STAFF ",
        "lawful_basis { purpose: '补办火化证明' ", basis, " } }");
  }
  std::string ByConsent() const { return absl::StrCat("kind: KIND_CONSENT recorded_in: '", consent_, "'"); }
  v1::Referral Asked(const std::string& basis) { return Must<v1::Referral>("CreateReferral", Asking(basis)); }
  std::string Withdrawing() const { return Withdrawing(consent_, absl::StrCat(case_, "/contacts/$id")); }
  std::string Withdrawing(const std::string& recorded_in, const std::string& said_in) const {
    return absl::StrCat("request_id: '$id' withdrawal { case_name: '", case_,
                        "' hall: 'halls/110102016' recorded_in: '", recorded_in, "' said_in: '", said_in, "' }");
  }
  v1::Withdrawal Withdrawn() { return Must<v1::Withdrawal>("CreateWithdrawal", Withdrawing()); }
  v1::Referral Read(const v1::Referral& it) {
    return Must<v1::Referral>("GetReferral", absl::StrCat("name: '", it.name(), "'"));
  }
  // Open tasks of people about it.
  static std::string TasksOf(const std::string& name) {
    return Sql(absl::StrCat("SELECT coalesce(string_agg(kind, ' '), '') FROM backbone.task WHERE subject = '", name,
                            "' AND shelf = 'desk_task'"));
  }
  static std::string Of(const v1::Referral& it, const std::string& more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }

  const std::string case_ = absl::StrCat("cases/", identifiers::NewUuid(absl::Now()));
  const std::string consent_ = absl::StrCat(case_, "/contacts/", identifiers::NewUuid(absl::Now()));
};

TEST_F(WithdrawalTest, BringsWhatRestsOnItToAPersonAtOnceAndNothingElse) {
  const v1::Referral asked = Asked(ByConsent());
  const v1::Referral kin = Asked(absl::StrCat("kind: KIND_NEAR_KIN_OF_DECEASED recorded_in: '", consent_, "'"));
  const v1::Withdrawal made = Withdrawn();
  EXPECT_THAT(made.referrals(), ElementsAre(asked.name()));
  EXPECT_EQ(made.author(), "staff/wang");
  EXPECT_TRUE(Read(asked).has_basis_withdraw_time());
  EXPECT_EQ(Read(asked).state(), v1::Referral::STATE_QUEUED) << "a person ends it";
  EXPECT_EQ(TasksOf(asked.name()), "referral.basis_withdrawn") << "nobody rings the body any more";
  EXPECT_FALSE(Read(kin).has_basis_withdraw_time());
  EXPECT_EQ(TasksOf(kin.name()), "referral.carry");
}

TEST_F(WithdrawalTest, IsDecidedByCancellingTheReferral) {
  const v1::Referral asked = Asked(ByConsent());
  Withdrawn();
  EXPECT_THAT(Must<v1::Referral>("CancelReferral", Of(asked, "reason: '本人撤回同意'")),
              Partially("state: STATE_CANCELLED"));
  EXPECT_THAT(TasksOf(asked.name()), testing::Not(HasSubstr("referral.basis_withdrawn")));
}

TEST_F(WithdrawalTest, GivesTheBodyNothingMoreThoughItAsks) {
  const v1::Referral asked = Asked(ByConsent());
  Withdrawn();
  Must<v1::Referral>(
      "RecordReply",
      Of(asked, "reply { kind: KIND_NEEDS_INPUT channel: CHANNEL_PHONE reason: '要委托书' needed: '委托书' }"));
  EXPECT_THAT(TasksOf(asked.name()), testing::Not(HasSubstr("referral.carry")));
  EXPECT_EQ(ReasonFor("ProvideInput", Of(asked, "channel: CHANNEL_POST summary: '已寄出'")), "STATE_FORBIDS");
  const auto sending = [&](absl::string_view direction) {
    return absl::StrCat(
        "parent: '", asked.name(), "' request_id: '$id' parcel { direction: DIRECTION_", direction,
        " items { title: '申请表' } carrier: 'EMS' tracking_number: 'EX123456' expected_time { seconds: ",
        absl::ToUnixSeconds(now() + absl::Hours(72)), " } }");
  };
  EXPECT_EQ(ReasonFor("CreateParcel", sending("OUT")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("CreateParcel", sending("IN")), "OK") << "what it has may come back";
  EXPECT_THAT(Must<v1::Referral>("RecordReply", Of(asked, "reply { kind: KIND_ANSWERED channel: CHANNEL_PHONE }")),
              Partially("state: STATE_ANSWERED"));
  EXPECT_EQ(TasksOf(asked.name()), "");
}

TEST_F(WithdrawalTest, LetsNothingNewRestOnIt) {
  Withdrawn();
  EXPECT_EQ(ReasonFor("CreateReferral", Asking(ByConsent())), "LAWFUL_BASIS_MISSING");
  EXPECT_EQ(ReasonFor("CreateReferral", Asking("kind: KIND_STATUTORY_DUTY article: '《殡葬管理条例》第六条'")), "OK");
  EXPECT_EQ(ReasonFor("CreateWithdrawal", Withdrawing()), "RESOURCE_EXISTS");
  EXPECT_EQ(
      Must<v1::ListWithdrawalsResponse>("ListWithdrawals", absl::StrCat("case_name: '", case_, "'")).withdrawals_size(),
      1);
}

TEST_F(WithdrawalTest, StopsTheSearchThatWouldAskTheNext) {
  const auto search = Must<v1::Search>(
      "CreateSearch",
      absl::StrCat("request_id: '$id' search { case_name: '", case_,
                   "' hall: 'halls/110102016' document: '撤回前的证明' ask: ASK_LOCATE question: "
                   "'请协助查找。' hints: 'bodies/babaoshan' hints: 'bodies/xicheng-hr' lawful_basis { ",
                   ByConsent(), " purpose: '补办' } }"));
  const v1::Withdrawal made = Withdrawn();
  EXPECT_THAT(made.searches(), ElementsAre(search.name()));
  ASSERT_EQ(made.referrals_size(), 1);
  const std::string of = absl::StrCat("name: '", search.name(), "' request_id: '$id' ");
  const auto moved = Must<v1::Search>(
      "RecordCandidateReply", absl::StrCat(of, "body: '", search.candidates(0).body(),
                                           "' reply { kind: KIND_NOT_HELD channel: CHANNEL_PHONE reason: '没有' }"));
  EXPECT_EQ(moved.state(), v1::Search::STATE_WITH_WINDOW);
  EXPECT_EQ(moved.candidates(1).state(), v1::Candidate::STATE_WAITING) << "nobody else is asked";
  EXPECT_EQ(TasksOf(search.name()), "referral.search_returned");
  EXPECT_EQ(ReasonFor("ArrangeCandidates", absl::StrCat(of, "bodies: 'bodies/xicheng-hr'")), "STATE_FORBIDS");
}

TEST_F(WithdrawalTest, NamesTheFieldThatIsNotTheCases) {
  const std::string elsewhere = "cases/$id/contacts/$id";
  EXPECT_THAT(Call<v1::Withdrawal>("CreateWithdrawal", Withdrawing(elsewhere, consent_)).status().ToString(),
              HasSubstr("withdrawal.recorded_in"));
  EXPECT_THAT(Call<v1::Withdrawal>("CreateWithdrawal", Withdrawing(consent_, elsewhere)).status().ToString(),
              HasSubstr("withdrawal.said_in"));
  EXPECT_EQ(ReasonFor("CreateWithdrawal", Withdrawing(), Stranger()), "OTHER_HALL");
  EXPECT_THAT(
      Must<v1::ListWithdrawalsResponse>("ListWithdrawals", absl::StrCat("case_name: '", case_, "'")).withdrawals(),
      IsEmpty());
}

}  // namespace
}  // namespace xxt::referral
