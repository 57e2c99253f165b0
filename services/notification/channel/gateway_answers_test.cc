#include "services/notification/channel/gateway_answers.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

using Kind = SendOutcome::Kind;
using ::testing::IsEmpty;

std::string Times(int count, absl::string_view word) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, word);
  return text;
}

SendOutcome Sent(long status, const std::string& body) { return ReadSendAnswer(status, body, absl::Seconds(7)); }

TEST(SendAnswer, WithAnIdIsAccepted) {
  EXPECT_EQ(Sent(200, R"({"id":"g-1","status":"queued"})").kind, Kind::kAccepted);
  EXPECT_EQ(Sent(202, R"({"id":"g-1"})").reference, "g-1");
}

TEST(SendAnswer, WhoseIdIsTooLongIsCutAtACharacter) {
  // 34 times 3 bytes: the hundredth is inside a character.
  EXPECT_EQ(Sent(200, absl::StrCat(R"({"id":")", Times(34, "信"), R"("})")).reference, Times(33, "信"));
  EXPECT_EQ(Sent(200, absl::StrCat(R"({"id":")", Times(200, "g"), R"("})")).reference, Times(100, "g"));
}

TEST(SendAnswer, WhoseIdHoldsWhatNoTextMayHoldIsKeptWithoutIt) {
  EXPECT_EQ(Sent(200, R"({"id":"g\u0000-\n1"})").reference, "g-1");
  EXPECT_EQ(Sent(200, R"({"id":"\u0000"})").kind, Kind::kUnknown) << "nothing is left by which it could be known";
}

TEST(SendAnswer, ThatCannotBeReadMayMeanAnything) {
  for (const char* body :
       {"", "[]", "null", R"({"id":7})", R"({"id":"g-1","status":"perhaps"})", "{\"id\":\"\xff\"}"}) {
    EXPECT_EQ(Sent(200, body).kind, Kind::kUnknown) << body;
  }
}

TEST(SendAnswer, SaysForNowOrForGoodByItsStatus) {
  EXPECT_EQ(Sent(429, "").kind, Kind::kRefusedForNow);
  EXPECT_EQ(Sent(429, "").retry_after, absl::Seconds(7));
  EXPECT_EQ(Sent(401, "").kind, Kind::kRefusedForNow);
  EXPECT_EQ(Sent(409, "").kind, Kind::kAtIt);
  EXPECT_EQ(Sent(502, "").kind, Kind::kUnknown);
  EXPECT_EQ(Sent(400, R"({"error":"invalid_number"})").kind, Kind::kRefusedForGood);
  EXPECT_EQ(Sent(400, R"({"error":"invalid_number"})").detail, "号码无效");
  EXPECT_EQ(Sent(400, R"({"error":"of +8613800138000"})").detail, "网关答复 400") << "no personal data";
}

TEST(Receipts, AreThoseThatCameInWhole) {
  const auto page =
      ReadReceipts(R"({"receipts":[{"seq":2,"state":"delivered"},{"seq":1,"state":"EXPIRED"},{"seq":3,"st)", 0, 10);
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->cut);
  ASSERT_EQ(page->receipts.size(), 2U);
  EXPECT_EQ(page->receipts[0].word, "EXPIRED");
  EXPECT_EQ(page->receipts[0].state, Receipt::State::kFailed);
  EXPECT_EQ(page->receipts[1].seq, 2);
}

TEST(Receipts, OfWhichNoneCameInWholeAreNotNone) {
  const auto none = ReadReceipts(R"({"receipts":[],"next":7})", 7, 10);
  const auto one = ReadReceipts(R"({"receipts":[{"seq":8,"detail":"x)", 7, 10);
  ASSERT_TRUE(none.ok() && one.ok());
  EXPECT_THAT(none->receipts, IsEmpty());
  EXPECT_FALSE(none->cut);
  EXPECT_THAT(one->receipts, IsEmpty());
  EXPECT_TRUE(one->cut);
}

TEST(Receipts, HaveReferencesOfWholeCharacters) {
  const auto page = ReadReceipts(absl::StrCat(R"({"receipts":[{"seq":1,"id":")", Times(34, "信"), R"("}]})"), 0, 10);
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->cut);
  EXPECT_EQ(page->receipts.at(0).reference, Times(33, "信"));
}

TEST(Receipts, WithoutAnyNumberAreNoAnswer) {
  EXPECT_FALSE(ReadReceipts(R"({"receipts":[{"seq":0},{"seq":18446744073709551615},{"seq":"1"}]})", 0, 10).ok());
  EXPECT_FALSE(ReadReceipts(R"({"messages":[]})", 0, 10).ok());
  EXPECT_TRUE(ReadReceipts(R"({"receipts":[]})", 0, 10).ok());
}

}  // namespace
}  // namespace xxt::notification
