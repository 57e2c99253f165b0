#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/withdrawal.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::HasSubstr;

class WithdrawalTest : public ReferralTest {
 protected:
  std::string Request(const std::string& recorded_in, const std::string& of_case) const {
    return absl::StrCat("request_id: '$id' withdrawal { case_name: '", of_case,
                        "' hall: 'halls/110102016' recorded_in: '", recorded_in, "' said_in: '", of_case,
                        "/contacts/$id' }");
  }

  const v1::Referral referral_ = Must<v1::Referral>("GetReferral", absl::StrCat("name: '", NewReferral(), "'"));
  const std::string case_ = referral_.case_name();
  const std::string consent_ = referral_.lawful_basis().recorded_in();
};

TEST_F(WithdrawalTest, StopsAtOnceWhatRestsOnTheConsentAndHasAPersonDecide) {
  EXPECT_THAT(Must<v1::Withdrawal>("CreateWithdrawal", Request(consent_, case_)),
              Partially(absl::StrCat("referrals: '", referral_.name(), "' author: 'staff/wang'")));
  EXPECT_TRUE(
      Must<v1::Referral>("GetReferral", absl::StrCat("name: '", referral_.name(), "'")).has_basis_withdraw_time());
  EXPECT_THAT(Sql(absl::StrCat("SELECT string_agg(lane || ' ' || kind, ',') FROM backbone.task WHERE subject = '",
                               referral_.name(), "'")),
              HasSubstr("desk referral."));
  EXPECT_EQ(ReasonFor("CreateWithdrawal", Request(consent_, case_)), "RESOURCE_EXISTS");
}

TEST_F(WithdrawalTest, LetsNothingNewRestOnIt) {
  Must<v1::Withdrawal>("CreateWithdrawal", Request(consent_, case_));
  EXPECT_EQ(ReasonFor("CreateReferral",
                      absl::StrCat(
                          "request_id: '$id' referral { case_name: '", case_, "' hall: 'halls/110102016' body: ",
                          "'bodies/babaoshan' ask: ASK_LOCATE question: '请协助查找火化档案。' lawful_basis { kind: ",
                          "KIND_CONSENT purpose: '补办火化证明' recorded_in: '", consent_,
                          "' } connector: CONNECTOR_STAFF }")),
            "LAWFUL_BASIS_MISSING");
}

TEST_F(WithdrawalTest, IsOfTheSameCase) {
  EXPECT_THAT(Call<v1::Withdrawal>("CreateWithdrawal",
                                   Request("cases/01940000-0000-7000-8000-000000000001/contacts/$id", case_))
                  .status()
                  .ToString(),
              HasSubstr("withdrawal.recorded_in"));
}

}  // namespace
}  // namespace xxt::referral
