#include "common/identifiers/mainland_number.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/identifiers/phone_number.h"
#include "phonenumbers/phonenumberutil.h"

namespace xxt::identifiers {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;

class Generator {
 public:
  int Up(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  std::string Digits(int count) {
    std::string digits;
    for (int i = 0; i < count; ++i) digits.push_back(static_cast<char>('0' + Up(9)));
    return digits;
  }
  // The digits as somebody might write them, sometimes wrongly.
  std::string Written(const std::string& digits) {
    static constexpr const char* kMarks[] = {" ", "-", "  ", ".", "/", "(", ")", "x", "#", "+", "0", "86", "~", "*"};
    std::string text;
    for (const char digit : digits) {
      text.push_back(digit);
      if (Up(7) == 0) text.append(kMarks[Up(Up(3) == 0 ? 13 : 1)]);
    }
    return text;
  }

 private:
  std::mt19937 random_{20261127};
};

// Whatever is read here, libphonenumber reads the same.
void ExpectAgreement(const std::string& text) {
  const std::optional<MainlandNumber> read = ReadMainlandNumber(text);
  if (!read.has_value()) return;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber number;
  ASSERT_EQ(util.Parse(text, "CN", &number), PhoneNumberUtil::NO_PARSING_ERROR) << text;
  ASSERT_TRUE(util.IsValidNumber(number)) << text;
  EXPECT_FALSE(number.has_extension()) << text;
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  EXPECT_EQ(e164, absl::StrCat("+86", read->national)) << text;
  const PhoneNumberUtil::PhoneNumberType type = util.GetNumberType(number);
  EXPECT_EQ(type == PhoneNumberUtil::MOBILE || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE, read->mobile) << text;
}

TEST(MainlandNumber, KnowsHowNumbersAreWrittenMostly) {
  for (const char* text :
       {"13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "+8613800138000", "13800138000 "}) {
    const std::optional<MainlandNumber> read = ReadMainlandNumber(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->national, "13800138000");
    EXPECT_TRUE(read->mobile);
  }
  for (const char* text : {"010-60001234", "01060001234", "010 6000 1234", "+86 10 6000 1234"}) {
    const std::optional<MainlandNumber> read = ReadMainlandNumber(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->national, "1060001234");
    EXPECT_FALSE(read->mobile);
  }
}

TEST(MainlandNumber, SaysNothingOfWhatIsUnusual) {
  for (const char* text : {"", "+", "1", "12345", "10086", "008613800138000", "8613800138000", "(010) 6000-1234",
                           "138--0013-8000", "-13800138000", "+86 010 6000 1234", "1060001234", "14000138000",
                           "010-10001234", "+85221234567", "１３８００１３８０００", "13800138000x1"}) {
    EXPECT_FALSE(ReadMainlandNumber(text).has_value()) << text;
  }
}

TEST(MainlandNumber, AgreesOnEveryBeginningOfAMobileNumber) {
  Generator generator;
  for (int begin = 0; begin <= 9999; ++begin) {
    const std::string number = absl::StrCat("1", absl::Dec(begin, absl::kZeroPad4), generator.Digits(6));
    ExpectAgreement(number);
    ExpectAgreement("+86" + number);
  }
}

TEST(MainlandNumber, AgreesOnEveryBeginningOfALandLine) {
  Generator generator;
  for (int begin = 0; begin <= 99'999; ++begin) {
    const std::string number = absl::StrCat(absl::Dec(begin, absl::kZeroPad5), generator.Digits(5 + generator.Up(2)));
    ExpectAgreement("0" + number);
    if (begin % 4 == 0) ExpectAgreement("+86" + number);
  }
}

TEST(MainlandNumber, AgreesHoweverANumberIsWritten) {
  Generator generator;
  int read = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string number = generator.Up(1) == 0 ? "1" + generator.Digits(10) : "010" + generator.Digits(8);
    const std::string text = absl::StrCat(generator.Up(3) == 0 ? "+86 " : "", generator.Written(number));
    read += ReadMainlandNumber(text).has_value() ? 1 : 0;
    ExpectAgreement(text);
  }
  EXPECT_GT(read, 3'000);
}

TEST(MainlandNumber, IsWhatANumberIsParsedAs) {
  EXPECT_EQ(PhoneNumber::Parse("138 0013 8000").value().value(), "+8613800138000");
  const PhoneNumber office = PhoneNumber::Parse("010-60001234 转 8").value();
  EXPECT_EQ(office.value(), "+861060001234");
  EXPECT_EQ(office.extension(), "8");
  EXPECT_FALSE(office.can_receive_sms());
  // A mark of libphonenumber's own.
  EXPECT_EQ(PhoneNumber::Parse("010-60001234 #8").value().extension(), "8");
}

}  // namespace
}  // namespace xxt::identifiers
