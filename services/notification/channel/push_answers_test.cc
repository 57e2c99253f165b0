#include "services/notification/channel/push_answers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/channel/push_peer.h"

namespace xxt::notification {
namespace {

using Kind = SendOutcome::Kind;

TEST(WechatAnswer, IsTakenByItsErrcode) {
  const SendOutcome taken = ReadWechatAnswer(200, R"({"errcode":0,"errmsg":"ok","msgid":200228332})");
  EXPECT_EQ(taken.kind, Kind::kAccepted);
  EXPECT_EQ(taken.reference, "200228332");
  EXPECT_EQ(ReadWechatAnswer(200, R"({"errcode":43004,"errmsg":"require subscribe"})").kind, Kind::kRefusedForGood);
  for (const char* ours :
       {R"({"errcode":40001})", R"({"errcode":42001})", R"({"errcode":45009})", R"({"errcode":-1})"}) {
    EXPECT_EQ(ReadWechatAnswer(200, ours).kind, Kind::kRefusedForNow) << ours;
  }
}

// Else nobody would hear of it: all messages wait, and each goes another way in the end.
TEST(WechatAnswer, ToATokenThatHasEndedIsASilenceOfTheChannel) {
  for (const char* token :
       {R"({"errcode":40001})", R"({"errcode":40014})", R"({"errcode":41001})", R"({"errcode":42001})"}) {
    const SendOutcome refused = ReadWechatAnswer(200, token);
    EXPECT_EQ(refused.kind, Kind::kRefusedForNow) << token;
    EXPECT_FALSE(refused.reached) << token;
  }
  for (const char* other : {R"({"errcode":45009})", R"({"errcode":-1})", R"({"errcode":40003})"}) {
    EXPECT_TRUE(ReadWechatAnswer(200, other).reached) << other;
  }
}

TEST(WechatAnswer, ThatIsNoneProvesNothing) {
  for (const char* body : {"", "ok", "[]", "{}", R"({"errcode":"0"})", R"({"errcode":0.5})", "{\"errcode\":"}) {
    EXPECT_EQ(ReadWechatAnswer(200, body).kind, Kind::kUnknown) << body;
  }
  EXPECT_EQ(ReadWechatAnswer(502, R"({"errcode":40003})").kind, Kind::kUnknown);
  EXPECT_EQ(ReadWechatAnswer(404, "").kind, Kind::kRefusedForNow);
}

TEST(WebhookAnswer, IsTakenByItsStatus) {
  EXPECT_EQ(ReadWebhookAnswer(204, {}).kind, Kind::kAccepted);
  EXPECT_EQ(ReadWebhookAnswer(410, {}).kind, Kind::kRefusedForGood);
  EXPECT_EQ(ReadWebhookAnswer(401, {}).kind, Kind::kRefusedForNow);
  EXPECT_EQ(ReadWebhookAnswer(409, {}).kind, Kind::kAtIt);
  EXPECT_EQ(ReadWebhookAnswer(503, absl::Seconds(7)).retry_after, absl::Seconds(7));
  EXPECT_EQ(ReadWebhookAnswer(500, {}).kind, Kind::kUnknown);
  EXPECT_EQ(ReadWebhookAnswer(0, {}).kind, Kind::kUnknown);
}

// The example of the standard's libraries.
TEST(SignWebhook, IsWhatStandardWebhooksVerify) {
  EXPECT_EQ(SignWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                        R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(SignWebhook, TakesASecretThatIsNotEncodedAsItIs) {
  EXPECT_NE(SignWebhook("plain", "id", 1, "{}"), SignWebhook("other", "id", 1, "{}"));
  EXPECT_NE(SignWebhook("whsec_!", "id", 1, "{}"), SignWebhook("whsec_?", "id", 1, "{}"));
}

}  // namespace
}  // namespace xxt::notification
