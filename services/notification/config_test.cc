#include "services/notification/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xxt::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Config Good() {
  Config config;
  config.service.tls.certificate = "tls.crt";
  config.service.tls.key = "tls.key";
  config.service.tls.ca = "ca.crt";
  config.service.postgres_dsn = "dbname=xxt_notification";
  config.service.jwks_file = "jwks.json";
  config.service.signing_key = files::Secret("{}");
  config.service.seal_key_file = "seal.keys";
  config.sms_url = "https://gateway.example/messages";
  return config;
}

TEST(NotificationConfig, AGoodOneHasNoProblems) { EXPECT_THAT(Good().Problems(), IsEmpty()); }

TEST(NotificationConfig, AllThatIsMissingIsNamedAtOnce) {
  EXPECT_THAT(
      Config().Problems(),
      ElementsAre(StartsWith("tls.certificate_file:"), StartsWith("tls.key_file:"), StartsWith("tls.ca_file:"),
                  StartsWith("postgres.dsn:"), StartsWith("identity.jwks_file:"),
                  StartsWith("identity.signing_key_file:"), StartsWith("seal.key_file:"), StartsWith("sms.url:")));
}

// Nobody who is not on this machine is ever spoken to without TLS.
TEST(NotificationConfig, PlaintextIsForLoopbackAlone) {
  Config config = Good();
  config.service.tls = {};
  config.service.tls_plaintext = true;
  EXPECT_THAT(config.Problems(), IsEmpty());
  for (const char* elsewhere : {"0.0.0.0:50051", "[::]:50051", "10.0.0.7:50051", "127.0.0.1.example:50051"}) {
    config.service.listen_address = elsewhere;
    EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("tls.plaintext:"))) << elsewhere;
  }
}

TEST(NotificationConfig, ACellIsSpelledAsIdsEndWithIt) {
  Config config = Good();
  for (const char* cell : {"", "7", "00A7", "00a70"}) {
    config.service.cell = cell;
    EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("cell:"))) << cell;
  }
  config.service.cell = "00a7";
  EXPECT_THAT(config.Problems(), IsEmpty());
}

TEST(NotificationConfig, MessagesNeverLeaveInTheClear) {
  Config config = Good();
  config.sms_url = "http://gateway.example/messages";
  config.sms_receipts_url = "http://127.0.0.1:8080/receipts";
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("sms.url:")));
}

TEST(NotificationConfig, AnExchangeWithTheGatewayEndsWellInsideTheLease) {
  Config config = Good();
  config.service.task_lease = absl::Seconds(20);
  config.sms_timeout = absl::Seconds(10);
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("sms.timeout:")));
}

TEST(NotificationConfig, EmailsHaveASenderAndGoToAMailServer) {
  Config config = Good();
  config.email.url = "https://mail.example";
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("email.smtp_url:"), StartsWith("email.address:")));
  config.email.url = "smtps://mail.example:465";
  config.email.address = "window@hall.example";
  EXPECT_THAT(config.Problems(), IsEmpty());
  config.email.timeout = config.service.task_lease / 2;
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("email.timeout:")));
}

TEST(NotificationConfig, WordsForPeopleLeaveForNobodyInTheClear) {
  Config config = Good();
  config.wechat.url = "http://wechat.example/send";
  config.wechat.token = files::Secret("token");
  config.wechat.template_id = "template";
  config.webhook.url = "http://127.0.0.1:8080/webhooks";
  config.webhook.secret = files::Secret("whsec_c2VjcmV0");
  config.webhook.timeout = config.service.task_lease / 2;
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("wechat.url:"), StartsWith("webhook.timeout:")));
}

// Else --check-config calls good what sends nothing.
TEST(NotificationConfig, AWayToPeopleHasItsSecret) {
  Config config = Good();
  config.email.url = "smtps://mail.example:465";
  config.email.address = "window@hall.example";
  config.email.user = "window@hall.example";
  config.wechat.url = "https://wechat.example/send";
  config.webhook.url = "https://district.example/webhooks";
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("email.password_file:"), StartsWith("wechat.token_file:"),
                                             StartsWith("wechat.template_id:"), StartsWith("webhook.secret_file:")));
  config.email.password = files::Secret("password");
  config.wechat.token = files::Secret("token");
  config.wechat.template_id = "template";
  config.webhook.secret = files::Secret("whsec_c2VjcmV0");
  EXPECT_THAT(config.Problems(), IsEmpty());
}

TEST(NotificationConfig, HoursThatNobodyKeepsAreNamed) {
  Config config = Good();
  config.sms_quiet_until = 22;
  config.call_hours = "whenever";
  EXPECT_THAT(config.Problems(), ElementsAre(StartsWith("sms.quiet_until"), StartsWith("calls.hours:")));
}

}  // namespace
}  // namespace xxt::notification
