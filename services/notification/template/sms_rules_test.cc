#include "services/notification/template/sms_rules.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Times(int n, const std::string& text) {
  std::string repeated;
  for (int i = 0; i < n; ++i) repeated += text;
  return repeated;
}

void ExpectSize(const std::string& text, SmsEncoding encoding, int units, int parts) {
  const absl::StatusOr<SmsSize> size = MeasureSms(text);
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(size->encoding, encoding);
  EXPECT_EQ(size->units, units);
  EXPECT_EQ(size->parts, parts);
}

TEST(MeasureSms, FitsSeventyChineseCharactersInOnePart) {
  ExpectSize(Times(70, "悉"), SmsEncoding::kUcs2, 70, 1);
  ExpectSize(Times(71, "悉"), SmsEncoding::kUcs2, 71, 2);
  ExpectSize(Times(134, "悉"), SmsEncoding::kUcs2, 134, 2);
  ExpectSize(Times(135, "悉"), SmsEncoding::kUcs2, 135, 3);
}

TEST(MeasureSms, Fits160PlainCharactersInOnePart) {
  ExpectSize(Times(160, "a"), SmsEncoding::kGsm7, 160, 1);
  ExpectSize(Times(161, "a"), SmsEncoding::kGsm7, 161, 2);
  ExpectSize(Times(306, "a"), SmsEncoding::kGsm7, 306, 2);
  ExpectSize(Times(307, "a"), SmsEncoding::kGsm7, 307, 3);
}

TEST(MeasureSms, CountsExtensionCharactersTwice) {
  ExpectSize(Times(80, "€"), SmsEncoding::kGsm7, 160, 1);
  // A pair is not split: 76 pairs go into the first part, the 153rd septet stays free.
  ExpectSize(Times(153, "€"), SmsEncoding::kGsm7, 306, 3);
}

TEST(MeasureSms, CountsCharactersOutsideTheBasicPlaneTwice) {
  ExpectSize(Times(35, "𠮷"), SmsEncoding::kUcs2, 70, 1);
  ExpectSize(Times(67, "𠮷"), SmsEncoding::kUcs2, 134, 3);  // 33 to a part
}

TEST(MeasureSms, OneChineseCharacterTurnsAllIntoUcs2) {
  ExpectSize(Times(70, "a") + "悉", SmsEncoding::kUcs2, 71, 2);
  ExpectSize("`", SmsEncoding::kUcs2, 1, 1);  // not in GSM 7-bit
}

TEST(MeasureSms, NeedsNoPartForNothing) { ExpectSize("", SmsEncoding::kGsm7, 0, 0); }

TEST(MeasureSms, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\xFF", "\xE6\x82", "\xC0\x80", "\xED\xA0\x80"}) {
    EXPECT_EQ(MeasureSms(text).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(CheckSmsContent(text).code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(CheckSmsContent, LetsOrdinaryMessagesPass) {
  for (const char* text :
       {"", "您的诉求 0102-26-000042-1 有进展，请致电 010-60001234", "请于 2026-03-02 09:00 到陶然亭，联系 13800138000",
        "电话 +8613800138000", "编号 0102260000421", "010-6000-1234 2026-03-02 09:00-11:30 13:30-17:00"}) {
    EXPECT_TRUE(CheckSmsContent(text).ok()) << text;
  }
}

TEST(CheckSmsContent, RefusesAnIdentityNumberHoweverItIsWritten) {
  for (const char* text : {"身份证11010519491231002X收到", "11010519491231002x", "110105 19491231 002X",
                           "110105-19491231-002X", "110105.1949.1231.002X", "１１０１０５１９４９１２３１００２Ｘ",
                           "440524188001010014", "a110105 1949 1231 002 X"}) {
    const absl::Status status = CheckSmsContent(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("1949")));
  }
}

TEST(CheckSmsContent, RefusesLongRunsOfDigits) {
  EXPECT_TRUE(CheckSmsContent("12345678901234").ok());
  for (const char* text :
       {"110105491231002", "6222021234567890123", "卡号６２２２０２１２３４５６７８９", "11010519491231002Y"}) {
    EXPECT_EQ(CheckSmsContent(text).code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace xxt::notification
