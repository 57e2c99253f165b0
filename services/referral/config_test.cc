#include "services/referral/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Config Good() {
  Config config;
  config.service.tls.certificate = "tls.crt";
  config.service.tls.key = "tls.key";
  config.service.tls.ca = "ca.crt";
  config.service.postgres_dsn = "dbname=xxt_referral";
  config.service.jwks_file = "jwks.json";
  config.service.signing_key = files::Secret("{}");
  config.service.seal_key_file = "seal.keys";
  config.mail.address = "window@hall.example";
  return config;
}

TEST(ReferralConfig, AGoodOneHasNoProblems) { EXPECT_THAT(Good().Problems(), IsEmpty()); }

TEST(ReferralConfig, WithoutAKeyFileNothingIsSealed) {
  Config config = Good();
  config.service.seal_key_file = "";
  EXPECT_THAT(config.Problems(), ElementsAre("seal.key_file: is required"));
}

TEST(ReferralConfig, AMailboxWithoutAddressOrWithAWebAddressIsRefused) {
  Config config = Good();
  config.mail.address = "";
  config.mail.imap_url = "https://mail.example";
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("mail.address:"), StartsWith("mail.imap_url:")));
}

TEST(ReferralConfig, AnExchangeWithTheMailSystemEndsWellInsideTheLease) {
  Config config = Good();
  config.mail.timeout = config.service.task_lease / 2;
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("mail.timeout:")));
}

TEST(ReferralConfig, NobodySleepsLongerThanTheChaseBears) {
  Config config = Good();
  config.patience.longest_wait = absl::Hours(24 * 61);
  config.patience.longest_retry = absl::ZeroDuration();
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("chase.longest_wait:"), StartsWith("chase.longest_retry:")));
}

TEST(ReferralConfig, NobodyIsOutForDaysUnasked) {
  Config config = Good();
  config.visits = {.longest = absl::Hours(73), .grace = absl::Hours(25)};
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("visit.longest:"), StartsWith("visit.grace:")));
}

}  // namespace
}  // namespace xxt::referral
